"""FINDINGS.md, made from the lessons."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lib.course import command, lessons, run
from lib.course.findings import findings_page, what_we_found
from lib.course.show import MIME


def lesson(*cells):
    """A notebook of Markdown cells (strings) and of verdicts (dictionaries)."""
    made = []
    for one in cells:
        if isinstance(one, str):
            made.append(new_markdown_cell(one))
        else:
            fact = new_output("display_data", {MIME: {"kind": "verdict", **one}})
            made.append(new_code_cell("verdict()", outputs=[fact]))
    return new_notebook(cells=made)


A = {"claim": "A | B\nis larger.", "verdict": "holds", "evidence": "+0.100 [+0.050, +0.150]"}
FOUND = """## What we found

- It is larger, +0.100. <!-- from: cell -->
- See [02](02_c.ipynb) and [data](../data/README.md), not [a site](https://x.org/01_a.ipynb).

## What stays uncertain

- Nothing."""


def test_findings_page_has_each_lessons_section_and_verdicts():
    page = findings_page({"00_a": lesson("# 00. A", A, FOUND), "01_b": lesson("# 01. B")})
    assert "## [00. A](notebooks/00_a.ipynb)\n\n- It is larger, +0.100.\n- See" in page
    assert "| A \\| B is larger. | holds | +0.100 [+0.050, +0.150] |" in page
    assert page.count("| claim |") == 1 and "Nothing" not in page and "<!--" not in page
    assert page.endswith("## [01. B](notebooks/01_b.ipynb)\n")


def test_what_we_found_leads_to_the_same_places_from_the_root():
    text = what_we_found(lesson(FOUND))
    assert "[02](notebooks/02_c.ipynb) and [data](data/README.md), not [a site](https://x" in text
    assert what_we_found(lesson("# 00. A")) == ""


def test_findings_command_writes_the_page(tmp_path, capsys):
    folder, page = tmp_path / "notebooks", tmp_path / "FINDINGS.md"
    folder.mkdir()
    nbformat.write(lesson("# 00. A", A, FOUND), folder / "00_a.ipynb")
    arguments = ["findings", "--notebooks", str(folder), "--findings", str(page)]
    assert command.main(arguments) == 0
    assert "+0.100 [+0.050, +0.150]" in page.read_text()
    before = page.read_text()
    (folder / "01_b.ipynb").write_text('{"cells": 3, "nbformat": 4, "nbformat_minor": 5}')
    assert command.main(arguments) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert page.read_text() == before


def test_findings_command_leaves_no_verdict_out(tmp_path, capsys):
    nbformat.write(lesson("# 00. A", A | {"verdict": "maybe"}), tmp_path / "00_a.ipynb")
    page = tmp_path / "FINDINGS.md"
    arguments = ["findings", "--notebooks", str(tmp_path), "--findings", str(page)]
    assert command.main(arguments) == 2
    assert capsys.readouterr().err.startswith("error: 00_a.ipynb: malformed record ")
    assert not page.exists()


def test_findings_are_those_of_the_stored_lessons():
    paths = lessons.find_lessons(run.NOTEBOOKS)
    page = findings_page({path.stem: nbformat.read(path, as_version=4) for path in paths})
    if run.FINDINGS.read_text("utf-8") != page:
        pytest.fail("FINDINGS.md is not what the lessons say now: do `make findings`.")
