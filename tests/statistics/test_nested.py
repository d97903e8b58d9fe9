"""Bases and refits against closed forms, a mixed model and known truth."""

import warnings

import numpy as np
import pytest
from known_scores import nested_scores
from mixed_model import mixed_model
from scipy import stats

from lib.statistics import nested

# Spread


def test_spread_of_hand_computed_scores():
    scores = [[0.0, 2.0], [4.0, 6.0]]  # within: variance 2; means 1 and 5: variance 8 - 2 / 2 = 7
    found = nested.spread(scores)
    assert found.mean == 3
    assert found.within_base == pytest.approx(np.sqrt(2))
    assert found.between_bases == pytest.approx(np.sqrt(7))
    assert found.between_fraction == pytest.approx(7 / 9)


def test_spread_without_a_base_effect_is_zero_not_negative():
    assert nested.spread([[0.0, 1.0], [1.0, 0.0]]).between_bases == 0


def test_spread_agrees_with_a_mixed_model():
    from statsmodels.regression.mixed_linear_model import MixedLM

    scores = nested_scores(100, 10, between=0.08, within=0.02, seed=0)
    groups = np.repeat(np.arange(100), 10)
    fitted = MixedLM(scores.ravel(), np.ones((1000, 1)), groups).fit(reml=True)
    found = nested.spread(scores)
    assert found.between_bases == pytest.approx(np.sqrt(fitted.cov_re[0, 0]), rel=1e-3)
    assert found.within_base == pytest.approx(np.sqrt(fitted.scale), rel=1e-3)


@pytest.mark.parametrize("between", [0.08, 0.02, 0.005])
def test_mixed_model_agrees_with_the_analysis_of_variance(between):
    # balanced: restricted maximum likelihood and analysis of variance have one solution
    scores = nested_scores(30, 5, between, 0.02, 0)
    found, anova = mixed_model(scores), nested.spread(scores)
    assert not found.at_boundary
    assert found.spread == pytest.approx(anova, rel=2e-3)


def test_mixed_model_interval_is_students_over_base_means():
    scores = nested_scores(12, 4, 0.03, 0.02, 1)
    found = mixed_model(scores, level=0.9).interval
    low, high = stats.t.interval(0.9, 11, scores.mean(), stats.sem(scores.mean(axis=1)))
    assert (found.low, found.high, found.level) == pytest.approx((low, high, 0.9), abs=1e-6)


def test_mixed_model_without_a_base_effect_is_at_the_boundary_and_pools():
    scores = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])  # every base has the mean 0.5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = mixed_model(scores)
    assert found.at_boundary
    pooled = np.sqrt(6 * 0.25 / 5)  # six deviations of 0.5, five degrees of freedom
    assert found.spread == pytest.approx((0.5, 0, pooled))
    margin = stats.t.ppf(0.975, 2) * pooled / np.sqrt(6)
    assert (found.interval.low, found.interval.high) == pytest.approx((0.5 - margin, 0.5 + margin))


def test_mixed_model_never_warns_nor_fails_for_small_base_effects():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = [mixed_model(nested_scores(6, 3, 0.004, 0.02, s)) for s in range(12)]
    assert {one.at_boundary for one in found} == {True, False}
    for seed, one in enumerate(found):
        anova = nested.spread(nested_scores(6, 3, 0.004, 0.02, seed))
        assert one.spread.between_bases == pytest.approx(anova.between_bases, abs=2e-5)


def test_mixed_model_of_equal_scores_has_no_bounds():
    found = mixed_model(np.full((4, 3), 0.7))
    assert (found.interval.low, found.interval.high) == (-np.inf, np.inf)


# The two-level bootstrap


def test_two_level_bootstrap_covers_the_truth_and_the_naive_interval_does_not():
    hits, naive_hits, n_studies = 0, 0, 200
    for seed in range(n_studies):
        scores = nested_scores(30, 10, between=0.08, within=0.02, seed=seed)
        found = nested.two_level_bootstrap(scores, n_resamples=300, seed=seed)
        hits += found.low <= 0.8 <= found.high
        naive = nested.two_level_bootstrap(scores.reshape(-1, 1), n_resamples=300, seed=seed)
        naive_hits += naive.low <= 0.8 <= naive.high
    assert 0.90 <= hits / n_studies <= 0.99
    assert naive_hits / n_studies < 0.7


