"""Statistics against hand-computed values, independent libraries and known truth."""

import numpy as np
import pytest
from scipy import stats

from lib import statistics


def nested(n_bases, n_refits, between, within, seed, mean=0.8):
    rng = np.random.default_rng(seed)
    bases = rng.normal(mean, between, (n_bases, 1))
    return bases + rng.normal(0, within, (n_bases, n_refits))


def test_spread_of_hand_computed_scores():
    scores = [[0.0, 2.0], [4.0, 6.0]]  # within: variance 2; means 1 and 5: variance 8 - 2 / 2 = 7
    found = statistics.spread(scores)
    assert found.mean == 3
    assert found.within_base == pytest.approx(np.sqrt(2))
    assert found.between_bases == pytest.approx(np.sqrt(7))
    assert found.between_fraction == pytest.approx(7 / 9)


def test_spread_without_a_base_effect_is_zero_not_negative():
    assert statistics.spread([[0.0, 1.0], [1.0, 0.0]]).between_bases == 0


def test_spread_agrees_with_a_mixed_model():
    from statsmodels.regression.mixed_linear_model import MixedLM

    scores = nested(100, 10, between=0.08, within=0.02, seed=0)
    groups = np.repeat(np.arange(100), 10)
    fitted = MixedLM(scores.ravel(), np.ones((1000, 1)), groups).fit(reml=True)
    found = statistics.spread(scores)
    assert found.between_bases == pytest.approx(np.sqrt(fitted.cov_re[0, 0]), rel=1e-3)
    assert found.within_base == pytest.approx(np.sqrt(fitted.scale), rel=1e-3)


def test_two_level_bootstrap_covers_the_truth_and_the_naive_interval_does_not():
    hits, naive_hits, n_studies = 0, 0, 200
    for seed in range(n_studies):
        scores = nested(30, 10, between=0.08, within=0.02, seed=seed)
        found = statistics.two_level_bootstrap(scores, n_resamples=300, seed=seed)
        hits += found.low <= 0.8 <= found.high
        naive = statistics.two_level_bootstrap(scores.reshape(-1, 1), n_resamples=300, seed=seed)
        naive_hits += naive.low <= 0.8 <= naive.high
    assert 0.90 <= hits / n_studies <= 0.99
    assert naive_hits / n_studies < 0.7


def test_two_level_bootstrap_width_follows_the_bases_not_the_refits():
    def width(n_bases, n_refits):
        found = statistics.two_level_bootstrap(nested(n_bases, n_refits, 0.08, 0.02, 1))
        return found.high - found.low

    assert width(100, 10) < 0.6 * width(25, 10)
    assert width(25, 40) > 0.7 * width(25, 10)


def test_two_level_bootstrap_equal_seeds_agree():
    scores = nested(10, 3, 0.1, 0.1, 0)
    first, same = (statistics.two_level_bootstrap(scores, seed=1) for _ in range(2))
    assert first == same != statistics.two_level_bootstrap(scores, seed=2)


@pytest.mark.parametrize("interval_of", [statistics.bootstrap_mean, statistics.two_level_bootstrap])
def test_intervals_of_a_lower_level_are_narrower(interval_of):
    scores = nested(30, 1, 0.05, 0.05, 0)
    scores = scores.ravel() if interval_of is statistics.bootstrap_mean else scores
    wide, narrow = interval_of(scores), interval_of(scores, level=0.5)
    assert narrow.high - narrow.low < 0.6 * (wide.high - wide.low)


def test_two_level_bootstrap_draws_refits_too():
    # equal base means: all spread is within bases, so resampling bases alone would give no width
    scores = np.tile([[0.0, 1.0]], (20, 1))
    found = statistics.two_level_bootstrap(scores)
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.5 / np.sqrt(40), rel=0.2)


def test_bootstrap_mean_is_near_student_for_normal_scores():
    scores = np.random.default_rng(0).normal(0.8, 0.02, 200)
    found = statistics.bootstrap_mean(scores)
    low, high = stats.t.interval(0.95, 199, scores.mean(), stats.sem(scores))
    assert (found.low, found.high) == pytest.approx((low, high), abs=3e-4)


