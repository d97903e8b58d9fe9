"""The study on photographs: its jobs, resuming, a cluster, and the files that record it."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.data import DataError, cifar10
from lib.data.photos import photos
from lib.experiments.photos import (
    FROZEN,
    PHOTO_ARMS,
    PHOTO_RANDOM_FEATURES,
    PHOTO_SCRATCH,
    PhotoRun,
)
from lib.networks import convnet, freezing, load_features
from lib.studies import __main__, record, runs, store
from lib.studies.jobs import ARMS_STUDY, SIZES_STUDY, STUDIES, Job, Settings, Study

SMALL = Settings(
    cifar10.DIGITS, n_epochs=2, n_train=30, n_validation=2, n_test=4, precision="float32"
)
SMALL_STUDY = Study(
    "cifar10_arms",
    ({"halves": (PHOTO_SCRATCH, FROZEN), "halves-reverse": (PHOTO_SCRATCH,)},),
    (SMALL,),
    models=("halves",),
)


def with_settings(study, *settings):
    """The same study, but with other settings."""
    return study._replace(settings=settings)


@pytest.fixture
def calls(monkeypatch):
    """Replace training by a run that says which job it was; the list of jobs done."""
    done = []

    def run_job(job, settings, base=()):
        done.append((job, [kernel.shape for kernel, _ in base]))
        curve = pd.DataFrame({"epoch": [0, 1], "test_accuracy": [0.2, 0.5 + job.pair / 10]})
        return PhotoRun(curve, convnet.get_weights(network))

    network = convnet.build(seed=0)
    monkeypatch.setattr(runs, "run_job", run_job)
    return done


def test_jobs_are_what_the_issue_asks_for():
    found = ARMS_STUDY.jobs(3)
    assert len(found) == len(set(found)) == 3 * (8 + 2 + 4 + 4)
    assert {job.arm for job in found if job.split == "halves"} == {arm.label for arm in PHOTO_ARMS}
    assert {job.split.removesuffix("-reverse") for job in found} == {"halves", "random", "animals"}


@pytest.mark.parametrize("split", ["halves", "halves-reverse", "random", "animals-reverse"])
def test_job_base_is_trained_on_the_source_with_another_seed(split):
    job = Job(split, 2, FROZEN.label)
    assert job.base.classes.target == job.classes.source
    assert job.base.seed != job.seed
    assert job.base.base.classes == job.classes  # the reverse of the reverse
    assert job.base in ARMS_STUDY.jobs(3)


def test_studies_on_some_data_with_other_epochs_and_precision():
    """Where the number of epochs depends on the size, it stays."""
    arms, sizes = (study.on("CIFAR-10", 3, "float32") for study in STUDIES)
    assert arms.settings == (Settings("CIFAR-10", n_epochs=3, precision="float32"),)
    assert {(one.data, one.precision) for one in sizes.settings} == {("CIFAR-10", "float32")}
    assert [one.n_epochs for one in sizes.settings] == [60, 60, 60, 60, 40, 20, 12]
    as_they_are = ARMS_STUDY.on("CIFAR-10")
    assert as_they_are.settings == (ARMS_STUDY.settings[0]._replace(data="CIFAR-10"),)


def test_shared_settings_are_a_value_or_a_list_where_they_differ():
    found = SIZES.shared_settings()
    assert (found["n_train"], found["n_epochs"]) == ([4, 10], [2, 1])
    assert (found["data"], found["batch_size"]) == (cifar10.DIGITS, 32)
    assert SMALL_STUDY.shared_settings() == SMALL._asdict()


def test_path_of_a_run_stays_what_it_was():
    """Else all that anybody has trained is trained again: change it only if results change."""
    arms, sizes = (study.on("CIFAR-10 (JPEG copy)") for study in STUDIES)
    first = store.path_of(arms.jobs(3)[0], arms.settings[0], "")
    assert first.name == "halves-0-from_scratch-ed405d9504a9.csv"
    last = store.path_of(sizes.jobs(3)[-1], sizes.settings[-1], "")
    assert last.name == "halves-2-random_features-a89cf4b7dd75.csv"


def test_path_of_a_run_tells_arms_apart_by_every_field(monkeypatch):
    job, paths = Job("halves", 0, FROZEN.label), []
    for arm in (FROZEN, replace(FROZEN, n_copied=1), replace(FROZEN, new_layers=(1,))):
        monkeypatch.setattr(Job, "how", arm)
        paths.append(store.path_of(job, SMALL, ""))
    assert len(set(paths)) == 3


def test_studies_keep_their_runs_and_models_apart():
    """What a new record has to heed: see `path_of`, and `Study.models`."""
    files_of = {}
    for study in STUDIES:
        paths = [store.path_of(job, one, "") for one in study.settings for job in study.jobs(3)]
        sizes = [one.n_train for one in study.settings]
        assert len(set(paths)) == len(paths) and len(set(sizes)) == len(sizes)
        files_of[study.name] = set(paths)
    assert len(files_of) == len(STUDIES)  # no name twice
    assert len(set.union(*files_of.values())) == sum(map(len, files_of.values()))
    brought = [split for study in STUDIES for split in study.models]
    assert len(set(brought)) == len(brought)


def test_run_trains_bases_first_and_hands_them_on(calls, tmp_path):
    runs.run_study(SMALL_STUDY, 2, tmp_path)
    jobs = [job for job, _ in calls]
    assert sorted(jobs) == sorted(SMALL_STUDY.jobs(2))
    assert [job.arm for job in jobs[-2:]] == [FROZEN.label] * 2
    assert [len(shapes) for _, shapes in calls] == [0] * 4 + [4] * 2


def test_run_does_only_what_is_missing(calls, tmp_path):
    runs.run_study(SMALL_STUDY, 1, tmp_path)
    first = len(calls)
    runs.run_study(SMALL_STUDY, 1, tmp_path)
    assert len(calls) == first
    runs.run_study(SMALL_STUDY, 2, tmp_path)
    assert {job.pair for job, _ in calls[first:]} == {1}


def test_run_again_for_other_settings(calls, tmp_path):
    runs.run_study(SMALL_STUDY, 1, tmp_path)
    first = len(calls)
    runs.run_study(with_settings(SMALL_STUDY, SMALL._replace(n_epochs=3)), 1, tmp_path)
    assert len(calls) == 2 * first


def test_run_interrupted_keeps_what_is_finished(calls, monkeypatch, tmp_path):
    whole = runs.run_job

    def interrupted(job, settings, base=()):
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(job, settings, base)

    monkeypatch.setattr(runs, "run_job", interrupted)
    with pytest.raises(KeyboardInterrupt):
        runs.run_study(SMALL_STUDY, 2, tmp_path)
    kept = [job for job, _ in calls]
    monkeypatch.setattr(runs, "run_job", whole)
    runs.run_study(SMALL_STUDY, 2, tmp_path)
    assert len(kept) == 2 and len(calls) == len(SMALL_STUDY.jobs(2))
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_run_on_a_full_disk_leaves_no_partial_file(calls, monkeypatch, tmp_path):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    runs.run_study(SMALL_STUDY, 1, tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        runs.run_study(SMALL_STUDY, 2, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_run_job_takes_the_rows_that_the_settings_say(monkeypatch):
    seen = {}

    def run_arm(arm, task, base, seed, n_epochs, batch_size, precision):
        seen.update(arm=arm, task=task, seed=seed, n_epochs=n_epochs, batch_size=batch_size)

    monkeypatch.setenv("CIFAR10_PATH", "digits")
    monkeypatch.setattr(runs, "run_arm", run_arm)
    runs.run_job(Job("animals", 1, FROZEN.label), SMALL)
    task = seen["task"]
    assert task.class_names == tuple(f"digit {c}" for c in (0, 1, 8, 9))
    assert [len(getattr(task, f"y_{part}")) for part in task.parts] == [120, 16, 8]
    assert (seen["arm"], seen["seed"], seen["n_epochs"]) == (FROZEN, 101, 2)
    rows = task.x_train
    for new_rows, same in ((False, True), (True, False)):
        for pair in (0, 2):
            runs.run_job(Job("animals", pair, FROZEN.label), SMALL._replace(new_rows=new_rows))
            drawn = seen["task"].x_train
        assert np.array_equal(drawn, rows) is same
    assert seen["batch_size"] == 128


def test_run_job_refuses_other_data(monkeypatch):
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    with pytest.raises(DataError, match="is on 'CIFAR-10', but here there is 'digits"):
        runs.run_job(Job("halves", 0, PHOTO_SCRATCH.label), SMALL._replace(data="CIFAR-10"))


def test_run_again_for_other_data(calls, tmp_path):
    runs.run_study(SMALL_STUDY, 1, tmp_path)
    runs.run_study(with_settings(SMALL_STUDY, SMALL._replace(data="CIFAR-10")), 1, tmp_path)
    assert len(calls) == 6


def test_run_says_which_base_model_is_missing(calls, tmp_path):
    with pytest.raises(ValueError, match="add 'from scratch' of halves-reverse to the study"):
        runs.run_study(SMALL_STUDY._replace(arm_groups=({"halves": (FROZEN,)},)), 1, tmp_path)


def test_run_needs_no_base_model_where_nothing_is_copied(calls, tmp_path):
    study = SMALL_STUDY._replace(arm_groups=({"halves": (PHOTO_RANDOM_FEATURES,)},))
    runs.run_study(study, 1, tmp_path)
    assert calls == [(Job("halves", 0, PHOTO_RANDOM_FEATURES.label), [])]


def test_run_sweeps_up_what_a_killed_run_left(calls, tmp_path):
    program = (
        "import os, sys; from lib.files import whole\n"
        "with whole(sys.argv[1]) as part:\n"
        "    part.write_text('half'); os._exit(9)\n"
    )
    path = store.path_of(SMALL_STUDY.jobs(1)[0], SMALL, tmp_path)
    for one in (path, path.with_suffix(".npz")):
        subprocess.run([sys.executable, "-c", program, str(one)], check=False)
    assert len(list(tmp_path.glob(".halves*"))) == 2
    runs.run_study(SMALL_STUDY, 1, tmp_path)
    assert len(calls) == 3 and path.exists() and not list(tmp_path.glob(".*"))


@pytest.fixture(scope="module")
def real_runs(tmp_path_factory):
    """The small study, really trained, on the digits stand-in."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CIFAR10_PATH", "digits")
        runs.run_study(SMALL_STUDY, 1, folder)
    return folder


