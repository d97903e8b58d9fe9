"""The three benefits on curves whose start, slope and asymptote are known."""

import numpy as np
import pytest
from known_curves import EPOCHS, arms, curve, noisy
from scipy import stats

from lib.curves import benefits, fitting
from lib.statistics import comparisons, intervals


def ends(interval):
    return interval.estimate, interval.low, interval.high


def test_start_is_students_interval_over_bases():
    transfer, scratch, start, _ = arms()
    found = benefits.three_benefits(EPOCHS, transfer, scratch).start
    assert ends(found.interval) == pytest.approx(ends(intervals.paired_t(start.mean(axis=1))))
    assert (found.benefit, found.verdict) == ("higher start", "holds")
    assert "epoch 0" in found.reason and "12 bases x 3 refits" in found.reason


def test_start_is_read_where_it_is_asked_for():
    transfer, scratch, *_ = arms()
    found = benefits.three_benefits(EPOCHS, transfer, scratch, start_epoch=20).start
    assert found.interval.estimate == pytest.approx((transfer - scratch)[..., 20].mean())
    assert "epoch 20" in found.reason


def test_slope_is_the_gain_per_epoch_in_the_window():
    transfer, scratch, *_ = arms()
    found = benefits.three_benefits(EPOCHS, transfer, scratch, window=(2, 6)).slope
    gains = [(arm[..., 6] - arm[..., 2]) / 4 for arm in (transfer, scratch)]
    expected = intervals.paired_t((gains[0] - gains[1]).mean(axis=1))
    assert ends(found.interval) == pytest.approx(ends(expected))
    assert "from epoch 2 to 6" in found.reason


def test_late_level_is_the_mean_of_the_last_epochs():
    transfer, scratch, *_ = arms()
    found = benefits.three_benefits(EPOCHS, transfer, scratch, n_last=3).late_level
    expected = intervals.paired_t((transfer - scratch)[..., -3:].mean(axis=(1, 2)))
    assert ends(found.interval) == pytest.approx(ends(expected))
    assert found.benefit == "higher late level (epochs 18 to 20)"
    assert "mean of 3 recorded epochs, 18 to 20" in found.reason


@pytest.mark.parametrize("n_bases", [3, 12])
def test_asymptote_is_students_interval_over_bases(n_bases):
    # noise-free and one rate: the asymptote of a mean curve is the mean of the asymptotes
    transfer, scratch, _, asymptote = arms(n_bases)
    found = benefits.three_benefits(EPOCHS, transfer, scratch).asymptote
    expected = intervals.paired_t(asymptote.mean(axis=1))
    assert ends(found.interval) == pytest.approx(ends(expected), abs=1e-4)
    assert found.p_better == 1.0 and f"{n_bases} bases x 3 refits" in found.reason
    assert benefits.three_benefits(EPOCHS, scratch, transfer).asymptote.p_better == 0.0


def test_asymptote_p_better_is_that_of_the_bases_own_fits():
    transfer, scratch = noisy(30)
    transfer = transfer - 0.09  # so that the bases of the two arms overlap
    found = benefits.three_benefits(EPOCHS, transfer, scratch).asymptote
    own = [
        fitting.fit_form(EPOCHS, arm.mean(axis=1), "exponential").asymptote
        for arm in (transfer, scratch)
    ]
    assert 0 < found.p_better < 1
    assert found.p_better == pytest.approx(comparisons.probability_of_improvement(*own), abs=0.05)


@pytest.mark.parametrize("n_bases", [3, 30])
def test_asymptote_by_refits_of_resampled_curves_agrees(n_bases):
    transfer, scratch = noisy(n_bases)
    linear = benefits.three_benefits(EPOCHS, transfer, scratch).asymptote
    refits = benefits.three_benefits(EPOCHS, transfer, scratch, n_resamples=400).asymptote
    widths = [one.interval.high - one.interval.low for one in (linear, refits)]
    assert linear.interval.estimate == refits.interval.estimate
    assert widths[1] == pytest.approx(widths[0], rel=0.15) and widths[1] != widths[0]
    assert "400 refits" in refits.reason


