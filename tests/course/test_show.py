"""What a lesson shows: images with alt text, and records that the course's run collects."""

import html
import re

import nbformat
import numpy as np
import pandas as pd
import pytest
from IPython.utils.capture import capture_output
from matplotlib import pyplot as plt

from lib import course, figures
from lib.course import cells, records, tables
from lib.course.page import index_page
from lib.course.show import EDGES, MARKS, VERDICTS
from lib.data import blobs
from lib.statistics import Interval

pytestmark = pytest.mark.usefixtures("shell")

ALT = 'A line from 0 to 1, "steep" & <straight>.'


@pytest.fixture
def figure():
    figure, ax = plt.subplots(figsize=(1, 1))
    ax.plot([0, 1])
    yield figure
    plt.close("all")


def displayed(function, *args, **options):
    """The data of every output that a call displays, by MIME type."""
    with capture_output() as captured:
        function(*args, **options)
    assert captured.stderr == ""
    return [output.data for output in captured.outputs]


def notebook_of(*outputs):
    """A notebook whose only code cell has these outputs."""
    cell = nbformat.v4.new_code_cell(
        outputs=[nbformat.v4.new_output("display_data", data) for data in outputs]
    )
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbformat.validate(notebook)
    return notebook


# Figures


def test_show_displays_one_image_with_its_alt_text_escaped(figure):
    (data,) = displayed(course.show, figure, ALT)
    (alt,) = re.findall(r'<img alt="([^"]*)"', data["text/html"])
    assert html.unescape(alt) == ALT
    assert not set('"<>') & set(alt) and "&amp;" in alt
    assert 'src="data:image/png;base64,iVBOR' in data["text/html"]


def test_show_closes_its_figure_and_no_other(figure):
    other = plt.figure()
    displayed(course.show, figure, ALT)
    assert plt.get_fignums() == [other.number]


def test_figure_html_dpi_sets_the_size_of_the_image(figure):
    small, large = (len(course.figure_html(figure, ALT, dpi)) for dpi in (20, 200))
    assert large > 2 * small


@pytest.mark.parametrize("empty", ["", " \n"])
@pytest.mark.parametrize("function", [course.show, course.figure_html])
def test_show_and_figure_html_refuse_an_empty_alt(figure, function, empty):
    with pytest.raises(ValueError, match="='' is empty: say in a sentence what the figure"):
        function(figure, empty)


def test_show_says_what_was_drawn_in_alt_text_and_plain_text():
    (data,) = displayed(course.show, figures.plot_boxes({"fixed=0": [0.1, 0.2, 0.4]}))
    assert data["text/plain"].startswith("Figure: Box: middle half and median")
    assert "fixed=0: median 0.200" in data["text/plain"]
    assert html.escape(data["text/plain"].removeprefix("Figure: ")) in data["text/html"]


def test_show_takes_axes_of_one_figure_and_words_of_the_lesson():
    axes = figures.panels(2, titles=["one", "two"])
    for ax, value in zip(axes, (0.1, 0.3), strict=True):
        figures.plot_boxes({"fixed=0": [value, value]}, ax=ax)
    (data,) = displayed(course.show, axes, "Both problems.")
    said = data["text/plain"]
    assert said.startswith("Figure: Both problems. Panel 1 of 2: One: Box") and "0.300" in said
    assert plt.get_fignums() == []


def test_show_refuses_what_nobody_described(figure):
    figure.axes[0].set_title("a line")
    with pytest.raises(ValueError, match="no description of 'a line': draw with lib.figures, or"):
        course.show(figure)
    with pytest.raises(ValueError, match="no description of an empty figure"):
        course.show(plt.figure())


def test_show_refuses_a_panel_that_nobody_described():
    one, other = figures.panels(2)
    figures.plot_boxes({"fixed=0": [0.1, 0.2]}, ax=one)
    other.plot([0, 1])
    other.set_title("by hand")
    with pytest.raises(ValueError, match="no description of 'by hand'"):
        course.show([one, other])


def test_show_refuses_axes_of_two_figures(figure):
    with pytest.raises(ValueError, match="axes of 2 figures: show one figure at a time."):
        course.show([figure.axes[0], plt.subplots()[1]])


def test_figure_html_without_alt_takes_the_description():
    ax = figures.plot_boxes({"fixed=0": [0.1, 0.2, 0.4]})
    assert html.escape(figures.described(ax.figure)) in course.figure_html(ax.figure)


# Tables