def test_run_trains_from_the_finished_base(real_runs):
    base = store.finished(Job("halves-reverse", 0, PHOTO_SCRATCH.label), SMALL, real_runs)
    assert [kernel.shape[-1] for kernel, _ in base.weights] == [64, 64, 128, 5]
    frozen = store.finished(Job("halves", 0, FROZEN.label), SMALL, real_runs)
    assert frozen.curve.epoch.tolist() == [0, 1, 2] and frozen.weights == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CIFAR10_PATH", "digits")
        again = runs.run_job(Job("halves", 0, FROZEN.label), SMALL, base.weights)
    np.testing.assert_allclose(again.curve.test_loss, frozen.curve.test_loss, rtol=1e-6)


@pytest.mark.slow
def test_run_on_a_dask_cluster_of_two_workers_gives_the_same(real_runs, tmp_path, monkeypatch):
    from dask.distributed import LocalCluster

    monkeypatch.setenv("CIFAR10_PATH", "digits")
    monkeypatch.setattr(runs, "run_job", None)  # in this process nothing can be trained
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        runs.run_study(SMALL_STUDY, 1, tmp_path, scheduler=cluster.scheduler_address)
    for job in SMALL_STUDY.jobs(1):
        here, there = (store.finished(job, SMALL, folder) for folder in (real_runs, tmp_path))
        np.testing.assert_allclose(there.curve.test_loss, here.curve.test_loss, rtol=1e-4)