@pytest.mark.parametrize("n_bases", [3, 12])
@pytest.mark.parametrize("unsaturated", ["transfer", "scratch"])
def test_asymptote_of_one_cut_arm_is_not_identified(n_bases, unsaturated):
    transfer, scratch, *_ = arms(n_bases)
    short_transfer, short_scratch, *_ = arms(n_bases, kt=0.5)
    chosen = (short_transfer, scratch) if unsaturated == "transfer" else (transfer, short_scratch)
    found = benefits.three_benefits(EPOCHS, *chosen)
    assert (found.asymptote.verdict, found.asymptote.interval) == ("not identified", None)
    label = {"transfer": "transfer", "scratch": "from scratch"}[unsaturated]
    assert found.asymptote.reason.startswith(label)
    assert found.late_level.interval is not None


@pytest.mark.parametrize(
    ("shape", "word"),
    [
        (np.full(21, 0.6), "flat"),
        (0.7 - 0.01 * EPOCHS, "fall"),
        (curve(0.2, 0.6, 0.8) - 0.02 * np.clip(EPOCHS - 10, 0, None), "not identified"),
    ],
)
def test_asymptote_of_a_curve_that_does_not_rise_is_not_identified(shape, word):
    _, scratch, *_ = arms()
    effect = np.random.default_rng(1).normal(0, 0.01, (12, 3, 1))
    found = benefits.three_benefits(EPOCHS, shape + effect, scratch).asymptote
    assert (found.verdict, found.interval) == ("not identified", None)
    assert word in found.reason


def test_equal_seeds_agree_and_others_differ():
    transfer, scratch, *_ = arms()
    first, same, *others = (
        benefits.three_benefits(EPOCHS, transfer, scratch, seed=s, n_resamples=20)
        for s in (1, 1, 2, 3, 4, 5)
    )
    assert first == same and first.start == others[0].start
    assert len({one.asymptote.interval.high for one in (first, *others)}) > 2


def test_arms_are_compared_in_pairs():
    # what is shared by a pair cancels; compared with another base's run it does not
    rng = np.random.default_rng(0)
    shared = rng.normal(0, 0.05, (20, 1, 1))
    scratch = curve(0.2, 0.3, 0.7) + shared + rng.normal(0, 0.005, (20, 1, 1))
    transfer = curve(0.2, 0.3, 0.75) + shared + rng.normal(0, 0.005, (20, 1, 1))
    paired = benefits.three_benefits(EPOCHS, transfer, scratch)
    crossed = benefits.three_benefits(EPOCHS, transfer[::-1], scratch)
    for a, b in zip(paired, crossed, strict=True):
        assert a.interval.high - a.interval.low < 0.3 * (b.interval.high - b.interval.low) or (
            a.benefit == "higher slope"  # an effect on the whole curve does not move its slope
        )


def test_intervals_of_a_lower_level_are_narrower():
    transfer, scratch, *_ = arms()
    wide, narrow = (
        benefits.three_benefits(EPOCHS, transfer, scratch, level=x) for x in (0.95, 0.5)
    )
    for a, b in zip(wide, narrow, strict=True):
        ratio = (b.interval.high - b.interval.low) / (a.interval.high - a.interval.low)
        assert ratio == pytest.approx(stats.t.ppf(0.75, 11) / stats.t.ppf(0.975, 11), rel=0.01)


def test_runs_without_bases_count_each_as_one():
    transfer, scratch, *_ = arms(n_bases=12, n_refits=1)
    nested = benefits.three_benefits(EPOCHS, transfer, scratch)
    assert benefits.three_benefits(EPOCHS, transfer[:, 0], scratch[:, 0]) == nested
    assert "12 pairs of runs" in nested.start.reason


def test_p_better_counts_all_pairs_of_runs():
    transfer = np.array([0.3, 0.5])[:, None] + np.zeros(3)
    scratch = np.array([0.2, 0.4])[:, None] + np.zeros(3)
    found = benefits.three_benefits([0, 1, 2], transfer, scratch, window=(0, 2), n_last=1)
    assert found.start.p_better == 0.75  # of four pairs, only 0.3 against 0.4 is lost
    assert found.slope.p_better == 0.5  # all slopes are 0: ties


