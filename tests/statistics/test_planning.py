"""How many run pairs and photographs: against simulation, closed forms and the older planner."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lib.statistics import Components, crossed, n_bases_needed
from lib.statistics.photographs import mean_squares, satterthwaite
from lib.statistics.planning import (
    chance_to_see,
    designs_that_show,
    n_pairs_needed,
    n_photographs_needed,
)

SPREAD = Components(pairs=0.02, photographs=0.2, rest=0.3)


def simulated_power(difference, n_pairs, n_photographs, shared, n=4000, seed=0):
    """Part of normal studies with these components whose interval excludes 0."""
    rng = np.random.default_rng(seed)
    found = 0
    for _ in range(n):
        suits = rng.normal(0, SPREAD.photographs, (1 if shared else n_pairs, n_photographs))
        d = difference + rng.normal(0, SPREAD.pairs, (n_pairs, 1)) + suits
        d = d + rng.normal(0, SPREAD.rest, (n_pairs, n_photographs))
        if shared:
            squares = mean_squares(d)
            df = satterthwaite(squares, (n_pairs - 1, n_photographs - 1, d.size - d.shape[1] + 1))
            total = max(squares[0] + squares[1] - squares[2], *squares[:2])
            error = np.sqrt(total / d.size + 2 / n_photographs**2)
            found += abs(d.mean()) > stats.t.ppf(0.975, df) * error
        else:
            found += stats.ttest_1samp(d.mean(axis=1), 0).pvalue < 0.05
    return found / n


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize(("n_pairs", "n_photographs"), [(5, 200), (10, 400)])
def test_chance_to_see_is_what_simulated_studies_show(n_pairs, n_photographs, shared):
    expected = chance_to_see(0.035, SPREAD, n_pairs, n_photographs, shared=shared)
    assert 0.3 < expected < 0.99
    got = simulated_power(0.035, n_pairs, n_photographs, shared, n=1500)
    assert got == pytest.approx(expected, abs=0.05)


def test_planned_design_shows_the_difference_in_answers_of_0_and_1():
    """A pilot gives the components; the study that is planned from it is then simulated."""
    rng = np.random.default_rng(3)

    def study(n_pairs, n_photographs):
        hard = rng.normal(0, 2, n_photographs)
        arms = []
        for level in (1.0, 0.75):
            logit = level + hard + rng.normal(0, 0.7, n_photographs)
            logit = logit + rng.normal(0, 0.1, (n_pairs, 1))
            arms.append(rng.random(logit.shape) < 1 / (1 + np.exp(-logit)))
        return crossed(*arms)

    pilot = study(20, 4000)
    difference, spread = pilot.interval.estimate, pilot.components
    n = n_photographs_needed(difference, spread, n_pairs=6, shared=True)
    seen = np.mean([study(6, n).interval.low > 0 for _ in range(400)])
    assert 0.70 < seen < 0.90  # 80 % were wanted


def test_n_pairs_needed_with_endless_photographs_is_n_bases_needed():
    for difference in (0.005, 0.01, 0.02):
        found = n_pairs_needed(difference, SPREAD, 10**8, shared=False)
        assert found == max(3, n_bases_needed(difference, SPREAD.pairs))


@pytest.mark.parametrize("shared", [True, False])
def test_numbers_needed_are_the_smallest_that_do(shared):
    n = n_pairs_needed(0.03, SPREAD, 500, shared=shared)
    power = [chance_to_see(0.03, SPREAD, m, 500, shared=shared) for m in (n, n - 1)]
    assert n > 3 and power[0] >= 0.8 > power[1]
    n = n_photographs_needed(0.03, SPREAD, 12, shared=shared, power=0.9)
    power = [chance_to_see(0.03, SPREAD, 12, m, shared=shared) for m in (n, n - 1)]
    assert n > 30 and power[0] >= 0.9 > power[1]


def test_numbers_needed_are_never_below_the_fewest_of_an_interval():
    assert n_pairs_needed(0.9, SPREAD, 10_000, shared=True) == 3
    assert n_photographs_needed(0.9, SPREAD, 100, shared=True) == 30


def test_more_run_pairs_do_not_help_where_shared_photographs_are_too_few():
    with pytest.raises(ValueError, match=r"no number of run pairs .* 0.02 on 300 shared .* 0.012"):
        n_pairs_needed(0.02, SPREAD, 300, shared=True)
    assert n_pairs_needed(0.02, SPREAD, 300, shared=False) < 30


def test_more_photographs_do_not_help_where_run_pairs_are_too_few():
    with pytest.raises(ValueError, match=r"no number of photographs .* 0.01 with 4 run pairs: "):
        n_photographs_needed(0.01, SPREAD, 4, shared=False)


def test_the_sign_of_the_difference_does_not_matter():
    up, down = (chance_to_see(one, SPREAD, 5, 200, shared=True) for one in (0.03, -0.03))
    assert up == down


@pytest.mark.parametrize("difference", [0.2, 0.5, 0.99])
def test_huge_differences_are_seen(difference):
    tiny = Components(pairs=1e-4, photographs=1e-4, rest=1e-3)
    assert chance_to_see(difference, tiny, 5, 1000, shared=False) == pytest.approx(1)


def test_designs_that_show_counts_photographs_in_both_designs():
    table = designs_that_show(0.02, SPREAD, n_pairs=(3, 20, 40))
    assert table.index.name == "run pairs" and table.index.tolist() == [3, 20, 40]
    assert table.loc[3].isna().all()  # three run pairs are too few, whatever the photographs
    apart = n_photographs_needed(0.02, SPREAD, 20, shared=False)
    shared = n_photographs_needed(0.02, SPREAD, 20, shared=True)
    assert table.loc[20].tolist() == [apart, 20 * apart, shared]
    assert isinstance(table, pd.DataFrame) and shared > apart


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"difference": 0}, "difference=0: give accuracy of 1e-06 or more"),
        ({"difference": 2}, "difference=2: .* such as 0.02 for two points"),
        ({"difference": np.nan}, "difference=nan"),
        ({"n_pairs": 2}, "n_pairs=2: choose a whole number from 3"),
        ({"n_photographs": 1}, "n_photographs=1: choose a whole number from 30"),
        ({"n_photographs": 99.5}, "n_photographs=99.5: choose a whole"),
        ({"level": 1}, "level=1: choose a coverage"),
        ({"shared": "yes"}, "shared='yes': choose True or False"),
        ({"components": Components(0, 0, 0)}, "give `Components` of standard deviations"),
        ({"components": 0.02}, "components=0.02: give `Components`"),
        ({"components": Components(0.1, -1, 0)}, "give `Components` of standard deviations"),
    ],
)
def test_chance_to_see_says_what_is_wrong(change, words):
    right = {"difference": 0.02, "components": SPREAD, "n_pairs": 5, "n_photographs": 100}
    with pytest.raises(ValueError, match=words):
        chance_to_see(**(right | {"shared": True} | change))


def test_designs_that_show_passes_other_errors_on():
    with pytest.raises(ValueError, match="power=1: choose one above"):
        designs_that_show(0.02, SPREAD, power=1)
    with pytest.raises(ValueError, match="n_pairs=2: choose a whole number"):
        designs_that_show(0.02, SPREAD, n_pairs=(2,))


def test_chance_to_see_by_hand():
    """Expected mean squares, Satterthwaite, and the noncentral t, written out once more."""
    by_pair, by_photograph, rest = 200 * 0.02**2 + 0.3**2, 5 * 0.2**2 + 0.3**2, 0.3**2
    total = by_pair + by_photograph - rest
    df = total**2 / (by_pair**2 / 4 + by_photograph**2 / 199 + rest**2 / (4 * 199))
    shift = 0.035 / np.sqrt(total / 1000 + 2 / 200**2)
    critical = stats.t.ppf(0.975, df)
    expected = stats.nct.sf(critical, df, shift) + stats.nct.cdf(-critical, df, shift)
    assert chance_to_see(0.035, SPREAD, 5, 200, shared=True) == pytest.approx(expected)


def test_chance_to_see_on_shared_photographs_is_the_noncentral_t_by_hand():
    """6 run pairs on 30 photographs: few enough for every count to matter."""
    pairs, photographs, rest = 0.02, 0.2, 0.3
    by_pair, by_photograph = 30 * pairs**2 + rest**2, 6 * photographs**2 + rest**2
    total = by_pair + by_photograph - rest**2
    df = total**2 / (by_pair**2 / 5 + by_photograph**2 / 29 + rest**4 / (5 * 29))
    shift = 0.1 / np.sqrt(total / 180 + 2 / 30**2)
    critical = stats.t.ppf(0.975, df)
    by_hand = stats.nct.sf(critical, df, shift) + stats.nct.cdf(-critical, df, shift)
    assert 0.1 < by_hand < 0.9
    found = chance_to_see(0.1, SPREAD, 6, 30, shared=True)
    assert found == pytest.approx(by_hand, rel=1e-9)


def test_chance_to_see_on_disjoint_photographs_is_the_noncentral_t_by_hand():
    variance = (0.02**2 + (0.2**2 + 0.3**2) / 30) / 6
    critical, shift = stats.t.ppf(0.975, 5), 0.1 / np.sqrt(variance)
    by_hand = stats.nct.sf(critical, 5, shift) + stats.nct.cdf(-critical, 5, shift)
    assert 0.1 < by_hand < 0.95
    found = chance_to_see(0.1, SPREAD, 6, 30, shared=False)
    assert found == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize("needed", [n_pairs_needed, n_photographs_needed])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"level": 1}, "level=1: choose a coverage"),
        ({"power": 1}, "power=1: choose one above"),
        ({"power": 0.01}, "power=0.01: choose one above 0.05"),
        ({"power": 0.15, "level": 0.8}, "power=0.15: choose one above 0.2"),
    ],
)
def test_numbers_needed_say_which_level_and_power_are_none(needed, change, words):
    with pytest.raises(ValueError, match=words):
        needed(0.03, SPREAD, 500, **({"shared": True} | change))


def test_designs_that_show_names_its_columns_and_counts_in_whole_numbers():
    table = designs_that_show(0.02, SPREAD, n_pairs=(3, 20))
    assert table.columns.tolist() == ["disjoint, per run pair", "disjoint, in all", "shared"]
    assert {str(kind) for kind in table.dtypes} == {"Int64"}
