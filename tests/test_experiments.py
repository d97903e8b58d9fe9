"""Arms and designs: what is copied and frozen, pairing, and results that survive."""

import errno

import numpy as np
import pytest

from lib import datasets, experiments, replicates
from lib.experiments import Arm, Phase

SOURCE, TARGET = datasets.blobs(1), datasets.blobs(2)


@pytest.fixture(scope="module")
def bases():
    return experiments.train_bases(SOURCE, 3, n_epochs=2).weights


def run(arms, bases, n_refits=2, n_epochs=2, **options):
    return experiments.run_arms(arms, TARGET, bases, n_refits, n_epochs, **options)


def test_run_arms_shapes_and_pairing_of_the_start(bases):
    results = run(experiments.PUBLISHED_ARMS, bases)
    assert list(results) == ["from scratch", "fixed=0", "fixed=1", "fixed=2"]
    assert {curves.shape for curves in results.values()} == {(3, 2, 3)}
    # all reuse the whole base, so they are equal before training, and for both refits of a base
    starts = [results[f"fixed={n}"][:, :, 0] for n in range(3)]
    np.testing.assert_array_equal(starts[0], starts[2])
    np.testing.assert_array_equal(starts[0][:, 0], starts[0][:, 1])


def test_run_arms_together_or_alone_is_the_same(bases):
    together = run(experiments.PUBLISHED_ARMS + experiments.EXTENSION_ARMS, bases)
    for arm in (experiments.FIXED[1], experiments.ADDED_LAYER, experiments.FINE_TUNED):
        np.testing.assert_array_equal(together[arm.label], run([arm], bases)[arm.label])


def test_run_arms_agrees_with_training_by_hand(bases):
    seeds = range(500, 506)
    start = replicates.graft(
        replicates.repeat(bases, 2), replicates.initial_weights((2, 5, 5, 3), seeds), 1
    )
    by_hand = replicates.train(TARGET, start, seeds, 2, n_frozen=1).accuracy
    found = run([experiments.REINITIALISED], bases, first_seed=500)["fixed=1, rest new"]
    np.testing.assert_array_equal(found.reshape(6, 3), by_hand)


def test_run_arms_from_scratch_takes_nothing_from_the_bases(bases):
    others = experiments.train_bases(SOURCE, 3, n_epochs=1, first_seed=50).weights
    one, other = (run([experiments.SCRATCH], b)["from scratch"] for b in (bases, others))
    np.testing.assert_array_equal(one, other)


def test_run_arms_two_phases_last_as_long_as_one(bases):
    found = run([experiments.FINE_TUNED, experiments.FIXED[2]], bases, n_epochs=4)
    tuned, fixed = found["freeze, fine-tune"], found["fixed=2"]
    assert tuned.shape == fixed.shape == (3, 2, 5)
    np.testing.assert_array_equal(tuned[..., :3], fixed[..., :3])  # the first half is frozen


def test_run_arms_freeze_then_fine_tune_agrees_with_training_by_hand(bases):
    seeds = list(range(500, 506))
    start = replicates.repeat(bases, 2)
    first = replicates.train(TARGET, start, seeds, 2, n_frozen=2, learning_rate=0.01)
    later = [seed + 1_000_000_000 for seed in seeds]  # data orders of its own
    second = replicates.train(TARGET, first.weights, later, 2, n_frozen=0, learning_rate=0.001)
    by_hand = np.concatenate([first.accuracy, second.accuracy[:, 1:]], axis=1)
    found = run([experiments.FINE_TUNED], bases, n_epochs=4, first_seed=500)["freeze, fine-tune"]
    np.testing.assert_array_equal(found.reshape(6, 5), by_hand)


@pytest.mark.parametrize(
    ("arm", "n_copied", "phases", "hidden"),
    [
        (experiments.SCRATCH, 0, [(0, 0.01, 1)], (5, 5)),
        (experiments.FIXED[0], 3, [(0, 0.01, 1)], (5, 5)),
        (experiments.FIXED[1], 3, [(1, 0.01, 1)], (5, 5)),
        (experiments.FIXED[2], 3, [(2, 0.01, 1)], (5, 5)),
        (experiments.REINITIALISED, 1, [(1, 0.01, 1)], (5, 5)),
        (experiments.ADDED_LAYER, 2, [(2, 0.01, 1)], (5, 5, 5)),
        (experiments.NEW_HEAD, 2, [(2, 0.01, 1)], (5, 5)),
        (experiments.FINE_TUNED, 3, [(2, 0.01, 0.5), (0, 0.001, 0.5)], (5, 5)),
        (experiments.RANDOM_FEATURES, 0, [(2, 0.01, 1)], (5, 5)),
    ],
)
def test_arms_are_what_their_labels_say(arm, n_copied, phases, hidden):
    found = [(p.n_frozen, p.learning_rate, p.epochs_fraction) for p in arm.phases]
    assert (arm.n_copied, found, arm.hidden) == (n_copied, phases, hidden)


@pytest.mark.parametrize("phases", [(), (Phase(0, 0.01, 0.6),), (Phase(0, 0.01, 0.0), Phase())])
def test_arm_refuses_phases_that_do_not_fill_the_run(phases):
    with pytest.raises(ValueError, match="add up to 1"):
        Arm("odd", phases=phases)