def test_two_level_bootstrap_width_follows_the_bases_not_the_refits():
    def width(n_bases, n_refits):
        found = nested.two_level_bootstrap(nested_scores(n_bases, n_refits, 0.08, 0.02, 1))
        return found.high - found.low

    assert width(120, 10) < 0.6 * width(30, 10)
    assert width(30, 40) > 0.7 * width(30, 10)


def test_two_level_bootstrap_equal_seeds_agree():
    scores = nested_scores(30, 3, 0.1, 0.1, 0)
    first, same = (nested.two_level_bootstrap(scores, seed=1) for _ in range(2))
    assert first == same != nested.two_level_bootstrap(scores, seed=2)


def test_two_level_bootstrap_draws_refits_too():
    # equal base means: all spread is within bases, so resampling bases alone would give no width
    scores = np.tile([[0.0, 1.0]], (30, 1))
    found = nested.two_level_bootstrap(scores)
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.5 / np.sqrt(60), rel=0.2)


def test_two_level_bootstrap_is_the_loop_that_lesson_05_shows():
    scores, rng = nested_scores(35, 4, 0.03, 0.05, 3), np.random.default_rng(7)
    means = []
    for _ in range(500):
        bases = rng.integers(35, size=(35, 1))
        refits = rng.integers(4, size=(35, 4))
        means.append(scores[bases, refits].mean())
    found = nested.two_level_bootstrap(scores, level=0.9, n_resamples=500, seed=7)
    np.testing.assert_allclose([found.low, found.high], np.quantile(means, [0.05, 0.95]))


# Resampled curves


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


def test_resampled_means_agree_with_multinomial_counts():
    """How often each base is drawn is multinomial, and so is how often each of its refits is."""
    scores, rng = nested_scores(15, 4, 0.03, 0.05, 3), np.random.default_rng(0)
    bases = rng.multinomial(15, np.full(15, 1 / 15), 20_000)
    counts = rng.multinomial(bases * 4, np.full(4, 1 / 4)).reshape(20_000, -1)
    low, high = np.quantile(counts @ scores.ravel() / 60, [0.025, 0.975])
    found = np.quantile(nested.resampled_means(scores[..., None], 20_000), [0.025, 0.975])
    assert found == pytest.approx((low, high), abs=0.03 * (high - low))


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


ONE_BASE = np.full((1, 3, 4), 0.5)
CURVES = np.full((3, 2, 4), 0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nested.two_level_bootstrap([[0.1, 0.2]]), "1 base: an interval needs 2 or more"),
        (lambda: nested.two_level_bootstrap([0.1, 0.2]), r"shape \(2,\): give an array \(n_bases"),
        (lambda: nested.two_level_bootstrap([[0.1], [np.nan]]), "1 of 2 values are NaN"),
        (lambda: nested.two_level_bootstrap(np.zeros((3, 0))), r"scores of shape \(3, 0\)"),
        (lambda: nested.two_level_bootstrap(np.zeros((29, 2))), r"29 bases.*take paired_t\(scores"),
        (lambda: nested.two_level_bootstrap([[0.1], [0.2]], n_resamples=0), "n_resamples=0"),
        (lambda: nested.two_level_bootstrap([[0.1], [0.2]], level=1), "level=1: choose"),
        (lambda: nested.spread([[0.1], [0.2]]), "1 refit for each base"),
        (lambda: nested.resampled_means(ONE_BASE), "1 base: an interval needs 2 or more"),
        (
            lambda: nested.resampled_means(CURVES, -5),
            "n_resamples=-5: choose a whole number from 1",
        ),
        (
            lambda: nested.resampled_means([0.1, 0.2]),
            r"shape \(2,\): give an array \(n_bases, n_refits, T",
        ),
        (lambda: nested.resampled_means(CURVES * np.nan), "24 of 24 values are NaN"),
        (lambda: mixed_model([[0.1, 0.2]]), "1 base: an interval needs 2 or more"),
        (lambda: mixed_model([[0.1], [0.2]]), "1 refit for each base"),
        (lambda: mixed_model([[0.1, np.nan], [0.2, 0.3]]), "1 of 4 values are NaN"),
        (lambda: mixed_model([[0.1, 0.2], [0.2, 0.3]], level=95), "level=95: choose"),
    ],
)
def test_nested_names_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