TABLE = pd.DataFrame(
    {
        "mean accuracy": [0.78712, float("nan")],
        "rows": [25_000, 500],
        "difference": [Interval(0.1, 0.05, 0.2), None],
        "claim": ["a <b>long</b> claim " * 10, "short"],
        "frozen": [True, False],
    },
    index=["from scratch", "fixed=0"],
)


def cells_of(page):
    """(texts, styles) of the cells of a table, row by row."""
    rows = [re.findall(r"<t([hd])[^>]*style=\"([^\"]*)\">([^<]*)<", row)
            for row in re.findall("<tr>(.*?)</tr>", page)]  # fmt: skip
    return [[html.unescape(text) for *_, text in row] for row in rows], [
        [style for _, style, _ in row] for row in rows
    ]


def test_show_table_writes_every_cell_whole_as_page_and_as_text():
    (data,) = displayed(course.show_table, TABLE, caption="Two <arms>")
    texts, _ = cells_of(data["text/html"])
    long = "a <b>long</b> claim " * 10
    assert texts == [
        ["", *TABLE.columns],
        ["from scratch", "0.787", "25,000", "+0.100 [+0.050, +0.200]", long, "yes"],
        ["fixed=0", "–", "500", "–", "short", "no"],
    ]
    assert "Two &lt;arms&gt;</caption>" in data["text/html"]
    assert data["text/plain"].startswith("Two <arms>\n")
    assert all(text in data["text/plain"] for row in texts for text in row)


def test_show_table_puts_numbers_to_the_right_and_never_breaks_a_word():
    (data,) = displayed(course.show_table, TABLE)
    _, styles = cells_of(data["text/html"])
    for row in styles[1:]:
        sides = [re.search("text-align: (left|right)", style)[1] for style in row]
        assert sides == ["left", "right", "right", "left", "left", "left"]
    for style in sum(styles, []):
        assert "white-space: normal; overflow-wrap: normal; word-break: normal" in style


@pytest.mark.parametrize(
    ("values", "digits", "expected"),
    [
        ([0.78712, 1.0], 3, ["0.787", "1.000"]),
        ([0.78712, 1.0], 1, ["0.8", "1.0"]),
        ([123.456, 0.5], 3, ["123.5", "0.5"]),  # seconds
        ([12345.678, 0.5], 3, ["12,345.7", "0.5"]),
        ([0.00123, -0.00004], 3, ["0.0012", "0.0000"]),
        ([12.0, 100.0], 3, ["12", "100"]),
        ([-1e-9, 0.5], 2, ["0.00", "0.50"]),
        ([0.0, 1.0], 3, ["0.000", "1.000"]),
        ([0.5, float("inf")], 3, ["0.500", "inf"]),
        ([0.5, 0.25], "{:+.0%}", ["+50%", "+25%"]),
        ([0.5, 50.0], lambda v: "many" if v > 9 else f"{v:.1f}", ["0.5", "many"]),
    ],
)
def test_show_table_digits(values, digits, expected):
    frame = pd.DataFrame({"value": values, "other": 0.12345})
    one = digits if isinstance(digits, int) else {"value": digits}
    written = cells.texts_of(frame, one).frame
    assert written["value"].tolist() == expected
    assert written["other"].iloc[0] == (
        "0.123" if not isinstance(digits, int) else f"{0.12345:.{digits}f}"
    )


def test_show_table_digits_of_no_column_is_an_error():
    with pytest.raises(ValueError, match="digits for 'men': the columns are mean, n."):
        cells.texts_of(pd.DataFrame({"mean": [1], "n": [2]}), {"men": 2})


def test_show_table_is_never_cut_short():
    frame = pd.DataFrame(np.arange(40 * 200).reshape(200, 40), columns=range(40))
    (data,) = displayed(course.show_table, frame)
    assert len(data["text/plain"].splitlines()) == 201 and "..." not in data["text/plain"]
    assert data["text/html"].count("<td") == 40 * 200
    assert len(cells_of(data["text/html"])[0]) == 201


def test_show_table_takes_a_series_and_levels_of_rows_and_columns():
    (data,) = displayed(course.show_table, pd.Series({"a": 0.5}, name="gain"))
    assert cells_of(data["text/html"])[0] == [["", "gain"], ["a", "0.500"]]
    rows = pd.MultiIndex.from_product([["pair A", "pair B"], ["x", "y"]], names=["pair", "arm"])
    columns = pd.MultiIndex.from_product([["published", "ours"], ["mean", "sd"]])
    frame = pd.DataFrame(np.full((4, 4), 0.5), rows, columns)
    (data,) = displayed(course.show_table, frame)
    texts, _ = cells_of(data["text/html"])
    assert texts[:4] == [
        ["", "", "published", "ours"],
        ["pair", "arm", "mean", "sd", "mean", "sd"],
        ["pair A", "x", *["0.500"] * 4],
        ["", "y", *["0.500"] * 4],
    ]
    assert data["text/html"].count('colspan="2"') == 2


