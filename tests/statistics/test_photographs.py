"""Intervals over run pairs and shared photographs, against other ways to the same number."""

import time

import numpy as np
import pytest
from scipy import stats

from lib.statistics import paired_t
from lib.statistics.photographs import (
    FEWEST_PAIRS,
    Components,
    crossed,
    mean_squares,
    satterthwaite,
)


def answers(n_pairs=6, n_photographs=200, seed=0, suits=1.0, pair_sd=0.1):
    """Right answers of two arms; `suits` says how much photographs favour one arm."""
    rng = np.random.default_rng(seed)
    hard = rng.normal(0, 2, (1, n_photographs))

    def arm(level):
        logit = level + hard + rng.normal(0, suits, (1, n_photographs))
        logit = logit + rng.normal(0, pair_sd, (n_pairs, 1))
        return (rng.random((n_pairs, n_photographs)) < 1 / (1 + np.exp(-logit))).astype(int)

    return arm(1.0), arm(0.7)


def test_mean_squares_are_those_of_the_analysis_of_variance():
    import pandas as pd
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    d = np.subtract(*answers(4, 30))
    table = pd.DataFrame({"d": d.ravel(), "i": np.repeat(range(4), 30), "j": list(range(30)) * 4})
    oracle = anova_lm(ols("d ~ C(i) + C(j)", table).fit())["mean_sq"]
    assert mean_squares(d) == pytest.approx(oracle.to_numpy())


def test_crossed_by_hand():
    a, b = answers()
    found, d = crossed(a, b), np.subtract(a, b)
    by_pair, by_photograph, rest = mean_squares(d)
    total = by_pair + by_photograph - rest
    df = total**2 / (by_pair**2 / 5 + by_photograph**2 / 199 + rest**2 / (5 * 199))
    margin = stats.t.ppf(0.975, df) * np.sqrt(total / d.size + 2 / 200**2)
    expected = d.mean() + np.array([0, -margin, margin])
    got = found.interval.estimate, found.interval.low, found.interval.high
    assert got == pytest.approx(expected)
    assert found.degrees_of_freedom == pytest.approx(df)
    assert (found.n_pairs, found.n_photographs) == (6, 200)


def test_crossed_agrees_with_the_pigeonhole_bootstrap():
    """Owen 2007: run pairs and photographs are drawn apart; the rest then counts three times."""
    a, b = answers(20, 500, suits=2.0, pair_sd=0.3)
    d, rng = np.subtract(a, b).astype(float), np.random.default_rng(1)
    pairs = rng.multinomial(20, np.full(20, 1 / 20), 4000) / 20
    photographs = rng.multinomial(500, np.full(500, 1 / 500), 4000) / 500
    means = ((pairs @ d) * photographs).sum(axis=1)
    part = crossed(a, b).components
    expected = part.pairs**2 / 20 + part.photographs**2 / 500 + 3 * part.rest**2 / d.size
    assert means.var() == pytest.approx(expected, rel=0.12)
    assert means.var() > 1.5 * d.mean(axis=1).var(ddof=1) / 20  # what a plain t counts


def test_components_are_those_that_were_drawn():
    rng = np.random.default_rng(2)
    parts = Components(pairs=0.3, photographs=0.5, rest=1.0)
    found = []
    for _ in range(200):
        d = rng.normal(0, 0.3, (8, 1)) + rng.normal(0, 0.5, (1, 60)) + rng.normal(size=(8, 60))
        by_pair, by_photograph, rest = mean_squares(d)
        found.append([(by_pair - rest) / 60, (by_photograph - rest) / 8, rest])
    wanted = [parts.pairs**2, parts.photographs**2, parts.rest**2]
    np.testing.assert_allclose(np.mean(found, axis=0), wanted, rtol=0.1)


def test_variance_of_a_design_by_hand():
    parts = Components(pairs=0.03, photographs=0.3, rest=0.4)
    shared = 0.03**2 / 10 + 0.3**2 / 500 + 0.4**2 / 5000
    apart = 0.03**2 / 10 + (0.3**2 + 0.4**2) / 5000
    assert parts.variance(10, 500) == pytest.approx(shared)
    assert parts.variance(10, 500, shared=False) == pytest.approx(apart)


def test_photograph_fraction_is_what_a_plain_t_leaves_out():
    a, b = answers(20, 500, suits=2.0, pair_sd=0.2)
    found = crossed(a, b)
    plain = np.subtract(a, b).mean(axis=1).var(ddof=1) / 20
    whole = found.components.variance(20, 500)
    assert found.components.pairs > 0  # else the plain t counts more than there is
    assert found.photograph_fraction == pytest.approx(1 - plain / whole)
    assert found.photograph_fraction > 0.5


@pytest.mark.parametrize("seed", range(5))
def test_satterthwaite_stays_between_its_sources(seed):
    a, b = answers(5, 100, seed, suits=seed / 2)
    squares = mean_squares(np.subtract(a, b))
    assert 4 <= satterthwaite(squares, (4, 99, 396)) <= 4 + 99


def test_satterthwaite_of_one_source_is_its_own_degrees_of_freedom():
    assert satterthwaite((1.0, 0.0, 0.0), (4, 99, 396)) == pytest.approx(4)
    assert satterthwaite((0.0, 1.0, 0.0), (4, 99, 396)) == pytest.approx(99)
    assert satterthwaite((0.0, 0.0, 0.0), (4, 99, 396)) == 4