def test_write_records_table_datasheet_and_models(real_runs, tmp_path):
    study_folder, models_folder = tmp_path / "reference", tmp_path / "models"
    table = record.write_study(SMALL_STUDY, 1, real_runs, study_folder, models_folder)
    read = record.load_study(folder=study_folder)
    pd.testing.assert_frame_equal(read, table.astype(read.dtypes), rtol=1e-5)
    assert len(read.groupby(["split", "pair", "arm"])) == 3
    assert list(read.columns[:5]) == ["split", "pair", "arm", "seed", "epoch"]
    sheet = record.datasheet(folder=study_folder)
    assert (sheet["data"], sheet["runs"], sheet["settings"]["n_epochs"]) == (cifar10.DIGITS, 3, 2)
    (made,) = sheet["made"]
    assert made["runs"] == 3 and len(made["code"]) == 12 and "cores" in made["machine"]
    base = store.finished(Job("halves-reverse", 0, PHOTO_SCRATCH.label), SMALL, real_runs)
    loaded = load_features("halves_0", models_folder)
    assert np.array_equal(convnet.get_weights(loaded)[1][0], base.weights[1][0])


def test_write_keeps_the_pairs_that_are_recorded_already(real_runs, tmp_path):
    """Another machine, later: its pairs join; a pair of which there are new runs is replaced."""
    record.write_study(SMALL_STUDY, 1, real_runs, tmp_path)
    path = tmp_path / "cifar10_arms.csv"
    recorded = pd.read_csv(path)
    elsewhere = recorded.assign(pair=5)
    old_arm = recorded[recorded.arm == FROZEN.label].assign(arm="fine-tuned")
    pd.concat([recorded, elsewhere, old_arm]).to_csv(path, index=False)
    table = record.write_study(SMALL_STUDY, 1, real_runs, tmp_path)
    found = table.groupby(["split", "pair", "arm"]).epoch.apply(list)
    assert found.index.droplevel("split").unique().sort_values().tolist() == [
        (pair, label) for pair in (0, 5) for label in sorted((PHOTO_SCRATCH.label, FROZEN.label))
    ]
    assert (found.apply(len) == 3).all()
    sheet = record.datasheet(folder=tmp_path)
    assert (sheet["runs"], sheet["pairs"]) == (6, 6) and len(sheet["made"]) == 2