def test_bootstrap_mean_of_equal_scores_is_that_score():
    found = statistics.bootstrap_mean([0.5, 0.5, 0.5])
    assert (found.estimate, found.low, found.high) == (0.5, 0.5, 0.5)


def test_summarise_curves_counts_bases_not_refits():
    curves = np.random.default_rng(0).normal(size=(6, 4, 3))
    nested_summary = statistics.summarise_curves(curves)
    of_means = statistics.summarise_curves(curves.mean(axis=1))
    assert nested_summary.n == 6
    np.testing.assert_array_equal(nested_summary.low, of_means.low)
    np.testing.assert_allclose(nested_summary.centre, curves.mean(axis=(0, 1)))
    low, high = stats.t.interval(0.95, 5, curves.mean(1).mean(0), stats.sem(curves.mean(1)))
    np.testing.assert_allclose([nested_summary.low, nested_summary.high], [low, high])


def test_probability_of_improvement_counts_ties_half():
    assert statistics.probability_of_improvement([1, 2, 3], [2, 2]) == pytest.approx(0.5)
    assert statistics.probability_of_improvement([3, 3], [1, 3]) == pytest.approx(0.75)


def test_interquartile_mean_ignores_the_outer_quarters():
    assert statistics.interquartile_mean([-100, 1, 2, 3, 4, 5, 6, 100]) == pytest.approx(3.5)


def test_tail_probability_counts_runs_below():
    found = statistics.tail_probability([0.5, 0.6, 0.7, 0.8], threshold=0.7)
    # Wilson by hand: n = 4, p = 0.5, z = 1.96
    z, n = 1.959964, 4
    margin = z / (1 + z**2 / n) * np.sqrt(0.25 / n + z**2 / (4 * n**2))
    assert found.estimate == 0.5
    assert (found.low, found.high) == pytest.approx((0.5 - margin, 0.5 + margin), abs=1e-6)


def test_permutation_p_agrees_with_counting_all_permutations():
    # of the 20 ways to split 1..6 into three and three, the two extreme ones are this far apart
    assert statistics.permutation_p([1, 2, 3], [4, 5, 6]) == pytest.approx(2 / 20)


def test_nested_p_is_a_t_test_on_the_bases():
    differences = nested(20, 5, 0.02, 0.02, 3, mean=0.01)
    p = statistics.nested_p(differences)
    assert p == pytest.approx(stats.ttest_1samp(differences.mean(axis=1), 0).pvalue)


def test_holm_multiplies_in_steps():
    np.testing.assert_allclose(statistics.holm([0.01, 0.02, 0.04]), [0.03, 0.04, 0.04])


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [(0.1, 0.2, "holds"), (-0.2, -0.1, "does not hold"), (-0.1, 0.1, "undecided"),
     (0.0, 0.1, "undecided"), (-0.1, 0.0, "does not hold")],
)  # fmt: skip
def test_interval_verdict(low, high, outcome):
    assert statistics.Interval((low + high) / 2, low, high).verdict() == outcome


@pytest.mark.parametrize(
    ("call", "scores", "message"),
    [
        (statistics.two_level_bootstrap, [[0.1, 0.2]], "1 base: an interval needs 2 or more"),
        (statistics.two_level_bootstrap, [0.1, 0.2], r"shape \(2,\): give an array \(n_bases"),
        (statistics.two_level_bootstrap, [[0.1], [np.nan]], "1 of 2 scores are NaN"),
        (statistics.bootstrap_mean, [0.1], "1 run: an interval needs 2 or more"),
        (statistics.spread, [[0.1], [0.2]], "1 refit for each base"),
        (statistics.summarise_curves, [[0.1, 0.2]], "2 or more runs"),
        (statistics.summarise_curves, [[0.1, np.nan], [0.1, 0.2]], "1 of 4 scores are NaN"),
        (statistics.two_level_bootstrap, np.zeros((3, 0)), "no scores"),
        (statistics.interquartile_mean, [0.1, np.nan], "1 of 2 scores are NaN"),
        (statistics.holm, [0.1, np.nan], "1 of 2 scores are NaN"),
        (lambda x: statistics.tail_probability(x, 0.5), [0.1, np.nan], "1 of 2 scores are NaN"),
        (lambda x: statistics.permutation_p(x, [1, 2]), [0.1, np.nan], "1 of 2 scores are NaN"),
        (lambda x: statistics.probability_of_improvement(x, [1]), [np.inf], "1 of 1 scores"),
        (lambda x: statistics.Interval(0.1, *x), [np.nan, np.nan], "low must not exceed high"),
        (lambda x: statistics.Interval(0.1, *x), [0.3, 0.2], "low must not exceed high"),
    ],
)
def test_bad_scores_are_named(call, scores, message):
    with pytest.raises(ValueError, match=message):
        call(scores)


