"""What is read straight off training curves."""

import numpy as np
import pytest

from lib.curves import readings, schematic

EPOCHS = np.arange(4)
TWO = np.array([[0.2, 0.5, 0.7, 0.75], [0.3, 0.4, 0.5, 0.55]])


def test_check_curves_gives_float_arrays():
    epochs, found = readings.check_curves([0, 2], np.float32([[0.25, 0.5]]))
    assert epochs.dtype == found.dtype == "float64" and found.tolist() == [[0.25, 0.5]]


@pytest.mark.parametrize(
    ("epochs", "bad", "words"),
    [
        ([0, 1], [[0.1, np.nan], [0.1, 0.2]], "1 of 4 values are NaN"),
        ([0, 1], [[0.1, np.inf]], "1 of 2 values are NaN or infinite"),
        ([0], [[0.5]], "1 point: a curve needs two or more"),
        ([0, 1], [[0.5, 1.5]], "curves from 0.5 to 1.5: accuracy is a fraction"),
        ([0, 1], [[-0.1, 0.5]], "curves from -0.1 to 0.5"),
        ([0, 1], [[0.5, 0.6], [0.5]], "curves of unequal lengths"),
        ([0, 1, 2], [[0.5, 0.6]], r"epochs of shape \(3,\) and curves of shape \(1, 2\)"),
        ([0, 0], [[0.5, 0.6]], "the epochs do not increase"),
        ([1, 0], [[0.5, 0.6]], "the epochs do not increase"),
        ([0, np.nan], [[0.5, 0.6]], "epochs: 1 of 2 values are NaN"),
        ([0, 1], np.empty((0, 2)), r"shape \(0, 2\): no values"),
        ([0, 1], 0.5, r"curves of shape \(\)"),
    ],
)
def test_check_curves_says_what_is_wrong(epochs, bad, words):
    with pytest.raises(ValueError, match=words):
        readings.check_curves(epochs, bad)


def test_at_epoch_takes_the_recorded_epoch_and_no_other():
    assert readings.at_epoch(EPOCHS, TWO, 0).tolist() == [0.2, 0.3]
    assert readings.at_epoch(EPOCHS * 10, TWO, 10).tolist() == [0.5, 0.4]
    with pytest.raises(ValueError, match="epoch 1.5 was not recorded: choose one of those from 0"):
        readings.at_epoch(EPOCHS, TWO, 1.5)


def test_jumpstart_is_transfer_minus_scratch_run_by_run():
    found = readings.jumpstart(EPOCHS, TWO[:1], TWO[1:], 0)
    np.testing.assert_allclose(found, [-0.1])
    with pytest.raises(ValueError, match="give the same runs of both"):
        readings.jumpstart(EPOCHS, TWO, TWO[:1], 0)


def test_gain_is_the_rise_in_the_window_over_its_length():
    np.testing.assert_allclose(readings.gain(EPOCHS, TWO, 1, 3), [0.125, 0.075])
    np.testing.assert_allclose(readings.gain(EPOCHS * 2, TWO, 2, 6), [0.0625, 0.0375])
    with pytest.raises(ValueError, match="from epoch 3 to 1: it must begin before it ends"):
        readings.gain(EPOCHS, TWO, 3, 1)


def test_late_level_is_the_mean_of_the_last_epochs():
    np.testing.assert_allclose(readings.late_level(EPOCHS, TWO, 2), [0.725, 0.525])
    for n_last in (0, -1, 5):
        with pytest.raises(ValueError, match=f"n_last={n_last}: choose a whole number from 1 to 4"):
            readings.late_level(EPOCHS, TWO, n_last)


def test_late_level_counts_whole_epochs():
    with pytest.raises(ValueError, match="n_last=1.5: choose a whole number from 1 to 3"):
        readings.late_level([0, 1, 2], [0.1, 0.2, 0.3], 1.5)