def test_write_refuses_to_mix_settings(real_runs, tmp_path):
    record.write_study(SMALL_STUDY, 1, real_runs, tmp_path)
    sheet = record.datasheet(folder=tmp_path)
    sheet["settings"]["data"] = "CIFAR-10"
    (tmp_path / "cifar10_arms.json").write_text(json.dumps(sheet))
    before = (tmp_path / "cifar10_arms.csv").read_bytes()
    with pytest.raises(ValueError, match="recorded with data='CIFAR-10', not 'digits stand-in"):
        record.write_study(SMALL_STUDY, 1, real_runs, tmp_path)
    assert (tmp_path / "cifar10_arms.csv").read_bytes() == before


def test_write_joins_what_was_recorded_before_there_was_a_setting(calls, tmp_path):
    """The recorded study of arms does not name the size of its batches."""
    for end in ("csv", "json"):
        shutil.copy(record.REFERENCE / f"{ARMS_STUDY.name}.{end}", tmp_path)
    before, sheet = record.load_study(folder=tmp_path), record.datasheet(folder=tmp_path)
    assert "batch_size" not in sheet["settings"]
    small = SMALL_STUDY._replace(settings=ARMS_STUDY.on(sheet["data"]).settings)
    runs.run_study(small, 1, tmp_path / "runs")
    table = record.write_study(small, 1, tmp_path / "runs", tmp_path)
    assert record.count_runs(table) == record.count_runs(before) - 8 - 2 + 3  # a run pair anew
    assert len(record.datasheet(folder=tmp_path)["made"]) == len(sheet["made"]) + 1
    other = with_settings(small, small.settings[0]._replace(batch_size=32))
    runs.run_study(other, 1, tmp_path / "runs")
    with pytest.raises(ValueError, match="recorded with batch_size=128, not 32: use the same"):
        record.write_study(other, 1, tmp_path / "runs", tmp_path)


