"""Throw-away lessons of a few cells that need no TensorFlow, and records of their runs."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lib.course.show import MIME

MALFORMED = [  # cells that no notebook may have
    '{"cells": [{}]}',
    '{"cells": 5}',
    '{"cells": ["x"]}',
    '{"cells": [{"cell_type": "code", "source": null}]}',
]

KERNELSPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}


def fact(**content):
    """Source of a cell that displays a fact as `show` does."""
    bundle = {"text/plain": "shown", MIME: content}
    return f"from IPython.display import display\ndisplay({bundle!r}, raw=True)"


def verdict(claim, outcome):
    """Source of a cell that displays a verdict."""
    return fact(kind="verdict", claim=claim, verdict=outcome, evidence="n = 3")


def write_lesson(path, *codes, intro="# A lesson", goal="count to three"):
    """Write a lesson with a heading, the parameters cell and one cell for each code."""
    parameters = new_code_cell('PROFILE = "class"', metadata={"tags": ["parameters"]})
    cells = [new_markdown_cell(intro), parameters, *map(new_code_cell, codes)]
    notebook = new_notebook(
        cells=cells, metadata={"kernelspec": KERNELSPEC, "course": {"goal": goal}}
    )
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


def record(**changes):
    """A record as `run` returns it."""
    plain = {"title": "A lesson", "status": "ok", "seconds": 61.0, "peak_mb": 412.4}
    return {**plain, "data": [], "verdicts": [], "error": None, "fingerprint": "f"} | changes
