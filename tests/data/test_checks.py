"""Is it a whole number, is it a rate?"""

import numpy as np
import pytest

from lib.data import checks

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