def test_write_sweeps_up_what_a_killed_one_left(calls, tmp_path):
    runs.run_study(SMALL_STUDY, 1, tmp_path / "runs")
    tables, models = tmp_path / "tables", tmp_path / "models"
    for folder in (tables, models):
        folder.mkdir()
        (folder / f".other.{os.getpid()}.part.csv").touch()
    record.write_study(SMALL_STUDY, 1, tmp_path / "runs", tables, models)
    assert {path.name for path in tables.iterdir()} == {"cifar10_arms.csv", "cifar10_arms.json"}
    assert {path.name for path in models.iterdir()} == {"halves_0.npz", "SHA256SUMS"}


def test_write_says_that_nothing_is_finished(tmp_path):
    with pytest.raises(ValueError, match="no finished run in runs: do `make reference` first"):
        record.write_study(SMALL_STUDY, 1, tmp_path / "runs", tmp_path)


def test_load_names_the_studies_there_are(tmp_path):
    (tmp_path / "one.csv").write_text("a\n1\n")
    with pytest.raises(FileNotFoundError, match="no recorded study 'two': choose one of one"):
        record.load_study("two", tmp_path)


def test_main_run_goes_on_where_it_was_and_write_records(calls, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_BUILD", str(tmp_path))
    monkeypatch.setattr(__main__, "data_words", lambda: "CIFAR-10")
    places = {"folder": tmp_path / "reference", "models_folder": tmp_path / "models"}
    options = ["--study", "cifar10_arms", "--pairs", "1"]
    assert __main__.main(["run", *options], (SMALL_STUDY, SIZES_STUDY)) == 0
    assert len(calls) == 3
    assert __main__.main(["run", *options], (SMALL_STUDY, SIZES_STUDY)) == 0
    assert len(calls) == 3
    assert __main__.main(["write", *options], (SMALL_STUDY, SIZES_STUDY), **places) == 0
    assert "cifar10_arms: 6 rows of 3 runs" in capsys.readouterr().out
    assert (tmp_path / "models" / "halves_0.npz").exists()


def test_a_third_study_is_one_more_record(calls, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_BUILD", str(tmp_path))
    monkeypatch.setattr(__main__, "data_words", lambda: "CIFAR-10")
    third = Study("third", ({"animals": (FROZEN,)},), (Settings(n_train=7),), trains_bases=False)
    studies, places = (*STUDIES, third), {"folder": tmp_path, "models_folder": tmp_path}
    assert __main__.main(["run", "--study", "third", "--pairs", "2"], studies) == 0
    assert calls == [
        (Job("animals", pair, FROZEN.label), [(3, 3, 3, 64), (3, 3, 64, 64)]) for pair in (0, 1)
    ]
    assert __main__.main(["write", "--study", "third", "--pairs", "2"], studies, **places) == 0
    assert "third: 4 rows of 2 runs" in capsys.readouterr().out
    assert record.load_study("third", tmp_path).split.unique() == ["animals"]
    assert record.datasheet("third", tmp_path)["settings"]["n_train"] == 7
    assert not list(tmp_path.glob("*.npz"))


def test_main_says_which_recorded_base_model_is_missing(calls, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_BUILD", str(tmp_path))
    monkeypatch.setattr(__main__, "data_words", lambda: "CIFAR-10")
    reverse = SIZES_STUDY._replace(arm_groups=({"halves-reverse": (FROZEN,)},))
    assert __main__.main(["run"], (reverse,)) == 1
    assert "'halves-reverse_0' is no model of the course" in capsys.readouterr().err


def test_main_helps(capsys):
    for arguments in (["--help"], ["run", "--help"], ["coverage", "--help"]):
        with pytest.raises(SystemExit) as ended:
            __main__.main(arguments)
        assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "python -m lib.studies" in told and "{cifar10_arms,cifar10_sizes}" in told
    assert "--scheduler" in told and "--simulations" in told


def test_main_interrupted_says_how_to_go_on(monkeypatch, tmp_path, capsys):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setenv("COURSE_BUILD", str(tmp_path))
    monkeypatch.setattr(__main__, "data_words", lambda: "CIFAR-10")
    monkeypatch.setattr(__main__, "run_study", interrupted)
    assert __main__.main(["run"]) == 130
    assert "the same command goes on" in capsys.readouterr().err


def test_main_refuses_the_stand_in(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_BUILD", str(tmp_path))
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    assert __main__.main(["run"]) == 1
    assert "needs CIFAR-10: set CIFAR10_PATH" in capsys.readouterr().err


def test_main_says_what_is_missing(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_BUILD", str(tmp_path))
    monkeypatch.setenv("CIFAR10_PATH", str(tmp_path / "none.npz"))
    assert __main__.main(["run", "--pairs", "1"]) == 1
    assert "none.npz" in capsys.readouterr().err


# Learning curves: the same study at several sizes

SIZES = with_settings(
    SIZES_STUDY._replace(arm_groups=({"halves": (PHOTO_SCRATCH, FROZEN)},)),
    *(
        SIZES_STUDY.settings[0]._replace(data=cifar10.DIGITS, n_train=n, n_epochs=n_epochs)
        for n, n_epochs in ((4, 2), (10, 1))
    ),
)


def test_settings_of_sizes_are_from_25_to_thousands_with_new_rows_for_each_pair():
    found = SIZES_STUDY.settings
    sizes = [one.n_train for one in found]
    assert sizes == sorted(sizes) and sizes[0] == 25 and sizes[-1] == 2000
    assert all(one.new_rows and one.batch_size <= 5 * min(sizes) for one in found)


def test_run_study_of_sizes_starts_every_size_from_the_recorded_base_models(calls, tmp_path):
    runs.run_study(SIZES, 2, tmp_path)
    assert [job for job, _ in calls] == [
        Job("halves", pair, arm.label)
        for pair in (0, 1)
        for arm in (PHOTO_SCRATCH, FROZEN)
        for _ in (4, 10)
    ]
    assert [len(shapes) for _, shapes in calls] == [0, 0, 2, 2] * 2
    runs.run_study(SIZES, 2, tmp_path)
    assert len(calls) == 8


def test_run_study_of_sizes_hands_on_the_base_of_the_pair(monkeypatch, tmp_path):
    seen = {}

    def run_job(job, settings, base=()):
        seen[job.pair] = base[0][0].tobytes()
        return PhotoRun(pd.DataFrame({"epoch": [0]}), [])

    monkeypatch.setattr(runs, "run_job", run_job)
    study = SIZES._replace(arm_groups=({"halves": (FROZEN,)},), settings=SIZES.settings[:1])
    runs.run_study(study, 2, tmp_path)
    for pair in (0, 1):
        wanted = convnet.get_weights(load_features(f"halves_{pair}"))[0][0]
        assert seen[pair] == wanted.tobytes()


def test_run_study_of_sizes_really_trains(monkeypatch, tmp_path):
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    small = SIZES.settings[1]._replace(n_validation=2, n_test=4, precision="float32")
    runs.run_study(with_settings(SIZES, small), 1, tmp_path)
    run = store.finished(Job("halves", 0, FROZEN.label), small, tmp_path)
    assert run.curve.epoch.tolist() == [0, 1]


def test_write_study_of_sizes_has_a_row_for_each_epoch_of_each_size(calls, tmp_path):
    runs.run_study(SIZES, 2, tmp_path / "runs")
    table = record.write_study(SIZES, 2, tmp_path / "runs", tmp_path)
    read = record.load_study("cifar10_sizes", tmp_path)
    assert read.columns[:5].tolist() == ["n_train", "split", "pair", "arm", "seed"]
    assert len(read) == len(table) == 2 * 2 * 2 * 2 and set(read.n_train) == {4, 10}
    sheet = record.datasheet("cifar10_sizes", tmp_path)
    assert sheet["runs"] == 8 and sheet["settings"]["n_epochs"] == [2, 1]


def test_write_study_of_sizes_keeps_pairs_that_are_recorded_already(calls, tmp_path):
    runs.run_study(SIZES, 2, tmp_path / "two")
    record.write_study(SIZES, 2, tmp_path / "two", tmp_path)
    runs.run_study(SIZES, 1, tmp_path / "one")
    table = record.write_study(SIZES, 1, tmp_path / "one", tmp_path)
    assert not table.duplicated(["n_train", "pair", "arm", "epoch"]).any()
    assert len(table.groupby(record.RUN)) == 8
    with pytest.raises(ValueError, match=r"cifar10_sizes is recorded with n_epochs=\[2, 1\], not"):
        record.write_study(with_settings(SIZES, SIZES.settings[0]), 1, tmp_path / "one", tmp_path)


# What is recorded in the repository


@pytest.fixture(scope="module")
def recorded():
    return record.load_study()


def test_recorded_study_is_whole_and_plausible(recorded):
    """Three pairs or more of every split, each with all its arms, both ways."""
    sheet = record.datasheet()
    found = recorded.groupby(["split", "pair", "arm"])
    assert sheet["pairs"] >= 3 and sheet["settings"]["n_epochs"] >= 10
    assert set(found.groups) == {tuple(job) for job in ARMS_STUDY.jobs(sheet["pairs"])}
    assert len(found) == sheet["runs"]
    epochs = list(range(sheet["settings"]["n_epochs"] + 1))
    assert all(rows.epoch.tolist() == epochs for _, rows in found)
    trained = recorded[recorded.epoch > 0]
    measured = [c for c in recorded.columns if c.endswith(("loss", "accuracy", "seconds"))]
    assert np.isfinite(trained[measured]).all(axis=None)
    accuracy = trained[[c for c in measured if c.endswith("accuracy")]]
    assert ((accuracy > 0) & (accuracy <= 1)).all(axis=None)
    assert sheet["data"].startswith("CIFAR-10")
    assert "/" not in json.dumps(sheet)  # no path of a machine


@pytest.mark.parametrize("name", [study.name for study in STUDIES])
def test_recorded_pairs_share_the_seed_of_every_arm(name):
    assert (record.load_study(name).groupby(["split", "pair"]).seed.nunique() == 1).all()


def test_recorded_learning_curves_are_whole_and_plausible():
    table, sheet = record.load_study(SIZES_STUDY.name), record.datasheet(SIZES_STUDY.name)
    settings = SIZES_STUDY.settings
    found = table.groupby(record.RUN)
    jobs = SIZES_STUDY.jobs(sheet["pairs"])
    assert sheet["pairs"] >= 3
    assert set(found.groups) == {(one.n_train, *job) for one in settings for job in jobs}
    n_epochs = {one.n_train: one.n_epochs for one in settings}
    for (n_train, *_), rows in found:
        assert rows.epoch.tolist() == list(range(n_epochs[n_train] + 1))
    measured = [c for c in table.columns if c.endswith(("loss", "accuracy", "seconds"))]
    assert np.isfinite(table[table.epoch > 0][measured]).all(axis=None)
    late = table[table.epoch == table.n_train.map(n_epochs)]
    mean = late.groupby(["arm", "n_train"]).test_accuracy.mean()
    assert all(mean[arm].is_monotonic_increasing for arm in (PHOTO_SCRATCH.label, FROZEN.label))
    assert sheet["data"].startswith("CIFAR-10") and "/" not in json.dumps(sheet)


def test_recorded_models_are_those_of_the_study(recorded):
    """Each base model of the recorded splits is there, loads in safe mode, and is another one."""
    chosen = recorded[recorded.split.isin(ARMS_STUDY.models)]
    names = [f"{split}_{k}" for split, k in chosen.groupby(["split", "pair"]).groups]
    kernels = [load_features(name).layers[1].get_weights()[0] for name in names]
    assert len({kernel.tobytes() for kernel in kernels}) == len(names) >= 9
    assert freezing.count_weights(load_features(names[0])).total == 38_720


def test_recorded_base_model_tells_the_source_classes_apart(recorded):
    """A linear classifier on its features of real photographs is far above chance."""
    from sklearn.linear_model import RidgeClassifier

    if os.environ.get("CIFAR10_PATH") in (None, "", "digits"):
        pytest.skip("CIFAR10_PATH names no copy")
    task = photos(range(5), n_train=500, n_test=500)
    features = load_features("halves_0")
    found = [features.predict(x, verbose=0) for x in (task.x_train, task.x_test)]
    score = RidgeClassifier(1e3).fit(found[0], task.y_train).score(found[1], task.y_test)
    assert score > 0.45
