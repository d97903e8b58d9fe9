"""The harness itself: what it lets pass, and what it reports."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from fuzz_harness import case, fuzz_tests, hostile, interval, number, outcome, sound

from lib.checks import check_number, check_whole
from lib.statistics import Interval


def raises_here(value):
    raise ValueError(f"value={value}: choose another number, please.")


def raises_by_numpy(value):
    return np.zeros(3).reshape(value + 3)


def warns(value):
    warnings.warn("one day", RuntimeWarning, stacklevel=1)
    return value


def found_of(function, check=sound, argument="value", value=-1, **words):
    one = case(check, **{argument: value}).says(**words)
    return outcome(one, function, one.good, [argument])


def test_outcome_lets_our_own_error_and_a_sound_result_pass():
    assert found_of(lambda value: check_number("value", value, 0, 1)) == ""
    assert found_of(lambda value: 0.5, number(0, 1)) == ""


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (raises_here, "raised in test_fuzz_harness.py: ValueError: 'value=-1: choose"),
        (raises_by_numpy, "raised in test_fuzz_harness.py"),
        (warns, "warned: RuntimeWarning: one day"),
        (lambda value: [value, np.nan], "returned [-1, nan] (AssertionError: nan in the result)"),
        (lambda value: {}["x"], "raised KeyError"),
        (lambda value: check_whole("n", value, 0), "does not name value"),
    ],
)
def test_outcome_reports_all_else(function, said):
    assert said in found_of(function)


def test_outcome_takes_another_word_for_an_argument():
    assert "does not name" in found_of(lambda value: check_whole("n_rows", value, 0))
    one = case(sound, value=-1).says(value="rows, n_rows")
    assert outcome(one, lambda value: check_whole("n_rows", value, 0), one.good, ["value"]) == ""


def test_hostile_replaces_what_a_value_holds():
    inner = hostile({"a": [0.5, 0.6]})
    assert inner["{'a': one NaN}"]["a"].tolist()[1] == 0.6 and inner["{key 3}"] == {3: [0.5, 0.6]}
    assert hostile(SimpleNamespace(n=3))["n=None"].n is None
    assert hostile(Interval(0.1, 0.0, 0.2))["level=0.5"].level == 0.5


def test_interval_refuses_an_estimate_outside_its_bounds_and_one_bound():
    interval(Interval(0.1, -np.inf, np.inf))
    for one in ((0.5, 0.0, 0.2), (0.1, 0.0, np.inf)):
        with pytest.raises(AssertionError):
            interval(SimpleNamespace(estimate=one[0], low=one[1], high=one[2], level=0.95))


def test_every_public_name_needs_a_case_with_all_its_arguments():
    room = SimpleNamespace(__all__=["f", "g", "N"], f=lambda a, b: 0.5, g=lambda a: 0.5, N=3)
    names, *_ = fuzz_tests(room, {"f": case(sound, a=1, b=2)}, {"g": "because"})
    names()
    for cases, exempt in (
        ({"f": case(sound, a=1, b=2)}, {}),
        ({"f": case(sound, a=1)}, {"g": "x"}),
    ):
        with pytest.raises(AssertionError, match="g|b"):
            fuzz_tests(room, cases, exempt)[0]()
