"""Intervals of independent runs against closed forms, SciPy and known truth."""

import numpy as np
import pytest
from known_scores import nested_scores
from scipy import stats

from lib.statistics import intervals, nested


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [(0.1, 0.2, "holds"), (-0.2, -0.1, "does not hold"), (-0.1, 0.1, "undecided"),
     (0.0, 0.1, "undecided"), (-0.1, 0.0, "does not hold")],
)  # fmt: skip
def test_interval_verdict(low, high, outcome):
    assert intervals.Interval((low + high) / 2, low, high).verdict() == outcome


@pytest.mark.parametrize(
    ("low", "high", "above", "outcome"),
    [
        (-0.003, 0.007, 0.0, "practically equal"),
        (0.003, 0.007, 0.0, "practically equal"),  # above zero, and too little to matter
        (-0.007, -0.003, 0.0, "practically equal"),
        (0.0, 0.0, 0.0, "practically equal"),
        (0.003, 0.01, 0.0, "holds"),  # reaches the margin
        (-0.01, -0.003, 0.0, "does not hold"),
        (-0.003, 0.011, 0.0, "undecided"),
        (-0.011, 0.003, 0.0, "undecided"),
        (0.497, 0.507, 0.5, "practically equal"),
        (-0.003, 0.007, 0.5, "does not hold"),
        (-np.inf, np.inf, 0.0, "undecided"),
    ],
)
def test_interval_verdict_with_a_margin(low, high, above, outcome):
    estimate = 0.0 if np.isinf(low) else (low + high) / 2
    assert intervals.Interval(estimate, low, high).verdict(above, margin=0.01) == outcome


@pytest.mark.parametrize("margin", [0, 0.0, -0.01, np.nan, np.inf])
def test_interval_verdict_refuses_a_margin_that_is_none(margin):
    with pytest.raises(ValueError, match=f"margin={margin}: choose a number above 0 before"):
        intervals.Interval(0.03, 0.01, 0.05).verdict(margin=margin)


def test_interval_refuses_an_estimate_that_is_no_number():
    with pytest.raises(ValueError, match="estimate=nan: choose a number"):
        intervals.Interval(np.nan, 0, 1)


def test_interval_is_written_in_the_format_that_is_asked_for():
    interval = intervals.Interval(0.6621, -0.1, 0.69)
    assert f"{interval:.2f}" == "0.66 [-0.10, 0.69]"
    assert f"{interval}" == str(interval) == "+0.662 [-0.100, +0.690]"


def test_one_more_covers_the_next_run_in_95_of_100_cases():
    runs = np.random.default_rng(0).normal(0.76, 0.01, (4000, 6))
    found = [intervals.one_more(some) for some in runs[:, :5]]
    inside = [one.low <= new <= one.high for one, new in zip(found, runs[:, 5], strict=True)]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.01)


def test_one_more_is_wider_than_the_interval_of_the_mean():
    scores = [0.74, 0.76, 0.78]
    mean, run = intervals.paired_t(scores), intervals.one_more(scores)
    assert run.estimate == pytest.approx(mean.estimate)
    assert (run.high - run.low) == pytest.approx(2 * (mean.high - mean.low))  # sqrt(1 + n) times


@pytest.mark.parametrize(
    ("scores", "words"), [([0.7], "1 run: an interval needs 2"), ([0.7] * 3, "3 equal runs show")]
)
def test_one_more_refuses_runs_that_show_no_spread(scores, words):
    with pytest.raises(ValueError, match=words):
        intervals.one_more(scores)


def test_bootstrap_mean_is_near_student_for_normal_scores():
    scores = np.random.default_rng(0).normal(0.8, 0.02, 200)
    found = intervals.bootstrap_mean(scores)
    low, high = stats.t.interval(0.95, 199, scores.mean(), stats.sem(scores))
    assert (found.low, found.high) == pytest.approx((low, high), abs=3e-4)


def test_bootstrap_mean_of_equal_scores_is_that_score():
    found = intervals.bootstrap_mean([0.5, 0.5, 0.5])
    assert (found.estimate, found.low, found.high) == (0.5, 0.5, 0.5)


