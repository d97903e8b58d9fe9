"""What a lesson shows: figures and tables in words, too, verdicts, and which data it used.

Whatever is displayed as HTML says the same as `text/plain`, for terminals, LaTeX and readers by
ear. Text wraps between words, never inside one.
"""

import base64
import html
import io
import re

from ..checks import check_choice, check_flag, check_text, check_whole, shown

DPI = 10, 1200
VERDICTS = ("holds", "does not hold", "undecided", "practically equal", "not identified")
MIME = "application/vnd.transfer-learning-measured+json"  # read by `lib.course.tables`
MARKS = {
    "holds": "✓",
    "does not hold": "✗",
    "undecided": "?",
    "practically equal": "≈",
    "not identified": "–",
}
EDGES = {
    "holds": "#009E73",
    "does not hold": "#D55E00",
    "undecided": "#767676",
    "practically equal": "#0072B2",
    "not identified": "#767676",
}
WRAP = "white-space: normal; overflow-wrap: normal; word-break: normal; hyphens: none"


def show(figure, words: str | None = None, *, dpi: int = 96) -> None:
    """Display a figure with its description as alt text and as plain text, and close it.

    Args:
        figure: what a `plot_*` function or `panels` returned: axes, several axes of one figure, or
            a `matplotlib.figure.Figure`.
        words: a sentence of the lesson to go before the description; with it, a figure drawn by
            hand needs no description.

    Raises:
        ValueError: for a figure that nobody described, or axes of several figures.
    """
    from matplotlib import pyplot as plt

    check_whole("dpi", dpi, *DPI)
    figure = _figure_of(figure)
    text = _alt(figure, words)
    present(f"Figure: {text}", figure_html(figure, text, dpi))
    plt.close(figure)


def figure_html(figure, alt: str | None = None, dpi: int = 96, *, quick: bool = False) -> str:
    """The figure as an HTML image that carries its alt text.

    Args:
        alt: None for the figure's own description.
        quick: whether to leave the margins as they are and to compress little: half the time, for
            a picture that is drawn anew under a slider.

    Raises:
        ValueError: if the alt text is empty, or the figure has no description.
    """
    check_whole("dpi", dpi, *DPI)
    check_flag("quick", quick)
    if not hasattr(figure, "savefig"):
        raise ValueError(f"figure={shown(figure)}: give a figure, such as ax.figure.")
    if alt is None:
        alt = _alt(figure, None)
    check_text("alt", alt)
    if not alt.strip():
        raise ValueError("alt='' is empty: say in a sentence what the figure shows.")
    file = io.BytesIO()
    how = {"pil_kwargs": {"compress_level": 1}} if quick else {"bbox_inches": "tight"}
    figure.savefig(file, format="png", dpi=dpi, **how)
    data = base64.b64encode(file.getvalue()).decode()
    return (
        f'<img alt="{html.escape(alt, quote=True)}" style="max-width: 100%" '
        f'src="data:image/png;base64,{data}">'
    )


def _figure_of(drawn):
    """The one figure of some axes, or the figure itself."""
    import numpy as np

    if hasattr(drawn, "savefig"):
        return drawn
    try:
        figures = {ax.figure for ax in np.ravel(drawn)}
    except Exception:
        raise ValueError(
            f"figure={shown(drawn)}: give what a plot_* function or panels returned."
        ) from None
    if len(figures) != 1:
        raise ValueError(f"figure: axes of {len(figures)} figures: show one figure at a time.")
    return figures.pop()


def _alt(figure, words):
    """The lesson's words and the figure's own, in that order."""
    from ..figures.words import described, undescribed

    if words is not None:
        check_text("words", words)
    if words is not None and not words.strip():
        raise ValueError("words='' is empty: say in a sentence what the figure shows.")
    silent = undescribed(figure)
    if words is None and (silent or not figure.axes):
        names = ", ".join(repr(ax.get_title()) for ax in silent) or "an empty figure"
        raise ValueError(
            f"no description of {names}: draw with lib.figures, or say in a sentence what is "
            "shown: show(ax, 'Two lines that cross.')."
        )
    return " ".join(part for part in (words and words.strip(), described(figure)) if part)


