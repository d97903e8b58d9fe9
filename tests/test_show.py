"""What a lesson shows: images with alt text, and records that the course's run collects."""

import html
import re
import sys

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib import pyplot as plt
from traitlets.config import Config

from lib import datasets, report, show, summary

ALT = 'A line from 0 to 1, "steep" & <straight>.'


@pytest.fixture
def figure():
    figure, ax = plt.subplots(figsize=(1, 1))
    ax.plot([0, 1])
    yield figure
    plt.close("all")


@pytest.fixture(autouse=True)
def shell(monkeypatch):
    """IPython, without which `display` prints; it writes no history."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # IPython puts its own
    config = Config({"HistoryManager": {"enabled": False}})
    yield InteractiveShell.instance(config=config)
    InteractiveShell.clear_instance()


def displayed(function, *args):
    """The data of every output that a call displays, by MIME type."""
    with capture_output() as captured:
        function(*args)
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
    (data,) = displayed(show.show, figure, ALT)
    (alt,) = re.findall(r'<img alt="([^"]*)"', data["text/html"])
    assert html.unescape(alt) == ALT
    assert not set('"<>') & set(alt) and "&amp;" in alt
    assert 'src="data:image/png;base64,iVBOR' in data["text/html"]


def test_show_closes_its_figure_and_no_other(figure):
    other = plt.figure()
    displayed(show.show, figure, ALT)
    assert plt.get_fignums() == [other.number]


def test_figure_html_dpi_sets_the_size_of_the_image(figure):
    small, large = (len(show.figure_html(figure, ALT, dpi)) for dpi in (20, 200))
    assert large > 2 * small


@pytest.mark.parametrize("empty", ["", " \n"])
@pytest.mark.parametrize("function", [show.show, show.figure_html])
def test_show_and_figure_html_refuse_an_empty_alt(figure, function, empty):
    with pytest.raises(ValueError, match="alt='' is empty: say in a sentence what the figure"):
        function(figure, empty)


# Verdicts and data


@pytest.mark.parametrize(
    ("outcome", "heading"),
    [
        ("holds", "✓ HOLDS"),
        ("does not hold", "✗ DOES NOT HOLD"),
        ("undecided", "? UNDECIDED"),
        ("not identified", "– NOT IDENTIFIED"),
    ],
)
def test_verdict_emits_text_page_and_record(outcome, heading):
    (data,) = displayed(show.verdict, "1 < 2", outcome, "2 - 1 = 1 > 0")
    assert set(data) == {"text/plain", "text/html", show.MIME}
    assert data["text/plain"] == f"{heading}: 1 < 2\n  2 - 1 = 1 > 0"
    (text,) = re.fullmatch("<pre[^>]*>([^<]*)</pre>", data["text/html"]).groups()
    assert html.unescape(text) == data["text/plain"]
    assert data[show.MIME] == {
        "kind": "verdict",
        "claim": "1 < 2",
        "verdict": outcome,
        "evidence": "2 - 1 = 1 > 0",
    }


@pytest.mark.parametrize("wrong", ["Holds", "", None])
def test_verdict_refuses_another_outcome(wrong):
    message = f"outcome={wrong!r}: choose one of holds, does not hold, undecided, not identified."
    with pytest.raises(ValueError, match=re.escape(message)):
        show.verdict("a claim", wrong, "a number")


def test_data_used_takes_tasks_and_words():
    task = datasets.blobs(1)
    (data,) = displayed(show.data_used, task, "a table of <b>made up</b> counts")
    text = f"{task.data}; a table of <b>made up</b> counts"
    assert data["text/plain"] == f"Data: {text}"
    assert "<b>" not in data["text/html"]
    assert html.escape(text) in data["text/html"]
    assert data[show.MIME] == {"kind": "data", "text": text}


def test_report_collects_what_a_lesson_shows():
    claim = {"claim": "a claim", "verdict": "undecided", "evidence": "0.5 [0.4, 0.6]"}
    outputs = [
        *displayed(show.data_used, "words"),
        *displayed(show.verdict, *claim.values()),
        *displayed(show.data_used, "words"),  # told once
        *displayed(show.verdict, "another", "holds", "1 > 0"),
    ]
    assert report.facts(notebook_of(*outputs)) == {
        "data": ["words"],
        "verdicts": [claim, {"claim": "another", "verdict": "holds", "evidence": "1 > 0"}],
    }


def test_report_collects_nothing_from_a_figure(figure):
    outputs = displayed(show.show, figure, ALT)
    assert report.facts(notebook_of(*outputs)) == {"data": [], "verdicts": []}


def test_report_and_summary_know_every_outcome(tmp_path):
    outputs = [
        data
        for outcome in ("holds", "does not hold", "undecided", "not identified", "not identified")
        for data in displayed(show.verdict, f"it {outcome}", outcome, "a <number>")
    ]
    record = {
        "title": "A lesson", "status": "ok", "seconds": 1.0, "peak_mb": 1.0, "error": None,
        "fingerprint": "a", **report.facts(notebook_of(*outputs)),
    }  # fmt: skip
    told = report.closing_table({"00_a": record})
    assert "1 holds, 1 does not hold, 1 undecided, 2 not identified" in told
    page = report.index_page("class", {"00_a": record})
    assert page.count("– <b>not identified</b>: it not identified") == 2
    summary.save_summary(tmp_path, "class", {"00_a": record})
    assert summary.read_summary(tmp_path) == {"00_a": record}
