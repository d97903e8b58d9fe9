"""Bases and refits against closed forms, independent libraries and known truth."""

import warnings

import numpy as np
import pytest
from scipy import stats

from lib import nested, statistics


def nested_scores(n_bases, n_refits, between, within, seed, mean=0.8):
    rng = np.random.default_rng(seed)
    bases = rng.normal(mean, between, (n_bases, 1))
    return bases + rng.normal(0, within, (n_bases, n_refits))


# the mixed model


@pytest.mark.parametrize("between", [0.08, 0.02, 0.005])
def test_mixed_model_agrees_with_the_analysis_of_variance(between):
    # balanced: restricted maximum likelihood and analysis of variance have one solution
    scores = nested_scores(30, 5, between, 0.02, 0)
    found, anova = nested.mixed_model(scores), statistics.spread(scores)
    assert not found.at_boundary
    assert found.spread == pytest.approx(anova, rel=2e-3)


def test_mixed_model_interval_is_students_over_base_means():
    scores = nested_scores(12, 4, 0.03, 0.02, 1)
    found = nested.mixed_model(scores, level=0.9).interval
    low, high = stats.t.interval(0.9, 11, scores.mean(), stats.sem(scores.mean(axis=1)))
    assert (found.low, found.high, found.level) == pytest.approx((low, high, 0.9), abs=1e-6)


def test_mixed_model_without_a_base_effect_is_at_the_boundary_and_pools():
    scores = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])  # every base has the mean 0.5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = nested.mixed_model(scores)
    assert found.at_boundary
    pooled = np.sqrt(6 * 0.25 / 5)  # six deviations of 0.5, five degrees of freedom
    assert found.spread == pytest.approx((0.5, 0, pooled))
    margin = stats.t.ppf(0.975, 2) * pooled / np.sqrt(6)
    assert (found.interval.low, found.interval.high) == pytest.approx((0.5 - margin, 0.5 + margin))


def test_mixed_model_never_warns_nor_fails_for_small_base_effects():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = [nested.mixed_model(nested_scores(6, 3, 0.004, 0.02, s)) for s in range(12)]
    assert {one.at_boundary for one in found} == {True, False}
    for seed, one in enumerate(found):
        anova = statistics.spread(nested_scores(6, 3, 0.004, 0.02, seed))
        assert one.spread.between_bases == pytest.approx(anova.between_bases, abs=2e-5)


def test_mixed_model_of_equal_scores_has_no_bounds():
    found = nested.mixed_model(np.full((4, 3), 0.7))
    assert (found.interval.low, found.interval.high) == (-np.inf, np.inf)


# power


def test_n_bases_needed_is_the_smallest_by_the_noncentral_t():
    def power(n, effect):
        critical = stats.t.ppf(0.975, n - 1)
        shift = effect * np.sqrt(n)
        return stats.nct.sf(critical, n - 1, shift) + stats.nct.cdf(-critical, n - 1, shift)

    for effect in (0.2, 0.5, 1.0):
        n = nested.n_bases_needed(effect * 0.02, 0.02)
        assert power(n, effect) >= 0.8 > power(n - 1, effect)


def test_n_bases_needed_never_falls_below_two():
    assert nested.n_bases_needed(difference=1, sd=1e-4) == 2


# resampled curves


def test_resampled_means_of_refits_have_the_closed_form_variance():
    # bases fixed in truth, 0 and 1 refits in each: the variance of both strategies is known
    curves = np.tile([[0.0], [1.0]], (20, 1, 1))  # (20, 2, 1), every base has the mean 0.5
    both = nested.resampled_means(curves, 20_000, seed=1)
    assert both.shape == (20_000, 1)
    assert both.std() == pytest.approx(0.5 / np.sqrt(40), rel=0.02)
    assert nested.resampled_means(curves, 100, refits=False).std() == 0


def test_resampled_means_of_bases_have_the_closed_form_variance():
    curves = np.random.default_rng(0).normal(size=(30, 1, 2))
    found = nested.resampled_means(curves, 20_000, seed=2)
    np.testing.assert_allclose(found.std(axis=0), curves[:, 0].std(axis=0) / np.sqrt(30), rtol=0.02)
    np.testing.assert_allclose(found.mean(axis=0), curves.mean(axis=(0, 1)), atol=0.01)


def test_resampled_means_agree_with_the_loop_of_two_level_bootstrap():
    scores = nested_scores(15, 4, 0.03, 0.05, 3)
    found = np.quantile(nested.resampled_means(scores[..., None], 20_000), [0.025, 0.975])
    loop = statistics.two_level_bootstrap(scores, n_resamples=20_000)
    assert found == pytest.approx((loop.low, loop.high), abs=0.03 * (loop.high - loop.low))


def test_resampled_means_keep_runs_whole():
    # a run is 0 or 1 at all epochs: so is, up to one number, the mean of any sample of them
    curves = np.repeat(np.random.default_rng(0).integers(0, 2, (12, 3, 1)), 5, axis=2)
    found = nested.resampled_means(curves, 50)
    np.testing.assert_allclose(found, found[:, :1].repeat(5, axis=1))
    assert len(np.unique(found)) > 5


@pytest.mark.parametrize("refits", [True, False])
def test_resampled_means_of_one_seed_are_paired(refits):
    curves = np.random.default_rng(0).uniform(size=(10, 3, 4)) / 2
    a = nested.resampled_means(curves + 0.25, 100, 7, refits)
    b = nested.resampled_means(curves, 100, 7, refits)
    np.testing.assert_allclose(a - b, 0.25)
    assert not np.allclose(b, nested.resampled_means(curves, 100, 8, refits))