def test_time_to_threshold_of_many_runs_keeps_those_that_never_get_there():
    assert readings.time_to_threshold(EPOCHS * 5, TWO, 0.6).tolist() == [10, np.inf]
    assert readings.time_to_threshold(EPOCHS, TWO, 0.2).tolist() == [0, 0]


def test_time_to_threshold_counts_an_accuracy_that_is_just_reached_and_the_first_time():
    assert readings.time_to_threshold([0, 1, 2, 3], [0.1, 0.6, 0.4, 0.6], 0.6) == 1.0


@pytest.mark.parametrize("threshold", [0, -0.1, 1.1, np.nan])
def test_time_to_threshold_refuses_what_is_no_accuracy(threshold):
    with pytest.raises(ValueError, match=f"threshold={threshold}: choose an accuracy above 0"):
        readings.time_to_threshold(EPOCHS, TWO, threshold)


@pytest.mark.parametrize("threshold", [0.3, 0.7])
def test_time_to_threshold_is_the_next_point_after_the_formulas_time(threshold):
    curve = schematic.benefit_curves(slope=2)["with transfer"]
    found = readings.time_to_threshold(curve.epochs, curve.accuracy, threshold)
    exact = np.log((0.75 - 0.2) / (0.75 - threshold)) / 0.16
    assert 0 <= found - exact <= 0.25


def test_time_to_threshold_starts_at_epoch_0_and_may_never_come():
    curve = schematic.benefit_curves()["from scratch"]
    assert readings.time_to_threshold(curve.epochs, curve.accuracy, 0.1) == 0
    assert readings.time_to_threshold(curve.epochs, curve.accuracy, 0.75) == np.inf


def test_time_to_threshold_of_a_curve_that_falls_back_is_the_first():
    assert readings.time_to_threshold([1, 2, 4, 8], [0.1, 0.6, 0.4, 0.7], 0.5) == 2


def test_area_ratio_of_many_runs():
    areas = np.array([0.35 + 0.6 + 0.725, 0.35 + 0.45 + 0.525])  # trapezoids of TWO
    found = readings.area_ratio(EPOCHS, TWO, TWO[::-1])
    np.testing.assert_allclose(found, areas / areas[::-1])
    with pytest.raises(ValueError, match="no area to compare with"):
        readings.area_ratio(EPOCHS, TWO, 0 * TWO)


def test_area_ratio_compares_run_pairs():
    with pytest.raises(ValueError, match=r"transfer of shape \(3, 2\), scratch of shape \(2, 2\)"):
        readings.area_ratio([0, 1], np.full((3, 2), 0.5), np.full((2, 2), 0.5))


def test_area_ratio_is_that_of_the_integrals():
    scratch, transfer = schematic.benefit_curves(start=0.2, slope=2, asymptote=0.1).values()
    areas = [
        c * 50 - (c - a) * (1 - np.exp(-50 * k)) / k
        for a, k, c in (curve[2:] for curve in (scratch, transfer))
    ]
    found = readings.area_ratio(scratch.epochs, transfer.accuracy, scratch.accuracy)
    assert found == pytest.approx(areas[1] / areas[0], rel=1e-4)


def test_area_ratio_weighs_by_the_distance_of_epochs():
    assert readings.area_ratio([0, 1, 3], [0.0, 1.0, 1.0], [0.5, 0.5, 0.5]) == pytest.approx(
        2.5 / 1.5
    )


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_time_to_threshold_knows_every_level(kind):
    """The float32 next to k/500 is below it as often as not: that is no reason to be late."""
    for k in range(2, 501):
        curve = np.array([k - 2, k - 1, k, k], kind) / 500
        assert readings.time_to_threshold([0, 1, 2, 3], curve.astype(kind), k / 500) == 2.0


def test_at_epoch_finds_an_epoch_in_single_precision():
    epochs = np.array([0, 0.1, 0.2], "float32")
    assert readings.at_epoch(epochs, [0.2, 0.5, 0.7], 0.1) == 0.5
