"""Every public name of `lib.figures` with hostile arguments."""

import inspect
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from fuzz_harness import Made, case, fuzz_tests, nothing, of_type
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from lib import figures
from lib.curves import Answer, Benefits, benefit_curves, fit_form
from lib.figures.words import described, undescribed
from lib.statistics import Interval, Spread, summarise_curves

ONE = Interval(0.1, 0.0, 0.2)
ANSWER = Answer("higher start", ONE, 0.7, "holds", "why")
X, Y = np.arange(12, dtype="float32").reshape(6, 2), np.array([0, 1, 0, 1, 0, 1])
EPOCHS = np.arange(8.0)
CURVE = 0.8 - 0.5 * np.exp(-EPOCHS / 2)
FIT = fit_form(EPOCHS, CURVE, "exponential")
RUNS = np.array([[0.25, 0.35, 0.45], [0.25, 0.36, 0.47]])
PLANE = np.meshgrid(np.arange(3.0), np.arange(3.0))
TABLE = pd.DataFrame(
    {"arm": "fixed=0", "pair": [0, 0, 1, 1], "epoch": [0, 1, 0, 1], "test_accuracy": [0.2, 0.4] * 2}
)
COVERAGE = pd.DataFrame(
    {
        "name": "one design", "quantity": "start", "saturation": [1.0, 2.0], "simulations": 1000,
        "coverage": [0.941, 0.95], "coverage_low": 0.93, "coverage_high": 0.96,
        "not_identified": [0.62, 0.1],
    }
)  # fmt: skip


def task_of(x):
    return SimpleNamespace(
        x_train=x, y_train=Y, class_names=("red", "green"), name="made up", data="made up"
    )  # fmt: skip


def drawn(ax) -> None:
    """Axes that say what was drawn, in numbers that are some."""
    assert isinstance(ax, Axes) and not undescribed(ax.figure)
    words = described(ax.figure)
    assert words and "nan" not in words.lower().split() and "inf" not in words.lower().split()


def plot(**good):
    """A case of a figure, with the words that most of them take."""
    return case(drawn, **good)


