"""Comparisons of arms against counting, closed forms and simulation."""

import numpy as np
import pytest
from known_scores import nested_scores
from scipy import stats

from lib.statistics import comparisons


def test_probability_of_improvement_counts_ties_half():
    assert comparisons.probability_of_improvement([1, 2, 3], [2, 2]) == pytest.approx(0.5)
    assert comparisons.probability_of_improvement([3, 3], [1, 3]) == pytest.approx(0.75)


def test_interquartile_mean_ignores_the_outer_quarters():
    assert comparisons.interquartile_mean([-100, 1, 2, 3, 4, 5, 6, 100]) == pytest.approx(3.5)


def test_permutation_p_agrees_with_counting_all_permutations():
    # of the 20 ways to split 1..6 into three and three, the two extreme ones are this far apart
    assert comparisons.permutation_p([1, 2, 3], [4, 5, 6]) == pytest.approx(2 / 20)


def test_nested_p_is_a_t_test_on_the_bases():
    differences = nested_scores(20, 5, 0.02, 0.02, 3, mean=0.01)
    p = comparisons.nested_p(differences)
    assert p == pytest.approx(stats.ttest_1samp(differences.mean(axis=1), 0).pvalue)


def test_nested_p_of_equal_differences_is_1():
    assert comparisons.nested_p([[0.1], [0.1]]) == 1
    assert comparisons.nested_p(np.zeros((3, 2))) == 1


def test_holm_multiplies_in_steps():
    np.testing.assert_allclose(comparisons.holm([0.01, 0.02, 0.04]), [0.03, 0.04, 0.04])


@pytest.mark.parametrize("p_values", [[-0.1, 0.5], [0.2, 1.5], [[0.1], [0.2]]])
def test_holm_refuses_what_is_no_list_of_p_values(p_values):
    with pytest.raises(ValueError, match="p.values"):
        comparisons.holm(p_values)


# Power


def test_n_bases_needed_is_the_smallest_by_the_noncentral_t():
    def power(n, effect):
        critical = stats.t.ppf(0.975, n - 1)
        shift = effect * np.sqrt(n)
        return stats.nct.sf(critical, n - 1, shift) + stats.nct.cdf(-critical, n - 1, shift)

    for effect in (0.2, 0.5, 1.0):
        n = comparisons.n_bases_needed(effect * 0.02, 0.02)
        assert power(n, effect) >= 0.8 > power(n - 1, effect)


def test_n_bases_needed_never_falls_below_two():
    assert comparisons.n_bases_needed(difference=1, sd=1e-4) == 2


@pytest.mark.parametrize("effect", [1.5, 2.5, 5])
def test_n_bases_needed_of_large_effects_is_the_smallest_that_does(effect):
    """By simulation: the power with n, and with one less."""
    n = comparisons.n_bases_needed(0.01 * effect, 0.01)
    drawn = np.random.default_rng(0).normal(effect, 1, (20_000, n))
    power = {
        m: (stats.ttest_1samp(drawn[:, :m], 0, axis=1).pvalue < 0.05).mean() for m in (n, n - 1)
    }
    assert power[n] > 0.79 and power[n - 1] < 0.81


@pytest.mark.parametrize("effect", [20, 22, 25, 40])
def test_n_bases_needed_of_huge_effects_is_two_or_three(effect):
    assert comparisons.n_bases_needed(0.01 * effect, 0.01) in (2, 3)


@pytest.mark.parametrize("n_bases", [5, 20, 500])
def test_smallest_difference_is_what_so_many_bases_are_needed_for(n_bases):
    for level in (0.95, 0.99):
        smallest = comparisons.smallest_difference(n_bases, 0.09, level=level)
        needed = comparisons.n_bases_needed(1.001 * smallest, 0.09, level=level)
        assert needed == n_bases
        assert comparisons.n_bases_needed(0.98 * smallest, 0.09, level=level) > n_bases


