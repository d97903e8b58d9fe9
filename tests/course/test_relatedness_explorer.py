"""The explorer of relatedness and target rows: its words, its figure, its controls."""

import html
import re

import numpy as np
import pytest
from matplotlib import pyplot as plt

from lib.course.explorers import relatedness
from lib.experiments import explore
from lib.figures import MINUS_SCRATCH, described


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def results():
    """From scratch stays at 0.5, fixed=0 ends higher in each of three task pairs."""
    scratch = np.full((3, 2), 0.5)
    return {"from scratch": scratch, "fixed=0": np.add(scratch, [[0, 0.1], [0, 0.11], [0, 0.12]])}


def test_relatedness_words_judge_the_last_round(results):
    found = relatedness.relatedness_words(results, "fixed=0")
    assert found.startswith("fixed=0 minus from scratch after 1 rounds: +0.110 [+0.085, +0.135]")
    assert found.endswith("3 task pairs: transfer helps.")
    results["fixed=0"] = 1 - results["fixed=0"]
    assert relatedness.relatedness_words(results, "fixed=0").endswith("transfer hurts.")


def test_relatedness_figure_draws_both_arms_and_their_difference(results):
    left, right = relatedness.relatedness_figure(results, "fixed=0", "a title").axes
    labels = [text.get_text() for text in left.get_legend().get_texts()]
    assert labels == ["from scratch", "fixed=0"]
    drawn = {line.get_label(): line.get_ydata() for line in right.lines}
    np.testing.assert_allclose(drawn["fixed=0"], [0, 0.11])
    assert right.get_ylabel().replace("\n", " ") == MINUS_SCRATCH
    assert "n = 3 task pairs" in left.get_title().replace("\n", " ")


def test_relatedness_explorer_draws_what_its_controls_say():
    *controls, status, picture = relatedness.relatedness_explorer(2, 2, seed=3).children
    named = {control.description: control for control in controls}
    assert list(named) == ["relatedness", "target rows", "frozen layers"]
    named["frozen layers"].value = 2
    named["relatedness"].value = -0.3
    named["target rows"].value = 8
    results = explore(-0.3, 8, 2, 2, 3)
    assert relatedness.relatedness_words(results, "fixed=2") in html.unescape(status.value)
    alt = html.unescape(re.search(r'<img alt="([^"]*)"', picture.value)[1])
    title = "relatedness -0.3, 8 target rows, fixed=2"
    assert alt == described(relatedness.relatedness_figure(results, "fixed=2", title))
    assert alt.lower().startswith(title)