def test_train_bases_seeds_never_meet_target_seeds():
    assert experiments.FIRST_TARGET_SEED > 10_000
    scratch = run([experiments.SCRATCH], experiments.train_bases(TARGET, 3, 2).weights)
    same_task_bases = experiments.train_bases(TARGET, 3, 2).accuracy
    assert not np.array_equal(scratch["from scratch"][:, 0], same_task_bases)


def test_run_arms_refuses_labels_that_repeat(bases):
    with pytest.raises(ValueError, match="repeat"):
        run([experiments.SCRATCH, experiments.SCRATCH], bases)
    with pytest.raises(ValueError, match="n_refits=0"):
        run([experiments.SCRATCH], bases, n_refits=0)
    with pytest.raises(ValueError, match="2 phases, but n_epochs=1"):
        run([experiments.FINE_TUNED], bases, n_epochs=1)


def test_run_arms_says_which_arm_does_not_fit_the_bases():
    four = experiments.train_bases(datasets.blobs(1, n_classes=4), 2, n_epochs=1).weights
    with pytest.raises(ValueError, match="fixed=0 copies 3 layers of the base"):
        run(experiments.PUBLISHED_ARMS, four)
    run([experiments.NEW_HEAD], four)  # a new head makes other classes no problem


def resume(folder, bases, arms=experiments.PUBLISHED_ARMS, **options):
    return experiments.run_or_resume(folder, arms, TARGET, bases, 2, 2, **options)


def test_run_or_resume_reads_back_what_is_there(tmp_path, bases, monkeypatch):
    first = resume(tmp_path, bases)
    monkeypatch.setattr(experiments, "run_arms", lambda *_: pytest.fail("computed again"))
    again = resume(tmp_path, bases)
    for label, curves in first.items():
        np.testing.assert_array_equal(curves, again[label])


def test_run_or_resume_computes_anew_for_another_seed_base_or_arm(tmp_path, bases):
    resume(tmp_path, bases)
    n_files = len(list(tmp_path.iterdir()))
    resume(tmp_path, bases, first_seed=1)
    resume(tmp_path, [(kernel + 1, bias) for kernel, bias in bases])
    resume(tmp_path, bases, [Arm("from scratch", phases=(Phase(0, 0.02),))])
    assert (n_files, len(list(tmp_path.iterdir()))) == (4, 4 + 4 + 4 + 1)


def test_run_or_resume_computes_anew_for_another_target_number_or_code(
    tmp_path, bases, monkeypatch
):
    def n_files(target=TARGET, n_refits=2, n_epochs=2):
        experiments.run_or_resume(
            tmp_path, [experiments.SCRATCH], target, bases, n_refits, n_epochs
        )
        return len(list(tmp_path.iterdir()))

    assert n_files() == n_files() == n_files(n_refits=np.int64(2)) == 1
    assert n_files(datasets.blobs(3)) == 2
    assert n_files(n_refits=1) == 3
    assert n_files(n_epochs=1) == 4
    for name in ("experiments", "replicates", "lanes"):
        (tmp_path.parent / f"{name}.py").write_text("other code")
    monkeypatch.setattr(experiments, "__file__", str(tmp_path.parent / "experiments.py"))
    assert n_files() == 5


def test_run_or_resume_refuses_labels_that_repeat(tmp_path, bases):
    with pytest.raises(ValueError, match="repeat"):
        resume(tmp_path, bases, [experiments.SCRATCH, experiments.SCRATCH])


def test_run_or_resume_goes_on_after_an_interrupt(tmp_path, bases, monkeypatch):
    real, calls = experiments.run_arms, []

    def interrupted(arms, *rest):
        calls.append(arms[0].label)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(arms, *rest)

    monkeypatch.setattr(experiments, "run_arms", interrupted)
    with pytest.raises(KeyboardInterrupt):
        resume(tmp_path, bases)
    results = resume(tmp_path, bases)
    assert list(results) == ["from scratch", "fixed=0", "fixed=1", "fixed=2"]
    assert calls == ["from scratch", "fixed=0", "fixed=1", "fixed=1", "fixed=2"]


def test_run_or_resume_computes_a_damaged_file_again(tmp_path, bases):
    first = resume(tmp_path, bases)
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:60])
    again = resume(tmp_path, bases)
    np.testing.assert_array_equal(first["fixed=1"], again["fixed=1"])


def test_run_or_resume_unpickles_nothing(tmp_path, bases):
    resume(tmp_path, bases, [experiments.SCRATCH])
    (path,) = tmp_path.iterdir()
    np.savez(path, accuracy=np.array([{"a": 1}], dtype=object))
    assert resume(tmp_path, bases, [experiments.SCRATCH])["from scratch"].dtype == "float32"


def test_run_or_resume_on_a_full_disk_loses_nothing(tmp_path, bases, monkeypatch):
    real, n_written = np.savez, []

    def full(file, **arrays):
        n_written.append(1)
        if len(n_written) == 2:
            file.write(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        real(file, **arrays)

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(experiments.ResultsError, match="No space left on device") as caught:
        resume(tmp_path, bases)
    assert list(caught.value.results) == ["from scratch", "fixed=0"]
    assert len(list(tmp_path.iterdir())) == 1  # the whole file of the first arm, nothing partial


def test_run_or_resume_where_no_folder_can_be_made(tmp_path, bases):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(experiments.ResultsError, match="could not be written") as caught:
        resume(tmp_path / "file", bases, [experiments.SCRATCH])
    assert list(caught.value.results) == ["from scratch"]
