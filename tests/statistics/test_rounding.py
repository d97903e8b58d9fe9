"""Single precision makes no difference: every level k/500, as float32 and as float64."""

import numpy as np
import pytest
from scipy import stats

from lib import statistics
from lib.statistics import rounding

LEVELS = np.arange(501) / 500
either = pytest.mark.parametrize("kind", ["float32", "float64"])


@either
@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_is_below_and_has_reached_know_every_level(kind, shift):
    for k in range(1, 500):
        value = LEVELS[[k + shift]].astype(kind)
        assert rounding.is_below(value, k / 500).item() is (shift < 0)
        assert rounding.has_reached(value, k / 500).item() is (shift >= 0)
        assert rounding.is_above(value, k / 500).item() is (shift > 0)


@either
def test_is_below_takes_limits_of_either_precision(kind):
    for level in LEVELS.astype(kind):
        for same in (np.float32(level), np.float64(level), float(level)):
            assert not rounding.is_below([float(level)], same)


def test_is_below_takes_infinite_values_and_ends():
    assert rounding.is_below([-np.inf, 0.5, np.inf], 0.6).tolist() == [True, True, False]
    assert rounding.is_above([-np.inf, 0.5, np.inf], 0.4).tolist() == [False, True, True]
    assert rounding.is_below(0.5, np.inf) and not rounding.is_below(0.5, -np.inf)


def test_is_below_tells_small_quantities_apart():
    """Gains per epoch over a long window are small, and so is what rounding makes of them."""
    assert rounding.is_below([1e-7], 2e-7)
    assert not rounding.is_below([np.float32(1e-7)], 1e-7)


@either
def test_tail_probability_counts_no_run_at_the_threshold(kind):
    for k in range(1, 501):
        scores = LEVELS[[k, k, k - 1]].astype(kind)
        assert statistics.tail_probability(scores, k / 500).estimate == pytest.approx(1 / 3)


@either
def test_place_counts_ties_half_at_every_level(kind):
    for k in range(2, 499):
        scores = LEVELS[[[k - 2, k - 1], [k, k + 2]]].astype(kind)
        assert statistics.place(k / 500, scores).below == 0.625
        assert statistics.place(np.float32(k / 500), scores).below == 0.625


@either
def test_verdict_takes_a_bound_at_the_value_for_no_more(kind):
    for level in LEVELS[1:]:
        low, high = np.array([level, level], kind)
        assert statistics.Interval(low, low, high).verdict(above=level) == "does not hold"
        raised = statistics.Interval(low + 0.002, low + 0.002, high + 0.002)
        assert raised.verdict(above=level) == "holds"


def test_part_below_agrees_with_ranks():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 20, 50) / 500, rng.integers(0, 20, 70) / 500
    found = rounding.part_below(a, b).mean()
    assert found == pytest.approx(stats.mannwhitneyu(a, b).statistic / (50 * 70))
    assert rounding.part_below(a.astype("float32"), b).mean() == found


def test_part_below_sees_ties_of_gains():
    gains = np.float32(0.9) - np.float32(0.7), np.float32(0.4) - np.float32(0.2)
    assert gains[0] != gains[1]
    assert rounding.part_below([gains[0]], [gains[1]]) == 0.5


@either
def test_probability_of_improvement_of_an_arm_over_itself_is_a_half(kind):
    assert statistics.probability_of_improvement(LEVELS.astype(kind), LEVELS) == 0.5


@either
def test_permutation_p_counts_equal_differences_of_means_as_ties(kind):
    """Levels whose sums are equal in decimals, not in binary: all permutations are as extreme."""
    a, b = np.array([0.1, 0.2, 0.7], kind), np.array([0.3, 0.3, 0.4], kind)
    assert statistics.permutation_p(a, b) == 1.0


@pytest.mark.parametrize("limit", [np.nan, None, "0.5", [0.5, 0.6]])
def test_is_below_refuses_a_limit_that_is_no_number(limit):
    with pytest.raises(ValueError, match="limit"):
        rounding.is_below([0.5], limit)
