"""The guide: a rule from intervals to advice, and the look-up of the nearest measured setting."""

import pytest

from lib.statistics import advice, intervals

UP, DOWN, OPEN = (
    intervals.Interval(0.02, 0.01, 0.03),
    intervals.Interval(-0.02, -0.03, -0.01),
    intervals.Interval(0, -0.1, 0.1),
)


# The rule


@pytest.mark.parametrize(
    ("arms", "expected"),
    [
        ({"a": UP, "b": DOWN}, "a"),
        ({"a": UP, "b": intervals.Interval(0.05, 0.01, 0.09)}, "b"),
        ({"a": DOWN, "b": DOWN}, "from scratch"),
        ({"a": intervals.Interval(-0.01, -0.02, 0.0)}, "from scratch"),
        ({"a": DOWN, "b": OPEN}, advice.UNDECIDED),
        ({"a": UP, "b": OPEN}, "a"),
        ({}, advice.NOT_MEASURED),
    ],
)
def test_recommend_follows_its_rule(arms, expected):
    assert advice.recommend(arms).what == expected


def test_recommend_gives_its_numbers():
    assert advice.recommend({"a": UP, "b": OPEN}).reason == f"a: {UP}; b: {OPEN}"


def test_recommend_names_the_control_as_it_is_called():
    assert advice.recommend({"a": DOWN}, scratch="random start").what == "random start"


def test_undecided_names_the_control():
    assert advice.UNDECIDED == "undecided: measure against from scratch"


# The nearest measured setting


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [(25, 25), (13, 25), (12, None), (60, 100), (49, 25), (2000, 1000), (2001, None)],
)
def test_nearest_size_is_by_ratio_and_within_a_factor_of_two(wanted, expected):
    assert advice.nearest_size([25, 100, 1000], wanted) == expected


def test_nearest_size_rejects_no_rows():
    with pytest.raises(ValueError, match="0 rows: choose a number above 0"):
        advice.nearest_size([25], 0)


def test_nearest_size_of_no_sizes_is_none():
    assert advice.nearest_size([], 60) is None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [(-1, -1), (-0.75, -1), (-0.74, None), (-0.45, None), (0.55, 0.8), (0.3, 0.3), (1.06, None)],
)
def test_nearest_relatedness_is_by_difference_and_within_a_quarter(wanted, expected):
    assert advice.nearest_relatedness([-1.0, 0.3, 0.8], wanted) == expected


EVIDENCE = {
    (-1.0, 32, "few"): {"a": DOWN},
    (1.0, 32, "few"): {"a": UP},
    (-1.0, 32, "all"): {"a": UP},
    (1.0, 32, "all"): {"a": UP},
}


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ((32, "few", 0.8), "a"),
        ((40, "few", -0.9), "from scratch"),
        ((32, "few", None), advice.UNDECIDED),
        ((32, "all", None), "a"),
        ((500, "all", 1.0), advice.NOT_MEASURED),
        ((32, "all", 0.0), advice.NOT_MEASURED),
    ],
)
def test_advise_takes_the_nearest_setting(setting, expected):
    assert advice.advise(EVIDENCE, *setting).what == expected


def test_advise_without_relatedness_in_the_evidence():
    evidence = {(None, 25, "short"): {"a": UP}, (None, 100, "short"): {"a": DOWN}}
    assert advice.advise(evidence, 30, "short") == ("a", f"measured at 25 rows: a: {UP}")
    assert advice.advise(evidence, 90, "short", relatedness=0.5).what == "from scratch"


def test_advise_says_what_was_measured():
    assert advice.advise(EVIDENCE, 40, "few", -0.9, unit="photographs").reason == (
        f"measured at 32 photographs, relatedness -1: a: {DOWN}"
    )
    assert advice.advise(EVIDENCE, 20, "few").reason == (
        "measured at 32 rows: at relatedness -1: from scratch; at relatedness 1: a"
    )


def test_advise_names_the_measured_settings_where_none_is_near():
    found = advice.advise(EVIDENCE, 32, "few", 0.5).reason
    assert found == "measured at 32 rows with relatedness -1, 1 only"
    evidence = {(None, n, "short"): {"a": UP} for n in (100, 25)}
    found = advice.advise(evidence, 300, "short", unit="photographs").reason
    assert found == "measured: 25 to 100 photographs"


def test_advise_takes_the_sizes_of_its_budget_only():
    evidence = EVIDENCE | {(1.0, 500, "all"): {"a": DOWN}}
    assert advice.advise(evidence, 500, "all", 1.0).what == "from scratch"
    assert advice.advise(evidence, 500, "few", 1.0).what == advice.NOT_MEASURED


@pytest.mark.parametrize("setting", [(None,), (1.0,)])
def test_advise_applies_another_rule(setting):
    def second(arms):
        return advice.Advice("whatever", f"{len(arms)} arm")

    assert advice.advise(EVIDENCE, 32, "few", *setting, rule=second).what == "whatever"


def test_advise_rejects_an_unknown_budget():
    with pytest.raises(ValueError, match="budget='long': choose one of few, all"):
        advice.advise(EVIDENCE, 32, "long")


def test_advise_looks_at_the_relatedness_of_its_own_setting_only():
    """Each number of rows was measured at another relatedness."""
    evidence = {(0.0, 100, "short"): {"a": UP}, (0.5, 1000, "short"): {"a": DOWN}}
    found = advice.advise(evidence, 100, "short")
    assert found.what == "a" and "relatedness 0:" in found.reason and "0.5" not in found.reason
    assert advice.advise(evidence, 1000, "short", relatedness=0.5).what == "from scratch"