def verdict(claim: str, outcome: str, evidence: str) -> None:
    """Show a verdict on a claim; the course's run collects it in its last table.

    Args:
        claim: one sentence that can be true or false.
        outcome: "holds", "does not hold" (the opposite is shown), "undecided", "practically equal"
            (inside a margin declared beforehand), or "not identified" where the data give no number
            at all; computed from the data, as by `Interval.verdict`.
        evidence: the numbers behind it.

    Raises:
        ValueError: for any other outcome.
    """
    check_text("claim", claim)
    check_choice("outcome", outcome, VERDICTS)
    check_text("evidence", evidence)
    heading = f"{MARKS[outcome]} {outcome.upper()}"
    record = {"kind": "verdict", "claim": claim, "verdict": outcome, "evidence": evidence}
    present(
        f"{heading}: {claim}\n  {evidence}",
        f'<div style="border-left: 4px solid {EDGES[outcome]}; padding: 2px 0 2px 10px; '
        f'max-width: 60em; {WRAP}">{heading}: <b>{html.escape(claim)}</b><br>'
        f"{html.escape(evidence)}</div>",
        record,
    )


_FIELDS = {"data": {"text"}, "verdict": {"claim", "verdict", "evidence"}}


def is_record(record) -> bool:
    """Whether something is a record as `verdict` and `data_used` display it for the course's run.

    >>> is_record({"kind": "data", "text": "blobs"}), is_record({"kind": "verdict"})
    (True, False)
    """
    if not isinstance(record, dict) or not all(map(_is_text, record.values())):
        return False
    fields = _FIELDS.get(record.get("kind"), {None})
    return fields <= set(record) and record.get("verdict", VERDICTS[0]) in VERDICTS


def _is_text(value):
    """Whether something is text that a file can hold: half a character is not."""
    return isinstance(value, str) and not re.search("[\ud800-\udfff]", value)


def data_used(*data) -> None:
    """Say which data a lesson uses: tasks, or words.

    Args:
        data: `Task` records or strings.

    Raises:
        ValueError: for anything else.
    """
    said = [one if isinstance(one, str) else _data_of(one) for one in data]
    for one, words in zip(data, said, strict=True):
        if not isinstance(words, str):
            raise ValueError(f"data={shown(one)}: give tasks, or text.")
    text = "; ".join(said)
    page = f'<div style="{WRAP}">Data: {html.escape(text)}</div>'
    present(f"Data: {text}", page, {"kind": "data", "text": text})


def _data_of(one):
    """What a task or sentences say of their data; None for what has no such words."""
    try:
        return getattr(one, "data", None)
    except ValueError:  # an array of dates has data that cannot be asked for
        return None


def show_table(table, *, digits=3, caption: str = "", missing: str = "–") -> None:
    """Display a table whole: every row, every column, every letter.

    Args:
        table: a `pandas.DataFrame` or `pandas.Series`; cells may be numbers, words, intervals.
        digits: after the point of a number, 3 in a column of accuracies; a column whose numbers
            reach 100 gets fewer, one whose numbers stay below a hundredth more. Or by column: a
            number of digits, a format such as "{:+.1%}", or a function of the value that gives
            text; columns that are not named get 3.
        caption: a line above the table.
        missing: stands for NaN and None.

    Raises:
        ValueError: for what is no table, or `digits` that no column can be written with.

    >>> import pandas as pd
    >>> show_table(pd.DataFrame({"mean": [0.8]}, index=["fixed=0"]))  # doctest: +SKIP
            mean
    fixed=0 0.800
    """
    from .cells import table_html, table_text, texts_of

    check_text("caption", caption)
    check_text("missing", missing)
    texts = texts_of(table, digits, missing)
    text = table_text(texts)
    present(f"{caption}\n{text}" if caption else text, table_html(texts, caption))


def present(text: str, page: str, record: dict | None = None) -> None:
    """The same as text, as a page and, where the course's run reads it, as a record."""
    from IPython.display import display

    data = {"text/plain": text, "text/html": page}
    display(data if record is None else {**data, MIME: record}, raw=True)
