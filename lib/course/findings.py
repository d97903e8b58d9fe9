"""FINDINGS.md: what every lesson found and every verdict, read from the lessons' stored outputs."""

import re

from .tables import facts, title

INTRODUCTION = """# Findings

What each lesson found in its stored run (profile `class`), and every verdict with its evidence.
This page is made from the lessons by `make findings`: edit the lessons, not this page.
[README.md](README.md) has the seven findings that matter most.

Accuracy is a fraction of 1. Intervals are at 95 % unless said otherwise; what an interval counts,
its lesson says. A claim *holds*, *does not hold* (the opposite is shown), is *undecided*,
*practically equal* (inside a margin declared beforehand) or *not identified*;
[lesson 00](notebooks/00_start_here.ipynb) explains these words. Photographs are a JPEG copy of
CIFAR-10.
"""


def findings_page(notebooks: dict) -> str:
    """The text of FINDINGS.md.

    Args:
        notebooks: file name without its ending -> executed `nbformat` notebook, in order.
    """
    parts = [INTRODUCTION]
    for name, notebook in notebooks.items():
        heading = title(notebook, name)
        parts.append(f"## [{heading}](notebooks/{name}.ipynb)\n")
        section = what_we_found(notebook)
        if section:
            parts.append(section + "\n")
        verdicts = facts(notebook)["verdicts"]
        if verdicts:
            rows = (
                f"| {_cell(one['claim'])} | {one['verdict']} | {_cell(one['evidence'])} |"
                for one in verdicts
            )
            parts.append("\n".join(["| claim | verdict | evidence |", "|---|---|---|", *rows, ""]))
    return "\n".join(parts)


def what_we_found(notebook) -> str:
    """The section "What we found", as it reads from the repository's root; "" if there is none.

    Remarks that tie a sentence to its cell are left out, and links lead into `notebooks/`.
    """
    prose = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = re.search(r"^## What we found *\n(.*?)(?=^## |\Z)", prose, re.MULTILINE | re.DOTALL)
    text = re.sub(r"\s*<!--.*?-->", "", found[1] if found else "", flags=re.DOTALL)
    text = re.sub(r"\]\((?=\d\d_[\w-]+\.ipynb)", "](notebooks/", text)
    return re.sub(r"\]\(\.\./", "](", text).strip()


def _cell(text):
    """A text as a cell of a table: in one line, without the character that ends a cell."""
    return " ".join(text.split()).replace("|", "\\|")