def test_smallest_difference_shrinks_with_the_root_of_bases_and_grows_with_sd():
    few, many = (comparisons.smallest_difference(n, 0.1) for n in (500, 2000))
    assert many == pytest.approx(few / 2, rel=0.01)
    assert comparisons.smallest_difference(500, 0.3) == pytest.approx(3 * few)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: comparisons.interquartile_mean([0.1, np.nan]), "1 of 2 values are NaN"),
        (lambda: comparisons.holm([0.1, np.nan]), "1 of 2 values are NaN"),
        (lambda: comparisons.permutation_p([0.1, np.nan], [1, 2]), "1 of 2 values are NaN"),
        (lambda: comparisons.probability_of_improvement([np.inf], [1]), "1 of 1 values"),
        (
            lambda: comparisons.n_bases_needed(-0.01, 0.02),
            "difference=-0.01: choose a number above",
        ),
        (lambda: comparisons.n_bases_needed(0.01, 0), "sd=0: choose a number above 0"),
        (
            lambda: comparisons.n_bases_needed(np.nan, 0.1),
            "difference=nan: choose a number above 0",
        ),
        (lambda: comparisons.n_bases_needed(0.01, 0.02, power=1), "power=1: choose one above 0.05"),
        (lambda: comparisons.n_bases_needed(0.01, 0.02, level=1), "level=1: choose a coverage"),
        (
            lambda: comparisons.smallest_difference(2, 0.1),
            "n_bases=2: choose a whole number from 3",
        ),
        (lambda: comparisons.smallest_difference(9.5, 0.1), "n_bases=9.5: "),
        (lambda: comparisons.smallest_difference(9, -1), "sd=-1: choose a number above 0"),
        (lambda: comparisons.smallest_difference(9, 1, power=1), "power=1: choose one above 0.05"),
    ],
)
def test_comparisons_name_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_permutation_p_refuses_nested_scores():
    """Refits of one base are not independent: taken as such they show differences that are none."""
    nested = np.random.default_rng(0).normal(0.7, 0.05, (20, 1)) + np.zeros((20, 30))
    for a, b in ((nested, nested[:, 0]), (nested[:, 0], nested)):
        with pytest.raises(ValueError, match=r"of shape \(20, 30\): give an array \(n,\)"):
            comparisons.permutation_p(a, b)


def test_permutation_p_agrees_with_scipy():
    rng = np.random.default_rng(1)
    for n, m in ((3, 4), (12, 15)):  # all permutations, and some
        a, b = rng.normal(0.1, 1, n), rng.normal(0, 1, m)
        found = comparisons.permutation_p(a, b, n_resamples=500, seed=3)
        known = stats.permutation_test(
            (a, b), lambda a, b: a.mean() - b.mean(), n_resamples=500, vectorized=False,
            rng=np.random.default_rng(3),
        )  # fmt: skip
        assert found == pytest.approx(known.pvalue, abs=1e-12)


@pytest.mark.parametrize("name", ["probability_of_improvement", "interquartile_mean"])
def test_point_estimates_count_every_run_of_nested_scores_and_refuse_more_axes(name):
    scores = np.random.default_rng(0).normal(0.7, 0.05, (4, 3))
    arms = (scores,) if name == "interquartile_mean" else (scores, scores - 0.01)
    of = getattr(comparisons, name)
    assert of(*arms) == of(*(arm.ravel() for arm in arms))
    with pytest.raises(ValueError, match=r"shape \(1, 4, 3\): give an array \(n,\) or \(n_bases"):
        of(*(arm[None] for arm in arms))


def test_n_bases_needed_refuses_a_difference_that_nobody_could_show():
    with pytest.raises(ValueError, match=r"difference=1e-09 beside sd=1 takes about 8e\+18 bases"):
        comparisons.n_bases_needed(1e-9, 1.0)
    assert comparisons.n_bases_needed(1e50, 1e-9) == 2


@pytest.mark.parametrize(
    ("quantity", "arguments"),
    [
        (comparisons.probability_of_improvement, (np.zeros((2, 2, 2)), [1.0])),
        (comparisons.probability_of_improvement, ([1.0], np.zeros((2, 2, 2)))),
        (comparisons.interquartile_mean, (np.zeros((2, 2, 2)),)),
    ],
)
def test_scores_of_three_axes_are_refused_not_flattened(quantity, arguments):
    with pytest.raises(ValueError, match=r"of shape \(2, 2, 2\)"):
        quantity(*arguments)


def test_whole_numbers_beyond_reason_are_refused():
    with pytest.raises(ValueError, match="n_bases=1000001: choose a whole number from 3 to"):
        comparisons.smallest_difference(1_000_001, 0.02)
    with pytest.raises(ValueError, match="n_resamples=100001: choose a whole number from 1 to"):
        comparisons.permutation_p([1, 2], [3, 4], n_resamples=100_001)
