"""The study on photographs: its jobs, resuming, a cluster, and the files that record it."""

import json
import os

import numpy as np
import pandas as pd
import pytest

from lib import cifar10, convnet, datasets, models, photo_experiments, reference, study
from lib.photo_experiments import FROZEN, SCRATCH, PhotoRun
from lib.study import Job, Settings

SMALL = Settings(
    cifar10.DIGITS, n_epochs=2, n_train=30, n_validation=2, n_test=4, precision="float32"
)
TWO_ARMS = ({"halves": (SCRATCH, FROZEN), "halves-reverse": (SCRATCH,)},)


@pytest.fixture
def calls(monkeypatch):
    """Replace training by a run that says which job it was; the list of jobs done."""
    done = []

    def run_job(job, settings, base=()):
        done.append((job, [kernel.shape for kernel, _ in base]))
        curve = pd.DataFrame({"epoch": [0, 1], "test_accuracy": [0.2, 0.5 + job.pair / 10]})
        return PhotoRun(curve, convnet.get_weights(network))

    network = convnet.convnet(seed=0)
    monkeypatch.setattr(study, "run_job", run_job)
    return done


def test_jobs_are_what_the_issue_asks_for():
    found = study.jobs(3)
    assert len(found) == len(set(found)) == 3 * (8 + 2 + 4 + 4)
    assert {job.arm for job in found if job.split == "halves"} == {
        arm.label for arm in photo_experiments.ARMS
    }
    assert {job.split.removesuffix("-reverse") for job in found} == {"halves", "random", "animals"}


@pytest.mark.parametrize("split", ["halves", "halves-reverse", "random", "animals-reverse"])
def test_job_base_is_trained_on_the_source_with_another_seed(split):
    job = Job(split, 2, FROZEN.label)
    assert job.base.classes.target == job.classes.source
    assert job.base.seed != job.seed
    assert job.base.base.classes == job.classes  # the reverse of the reverse
    assert job.base in study.jobs(3)


def test_run_trains_bases_first_and_hands_them_on(calls, tmp_path):
    study.run(SMALL, 2, TWO_ARMS, tmp_path)
    jobs = [job for job, _ in calls]
    assert sorted(jobs) == sorted(study.jobs(2, TWO_ARMS))
    assert [job.arm for job in jobs[-2:]] == [FROZEN.label] * 2
    assert [len(shapes) for _, shapes in calls] == [0] * 4 + [4] * 2


def test_run_does_only_what_is_missing(calls, tmp_path):
    study.run(SMALL, 1, TWO_ARMS, tmp_path)
    first = len(calls)
    study.run(SMALL, 1, TWO_ARMS, tmp_path)
    assert len(calls) == first
    study.run(SMALL, 2, TWO_ARMS, tmp_path)
    assert {job.pair for job, _ in calls[first:]} == {1}


def test_run_again_for_other_settings(calls, tmp_path):
    study.run(SMALL, 1, TWO_ARMS, tmp_path)
    first = len(calls)
    study.run(SMALL._replace(n_epochs=3), 1, TWO_ARMS, tmp_path)
    assert len(calls) == 2 * first


