"""Is it a whole number, a rate, an array of finite numbers?"""

import numpy as np
import pytest

from lib import checks

NO_NUMBERS = [True, np.True_, "3", None, [3], np.array([3]), 3j, float("nan"), np.float32("inf")]


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), 10**400])
def test_is_whole_and_is_finite_take_pythons_and_numpys_numbers(value):
    assert checks.is_whole(value) and checks.is_finite(value)


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), np.float64(3)])
def test_is_finite_takes_numbers_that_are_not_whole(value):
    assert checks.is_finite(value) and not checks.is_whole(value)


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_is_whole_and_is_finite_refuse_what_is_no_number(value):
    assert not checks.is_whole(value) and not checks.is_finite(value)


@pytest.mark.parametrize("value", [-1, 5, 1.0, *NO_NUMBERS])
def test_check_whole_names_value_and_range(value):
    with pytest.raises(ValueError) as error:
        checks.check_whole("n_rows", value, 0, 4)
    assert str(error.value) == f"n_rows={value!r}: choose a whole number from 0 to 4."


def test_check_whole_allows_both_ends_and_an_open_one():
    for value in (0, 4, np.int64(2)):
        checks.check_whole("n_rows", value, 0, 4)
    checks.check_whole("n_rows", 10**400, 0)
    with pytest.raises(ValueError, match="n_rows=-1: choose a whole number from 0 up."):
        checks.check_whole("n_rows", -1, 0)


@pytest.mark.parametrize("value", [0, -0.1, float("inf"), *NO_NUMBERS])
def test_check_rate_refuses_all_but_finite_numbers_above_0(value):
    with pytest.raises(ValueError) as error:
        checks.check_rate("learning_rate", value)
    assert str(error.value) == f"learning_rate={value!r}: choose a number above 0."
    for rate in (1e-9, 3, np.float32(0.1)):
        checks.check_rate("learning_rate", rate)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("inf"), 10**400, *NO_NUMBERS[:3]])
def test_check_number_names_value_and_range(value):
    with pytest.raises(ValueError) as error:
        checks.check_number("threshold", value, 0, 1)
    assert str(error.value) == f"threshold={checks.shown(value)}: choose a number from 0 to 1."


def test_check_number_allows_both_ends_and_open_ones():
    for value in (0, 1, np.float32(0.3)):
        checks.check_number("threshold", value, 0, 1)
    checks.check_number("shift", np.float16(-3))
    with pytest.raises(ValueError, match=r"shift=1e\+308: choose a number that is finite"):
        checks.check_number("shift", 1e308)


def test_check_rate_refuses_what_no_quantity_reaches():
    with pytest.raises(ValueError, match=r"sd=1e\+308: choose a number above 0, 1e\+60 at most"):
        checks.check_rate("sd", 1e308)


@pytest.mark.parametrize("value", ["tset", "", None, 3, ["train"]])
def test_check_choice_lists_what_is_allowed(value):
    with pytest.raises(ValueError) as error:
        checks.check_choice("part", value, ("train", "test"))
    assert str(error.value) == f"part={value!r}: choose one of train, test."
    checks.check_choice("part", "test", ("train", "test"))


@pytest.mark.parametrize("value", [None, 3, b"x", ["x"]])
def test_check_text_and_check_flag_refuse_all_else(value):
    for check in (checks.check_text, checks.check_flag):
        with pytest.raises(ValueError, match="^name="):
            check("name", value)
    checks.check_text("name", "")
    checks.check_flag("name", np.True_)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[1, 2], [3]], "scores of unequal lengths, or no numbers: give an array (n,), all rows"),
        (["0.5", "0.6"], "scores=['0.5', '0.6'] (array of <U3): give numbers, an array (n,)."),
        ([0.5, None], "scores=[0.5, None] (array of object): give numbers, an array (n,)."),
        ({"a": 1}, "scores={'a': 1} (dict): give numbers, an array (n,)."),
        ([0.5j], "(array of complex128): give numbers, an array (n,)."),
        (0.5, "scores of shape (): give an array (n,)."),
        ([[0.5]], "scores of shape (1, 1): give an array (n,)."),
        ([], "scores of shape (0,): no values, give one number or more."),
        ([0.5, np.nan, np.inf], "2 of 3 values are NaN or infinite: look at those runs."),
        ([0.5, -1e308], "scores as large as 1e+308: give numbers up to 1e+60."),
        (
            np.ma.array([0.5, 0.6], mask=[True, False]),
            "scores: some values are masked: leave them out",
        ),
    ],
)
def test_numbers_says_what_is_wrong(values, message):
    with pytest.raises(ValueError) as error:
        checks.numbers("scores", values, ("n",))
    assert message in str(error.value)


def test_numbers_takes_whatever_holds_finite_numbers():
    for values in ([1, 2], (True, 0.5), np.array([1, 2], "float32"), range(3)):
        found = checks.numbers("scores", values, ("n_bases", "n_refits"), ("n",))
        assert found.dtype == "float64" and found.tolist() == list(values)
    assert checks.numbers("value", 0.5).shape == ()


def test_numbers_copies_so_that_nothing_given_is_changed():
    given = np.array([0.5, 0.6])
    checks.numbers("scores", given)[0] = 7
    assert given[0] == 0.5