def test_resampled_means_take_runs_without_bases():
    curves = np.random.default_rng(0).uniform(size=(10, 4))
    np.testing.assert_array_equal(
        nested.resampled_means(curves, 20), nested.resampled_means(curves[:, None], 20)
    )


# time to a threshold


def test_median_time_without_censoring_is_the_sample_median():
    found = nested.median_time(np.arange(1, 22), horizon=50)
    assert (found.median, found.n_reached, found.n) == (11, 21, 21)
    # Brookmeyer and Crowley: the epochs at which the log(-log) interval of the survival has 0.5
    survival = 1 - np.arange(1, 21) / 21
    error = np.sqrt((1 - survival) / (21 * survival))  # Greenwood, over the survival
    z = (np.log(-np.log(survival)) - np.log(np.log(2))) * np.log(survival) / error
    plausible = np.flatnonzero(np.abs(z) <= 1.959964) + 1
    assert (found.low, found.high) == (plausible[0], plausible[-1] + 1)


def test_median_time_does_not_depend_on_when_censored_runs_would_have_arrived():
    times = np.array([3, 4, 5, 6, 7, 8, 9, 30, 40.0])
    censored = np.where(times > 10, np.inf, times)
    full, cut = nested.median_time(times, 50), nested.median_time(censored, 10)
    assert full.median == cut.median == 7
    assert cut.low == full.low and cut.n_reached == 7


def test_median_time_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(400):
        times = rng.exponential(10, 60)
        found = nested.median_time(np.where(times > 12, np.inf, times), 12)
        hits += found.low <= 10 * np.log(2) <= found.high
    assert 0.92 < hits / 400 < 0.98


def test_median_time_says_not_reached():
    found = nested.median_time([2, 3, *[np.inf] * 8], horizon=20)
    assert found.median == found.high == np.inf
    assert "not reached by epoch 20" in str(found) and "2 of 10 runs" in str(found)
    none = nested.median_time([np.inf] * 8, horizon=20)
    assert (none.median, none.low, none.high, none.n_reached) == (np.inf, np.inf, np.inf, 0)


def test_median_time_of_equal_times_is_that_time():
    found = nested.median_time([5] * 8, horizon=20)
    assert (found.median, found.low, found.high) == (5, 5, 5)


ONE_BASE = np.full((1, 3, 4), 0.5)
CURVES = np.full((3, 2, 4), 0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nested.mixed_model([[0.1, 0.2]]), "1 base: an interval needs 2 or more"),
        (lambda: nested.mixed_model([[0.1], [0.2]]), "1 refit for each base"),
        (lambda: nested.mixed_model([[0.1, np.nan], [0.2, 0.3]]), "1 of 4 scores are NaN"),
        (lambda: nested.mixed_model([[0.1, 0.2], [0.2, 0.3]], level=95), "level=95: choose"),
        (lambda: nested.n_bases_needed(-0.01, 0.02), "difference=-0.01: give a number above 0"),
        (lambda: nested.n_bases_needed(0.01, 0), "sd=0: give a number above 0"),
        (lambda: nested.n_bases_needed(np.nan, 0.1), "difference=nan: give a number above 0"),
        (lambda: nested.n_bases_needed(0.01, 0.02, power=1), "power=1: choose one above 0.05"),
        (lambda: nested.n_bases_needed(0.01, 0.02, level=1), "level=1: choose a coverage"),
        (lambda: nested.resampled_means(ONE_BASE), "1 base: an interval needs 2 or more"),
        (lambda: nested.resampled_means(CURVES, -5), "n_resamples=-5: choose 1 or more"),
        (lambda: nested.resampled_means([0.1, 0.2]), r"shape \(2,\): give \(n_bases, n_refits, T"),
        (lambda: nested.resampled_means(CURVES * np.nan), "24 of 24 scores are NaN"),
        (lambda: nested.median_time([1, 2, np.nan], 9), "1 of 3 times are NaN or negative"),
        (lambda: nested.median_time([-1, 2, 3], 9), "1 of 3 times are NaN or negative"),
        (lambda: nested.median_time([1, 2, 30], 9), "30 is beyond horizon=9"),
        (lambda: nested.median_time([1, 2, 3, 4, 5], 9), "5 runs: an interval .* needs 6"),
        (lambda: nested.median_time([], 9), "0 runs: an interval"),
        (lambda: nested.median_time([1] * 8, np.inf), "horizon=inf: give the last epoch"),
        (lambda: nested.median_time([1] * 8, 9, level=0), "level=0: choose a coverage"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("effect", [1.5, 2.5, 5])
def test_n_bases_needed_of_large_effects_is_the_smallest_that_does(effect):
    """By simulation: the power with n, and with one less."""
    n = nested.n_bases_needed(0.01 * effect, 0.01)
    drawn = np.random.default_rng(0).normal(effect, 1, (20_000, n))
    power = {
        m: (stats.ttest_1samp(drawn[:, :m], 0, axis=1).pvalue < 0.05).mean() for m in (n, n - 1)
    }
    assert power[n] > 0.79 and power[n - 1] < 0.81


@pytest.mark.parametrize("effect", [20, 22, 25, 40])
def test_n_bases_needed_of_huge_effects_is_two_or_three(effect):
    assert nested.n_bases_needed(0.01 * effect, 0.01) in (2, 3)


def test_median_time_refuses_refits_of_a_base():
    with pytest.raises(ValueError, match=r"times of shape \(3, 10\): give \(n,\), one run a base"):
        nested.median_time(np.ones((3, 10)), 20)
