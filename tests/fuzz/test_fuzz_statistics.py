"""Every public name of `lib.statistics` with hostile arguments."""

import gc

import numpy as np
import pytest
from fuzz_harness import array, case, fuzz_tests, interval, nothing, number, of_type, sound, word

from lib import statistics
from lib.statistics import Interval, Spread

RNG = np.random.default_rng(0)
RUNS = [0.5, 0.6, 0.8, 0.7]
NESTED = np.round(0.7 + RNG.normal(0, 0.05, (30, 1)) + RNG.normal(0, 0.02, (30, 2)), 3)
CURVES = np.round(RNG.uniform(0.3, 0.8, (4, 2, 5)), 3)
RIGHT = RNG.integers(0, 2, (2, 3, 40))
KNOWN = {"fixed=0": Interval(0.02, 0.01, 0.03), "fixed=2": Interval(-1.0, -2.0, 0.0)}
ADVICE = of_type(statistics.Advice)
ALL_VERDICTS = word("holds", "does not hold", "undecided", "practically equal")


@pytest.fixture(autouse=True, scope="module")
def quick_collector():
    """statsmodels collects garbage at each `multipletests`: leave it little to look through."""
    gc.freeze()
    yield
    gc.unfreeze()


def given_interval(one):
    """One bound may be missing here."""
    assert np.isfinite(one.estimate) and one.low <= one.estimate <= one.high and str(one)


def part(one):
    """A proportion with its interval."""
    interval(one)
    assert 0 <= one.low <= one.high <= 1


def truths(one):
    assert np.asarray(one).dtype == bool


def ratio(one):
    interval(one)
    assert one.low > 0


def curve_summary(one):
    sound(one)
    assert (one.low <= one.centre).all() and (one.centre <= one.high).all() and one.n >= 2
    assert one.centre.ndim == 1


def spreads(one):
    sound(one)
    assert one.between_bases >= 0 and one.within_base >= 0


def place(one):
    sound(one)
    assert 0 <= one.below <= 1 and 0 <= one.value <= 1 and str(one)


def median_time(one):
    """Infinite is an answer here: not reached."""
    assert 0 <= one.low <= one.median <= one.high
    assert 0 <= one.n_reached <= one.n and np.isfinite(one.horizon) and str(one)


def crossed(one):
    interval(one.interval)
    assert one.degrees_of_freedom > 0 and 0 <= one.photograph_fraction <= 1
    sound(one.components)


def plan(table):
    assert len(table) and (table.dropna() >= 30).all(axis=None)


def crossing(one):
    """Infinite is an answer here: beyond the sweep."""
    assert one.low <= one.high and not np.isnan(one.estimate) and str(one)


SPREAD = statistics.Components(0.02, 0.2, 0.3)
CASES = {
    "Interval": case(given_interval, estimate=0.1, low=0.0, high=0.2, level=0.95),
    "Interval.verdict": case(ALL_VERDICTS, above=0.1, margin=0.05).on(
        lambda: Interval(0.1, 0.0, 0.2).verdict
    ),
    "bootstrap_mean": case(interval, scores=RUNS, level=0.9, n_resamples=20, seed=1),
    "is_below": case(truths, values=np.float32([0.5, 0.7]), limit=0.7),
    "has_reached": case(truths, values=np.float32([0.5, 0.7]), limit=0.7),
    "paired_t": case(interval, differences=RUNS, level=0.9),
    "one_more": case(interval, scores=RUNS, level=0.9).says(scores="runs"),
    "proportion": case(part, chosen=[True, False, True], level=0.9),
    "summarise_curves": case(curve_summary, curves=CURVES, level=0.9),
    "tail_probability": case(part, scores=RUNS, threshold=0.6, level=0.9),
    "check_settings": case(nothing, level=0.9, n_resamples=20, seed=1),
    "spread": case(spreads, scores=NESTED),
    "two_level_bootstrap": case(interval, scores=NESTED, level=0.9, n_resamples=20, seed=1),
    "resampled_means": case(array(None, None), curves=CURVES, n_resamples=3, seed=1, refits=True),
    "nested_curves": case(array(None, None, None), curves=CURVES),
    "probability_of_improvement": case(number(0, 1), a=RUNS, b=[0.5, 0.4, 0.9]),
    "interquartile_mean": case(number(), scores=RUNS),
    "permutation_p": case(number(0, 1), a=RUNS, b=[0.5, 0.4, 0.9], n_resamples=50, seed=1),
    "nested_p": case(number(0, 1), differences=NESTED),
    "holm": case(array(None, low=0, high=1), p_values=[0.01, 0.04, 0.03]),
    "n_bases_needed": case(number(2, kind=int), difference=0.01, sd=0.02, power=0.8, level=0.95),
    "smallest_difference": case(number(0), n_bases=30, sd=0.02, power=0.8, level=0.95),
    "median_time": case(median_time, times=[3, 4, 5, 6, 7, 8, np.inf], horizon=20, level=0.95),
    "mean_difference": case(interval, differences=RUNS),
    "paired_p": case(number(0, 1), differences=RUNS),
    "crossing": case(
        crossing, x=[0, 1, 2], differences=NESTED.reshape(-1, 3)[:12] - 0.7, level=0.9,
        n_resamples=20, seed=1,
    ),
    "crossed": case(crossed, a=RIGHT[0], b=RIGHT[1], n_photographs=None, level=0.9).says(
        n_photographs="packed answers, photographs", a="run pair, networks", b="run pair, networks"
    ),
    "chance_to_see": case(
        number(0, 1), difference=0.03, components=SPREAD, n_pairs=5, n_photographs=200, shared=True,
        level=0.9,
    ),
    "n_pairs_needed": case(
        number(3, kind=int), difference=0.03, components=SPREAD, n_photographs=500, shared=False,
        power=0.8, level=0.9,
    ).says(difference="no number", power="no number", components="no number"),
    "n_photographs_needed": case(
        number(30, kind=int), difference=0.03, components=SPREAD, n_pairs=20, shared=False,
        power=0.8, level=0.9,
    ).says(
        difference="no number", power="no number", n_pairs="no number", components="no number"
    ),
    "designs_that_show": case(
        plan, difference=0.03, components=SPREAD, n_pairs=(3, 20), power=0.8, level=0.9
    ),
    "place": case(place, value=0.7, scores=NESTED, n_test=500),
    "ratio_of_spreads": case(
        ratio, a=NESTED, b=NESTED[::-1] ** 2, level=0.9, n_resamples=20, seed=1
    ).says(a="scores", b="scores"),
    "recommend": case(ADVICE, against_scratch=KNOWN, scratch="from scratch"),
    "advise": case(
        ADVICE, evidence={(0.5, 100, "short"): KNOWN, (-0.5, 100, "short"): KNOWN}, n_rows=90,
        budget="short", relatedness=0.4, unit="rows", rule=statistics.recommend,
    ),
}  # fmt: skip
EXEMPT = {
    "Advice": "a record that recommend and advise make",
    "CurveSummary": "a record that summarise_curves makes",
    "Crossing": "a record that crossing makes",
    "Components": "a record that crossed makes",
    "Crossed": "a record that crossed makes",
    "Place": "a record that place makes",
    "Spread": "a record that spread makes",
}
test_names, test_valid, test_hostile, test_two_hostile = fuzz_tests(statistics, CASES, EXEMPT)


def test_spread_of_nothing_has_no_part_between_bases():
    assert Spread(0.5, 0.0, 0.0).between_fraction == 0
