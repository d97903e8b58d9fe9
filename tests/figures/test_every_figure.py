"""What holds for every `plot_*`: how it is called, and that it says what it drew."""

import inspect
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib import figure
from matplotlib import pyplot as plt

from lib import figures
from lib.curves import Answer, Benefits, benefit_curves, fit_form
from lib.data.task import Task
from lib.statistics import Interval, Spread, summarise_curves

ONE = Interval(0.123, 0.05, 0.2)
X, Y = np.arange(12, dtype="float32").reshape(6, 2), np.array([0, 1, 0, 1, 0, 1])
PIXELS = np.zeros((6, 4, 4, 3), "uint8")


def task_of(x, names):
    parts = {"x_train": x, "y_train": Y, "x_test": x, "y_test": Y}
    return Task(name="made up", class_names=names, data="made up", **parts)


XX0, XX1 = np.meshgrid(np.arange(3.0), np.arange(3.0))
HISTORY = SimpleNamespace(train_accuracy=[0.1, 0.2], test_accuracy=[0.3, 0.4])
CURVES = np.array([[0.25, 0.35, 0.45], [0.25, 0.36, 0.47]])
EPOCHS = np.arange(20)
CURVE = 0.8 - 0.5 * np.exp(-EPOCHS / 5)
TABLE = pd.DataFrame(
    {"arm": "fixed=0", "pair": [0, 0, 1, 1], "epoch": [0, 1, 0, 1], "test_accuracy": [0.2, 0.4] * 2}
)
ANSWER = Answer("higher start", ONE, None, "holds", "why")
COVERAGE = pd.DataFrame(
    {
        "name": "one design", "quantity": "start", "saturation": [1.0, 2.0], "simulations": 1000,
        "coverage": [0.941, 0.95], "coverage_low": 0.93, "coverage_high": 0.96,
        "not_identified": [0.62, 0.1],
    }
)  # fmt: skip
# name -> (data, options, words that only the data can have given)
EXAMPLES = {
    "plot_words": (
        ({"cat": (0, 1)}, {"animals": ["cat"]}),
        {},
        "animals: 1 words around (0.0, 1.0)",
    ),
    "plot_points": ((task_of(X, ("red", "green")),), {}, "red: 3 points"),
    "plot_regions": ((SimpleNamespace(xx0=XX0, xx1=XX1, response=XX0 > 1),), {}, "class 1: 33%"),
    "plot_unit_lines": ((np.eye(2), np.array([3.0, 4.0])), {}, "unit 1: 4.0 from the origin"),
    "plot_photos": ((task_of(PIXELS, ("cat", "dog")),), {"n_columns": 3}, "cat, dog"),
    "plot_history": ((HISTORY,), {}, "test: 0.30 at epoch 1, 0.40 at epoch 2"),
    "plot_curves": (({"fixed=0": summarise_curves(CURVES)},), {}, "0.46 (epoch 2)"),
    "plot_runs": ((CURVES,), {"chosen": [True, False], "called": "are odd"}, "0.45 to 0.45"),
    "plot_epochs": ((TABLE,), {}, "fixed=0: 0.20 at epoch 0, 0.40 at epoch 1"),
    "plot_progress": (({"fixed=0": ([1, 9], [0.2, 0.6])},), {"over": "seconds"}, "0.60 at 9"),
    "plot_boxes": (({"fixed=0": [0.1, 0.2, 0.4]},), {}, "fixed=0: median 0.200"),
    "plot_nested": ((CURVES,), {"label": "fixed=0"}, "from 0.35 to 0.36"),
    "plot_spreads": (({"fixed=0": Spread(0.8, 0.031, 0.012)},), {}, "0.031 between bases"),
    "plot_histogram": (({"fixed=0": [0.1, 0.2, 0.4]},), {"quantity": "accuracy"}, "median 0.200"),
    "plot_scatter": (
        ({"fixed=0": ([1, 2], [0.25, 0.5])},),
        {"over": "source", "quantity": "target"},
        "0.25 to 0.50 over 1.00 to 2.00",
    ),
    "plot_seconds": (({"fixed=0": {"target": 4.2}},), {}, "fixed=0: target 4.2"),
    "plot_intervals": (({"fixed=0": ONE},), {}, "0.123, from 0.050 to 0.200"),
    "plot_answers": (({"fixed=0": ANSWER},), {}, "0.123, from 0.050 to 0.200 (holds)"),
    "plot_against": (({"fixed=0": {8: ONE}},), {"over": "rows"}, "at 8 0.123, from 0.050"),
    "plot_fits": (
        (EPOCHS, {"fixed=0": CURVE}, {"fixed=0": {"power": fit_form(EPOCHS, CURVE, "power")}}),
        {},
        "0.30 at epoch 0",
    ),
    "plot_cuts": (({9: Benefits(ANSWER, ANSWER, ANSWER, ANSWER)},), {}, "cut at epoch 9: 0.123"),
    "plot_map": (({(0.5, 8): ONE},), {}, "0.5 with 8: 0.123"),
    "plot_confusion": (([[3, 1]],), {"true": ["dog"], "said": ["cat", "deer"]}, "dog: cat 0.75"),
    "plot_coverage": ((COVERAGE,), {}, "start: 0.941 to 0.950"),
    "plot_not_identified": ((COVERAGE,), {}, "kT 1: 0.62"),
    "plot_benefits": ((benefit_curves(start=0.1),), {}, "with transfer: start 0.30"),
    "plot_design": ((4, 3), {}, "4 base models, one column each, with 3 refits"),
}
every = pytest.mark.parametrize("name", EXAMPLES)


