"""The three sizes of the course."""

from dataclasses import astuple

import pytest

from lib.course import PROFILES, get_profile, profiles


def test_profiles_are_as_the_course_was_measured():
    found = [astuple(profile) for profile in PROFILES.values()]
    assert found == [
        ("smoke", 10, 4, 30, 2, 3, 200, 1, 60, 30, 20, 2),
        ("class", 100, 30, 500, 2, 40, 2000, 2, 1000, 200, 200, 6),
        ("full", 100, 30, 4000, 2, 200, 10000, 30, 5000, 5000, 1000, 20),
    ]


def test_profile_takes_no_bare_numbers():
    with pytest.raises(TypeError):
        profiles.Profile("smoke", 10, 4, 20, 2, 3, 200, 1, 60, 30, 20, 2)


def test_get_profile_names_the_legal_ones():
    with pytest.raises(ValueError, match="PROFILE='quick' is unknown: choose one of smoke, class"):
        get_profile("quick")