def test_run_interrupted_keeps_what_is_finished(calls, monkeypatch, tmp_path):
    whole = study.run_job

    def interrupted(job, settings, base=()):
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(job, settings, base)

    monkeypatch.setattr(study, "run_job", interrupted)
    with pytest.raises(KeyboardInterrupt):
        study.run(SMALL, 2, TWO_ARMS, tmp_path)
    kept = [job for job, _ in calls]
    monkeypatch.setattr(study, "run_job", whole)
    study.run(SMALL, 2, TWO_ARMS, tmp_path)
    assert len(kept) == 2 and len(calls) == len(study.jobs(2, TWO_ARMS))
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_run_on_a_full_disk_leaves_no_partial_file(calls, monkeypatch, tmp_path):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    study.run(SMALL, 1, TWO_ARMS, tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        study.run(SMALL, 2, TWO_ARMS, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_run_job_takes_the_rows_that_the_settings_say(monkeypatch):
    seen = {}

    def run_arm(arm, task, base, seed, n_epochs, batch_size, precision):
        seen.update(arm=arm, task=task, seed=seed, n_epochs=n_epochs, batch_size=batch_size)

    monkeypatch.setenv("CIFAR10_PATH", "digits")
    monkeypatch.setattr(photo_experiments, "run_arm", run_arm)
    study.run_job(Job("animals", 1, FROZEN.label), SMALL)
    task = seen["task"]
    assert task.class_names == tuple(f"digit {c}" for c in (0, 1, 8, 9))
    assert [len(getattr(task, f"y_{part}")) for part in task.parts] == [120, 16, 8]
    assert (seen["arm"], seen["seed"], seen["n_epochs"]) == (FROZEN, 101, 2)
    rows = task.x_train
    for new_rows, same in ((False, True), (True, False)):
        for pair in (0, 2):
            study.run_job(Job("animals", pair, FROZEN.label), SMALL._replace(new_rows=new_rows))
            drawn = seen["task"].x_train
        assert np.array_equal(drawn, rows) is same
    assert seen["batch_size"] == 128


def test_run_job_refuses_other_data(monkeypatch):
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    with pytest.raises(cifar10.DataError, match="is on 'CIFAR-10', but here there is 'digits"):
        study.run_job(Job("halves", 0, SCRATCH.label), SMALL._replace(data="CIFAR-10"))


def test_run_again_for_other_data(calls, tmp_path):
    study.run(SMALL, 1, TWO_ARMS, tmp_path)
    study.run(SMALL._replace(data="CIFAR-10"), 1, TWO_ARMS, tmp_path)
    assert len(calls) == 6


def test_run_says_which_base_model_is_missing(calls, tmp_path):
    with pytest.raises(ValueError, match="add 'from scratch' of halves-reverse to the study"):
        study.run(SMALL, 1, ({"halves": (FROZEN,)},), tmp_path)


@pytest.fixture(scope="module")
def real_runs(tmp_path_factory):
    """The small study, really trained, on the digits stand-in."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CIFAR10_PATH", "digits")
        study.run(SMALL, 1, TWO_ARMS, folder)
    return folder


def test_run_trains_from_the_finished_base(real_runs):
    base = study.finished(Job("halves-reverse", 0, SCRATCH.label), SMALL, real_runs)
    assert [kernel.shape[-1] for kernel, _ in base.weights] == [64, 64, 128, 5]
    frozen = study.finished(Job("halves", 0, FROZEN.label), SMALL, real_runs)
    assert frozen.curve.epoch.tolist() == [0, 1, 2] and frozen.weights == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CIFAR10_PATH", "digits")
        again = study.run_job(Job("halves", 0, FROZEN.label), SMALL, base.weights)
    np.testing.assert_allclose(again.curve.test_loss, frozen.curve.test_loss, rtol=1e-6)


@pytest.mark.slow
def test_run_on_a_dask_cluster_of_two_workers_gives_the_same(real_runs, tmp_path, monkeypatch):
    from dask.distributed import LocalCluster

    monkeypatch.setenv("CIFAR10_PATH", "digits")
    monkeypatch.setattr(study, "run_job", None)  # in this process nothing can be trained
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        study.run(SMALL, 1, TWO_ARMS, tmp_path, scheduler=cluster.scheduler_address)
    for job in study.jobs(1, TWO_ARMS):
        here, there = (study.finished(job, SMALL, folder) for folder in (real_runs, tmp_path))
        np.testing.assert_allclose(there.curve.test_loss, here.curve.test_loss, rtol=1e-4)


def test_write_records_table_datasheet_and_models(real_runs, tmp_path):
    study_folder, models_folder = tmp_path / "reference", tmp_path / "models"
    table = reference.write(SMALL, 1, real_runs, study_folder, models_folder)
    read = reference.load(folder=study_folder)
    pd.testing.assert_frame_equal(read, table.astype(read.dtypes), rtol=1e-5)
    assert len(read.groupby(["split", "pair", "arm"])) == 3
    assert list(read.columns[:5]) == ["split", "pair", "arm", "seed", "epoch"]
    sheet = reference.datasheet(folder=study_folder)
    assert (sheet["data"], sheet["runs"], sheet["settings"]["n_epochs"]) == (cifar10.DIGITS, 3, 2)
    (made,) = sheet["made"]
    assert made["runs"] == 3 and len(made["code"]) == 12 and "cores" in made["machine"]
    base = study.finished(Job("halves-reverse", 0, SCRATCH.label), SMALL, real_runs)
    loaded = convnet.load_features("halves_0", models_folder)
    assert np.array_equal(convnet.get_weights(loaded)[1][0], base.weights[1][0])


def test_write_keeps_the_pairs_that_are_recorded_already(real_runs, tmp_path):
    """Another machine, later: its pairs join; a pair of which there are new runs is replaced."""
    reference.write(SMALL, 1, real_runs, tmp_path)
    path = tmp_path / "cifar10_arms.csv"
    recorded = pd.read_csv(path)
    elsewhere = recorded.assign(pair=5)
    old_arm = recorded[recorded.arm == FROZEN.label].assign(arm="fine-tuned")
    pd.concat([recorded, elsewhere, old_arm]).to_csv(path, index=False)
    table = reference.write(SMALL, 1, real_runs, tmp_path)
    found = table.groupby(["split", "pair", "arm"]).epoch.apply(list)
    assert found.index.droplevel("split").unique().sort_values().tolist() == [
        (pair, label) for pair in (0, 5) for label in sorted((SCRATCH.label, FROZEN.label))
    ]
    assert (found.apply(len) == 3).all()
    sheet = reference.datasheet(folder=tmp_path)
    assert (sheet["runs"], sheet["pairs"]) == (6, 6) and len(sheet["made"]) == 2


def test_write_refuses_to_mix_settings(real_runs, tmp_path):
    reference.write(SMALL, 1, real_runs, tmp_path)
    sheet = reference.datasheet(folder=tmp_path)
    sheet["settings"]["data"] = "CIFAR-10"
    (tmp_path / "cifar10_arms.json").write_text(json.dumps(sheet))
    before = (tmp_path / "cifar10_arms.csv").read_bytes()
    with pytest.raises(ValueError, match="recorded with data='CIFAR-10', not 'digits stand-in"):
        reference.write(SMALL, 1, real_runs, tmp_path)
    assert (tmp_path / "cifar10_arms.csv").read_bytes() == before


def test_write_says_that_nothing_is_finished(tmp_path):
    with pytest.raises(ValueError, match="no finished run in runs: do `make reference` first"):
        reference.write(SMALL, 1, tmp_path / "runs", tmp_path)


def test_load_names_the_studies_there_are(tmp_path):
    (tmp_path / "one.csv").write_text("a\n1\n")
    with pytest.raises(FileNotFoundError, match="no recorded study 'two': choose one of one"):
        reference.load("two", tmp_path)


def test_main_run_goes_on_where_it_was_and_write_records(calls, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_BUILD", str(tmp_path))
    monkeypatch.setattr(study, "data_words", lambda: "CIFAR-10")
    places = {"folder": tmp_path / "reference", "models_folder": tmp_path / "models"}
    assert reference.main(["run", "--study", "arms", "--pairs", "1"], TWO_ARMS) == 0
    assert len(calls) == 3
    assert reference.main(["run", "--study", "arms", "--pairs", "1"], TWO_ARMS) == 0
    assert len(calls) == 3
    assert reference.main(["write", "--study", "arms", "--pairs", "1"], **places) == 0
    assert "cifar10_arms: 6 rows of 3 runs" in capsys.readouterr().out
    assert (tmp_path / "models" / "halves_0.keras").exists()


def test_main_interrupted_says_how_to_go_on(monkeypatch, tmp_path, capsys):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setenv("COURSE_BUILD", str(tmp_path))
    monkeypatch.setattr(study, "data_words", lambda: "CIFAR-10")
    monkeypatch.setattr(study, "run", interrupted)
    assert reference.main(["run"]) == 130
    assert "the same command goes on" in capsys.readouterr().err


def test_main_refuses_the_stand_in(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_BUILD", str(tmp_path))
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    assert reference.main(["run"]) == 1
    assert "needs CIFAR-10: set CIFAR10_PATH" in capsys.readouterr().err


def test_main_says_what_is_missing(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_BUILD", str(tmp_path))
    monkeypatch.setenv("CIFAR10_PATH", str(tmp_path / "none.npz"))
    assert reference.main(["run", "--pairs", "1"]) == 1
    assert "none.npz" in capsys.readouterr().err


# Learning curves: the same study at several sizes

SIZES = study.size_settings(cifar10.DIGITS, {4: 2, 10: 1})
SIZE_ARMS = ({"halves": (SCRATCH, FROZEN)},)


def test_size_settings_are_from_25_to_thousands_with_new_rows_for_each_pair():
    found = study.size_settings("CIFAR-10")
    assert [one.n_train for one in found] == sorted(study.SIZES) and min(study.SIZES) == 25
    assert all(one.new_rows and one.batch_size <= 5 * min(study.SIZES) for one in found)


def test_run_sizes_starts_every_size_from_the_recorded_base_models(calls, tmp_path):
    study.run_sizes(SIZES, 2, SIZE_ARMS, tmp_path)
    assert [job for job, _ in calls] == [
        Job("halves", pair, arm.label)
        for pair in (0, 1)
        for arm in (SCRATCH, FROZEN)
        for _ in (4, 10)
    ]
    assert [len(shapes) for _, shapes in calls] == [0, 0, 2, 2] * 2
    study.run_sizes(SIZES, 2, SIZE_ARMS, tmp_path)
    assert len(calls) == 8


def test_run_sizes_hands_on_the_base_of_the_pair(monkeypatch, tmp_path):
    seen = {}

    def run_job(job, settings, base=()):
        seen[job.pair] = base[0][0].tobytes()
        return PhotoRun(pd.DataFrame({"epoch": [0]}), [])

    monkeypatch.setattr(study, "run_job", run_job)
    study.run_sizes(SIZES[:1], 2, ({"halves": (FROZEN,)},), tmp_path)
    for pair in (0, 1):
        wanted = convnet.get_weights(convnet.load_features(f"halves_{pair}"))[0][0]
        assert seen[pair] == wanted.tobytes()


def test_run_sizes_really_trains(monkeypatch, tmp_path):
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    small = [one._replace(n_validation=2, n_test=4, precision="float32") for one in SIZES]
    study.run_sizes([small[1]], 1, SIZE_ARMS, tmp_path)
    run = study.finished(Job("halves", 0, FROZEN.label), small[1], tmp_path)
    assert run.curve.epoch.tolist() == [0, 1]


def test_write_sizes_has_a_row_for_each_epoch_of_each_size(calls, tmp_path):
    study.run_sizes(SIZES, 2, SIZE_ARMS, tmp_path / "runs")
    table = reference.write_sizes(SIZES, 2, tmp_path / "runs", tmp_path)
    read = reference.load("cifar10_sizes", tmp_path)
    assert read.columns[:5].tolist() == ["n_train", "split", "pair", "arm", "seed"]
    assert len(read) == len(table) == 2 * 2 * 2 * 2 and set(read.n_train) == {4, 10}
    sheet = reference.datasheet("cifar10_sizes", tmp_path)
    assert sheet["runs"] == 8 and sheet["settings"]["n_epochs"] == [2, 1]


def test_write_sizes_keeps_pairs_that_are_recorded_already(calls, tmp_path):
    study.run_sizes(SIZES, 2, SIZE_ARMS, tmp_path / "two")
    reference.write_sizes(SIZES, 2, tmp_path / "two", tmp_path)
    study.run_sizes(SIZES, 1, SIZE_ARMS, tmp_path / "one")
    table = reference.write_sizes(SIZES, 1, tmp_path / "one", tmp_path)
    assert not table.duplicated(["n_train", "pair", "arm", "epoch"]).any()
    assert len(table.groupby(reference.RUN)) == 8
    with pytest.raises(ValueError, match=r"cifar10_sizes is recorded with n_epochs=\[2, 1\], not"):
        reference.write_sizes(SIZES[:1], 1, tmp_path / "one", tmp_path)


# What is recorded in the repository


@pytest.fixture(scope="module")
def recorded():
    return reference.load()


def test_recorded_study_is_whole_and_plausible(recorded):
    """Three pairs or more of every split, each with all its arms, both ways."""
    sheet = reference.datasheet()
    found = recorded.groupby(["split", "pair", "arm"])
    assert sheet["pairs"] >= 3 and sheet["settings"]["n_epochs"] >= 10
    assert set(found.groups) == {tuple(job) for job in study.jobs(sheet["pairs"])}
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


@pytest.mark.parametrize("name", [reference.ARMS, reference.SIZES])
def test_recorded_pairs_share_the_seed_of_every_arm(name):
    assert (reference.load(name).groupby(["split", "pair"]).seed.nunique() == 1).all()


def test_recorded_learning_curves_are_whole_and_plausible():
    table, sheet = reference.load(reference.SIZES), reference.datasheet(reference.SIZES)
    settings = study.size_settings(sheet["data"])
    found = table.groupby(reference.RUN)
    jobs = study.jobs(sheet["pairs"], study.SIZE_ARMS)
    assert sheet["pairs"] >= 3
    assert set(found.groups) == {(one.n_train, *job) for one in settings for job in jobs}
    n_epochs = {one.n_train: one.n_epochs for one in settings}
    for (n_train, *_), rows in found:
        assert rows.epoch.tolist() == list(range(n_epochs[n_train] + 1))
    measured = [c for c in table.columns if c.endswith(("loss", "accuracy", "seconds"))]
    assert np.isfinite(table[table.epoch > 0][measured]).all(axis=None)
    late = table[table.epoch == table.n_train.map(n_epochs)]
    mean = late.groupby(["arm", "n_train"]).test_accuracy.mean()
    assert all(mean[arm].is_monotonic_increasing for arm in (SCRATCH.label, FROZEN.label))
    assert sheet["data"].startswith("CIFAR-10") and "/" not in json.dumps(sheet)


def test_recorded_models_are_those_of_the_study(recorded):
    """Each base model of the recorded splits is there, loads in safe mode, and is another one."""
    chosen = recorded[recorded.split.isin(reference.COMMITTED)]
    names = [f"{split}_{k}" for split, k in chosen.groupby(["split", "pair"]).groups]
    kernels = [convnet.load_features(name).layers[1].get_weights()[0] for name in names]
    assert len({kernel.tobytes() for kernel in kernels}) == len(names) >= 9
    assert models.count_weights(convnet.load_features(names[0])).total == 38_720


def test_recorded_base_model_tells_the_source_classes_apart(recorded):
    """A linear classifier on its features of real photographs is far above chance."""
    from sklearn.linear_model import RidgeClassifier

    if os.environ.get("CIFAR10_PATH") in (None, "", "digits"):
        pytest.skip("CIFAR10_PATH names no copy")
    task = datasets.photos(range(5), n_train=500, n_test=500)
    features = convnet.load_features("halves_0")
    found = [features.predict(x, verbose=0) for x in (task.x_train, task.x_test)]
    score = RidgeClassifier(1e3).fit(found[0], task.y_train).score(found[1], task.y_test)
    assert score > 0.45