def test_equal_differences_decide_nothing():
    scratch = curve([0.2, 0.25, 0.3], 0.3, [0.6, 0.65, 0.7])
    for found in benefits.three_benefits(EPOCHS, scratch + 0.1, scratch):
        assert found.verdict == "undecided" and found.interval.high == np.inf


def test_benefits_table_has_one_row_per_arm_and_benefit():
    transfer, scratch, *_ = arms()
    short = arms(kt=0.5)[0]
    answers = {
        "fixed=1": benefits.three_benefits(EPOCHS, transfer, scratch),
        "fixed=2": benefits.three_benefits(EPOCHS, short, scratch),
    }
    found = benefits.benefits_table(answers)
    assert list(found.columns) == ["arm", "benefit", "difference", "P(A > B)", "verdict"]
    assert list(found.arm) == ["fixed=1"] * 4 + ["fixed=2"] * 4
    asymptotes = found[found.benefit == "higher asymptote"].set_index("arm")
    assert asymptotes.loc["fixed=2", "verdict"] == "not identified"
    assert asymptotes.loc["fixed=2", "difference"] == "-"  # no number
    start = answers["fixed=1"].start
    assert found.difference[0].startswith(f"{start.interval.estimate:+.3f} [")
    assert found["P(A > B)"][0] == f"{start.p_better:.2f}"


def test_small_differences_are_written_with_enough_digits():
    answer = benefits.Answer(
        "higher slope", intervals.Interval(0.00123, 0.0002, 0.00226), 0.6, "holds", "words"
    )
    assert str(answer) == "higher slope: +0.0012 [+0.0002, +0.0023] holds (words)"


GOOD = np.full((3, 2, 3), 0.5) + np.array([[[0.0]], [[0.01]], [[0.02]]])


def three(transfer=GOOD, scratch=GOOD, epochs=(0, 1, 2), **settings):
    return benefits.three_benefits(
        epochs, transfer, scratch, **{"window": (0, 2), "n_last": 1} | settings
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: three(GOOD * np.nan), "NaN"),
        (lambda: three(scratch=GOOD * np.nan), "NaN"),
        (lambda: three(GOOD[..., :1], GOOD[..., :1], [0]), "one point|1 point|1 epoch"),
        (lambda: three(GOOD + 0.6), "0 to 1|between 0 and 1"),
        (lambda: three(GOOD[..., :2]), "epochs"),
        (lambda: three(epochs=(0, 2, 1)), "increas"),
        (lambda: three(GOOD[:, :1]), r"shape \(3, 1, 3\), scratch \(3, 2, 3\): give both the same"),
        (lambda: three(GOOD[:1], GOOD[:1]), "1 base: an interval needs 2 or more"),
        (lambda: three(GOOD[0, 0], GOOD[0, 0]), r"give an array \(n_bases, n_refits, T\)"),
        (lambda: three(n_resamples=1), "n_resamples=1: a standard error takes 20 refits or more"),
        (lambda: three(n_resamples=-1), "n_resamples=-1: choose a whole number from 0"),
        (lambda: three(level=95), "level=95: choose a coverage"),
        (lambda: three(start_epoch=7), "7"),
        (lambda: three(window=(0, 9)), "9"),
        (lambda: three(window=(2, 0)), "window|begin|end"),
        (lambda: three(n_last=-2), "n_last=-2"),
    ],
)  # fmt: skip
def test_three_benefits_name_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_too_few_epochs_for_a_fit_is_said_not_raised():
    found = three()
    assert found.asymptote.verdict == "not identified" and found.asymptote.interval is None


def test_every_interval_of_the_benefits_carries_the_level_that_was_asked_for():
    transfer, scratch, *_ = arms()
    wide, narrow = (
        benefits.three_benefits(EPOCHS, transfer, scratch, level=level) for level in (0.99, 0.6)
    )
    for one, other in zip(wide, narrow, strict=True):
        assert (one.interval.level, other.interval.level) == (0.99, 0.6)
        assert one.interval.low < other.interval.low < other.interval.high < one.interval.high
