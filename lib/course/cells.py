"""The cells of a table as text, and the table as plain text and as HTML."""

import html
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas.api import types

from ..checks import check_whole, shown
from .show import WRAP

MOST_DIGITS = 15  # a float has no more

CELL = f"padding: 3px 10px; vertical-align: top; {WRAP}"


class Texts(NamedTuple):
    """A table in words.

    Attributes:
        frame: `pandas.DataFrame` of strings, rows and columns as in the table.
        right: which columns hold numbers, and stand to the right.
    """

    frame: pd.DataFrame
    right: list[bool]


def texts_of(table, digits=3, missing: str = "–") -> Texts:
    """Write every cell; the arguments are those of `show_table`."""
    if not isinstance(table, pd.DataFrame | pd.Series):
        raise ValueError(f"table={shown(table)}: give a pandas.DataFrame or pandas.Series.")
    if isinstance(table, pd.DataFrame) and not len(table.columns):
        raise ValueError(f"table of shape {table.shape}: give one column or more.")
    for form in digits.values() if isinstance(digits, Mapping) else [digits]:
        if not callable(form) and not isinstance(form, str):
            check_whole("digits", form, 0, MOST_DIGITS)
    frame = table.to_frame(table.name or "") if isinstance(table, pd.Series) else table
    by_column = digits if isinstance(digits, Mapping) else {}
    if lost := [name for name in by_column if name not in frame.columns]:
        raise ValueError(f"digits for {lost[0]!r}: the columns are {', '.join(map(str, frame))}.")
    usual = 3 if isinstance(digits, Mapping) else digits
    columns, right = [], []
    for place, name in enumerate(frame.columns):
        column = frame.iloc[:, place]
        write = _writer(column, by_column.get(name, usual))
        columns.append([missing if _is_missing(value) else write(value) for value in column])
        right.append(types.is_numeric_dtype(column) and not types.is_bool_dtype(column))
    written = pd.DataFrame(dict(enumerate(columns)), index=frame.index, dtype=object)
    written.columns = frame.columns
    return Texts(written, right)


def _is_missing(value):
    return value is None or value is pd.NA or (_is_float(value) and np.isnan(value))


def _writer(column, form):
    """How to write the values of a column."""
    if callable(form):
        return lambda value: _written(form, value)
    if isinstance(form, str):
        return lambda value: _written(form.format, value)
    numbers = [float(x) for x in column if _is_float(x) and np.isfinite(x)]
    largest = max(map(abs, numbers), default=0)
    if largest >= 100:
        form = max(0, form - 2)
    elif 0 < largest < 0.01:
        form = max(form, int(np.ceil(-np.log10(largest))) + 1)
    if all(number.is_integer() for number in numbers) and largest > 1:
        form = 0

    def write(value):
        if isinstance(value, bool | np.bool_):
            return "yes" if value else "no"
        if isinstance(value, int | np.integer):
            return f"{value:,}"
        if not _is_float(value):
            return str(value)
        text = f"{value:,.{form}f}"
        return text if not np.isfinite(value) or float(text.replace(",", "")) else text.lstrip("-")

    return write


def _written(form, value):
    """A value as a function or a format writes it."""
    try:
        return str(form(value))
    except Exception as error:
        raise ValueError(
            f"digits cannot write {shown(value)}: give a number of digits, a format such as "
            f"'{{:+.1%}}', or a function of the value ({type(error).__name__})."
        ) from error


def _is_float(value):
    return isinstance(value, float | np.floating)


def table_text(texts: Texts) -> str:
    """The table in lines of text, whatever its size."""
    return texts.frame.to_string(max_colwidth=None)


def table_html(texts: Texts, caption: str = "") -> str:
    """The table as HTML whose cells wrap between words; its styles stand in the cells."""
    frame, n_labels = texts.frame, texts.frame.index.nlevels
    lines = [f'<table style="border-collapse: collapse; {WRAP}">']
    if caption:
        lines.append(f'<caption style="text-align: left; {WRAP}">{html.escape(caption)}</caption>')
    lines += ["<thead>", *_head(frame, texts.right, n_labels), "</thead>", "<tbody>"]
    above = None
    for key, row in zip(frame.index, frame.itertuples(index=False, name=None), strict=True):
        labels = key if isinstance(key, tuple) else (key,)
        heads = [
            _cell("" if above and labels[: i + 1] == above[: i + 1] else label, "th", "row")
            for i, label in enumerate(labels)
        ]
        cells = [_cell(text, "td", right=r) for text, r in zip(row, texts.right, strict=True)]
        lines.append(f"<tr>{''.join(heads + cells)}</tr>")
        above = labels if n_labels > 1 else None
    return "\n".join([*lines, "</tbody>", "</table>"])


def _head(frame, right, n_labels):
    """The lines of the head: one a level of the columns, then the names of the rows' levels."""
    n_levels = frame.columns.nlevels
    keys = [key if isinstance(key, tuple) else (key,) for key in frame.columns]
    names = [name if name is not None else "" for name in frame.index.names]
    for level in range(n_levels):
        last = level == n_levels - 1
        own = frame.columns.names[level]
        corner = names if last and own is None else [*[""] * (n_labels - 1), own or ""]
        cells = [_cell(name, "th", "col") for name in corner]
        place = 0
        while place < len(keys):
            end = place + 1
            while (
                not last and end < len(keys) and keys[end][: level + 1] == keys[place][: level + 1]
            ):
                end += 1
            cells.append(
                _cell(keys[place][level], "th", "col", right=right[place], over=end - place)
            )
            place = end
        yield f"<tr>{''.join(cells)}</tr>"
    if frame.columns.names[-1] is not None and any(names):
        cells = [_cell(name, "th", "col") for name in names]
        yield f"<tr>{''.join(cells)}{'<th></th>' * len(keys)}</tr>"


def _cell(text, tag, scope="", right=False, over=1):
    """One cell."""
    where = f' scope="{scope}"' if scope else ""
    where += f' colspan="{over}"' if over > 1 else ""
    side = "right" if right else "left"
    label = f"{text:g}" if isinstance(text, float) else str(text)
    return f'<{tag}{where} style="text-align: {side}; {CELL}">{html.escape(label)}</{tag}>'