def test_paired_t_is_students_interval():
    from scipy import stats

    values = np.array([0.01, 0.03, 0.08])
    found = statistics.paired_t(values)
    half = stats.t.ppf(0.975, 2) * values.std(ddof=1) / np.sqrt(3)
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half))
    assert statistics.paired_t(values, level=0.5).low > found.low


def test_paired_t_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    found = [statistics.paired_t(values) for values in rng.normal(1, 0.3, (1000, 3))]
    assert 0.93 < np.mean([one.low <= 1 <= one.high for one in found]) < 0.97


def test_paired_t_of_equal_differences_decides_nothing():
    assert statistics.paired_t([0.002, 0.002, 0.002]).verdict() == "undecided"
    single = np.float32([0.31, 0.62, 0.93]) - np.float32([0.21, 0.52, 0.83])  # 0.1, but rounded
    assert len(set(single)) > 1 and statistics.paired_t(single).verdict() == "undecided"
    with pytest.raises(ValueError, match="2 or more|two or more"):
        statistics.paired_t([0.01])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: statistics.two_level_bootstrap([[0.1], [0.2]], n_resamples=0), "n_resamples=0"),
        (lambda: statistics.two_level_bootstrap([[0.1], [0.2]], level=1), "level=1: choose"),
        (lambda: statistics.bootstrap_mean([0.1, 0.2], n_resamples=-3), "n_resamples=-3: choose"),
        (lambda: statistics.bootstrap_mean([0.1, 0.2], level=95), "level=95: choose a coverage"),
        (lambda: statistics.paired_t([0.1, 0.2], level=0), "level=0: choose a coverage"),
        (lambda: statistics.summarise_curves([[0.1], [0.2]], level=-1), "level=-1: choose"),
        (lambda: statistics.tail_probability([0.1], 0.5, level=2), "level=2: choose"),
    ],
)
def test_bad_settings_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_nested_p_of_equal_differences_is_1():
    assert statistics.nested_p([[0.1], [0.1]]) == 1
    assert statistics.nested_p(np.zeros((3, 2))) == 1


def test_tail_probability_counts_independent_runs_only():
    with pytest.raises(ValueError, match=r"scores of shape \(2, 10\): give \(n,\)"):
        statistics.tail_probability([[0.1] * 10, [0.9] * 10], 0.5)
    with pytest.raises(ValueError, match="NaN"):
        statistics.tail_probability([0.1, 0.9], np.nan)


@pytest.mark.parametrize("p_values", [[-0.1, 0.5], [0.2, 1.5], [[0.1], [0.2]]])
def test_holm_refuses_what_is_no_list_of_p_values(p_values):
    with pytest.raises(ValueError, match="give a list of numbers from 0 to 1"):
        statistics.holm(p_values)


@pytest.mark.parametrize("n_resamples", [True, 2.5, 0])
def test_check_settings_refuses_what_is_no_number_of_resamples(n_resamples):
    with pytest.raises(ValueError, match="choose 1 or more"):
        statistics.check_settings(0.95, n_resamples)


def test_interval_refuses_an_estimate_that_is_no_number():
    with pytest.raises(ValueError, match="an estimate of nan"):
        statistics.Interval(np.nan, 0, 1)