def test_show_table_leaves_its_frame_as_it_was():
    before = TABLE.copy()
    displayed(course.show_table, TABLE)
    pd.testing.assert_frame_equal(TABLE, before)


# Verdicts and data


@pytest.mark.parametrize(
    ("outcome", "heading"),
    [
        ("holds", "✓ HOLDS"),
        ("does not hold", "✗ DOES NOT HOLD"),
        ("undecided", "? UNDECIDED"),
        ("practically equal", "≈ PRACTICALLY EQUAL"),
        ("not identified", "– NOT IDENTIFIED"),
    ],
)
def test_verdict_emits_text_page_and_record(outcome, heading):
    (data,) = displayed(course.verdict, "1 < 2", outcome, "2 - 1 = 1 > 0")
    assert set(data) == {"text/plain", "text/html", course.MIME}
    assert data["text/plain"] == f"{heading}: 1 < 2\n  2 - 1 = 1 > 0"
    style, head, claim, evidence = re.fullmatch(
        '<div style="([^"]*)">([^<]*): <b>([^<]*)</b><br>([^<]*)</div>', data["text/html"]
    ).groups()
    assert (head, html.unescape(claim), html.unescape(evidence)) == (
        heading,
        "1 < 2",
        "2 - 1 = 1 > 0",
    )
    assert "white-space: normal; overflow-wrap: normal; word-break: normal" in style
    assert data[course.MIME] == {
        "kind": "verdict",
        "claim": "1 < 2",
        "verdict": outcome,
        "evidence": "2 - 1 = 1 > 0",
    }


def test_every_verdict_has_a_mark_and_an_edge():
    assert tuple(MARKS) == tuple(EDGES) == VERDICTS
    assert len(set(MARKS.values())) == len(VERDICTS)


@pytest.mark.parametrize("wrong", ["Holds", "", None])
def test_verdict_refuses_another_outcome(wrong):
    message = (
        f"outcome={wrong!r}: choose one of holds, does not hold, undecided, practically equal, "
        "not identified."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        course.verdict("a claim", wrong, "a number")


def test_data_used_takes_tasks_and_words():
    task = blobs(1)
    (data,) = displayed(course.data_used, task, "a table of <b>made up</b> counts")
    text = f"{task.data}; a table of <b>made up</b> counts"
    assert data["text/plain"] == f"Data: {text}"
    assert "<b>" not in data["text/html"]
    assert html.escape(text) in data["text/html"]
    assert data[course.MIME] == {"kind": "data", "text": text}


def test_report_collects_what_a_lesson_shows():
    claim = {"claim": "a claim", "verdict": "undecided", "evidence": "0.5 [0.4, 0.6]"}
    outputs = [
        *displayed(course.data_used, "words"),
        *displayed(course.verdict, *claim.values()),
        *displayed(course.data_used, "words"),  # told once
        *displayed(course.verdict, "another", "holds", "1 > 0"),
    ]
    assert tables.facts(notebook_of(*outputs)) == {
        "data": ["words"],
        "verdicts": [claim, {"claim": "another", "verdict": "holds", "evidence": "1 > 0"}],
    }


def test_report_collects_nothing_from_a_figure(figure):
    outputs = displayed(course.show, figure, ALT)
    assert tables.facts(notebook_of(*outputs)) == {"data": [], "verdicts": []}


def test_report_and_summary_know_every_outcome(tmp_path):
    outputs = [
        data
        for outcome in (*VERDICTS, "not identified")
        for data in displayed(course.verdict, f"it {outcome}", outcome, "a <number>")
    ]
    record = {
        "title": "A lesson", "status": "ok", "seconds": 1.0, "peak_mb": 1.0, "error": None,
        "fingerprint": "a", **tables.facts(notebook_of(*outputs)),
    }  # fmt: skip
    told = " ".join(tables.closing_table({"00_a": record}).split())
    every = "1 holds, 1 does not hold, 1 undecided, 1 practically equal, 2 not identified"
    assert every in told
    page = index_page("class", {"00_a": record})
    assert page.count("– <b>not identified</b>: it not identified") == 2
    assert page.count("≈ <b>practically equal</b>: it practically equal") == 1
    records.save_summary(tmp_path, "class", {"00_a": record})
    assert records.read_summary(tmp_path) == {"00_a": record}
