"""The ratio of two spreads, with an interval over bases."""

import numpy as np
import pytest

from lib.statistics import ratio_of_spreads


def scores(sd, n_bases=60, seed=0, refit_sd=0.0):
    rng = np.random.default_rng(seed)
    return rng.normal(0.8, sd, (n_bases, 1)) + rng.normal(0, refit_sd, (n_bases, 2))


def test_ratio_of_spreads_is_the_ratio_of_standard_deviations_of_all_runs():
    a, b = scores(0.01, refit_sd=0.01), scores(0.03, seed=1, refit_sd=0.01)
    assert ratio_of_spreads(a, b).estimate == pytest.approx(a.std() / b.std())


def test_ratio_of_spreads_decides_where_spreads_are_far_apart_and_not_where_they_are_equal():
    narrow, wide, other = (scores(sd, seed=i, refit_sd=0.001) for i, sd in enumerate((1, 3, 3)))
    assert ratio_of_spreads(narrow, wide).verdict(1.0) == "does not hold"
    assert ratio_of_spreads(wide, narrow).verdict(1.0) == "holds"
    assert ratio_of_spreads(wide, other).verdict(1.0) == "undecided"


def test_ratio_of_spreads_covers_the_truth():
    """80 studies of two arms with the same spread: about 95 % of the intervals hold 1."""
    covered = 0
    for seed in range(80):
        pair = (scores(0.05, 40, 2 * seed + i, 0.01) for i in (0, 1))
        found = ratio_of_spreads(*pair, n_resamples=300, seed=seed)
        covered += found.low <= 1 <= found.high
    assert covered >= 70


def test_ratio_of_spreads_counts_bases_not_runs():
    """Many refits of few bases do not make the interval narrow."""
    few = [scores(0.05, 30, seed, 0.0001) for seed in (0, 1)]
    many = [np.repeat(one, 50, axis=1) for one in few]
    width = [np.ptp([i.low, i.high]) for i in (ratio_of_spreads(*few), ratio_of_spreads(*many))]
    assert width[1] == pytest.approx(width[0], rel=0.05)


def test_ratio_of_spreads_refuses_what_it_cannot_compare():
    with pytest.raises(ValueError, match="give the same bases of both"):
        ratio_of_spreads(scores(1), scores(1, 30))
    with pytest.raises(ValueError, match="19 bases: a ratio of spreads needs 20 or more"):
        ratio_of_spreads(scores(1, 19), scores(1, 19))
    with pytest.raises(ValueError, match="no spread to compare"):
        ratio_of_spreads(scores(0.1), np.full((60, 2), 0.5))


def test_ratio_of_spreads_takes_nested_scores_only():
    with pytest.raises(ValueError, match=r"scores of shape \(60,\)"):
        ratio_of_spreads(scores(1)[:, 0], scores(1)[:, 0])
    with pytest.raises(ValueError, match=r"scores of shape \(60, 2, 1\)"):
        ratio_of_spreads(scores(1)[..., None], scores(1)[..., None])


def test_ratio_of_spreads_carries_its_level():
    wide, narrow = (ratio_of_spreads(scores(1), scores(2, seed=1), one) for one in (0.99, 0.6))
    assert (wide.level, narrow.level) == (0.99, 0.6)
    assert wide.low < narrow.low < narrow.high < wide.high