CHOICES = "part", "quantity", "by"  # words that choose something
NEW = Made(lambda: plt.subplots()[1])
WORDS = {"title": "Problem 1", "ax": None}
CASES = {
    "panels": case(
        lambda axes: [isinstance(ax, Axes) for ax in axes], n=2, titles=["a", "b"], title="both",
        shared="x", columns=2, size=(3.0, 3.0), widths=[1.0, 2.0],
    ).says(columns="widths"),
    "side_by_side": case(
        lambda axes: [drawn(ax) for ax in axes], plot=figures.plot_spreads,
        shown=[{"fixed=0": Spread(0.8, 0.031, 0.012)}], titles=["a"], title="both", shared="x",
        columns=1, size=(3.0, 3.0),
    ).says(shown="spreads, titles, n=", plot="spreads, run", titles="panels", columns="spreads"),
    "mark_line": case(of_type(Axes), ax=NEW, x=None, y=0.5, label="chance", beside=False),
    "mark_points": case(of_type(Axes), ax=NEW, x=[1, 2], y=[0.5, 0.6], label="new", joined=True),
    "zero_line": case(of_type(Axes), ax=NEW),
    "describe": case(nothing, ax=NEW, words="Two lines that cross."),
    "described": case(of_type(str), figure=Made(lambda: plt.subplots()[0])),
    "style": case(of_type(tuple), label="fixed=0"),
    "plot_words": plot(
        places={"cat": (0.0, 1.0)}, groups={"animals": ["cat"]}, directions="direction", **WORDS
    ),
    "plot_points": plot(task=task_of(X), part="train", **WORDS),
    "plot_regions": plot(
        class_map=SimpleNamespace(xx0=PLANE[0], xx1=PLANE[1], response=PLANE[0] > 1), points=None,
        **WORDS,
    ).says(points="task"),
    "plot_unit_lines": plot(kernel=np.eye(2), bias=np.array([3.0, 4.0]), points=X, ax=None),
    "plot_photos": plot(
        shown=task_of(np.zeros((6, 4, 4, 3), "uint8")), n_columns=3, **WORDS
    ).says(shown="task"),
    "plot_history": plot(
        history=SimpleNamespace(train_accuracy=[0.1, 0.2], test_accuracy=[0.3, 0.4]),
        quantity="accuracy", parts=["train", "test"], **WORDS,
    ),
    "plot_curves": plot(
        summaries={"fixed=0": summarise_curves(RUNS)}, runs={"fixed=0": RUNS}, unit="runs",
        over="epoch", quantity="accuracy", log=False, zero=True, limits=(0.1, None), **WORDS,
    ).says(summaries="runs"),
    "plot_runs": plot(curves=RUNS, chosen=[True, False], called="are odd", **WORDS),
    "plot_epochs": plot(table=TABLE, quantity="test_accuracy", by="arm", **WORDS).says(
        quantity="table", by="table"
    ),
    "plot_progress": plot(
        curves={"fixed=0": ([1, 9], [0.2, 0.6])}, over="seconds", quantity="accuracy", log=True,
        zero=False, caption="one run", **WORDS,
    ),
    "plot_boxes": plot(
        scores={"fixed=0": [0.1, 0.2, 0.4]}, quantity="accuracy", unit="run",
        marks={"published": {"fixed=0": 0.3}}, **WORDS,
    ),
    "plot_nested": plot(scores=RUNS, label="fixed=0", seeds=[1, 2], **WORDS).says(scores="seeds"),
    "plot_spreads": plot(spreads={"fixed=0": Spread(0.8, 0.031, 0.012)}, **WORDS),
    "plot_histogram": plot(
        values={"fixed=0": [0.1, 0.2, 0.4]}, quantity="accuracy", counted="runs", bins=5, **WORDS
    ),
    "plot_scatter": plot(
        points={"fixed=0": ([1, 2], [0.25, 0.5])}, over="source", quantity="target", **WORDS
    ),
    "plot_seconds": plot(parts={"fixed=0": {"target": 4.2}}, **WORDS),
    "plot_intervals": plot(
        intervals={"fixed=0": ONE}, quantity="accuracy", rows="arm", counts="9 bases",
        points={"fixed=0": [0.1, 0.2]}, verdicts={"fixed=0": "holds"},
        marks={"published": {"fixed=0": 0.3}}, margin=0.05, **WORDS,
    ),
    "plot_answers": plot(answers={"fixed=0": ANSWER}, quantity="accuracy", **WORDS),
    "plot_against": plot(
        points={"fixed=0": {8: ONE}}, over="rows", quantity="accuracy", log=True, zero=True,
        units={"fixed=0": {8: [0.1, 0.2]}}, counts="2 pairs", **WORDS,
    ),
    "plot_fits": plot(
        epochs=EPOCHS, curves={"fixed=0": CURVE}, fits={"fixed=0": {"exponential": FIT}},
        last=5, horizon=20, log=False, **WORDS,
    ).without("its fields are what fit_form makes; the form is checked by plot_fits", "fits")
    .says(curves="fits"),
    "plot_cuts": plot(answers={9: Benefits(ANSWER, ANSWER, ANSWER, ANSWER)}, **WORDS).without(
        "four records of one kind, see the test below", "answers"
    ),
    "plot_map": plot(intervals={(0.5, 8): ONE}, over="rows", by="level", largest=0.2, **WORDS),
    "plot_confusion": plot(counts=[[3, 1]], true=["dog"], said=["cat", "deer"], **WORDS),
    "plot_coverage": plot(table=COVERAGE, **WORDS),
    "plot_not_identified": plot(table=COVERAGE, **WORDS),
    "plot_benefits": plot(curves=benefit_curves(start=0.1), **WORDS),
    "plot_design": plot(n_bases=4, n_refits=3, **WORDS),
}  # fmt: skip
EXEMPT = {}
PLOTS = {name: getattr(figures, name) for name in CASES if name.startswith("plot_")}
SHARED = {  # by plot: what `figure` checks from the annotations, one code for all
    name: [
        p.name
        for p in inspect.signature(plot).parameters.values()
        if p.annotation in (str, bool) or p.name == "ax"
    ]
    for name, plot in PLOTS.items()
}
for name, arguments in SHARED.items():
    if name != "plot_design":  # one has them all
        left = [a for a in arguments if a not in CHOICES]
        CASES[name].without("checked by `figure`, see the tests below", *left)
test_names, test_valid, test_hostile, test_two_hostile = fuzz_tests(figures, CASES, EXEMPT)


@pytest.mark.parametrize("name", PLOTS)
def test_every_plot_refuses_other_words_flags_and_axes(name):
    for argument in SHARED[name]:
        for value in (3, 0.5, b"x", ["x"], {}, np.nan):
            good = {k: v.make() if isinstance(v, Made) else v for k, v in CASES[name].good.items()}
            with pytest.raises(ValueError, match=f"^{argument}="):
                PLOTS[name](**good | {argument: value})
            plt.close("all")


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_that_fails_leaves_no_figure_open(name):
    first = next(iter(CASES[name].good))
    with pytest.raises(ValueError):
        PLOTS[name](**CASES[name].good | {first: None, "ax": None} if "ax" in SHARED[name] else {})
    assert plt.get_fignums() == []


@pytest.mark.parametrize("part", ["start", "asymptote", "late_level"])
def test_plot_cuts_refuses_answers_that_are_none(part):
    fine = Benefits(ANSWER, ANSWER, ANSWER, ANSWER)
    for other in (None, 3, SimpleNamespace(interval=3), SimpleNamespace(interval=np.nan)):
        with pytest.raises(ValueError, match=f"answers at 9: {part}"):
            figures.plot_cuts({9: fine._replace(**{part: other})})
    for answers in ({}, None, [fine], {"x": fine}, {9: None}, {np.nan: fine}):
        with pytest.raises(ValueError, match="answers"):
            figures.plot_cuts(answers)


def test_plot_fits_refuses_fits_that_are_none():
    for fits in (None, {}, {"fixed=0": None}, {"fixed=0": {"line": FIT}}, [FIT]):
        with pytest.raises(ValueError, match="fits"):
            figures.plot_fits(EPOCHS, {"fixed=0": CURVE}, fits)
