"""Where a number stands among recorded runs, and what would explain it."""

import numpy as np
import pytest
from scipy import stats

from lib.statistics import place, spread
from lib.statistics.places import _bases_differ

# 100 bases, far apart, two refits each that differ little; all between 0.70 and 0.90
SCORES = np.linspace(0.7, 0.9, 100)[:, None] + np.array([[-0.001, 0.001]])


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        (0.801, "another refit"),
        (0.85, "another base"),
        (0.75, "another base"),
        (0.68, "another test set"),
        (0.92, "another test set"),
        (0.5, "a likely fault"),
        (0.99, "a likely fault"),
    ],
)
def test_place_names_the_smallest_cause(value, cause):
    assert place(value, SCORES).cause == cause


def test_place_calls_a_refit_only_what_refits_of_one_base_reach():
    scores = np.linspace(0.7, 0.9, 100)[:, None] + np.array([[-0.0035, 0.0035]])  # sd 0.005
    scores[::25] += np.array([[-0.1, 0.1]])  # 4 bases of 100 have wild refits
    assert scores.std(axis=1, ddof=1).max() > 0.1
    assert place(0.806, scores).cause == "another refit"
    assert place(0.772, scores).cause == "another base"
    assert place(0.772, scores).near == pytest.approx(0.007)
    assert place(0.772, scores).typical == pytest.approx(0.8)


def test_place_counts_all_pairs_of_refits():
    scores = np.linspace(0.7, 0.9, 100)[:, None] + np.array([[0.0, 0.0, 0.02]])
    assert place(0.8, scores).near == pytest.approx(0.02)  # two pairs of three differ


def test_place_finds_a_base_beyond_the_central_part_but_says_that_it_is_rare():
    found = place(0.7, SCORES)
    assert found.value < found.low and found.cause == "another base"
    assert str(found).endswith("Rare, but recorded: another base goes as far.")
    assert str(place(0.75, SCORES)).endswith("another refit rarely does.")


def test_place_takes_chance_between_rows_for_no_bases():
    scores = np.random.default_rng(1).choice([0.8, 0.82, 0.5], (200, 2), p=[0.5, 0.48, 0.02])
    assert spread(scores).between_bases > 0
    assert place(0.5, scores).cause == "another refit"


def test_place_is_no_refit_beyond_the_range_of_a_skewed_spread():
    scores = np.tile([0.83, 0.82, 0.81, 0.50], (50, 1))  # a quarter fails; bases do not differ
    assert place(0.815, scores).cause == place(0.60, scores).cause == "another refit"
    assert place(0.85, scores).cause == "another test set"
    assert place(0.95, scores).cause == "a likely fault"


def test_place_blames_no_base_where_bases_do_not_differ():
    scores = np.tile([0.8] * 19 + [0.5], (50, 1))  # far from the middle, yet a twentieth of runs
    assert place(0.5, scores).cause == "another refit"


def test_place_counts_what_lies_below():
    found = place(0.85, SCORES)
    assert found.below == pytest.approx((SCORES < 0.85).mean())
    assert place(0.0, SCORES).below == 0 and place(1.0, SCORES).below == 1
    assert found.low == pytest.approx(np.quantile(SCORES, 0.025))
    assert (found.n_bases, found.n_refits) == (100, 2)


def test_place_counts_ties_half():
    scores = np.array([[0.5, 0.6], [0.6, 0.7]])
    assert place(0.6, scores).below == 0.5


def test_place_forgives_less_on_more_test_rows():
    assert place(0.68, SCORES, n_test=500).cause == "another test set"
    assert place(0.68, SCORES, n_test=100_000).cause == "a likely fault"


def test_place_says_it_in_words():
    text = str(place(0.5, SCORES))
    assert text.startswith("0.500 is above 0 % of the recorded runs (100 bases x 2 refits)")
    assert text.endswith("look for a fault.")


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), 79])
def test_place_refuses_what_is_no_accuracy(value):
    with pytest.raises(ValueError, match="an accuracy is a fraction, 0 to 1"):
        place(value, SCORES)


@pytest.mark.parametrize("n_test", [0, 1.5, True])
def test_place_refuses_a_number_of_rows_that_is_none(n_test):
    with pytest.raises(ValueError, match="choose a whole number from 1"):
        place(0.5, SCORES, n_test)


def test_place_has_the_median_of_the_bases_for_the_typical_one():
    scores = np.array([[0.1, 0.3], [0.7, 0.8], [0.8, 0.9]])  # means 0.2, 0.75 and 0.85
    assert place(0.8, scores).typical == pytest.approx(0.75)


@pytest.mark.parametrize("wrong", [-0.1, 1.1])
def test_place_refuses_scores_that_are_no_accuracies(wrong):
    scores = SCORES.copy()
    scores[3, 0] = wrong
    with pytest.raises(ValueError, match="accuracies are fractions, 0 to 1"):
        place(0.5, scores)


def test_bases_differ_where_scipys_analysis_of_variance_finds_it():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(200):
        scores = 0.5 + rng.normal(0, 0.01, (6, 1)) + rng.normal(0, 0.02, (6, 5))
        found.append(_bases_differ(spread(scores), 6, 5))
        assert found[-1] == (stats.f_oneway(*scores).pvalue < 0.05)
    assert 20 < sum(found) < 180
