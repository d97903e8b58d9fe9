"""The study of photographs in run pairs: its plan, resuming, its three files."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from noise_photographs import make_task

from lib.data import DataError, Task, cifar10
from lib.experiments import chosen
from lib.experiments.photos import BNB, FROZEN, PHOTO_SCRATCH, run_arm
from lib.experiments.rates import at_rate
from lib.studies import pairs, pairs_plan, pairs_record
from lib.studies.pairs_plan import DISJOINT, PAIR_STUDIES, SHARED, SPLITS, PairStudy, Place, places

SMALL = PairStudy(
    "small",
    {"halves": 2},
    {4: 1, 8: 2},
    (PHOTO_SCRATCH, FROZEN, BNB),
    True,
    precision="float32",
    data="CIFAR-10",
)


@pytest.fixture
def cifar10_here(monkeypatch):
    """A machine that has CIFAR-10, or says so."""
    monkeypatch.setattr(pairs_plan, "data_words", lambda: "CIFAR-10")


def outcome(arm="from scratch", loss=(1.0, 0.5), rates=(0.1, 0.2), correct=(True, False, True)):
    """A made outcome: at each rate the given losses, epoch by epoch, and others at epoch 0."""
    parts = []
    for rate in rates:
        epochs = np.arange(len(loss) + 1)
        losses = [0.01, *loss]  # before training nothing may be chosen, however low its loss
        accuracy = 1 - np.array(losses) - rate
        columns = {"epoch": epochs, "validation_loss": losses, "test_accuracy": accuracy}
        parts.append(pd.DataFrame(columns | {"cpu_seconds": epochs * 1.0, "rate": rate}))
    curves = pd.concat(parts, ignore_index=True)
    return pairs.Outcome(arm, rates[-1], int(np.argmin(loss)) + 1, curves, np.array(correct), [])


def finish(folder, study, make=outcome):
    """Write all places of a study as if they were done."""
    folder.mkdir(exist_ok=True)
    for place in places(study):
        found = [outcome(pairs_plan.BASE)]
        if place.n:
            found = [make(arm.label) for arm in study.arms] + [make(pairs_plan.PROBE)]
        pairs.keep(study, place, found, folder)


@pytest.fixture
def calls(monkeypatch, cifar10_here):
    """Replace training by an outcome of its own; the list of places done."""
    done = []

    def run_place(study, place, base=()):
        done.append((place, len(base)))
        weights = [(np.zeros((3, 3, 3, 64)), np.zeros(64))] * 2
        one = outcome(pairs_plan.BASE if not place.n else "from scratch")
        one.weights = [] if place.n else weights
        return [one]

    monkeypatch.setattr(pairs, "run_place", run_place)
    return done


def test_plan_has_ten_run_pairs_with_photographs_of_their_own_and_five_that_share():
    assert DISJOINT.splits == {"halves": 10} and not DISJOINT.shared
    assert list(DISJOINT.epochs) == [25, 50, 100, 200, 400]
    assert set(SPLITS.splits) == {"random", "animals"} and len(SPLITS.epochs) == 2
    assert SHARED.shared and min(SHARED.splits.values()) >= 5 and min(SHARED.epochs) == 1000
    # 5,000 photographs per class to train on, 1,000 to test on
    n = max(DISJOINT.splits.values())
    assert n * (pairs_plan.N_TRAIN + pairs_plan.N_VALIDATION) <= 5000
    assert n * pairs_plan.N_TEST <= 1000


def test_places_have_a_base_model_for_each_run_pair_and_seeds_of_their_own():
    found = places(DISJOINT)
    assert [place.n for place in found[:10]] == [0] * 10
    assert len(found) == len(set(found)) == 10 * 6
    assert {place.seed for place in found if place.n} == set(range(100, 110))
    assert {place.seed for place in found if not place.n} == set(range(10))
    assert {place.pair for place in places(DISJOINT, 2)} == {0, 1}


@pytest.fixture
def many_photographs(monkeypatch):
    """As many photographs per class as CIFAR-10 has, each of 1 x 1 pixel with its own number."""

    def load(classes):
        arrays = {}
        for part, n in (("train", 5000), ("test", 1000)):
            y = np.repeat(np.array(list(classes), "uint8"), n)
            numbers = np.arange(len(y), dtype="uint32").view("uint8").reshape(len(y), 1, 1, 4)
            arrays |= {f"x_{part}": numbers, f"y_{part}": y}
        return cifar10.Photos(**arrays, class_names=cifar10.CLASS_NAMES, data="made")

    monkeypatch.setattr(cifar10, "load_photos", load)


def numbers(x):
    return {photograph.tobytes() for photograph in x}


def test_target_task_of_run_pairs_share_no_photograph_and_sizes_are_nested(many_photographs):
    seen = {part: set() for part in ("train", "test")}
    for pair in range(10):
        large, small = (target_task(DISJOINT, pair, n) for n in (400, 25))
        assert [len(getattr(large, f"y_{p}")) for p in ("train", "validation", "test")] == [
            2000,
            250,
            500,
        ]
        assert len(small.y_train), len(small.y_validation) == (125, 30)
        assert numbers(small.x_train) < numbers(large.x_train)
        assert numbers(small.x_validation) < numbers(large.x_validation)
        fit = numbers(large.x_train) | numbers(large.x_validation)
        assert len(fit) == 2250 and not fit & seen["train"]
        assert not numbers(large.x_test) & seen["test"]
        seen["train"] |= fit
        seen["test"] |= numbers(large.x_test)


def test_target_task_of_a_shared_study_is_one_for_all(many_photographs):
    one, other = (target_task(SHARED, pair, 1000) for pair in (0, 4))
    assert numbers(one.x_train) == numbers(other.x_train) and len(one.y_train) == 5000
    assert len(one.y_validation) == 5 * 250 and len(one.y_test) == 5000


def target_task(study, pair, n) -> Task:
    return pairs_plan.target_task(study, Place("halves", pair, n))


def test_run_pairs_goes_on_where_it_stopped(calls, tmp_path):
    pairs.run_pairs(SMALL, 1, tmp_path, n_jobs=1)
    assert calls == [(Place("halves", 0, n), 2 * (n > 0)) for n in (0, 4, 8)]
    pairs.run_pairs(SMALL, 2, tmp_path, n_jobs=1)
    assert [place.pair for place, _ in calls[3:]] == [1, 1, 1]
    pairs.run_pairs(SMALL, None, tmp_path, n_jobs=1)
    assert len(calls) == 6


def test_run_pairs_without_photographs_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    with pytest.raises(DataError, match="needs CIFAR-10: set CIFAR10_PATH"):
        pairs.run_pairs(SMALL, 1, tmp_path)


def test_path_of_changes_with_all_that_decides_a_result(tmp_path):
    place = Place("halves", 0, 4)
    changed = [
        SMALL,
        SMALL._replace(rates=(1e-3,)),
        SMALL._replace(epochs={4: 3}),
        SMALL._replace(batch_size=64),
        SMALL._replace(shared=True),
        SMALL._replace(precision="mixed_bfloat16"),
        SMALL._replace(arms=SMALL.arms[:2]),
        SMALL._replace(probe=False),
        SMALL._replace(data="CIFAR-10 (JPEG copy)"),
    ]
    assert len({pairs.path_of(study, place, tmp_path) for study in changed}) == len(changed)
    base = place._replace(n=0)
    assert pairs.path_of(SMALL, base, tmp_path) == pairs.path_of(changed[1], base, tmp_path)
    assert pairs.path_of(SMALL, base, tmp_path) != pairs.path_of(changed[-1], base, tmp_path)


def test_finished_is_what_was_kept(tmp_path):
    place, weights = Place("halves", 0, 0), [(np.ones((3, 3)), np.zeros(3))] * 2
    assert pairs.finished(SMALL, place, tmp_path) is None
    one = outcome()
    one.weights = weights
    pairs.keep(SMALL, place, [one, outcome("other")], tmp_path)
    first, second = pairs.finished(SMALL, place, tmp_path)
    pd.testing.assert_frame_equal(first.curves, one.curves.astype("float64"))
    assert (first.arm, first.rate, first.epoch) == ("from scratch", 0.2, 2)
    assert first.correct.tolist() == [True, False, True]
    assert [kernel.tolist() for kernel, _ in first.weights] == [np.ones((3, 3)).tolist()] * 2
    assert second.weights == []


def test_run_place_trains_every_arm_and_own_base_from_scratch_weights(monkeypatch):
    task, starts = make_task(), {}
    monkeypatch.setattr(pairs, "target_task", lambda study, place: task)
    train = pairs.run_chosen

    def run_chosen(arm, task, base, *settings):
        starts[arm] = base
        return train(arm, task, base, *settings)

    monkeypatch.setattr(pairs, "run_chosen", run_chosen)
    scratch = train(PHOTO_SCRATCH, task, (), 100, 1, (1e-3,), 16, "float32")
    study = SMALL._replace(rates=(1e-3,), batch_size=16, data=task.data)
    found = pairs.run_place(study, Place("halves", 0, 4), scratch.weights)
    assert [one.arm for one in found] == [*(arm.label for arm in SMALL.arms), "linear probe"]
    assert starts[PHOTO_SCRATCH] is starts[FROZEN] is scratch.weights
    for mine, own in zip(starts[BNB], scratch.weights, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(mine, own, strict=True))
    assert all(one.correct.shape == (30,) for one in found)
    for one in found[:3]:
        at = one.curves[(one.curves.rate == one.rate) & (one.curves.epoch == one.epoch)]
        assert at.test_accuracy.item() == pytest.approx(one.correct.mean())


def test_run_place_refuses_a_machine_with_other_data(monkeypatch):
    monkeypatch.setattr(pairs, "target_task", lambda study, place: make_task())
    with pytest.raises(DataError, match="the study is on 'CIFAR-10', but here there is 'noise'"):
        pairs.run_place(SMALL, Place("halves", 0, 4))


def test_run_chosen_takes_the_lowest_validation_loss_of_all_rates_and_epochs():
    task = make_task()
    found = chosen.run_chosen(PHOTO_SCRATCH, task, (), 0, 3, (1e-5, 3e-3), 16)
    trained = found.curves[found.curves.epoch > 0]
    best = trained.loc[trained.validation_loss.idxmin()]
    assert (found.rate, found.epoch) == (best.rate, best.epoch)
    assert (found.predicted == task.y_test).mean() == pytest.approx(best.test_accuracy)
    assert len(found.weights) == 4 and found.weights[0][0].shape == (3, 3, 3, 64)


@pytest.mark.parametrize("arm", [PHOTO_SCRATCH, FROZEN])
def test_run_chosen_gives_the_curve_of_run_arm_at_each_rate(arm):
    """Also for the second rate: the network began anew, with Adam's state and Dropout's seeds."""
    task = make_task()
    base = chosen.convnet.get_weights(chosen.convnet.build(5, 1))
    found = chosen.run_chosen(arm, task, base, 3, 2, (1e-3, 3e-4), 16)
    for rate in (1e-3, 3e-4):
        alone = run_arm(at_rate(arm, rate), task, base, 3, 2, 16).curve
        mine = found.curves[found.curves.rate == rate].reset_index()
        for column in ("train_loss", "validation_loss", "test_accuracy"):
            assert mine[column].to_numpy() == pytest.approx(alone[column], nan_ok=True, rel=1e-5)


def test_run_chosen_stops_when_the_validation_loss_has_not_fallen_for_some_epochs(monkeypatch):
    losses = {1e-3: [5, 4, 3, 3.5] + [3] * 20, 3e-3: [2.5] * 30}
    monkeypatch.setattr(chosen, "PATIENCE", 4)

    def runner(arm, task, base, seed, n_epochs, batch_size, precision):
        def run(rate, watch):
            curve = []
            for epoch in range(1, n_epochs + 1):
                curve.append({"epoch": epoch, "validation_loss": losses[rate][epoch - 1]})
                if watch(curve[-1], network, lambda part: np.zeros(30)):
                    break
            return pd.DataFrame(curve)

        return run

    network = chosen.convnet.build(5, 0)
    monkeypatch.setattr(chosen, "_runner", runner)
    found = chosen.run_chosen(PHOTO_SCRATCH, make_task(), (), 0, 20, tuple(losses))
    assert found.curves.groupby("rate").epoch.max().to_dict() == {1e-3: 3 + 4, 3e-3: 1 + 4}
    assert (found.rate, found.epoch) == (3e-3, 1)


@pytest.mark.parametrize(
    "losses",
    [[5, 4, 3, 3.5] + [3] * 9, [2.5] * 12, [3, 2, 1], [1, 2, 3, 4, 0.5, 1, 1, 1, 1, 0.1]],
    ids=["tie", "flat", "falls to the end", "late"],
)
def test_run_chosen_follows_the_rule_that_lesson_07_shows_in_keras(losses, monkeypatch):
    from lib.backend import keras

    monkeypatch.setattr(chosen, "PATIENCE", 4)
    stop = keras.callbacks.EarlyStopping("val_loss", patience=4, restore_best_weights=True)
    model = SimpleNamespace(stop_training=False, get_weights=lambda: (), set_weights=lambda w: None)
    stop.set_model(model)
    stop.on_train_begin()
    for epoch, loss in enumerate(losses):
        stop.on_epoch_end(epoch, {"val_loss": loss})
        if model.stop_training:
            break
    rows = []

    def run(rate, watch):
        for i, loss in enumerate(losses):
            rows.append({"epoch": i + 1, "validation_loss": loss})
            if watch(rows[-1], network, lambda part: np.zeros(30)):
                break
        return pd.DataFrame(rows)

    network = chosen.convnet.build(5, 0)
    monkeypatch.setattr(chosen, "_runner", lambda *settings: run)
    found = chosen.run_chosen(PHOTO_SCRATCH, make_task(), (), 0, len(losses), (1e-3,))
    assert (found.epoch, len(rows)) == (stop.best_epoch + 1, epoch + 1)


def test_run_chosen_refuses_a_task_without_validation_rows_and_an_empty_grid():
    from dataclasses import replace

    task = make_task()
    with pytest.raises(ValueError, match=r"rates=\(\): give one learning rate or more"):
        chosen.run_chosen(PHOTO_SCRATCH, task, (), 0, 1, ())
    bare = replace(task, x_validation=None, y_validation=None)
    with pytest.raises(ValueError, match="no validation rows to choose a rate and an epoch"):
        chosen.run_chosen(PHOTO_SCRATCH, bare, (), 0, 1)


def test_write_pairs_has_a_row_per_rate_at_its_own_best_epoch(tmp_path, cifar10_here):
    finish(tmp_path / "runs", SMALL)
    table = pairs_record.write_pairs(None, tmp_path / "runs", tmp_path, (SMALL,))
    # pairs, sizes, arms and probe, rates; and base models
    assert len(table) == 2 * 2 * (3 + 1) * 2 + 2 * 2
    assert (table.epoch == 2).all() and (table.cpu_seconds == 3).all()
    assert (table.chosen == (table.rate == 0.2)).all()
    assert table[table.rate == 0.1].test_accuracy.unique() == pytest.approx([0.4])
    curves = pd.read_csv(tmp_path / "cifar10_curves.csv")
    assert set(curves.epoch) == {0, 1, 2} and "linear probe" not in set(curves.arm)
    sheet = json.loads((tmp_path / "cifar10_pairs.json").read_text())
    assert sheet["run pairs"] == {"small, halves": 2} and sheet["runs"] == len(table)


def test_write_pairs_leaves_out_a_run_pair_that_lacks_a_size(tmp_path, cifar10_here):
    finish(tmp_path, SMALL)
    pairs.path_of(SMALL, Place("halves", 1, 8), tmp_path).unlink()
    table = pairs_record.write_pairs(None, tmp_path, tmp_path, (SMALL,))
    assert set(table.pair) == {0}


def test_write_pairs_keeps_what_is_recorded_and_is_not_new(tmp_path, cifar10_here):
    finish(tmp_path / "old", SMALL)
    pairs_record.write_pairs(None, tmp_path / "old", tmp_path, (SMALL,))
    finish(tmp_path / "new", SMALL, lambda arm: outcome(arm, correct=(False, False, True)))
    table = pairs_record.write_pairs(1, tmp_path / "new", tmp_path, (SMALL,))
    assert sorted(set(table.pair)) == [0, 1] and len(table) == 36
    correct = pairs_record.load_correct("small", 4, "from scratch", folder=tmp_path)
    assert correct.tolist() == [[False, False, True], [True, False, True]]
    other = SMALL._replace(batch_size=64)
    finish(tmp_path / "other", other)
    with pytest.raises(ValueError, match="is recorded with settings="):
        pairs_record.write_pairs(1, tmp_path / "other", tmp_path, (other,))


def test_load_correct_of_an_unknown_arm_names_the_known(tmp_path, cifar10_here):
    finish(tmp_path, SMALL)
    pairs_record.write_pairs(None, tmp_path, tmp_path, (SMALL,))
    with pytest.raises(ValueError, match="choose one of from scratch, frozen, fresh head"):
        pairs_record.load_correct("small", 4, "nothing", folder=tmp_path)


def test_write_pairs_without_a_finished_run_pair_says_what_to_do(tmp_path):
    with pytest.raises(ValueError, match="do `make reference` first"):
        pairs_record.write_pairs(None, tmp_path, tmp_path, PAIR_STUDIES)