def test_paired_t_is_students_interval():
    values = np.array([0.01, 0.03, 0.08])
    found = intervals.paired_t(values)
    half = stats.t.ppf(0.975, 2) * values.std(ddof=1) / np.sqrt(3)
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half))
    assert intervals.paired_t(values, level=0.5).low > found.low


def test_paired_t_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    found = [intervals.paired_t(values) for values in rng.normal(1, 0.3, (1000, 3))]
    assert 0.93 < np.mean([one.low <= 1 <= one.high for one in found]) < 0.97


def test_paired_t_of_equal_differences_decides_nothing():
    assert intervals.paired_t([0.002, 0.002, 0.002]).verdict() == "undecided"
    single = np.float32([0.31, 0.62, 0.93]) - np.float32([0.21, 0.52, 0.83])  # 0.1, but rounded
    assert len(set(single)) > 1 and intervals.paired_t(single).verdict() == "undecided"
    with pytest.raises(ValueError, match="2 or more|two or more"):
        intervals.paired_t([0.01])


@pytest.mark.parametrize("interval_of", [intervals.bootstrap_mean, nested.two_level_bootstrap])
def test_intervals_of_a_lower_level_are_narrower(interval_of):
    scores = nested_scores(30, 1, 0.05, 0.05, 0)
    scores = scores.ravel() if interval_of is intervals.bootstrap_mean else scores
    wide, narrow = interval_of(scores), interval_of(scores, level=0.5)
    assert narrow.high - narrow.low < 0.6 * (wide.high - wide.low)


def test_summarise_curves_counts_bases_not_refits():
    curves = np.random.default_rng(0).normal(size=(6, 4, 3))
    nested_summary = intervals.summarise_curves(curves)
    of_means = intervals.summarise_curves(curves.mean(axis=1))
    assert nested_summary.n == 6
    np.testing.assert_array_equal(nested_summary.low, of_means.low)
    np.testing.assert_allclose(nested_summary.centre, curves.mean(axis=(0, 1)))
    low, high = stats.t.interval(0.95, 5, curves.mean(1).mean(0), stats.sem(curves.mean(1)))
    np.testing.assert_allclose([nested_summary.low, nested_summary.high], [low, high])


def test_tail_probability_counts_runs_below():
    found = intervals.tail_probability([0.5, 0.6, 0.7, 0.8], threshold=0.7)
    # Wilson by hand: n = 4, p = 0.5, z = 1.96
    z, n = 1.959964, 4
    margin = z / (1 + z**2 / n) * np.sqrt(0.25 / n + z**2 / (4 * n**2))
    assert found.estimate == 0.5
    assert (found.low, found.high) == pytest.approx((0.5 - margin, 0.5 + margin), abs=1e-6)


def test_tail_probability_counts_independent_runs_only():
    with pytest.raises(ValueError, match=r"scores of shape \(2, 10\): give an array \(n,\)"):
        intervals.tail_probability([[0.1] * 10, [0.9] * 10], 0.5)
    with pytest.raises(ValueError, match="threshold=nan: choose a number"):
        intervals.tail_probability([0.1, 0.9], np.nan)


def test_proportion_is_wilsons_interval_of_what_is_true():
    exact = stats.binomtest(3, 5).proportion_ci(method="wilson")
    found = intervals.proportion(np.array([True, False, True, True, False]))
    assert found.estimate == 0.6
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ([0.1, 0.9], r"shape \(2,\) and type float64: give True or False"),
        ([[True], [False]], r"shape \(2, 1\)"),
        (np.zeros(0, bool), "one at least"),
    ],
)
def test_proportion_refuses_what_is_no_list_of_runs(chosen, message):
    with pytest.raises(ValueError, match=message):
        intervals.proportion(chosen)


@pytest.mark.parametrize("n_resamples", [True, 2.5, 0])
def test_check_settings_refuses_what_is_no_number_of_resamples(n_resamples):
    with pytest.raises(ValueError, match="choose a whole number from 1"):
        intervals.check_settings(0.95, n_resamples)