def few_photographs(better, worse, n_photographs=1000):
    """Arms that differ on a few photographs, alike in all run pairs."""
    a = np.ones((4, n_photographs), int)
    a[range(4), range(100, 104)] = 0  # so that the run pairs are no twins
    b = a.copy()
    b[:, :better], a[:, better : better + worse] = 0, 0
    return a, b


@pytest.mark.parametrize(
    ("better", "worse"), [(4, 0), (5, 0), (6, 0), (7, 1), (8, 1), (8, 2), (9, 2), (10, 2), (12, 4),
                          (13, 4)],
)  # fmt: skip
def test_a_difference_of_few_photographs_holds_where_the_exact_sign_test_says_so(better, worse):
    found = crossed(*few_photographs(better, worse)).interval.verdict()
    exact = stats.binomtest(better, better + worse).pvalue < 0.05
    assert found == ("holds" if exact else "undecided")


def test_packed_answers_are_the_same():
    a, b = answers(3, 101)
    packed = [np.packbits(one, axis=1) for one in (a, b)]
    assert crossed(*packed, n_photographs=101) == crossed(a, b) == crossed(a == 1, b == 1)


def test_crossed_takes_20_run_pairs_and_1000_photographs_in_a_second():
    a, b = answers(20, 1000)
    crossed(a, b)  # SciPy is loaded
    began = time.perf_counter()
    crossed(a, b)
    assert time.perf_counter() - began < 1


def test_crossed_intervals_hold_the_truth_where_a_plain_t_does_not():
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    logits = np.sqrt(2**2 + 2**2 + 0.1**2) * nodes
    levels = [weights @ (1 / (1 + np.exp(-logits - level))) / weights.sum() for level in (1, 0.7)]
    true, held = levels[0] - levels[1], []
    for seed in range(300):
        a, b = answers(10, 300, seed, suits=2.0)
        both = crossed(a, b).interval, paired_t(np.subtract(a, b).mean(axis=1))
        held.append([one.low <= true <= one.high for one in both])
    ours, plain = np.mean(held, axis=0)
    assert ours >= stats.binom.ppf(0.001, 300, 0.95) / 300
    assert plain < 0.8


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a, b: (a[:, :1], b[:, :1]), "1 test photograph: an interval .* needs 30 or more"),
        (lambda a, b: (a[:2], b[:2]), "2 run pairs: an interval needs 3 or more"),
        (lambda a, b: (a[:1], b[:1]), "1 run pair: an interval needs 3 or more"),
        (lambda a, b: (a, a), "identical networks: both arms answer alike on every photograph"),
        (
            lambda a, b: (a[[0, 0, 0]], b[[0, 0, 0]]),
            "identical networks: run pairs 0 and 1 answer alike .* one run pair counted twice",
        ),
        (lambda a, b: (a, b[:, :-1]), r"a has shape \(6, 200\), b \(6, 199\): give both arms the"),
        (lambda a, b: (a[0], b[0]), r"a of shape \(200,\): give \(n_pairs, n_photographs\)"),
        (lambda a, b: ([], []), r"a of shape \(0,\): give \(n_pairs, n_photographs\)"),
        (lambda a, b: (a / 2, b), "a holds 0.5: give 1 for a right answer"),
        (lambda a, b: (a, np.packbits(b, axis=1)), "b holds .* packed answers need n_photographs"),
        (lambda a, b: ([*a.tolist()[:5], [1]], b), "a is no table of numbers: give .* every run"),
        (
            lambda a, b: (np.where(np.eye(6, 200, 3), np.nan, a)[[0, 2, 4]], b[[0, 2, 4]]),
            "3 of 600 cells of a are missing, in run pairs 0, 1, 2: finish those runs",
        ),
        (
            lambda a, b: (np.ma.array(a, mask=np.eye(6, 200)), b),
            r"6 of 1200 cells of a are missing, in run pairs 0, 1, 2, 3, 4, \.\.\.: finish",
        ),
    ],
)
def test_crossed_says_what_is_wrong(change, words):
    with pytest.raises(ValueError, match=words):
        crossed(*change(*answers()))


@pytest.mark.parametrize("n", [0, 2.5, True])
def test_crossed_wants_a_number_of_packed_photographs(n):
    with pytest.raises(ValueError, match=f"n_photographs={n}: choose a whole number from 1"):
        crossed(*answers(), n_photographs=n)


def test_crossed_says_how_answers_are_packed():
    a, b = answers()
    with pytest.raises(ValueError, match=r"200 packed answers are uint8 \(n_pairs, 25\)"):
        crossed(a, b, n_photographs=200)


def test_run_pairs_that_are_right_everywhere_are_no_twins():
    """Twins are told by their mistakes; here two run pairs make none, in either arm."""
    a, b = answers(5, 60)
    a[:2], b[:2] = 1, 1
    assert crossed(a, b).n_pairs == 5
    assert FEWEST_PAIRS == 3


def test_crossed_takes_packed_answers_of_one_byte_each_only():
    """64-bit numbers would be taken for eight times as many bytes, or none."""
    packed = [np.packbits(arm, axis=1) for arm in answers()]
    assert crossed(*packed, n_photographs=200) == crossed(*answers())
    with pytest.raises(ValueError, match=r"of shape \(6, 25\) and type int64: 200 packed answers"):
        crossed(*(arm.astype("int64") for arm in packed), n_photographs=200)
    with pytest.raises(ValueError, match=r"of shape \(150,\) and type uint8: 200 packed answers"):
        crossed(*(arm.ravel() for arm in packed), n_photographs=200)