def drawn(name, **more):
    data, options, _ = EXAMPLES[name]
    return getattr(figures, name)(*data, **options, **more)


def test_every_public_figure_has_an_example():
    assert set(EXAMPLES) == {name for name in figures.__all__ if name.startswith("plot_")}


@every
def test_all_but_the_data_is_given_by_keyword(name):
    data, options, _ = EXAMPLES[name]
    parameters = inspect.signature(getattr(figures, name)).parameters
    positional = [p.name for p in parameters.values() if p.kind is not p.KEYWORD_ONLY]
    assert len(positional) == len(data)
    assert {"ax", "title"} <= set(parameters) - set(positional) or name == "plot_unit_lines"


@every
def test_figure_draws_into_the_given_axes_or_new_ones_and_returns_them(name):
    _, given = plt.subplots()
    assert drawn(name, ax=given) is given
    assert drawn(name) is not given
    assert len(plt.get_fignums()) == 2


@every
def test_figure_says_what_it_drew_in_sentences_of_its_data(name):
    ax = drawn(name)
    said = figures.described(ax.figure)
    assert EXAMPLES[name][2] in said
    assert re.search(r"\d", said) and said.endswith(".") and "\n" not in said
    assert "nan" not in said.lower() and ".." not in said and len(said) <= 600


@every
def test_figure_labels_its_axes_with_words(name):
    ax = drawn(name)
    rows_named = [label.get_text() for label in ax.get_yticklabels() if label.get_text()]
    assert ax.get_xlabel() and (ax.get_ylabel() or rows_named)


@every
def test_figure_neither_shows_nor_saves_nor_touches_global_chance(name, monkeypatch):
    def forbidden(*args, **kwargs):
        raise AssertionError("a figure is shown or saved by the lesson alone")

    monkeypatch.setattr(plt, "show", forbidden)
    monkeypatch.setattr(plt, "savefig", forbidden)
    monkeypatch.setattr(figure.Figure, "savefig", forbidden)
    np.random.seed(0)  # noqa: NPY002 - the global generator is the subject
    drawn(name)
    assert np.random.uniform() == np.random.RandomState(0).uniform()  # noqa: NPY002


@every
def test_figure_takes_a_title_over_what_it_says_of_itself(name):
    if name != "plot_unit_lines":
        own = " ".join(drawn(name).get_title().split())
        ax = drawn(name, title="Problem 1")
        assert ax.get_title().startswith("Problem 1")
        if "title" not in own and name != "plot_not_identified":
            assert own in " ".join(ax.get_title().split())