@pytest.mark.parametrize(
    ("call", "scores", "message"),
    [
        (intervals.bootstrap_mean, [0.1], "1 run: an interval needs 2 or more"),
        (intervals.summarise_curves, [[0.1, 0.2]], "2 or more runs"),
        (intervals.summarise_curves, [[0.1, np.nan], [0.1, 0.2]], "1 of 4 values are NaN"),
        (lambda x: intervals.tail_probability(x, 0.5), [0.1, np.nan], "1 of 2 values are NaN"),
        (
            lambda x: intervals.Interval(0.1, *x),
            [np.nan, np.nan],
            "low=nan: give a number, or -inf",
        ),
        (lambda x: intervals.Interval(0.1, *x), [0.3, 0.2], "low must not exceed high"),
        (lambda x: intervals.Interval(5, *x), [0, 1], "an estimate of 5 outside its interval"),
        (lambda x: intervals.Interval(-1, *x), [0, 1], "an estimate of -1 outside its interval"),
        (lambda x: intervals.Interval(0, *x, level=95), [-1, 1], "level=95: choose a coverage"),
    ],
)
def test_intervals_name_bad_scores(call, scores, message):
    with pytest.raises(ValueError, match=message):
        call(scores)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: intervals.bootstrap_mean([0.1, 0.2], n_resamples=-3), "n_resamples=-3: choose"),
        (lambda: intervals.bootstrap_mean([0.1, 0.2], level=95), "level=95: choose a coverage"),
        (lambda: intervals.paired_t([0.1, 0.2], level=0), "level=0: choose a coverage"),
        (lambda: intervals.summarise_curves([[0.1], [0.2]], level=-1), "level=-1: choose"),
        (lambda: intervals.tail_probability([0.1], 0.5, level=2), "level=2: choose"),
    ],
)
def test_intervals_name_bad_settings(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_around_widens_resamples_that_all_lie_to_one_side():
    assert intervals.Interval.around(0.5, 0.6, 0.7) == intervals.Interval(0.5, 0.5, 0.7)
    assert intervals.Interval.around(0.5, 0.2, 0.4) == intervals.Interval(0.5, 0.2, 0.5)


@pytest.mark.parametrize(("level", "fewest"), [(0.5, 4), (0.9, 20), (0.95, 40), (0.99, 200)])
def test_check_settings_wants_resamples_beyond_each_end(level, fewest):
    intervals.check_settings(level, fewest)
    with pytest.raises(ValueError, match=f"level {level:g} needs {fewest} or more"):
        intervals.check_settings(level, fewest - 1)


@pytest.mark.parametrize("level", [0.05, 0.49, 0.99995, 1, 95, np.nan, "0.95", None, True])
def test_check_settings_refuses_what_is_no_level(level):
    with pytest.raises(ValueError, match="choose a coverage from 0.5 to 0.9999, such as 0.95"):
        intervals.check_settings(level)


RUNS = np.array([0.71, 0.74, 0.75, 0.79, 0.8, 0.83])


@pytest.mark.parametrize(
    "interval",
    [
        lambda level: intervals.Interval.around(0.5, 0.6, 0.7, level),
        lambda level: intervals.bootstrap_mean(RUNS, level),
        lambda level: intervals.bootstrap_mean([0.5, 0.5], level),
        lambda level: intervals.paired_t(RUNS, level),
        lambda level: intervals.paired_t([0.5, 0.5], level),
        lambda level: intervals.one_more(RUNS, level),
        lambda level: intervals.summarise_curves(RUNS[:, None], level),
        lambda level: intervals.tail_probability(RUNS, 0.75, level),
        lambda level: intervals.proportion(RUNS > 0.75, level),
        lambda level: nested.two_level_bootstrap(nested_scores(30, 2, 0.05, 0.02, 0), level),
    ],
)
def test_an_interval_carries_the_level_that_was_asked_for(interval):
    """Figures name it in their titles."""
    wide, narrow = interval(0.99), interval(0.6)
    assert (wide.level, narrow.level) == (0.99, 0.6)
    assert np.all(wide.low <= narrow.low) and np.all(narrow.high <= wide.high)


def test_interval_of_equal_differences_has_no_bounds_at_any_level():
    assert intervals.paired_t([0.5, 0.5], 0.8) == intervals.Interval(0.5, -np.inf, np.inf, 0.8)
