"""The lessons keep the rules of `notebook_rules` and run; the rules themselves are tested first."""

import copy
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import notebook_rules as rules
import pytest
from nbval.plugin import get_sanitize_patterns

from lib.course import run
from lib.data import cifar10

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
SMOKE_SECONDS = 90  # a quiet machine takes half a minute at most; here two tests may run at once
MOST_WITHOUT_KERAS = 400  # MB; TensorFlow alone takes more
# without a lesson there is one failing test in place of each parametrised one
each_lesson = pytest.mark.parametrize(
    "lesson", LESSONS or [None], ids=lambda path: path.stem if path else "no lesson"
)


@pytest.fixture
def notebook(lesson):
    """A lesson's content."""
    assert lesson is not None, "no lesson in notebooks/[0-9]*.ipynb"
    return rules.read(lesson)


# The rules on toy notebooks: the good one breaks none, each bad one breaks the rule it is made for

PICTURE = "data:image/png;base64,/tmp/AAAA/home/BBBB"


def good():
    """A notebook that breaks no rule."""

    def prose(place, *lines):
        return {
            "cell_type": "markdown",
            "id": f"p{place}",
            "metadata": {},
            "source": "\n".join(lines),
        }

    def code(place, count, source, tags=(), outputs=()):
        return {
            "cell_type": "code",
            "id": f"c{place}",
            "metadata": {"tags": list(tags)} if tags else {},
            "source": source,
            "execution_count": count,
            "outputs": list(outputs),
        }

    shown = {
        "output_type": "display_data",
        "metadata": {},
        "data": {
            "text/plain": ["Figure: two curves"],
            "text/html": [f'<img alt="two curves" src="{PICTURE}">'],
        },
    }
    printed = {"output_type": "stream", "name": "stdout", "text": ["3 / 5\n"]}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "course": {"goal": "count to three"},
        },
        "cells": [
            prose(0, "# A lesson", "", "**Learning objectives**", "", "- count to three", ""),
            prose(1, "Expected: 2 min, 400 MB. Come from [another](other.ipynb#part), "
                     "or [elsewhere](https://example.org/home/a)."),  # fmt: skip
            code(2, 1, 'PROFILE = "class"', tags=["parameters"]),
            prose(3, "**Predict**: what comes out when you add one and two and draw a curve?"),
            code(4, 2, "# a reason\nx = 1 + 2\nprint(x)", ["nbval-check-output"], [printed, shown]),
            code(5, None, ""),
            prose(6, "## What we found", "Three.", "## What stays uncertain", "Nothing."),
            prose(7, "## Where next", "", rules.SHUT_DOWN + " Then comes four."),
        ],
    }  # fmt: skip


def put(*path):
    """A change: set the last item of the path at the place that the items before it lead to."""

    def change(notebook):
        *way, key, value = path
        for step in way:
            notebook = notebook[step]
        notebook[key] = value

    return change


def stream(name, text):
    """A change: the second code cell prints this."""
    out = {"output_type": "stream", "name": name, "text": text}
    return put("cells", 4, "outputs", [out])


def html(text):
    """A change: the second code cell displays this HTML."""
    out = {"output_type": "display_data", "metadata": {}, "data": {"text/html": text}}
    return put("cells", 4, "outputs", [out])


def lesson_02(*more_cells):
    """A change: the notebook has the title of lesson 02 and these code cells more."""

    def change(notebook):
        notebook["cells"][0]["source"] = "# 02. A lesson\n\n**Learning objectives**\n\n- count"
        for place, lines in enumerate(more_cells):
            cell = {"cell_type": "code", "id": f"m{place}", "metadata": {}, "outputs": []}
            notebook["cells"].insert(6, cell | {"execution_count": None, "source": lines})

    return change


BAD = [
    ("format", put("nbformat_minor", 4)),
    ("format", lambda nb: nb["cells"][0].pop("id")),
    ("format", put("cells", 1, "id", "p0")),
    ("format", put("cells", 4, "outputs", [{"output_type": "strange"}])),
    ("kernel", put("metadata", "kernelspec", "name", "my-venv")),
    ("kernel", put("metadata", {})),
    ("goal", put("metadata", "course", {})),
    ("goal", put("metadata", "course", "goal", "")),
    ("goal", put("metadata", "course", "goal", "Count to three")),
    ("goal", put("metadata", "course", "goal", "count to three.")),
    ("goal", put("metadata", "course", "goal", "count to\nthree")),
    ("goal", put("metadata", "course", "goal", "count to four")),
    ("no_widget_state", put("metadata", "widgets", {})),
    ("parameters", put("cells", 2, "metadata", {})),
    ("parameters", put("cells", 2, "source", 'PROFILE = "smoke"')),
    ("parameters", put("cells", 4, "metadata", "tags", ["parameters", "nbval-check-output"])),
    ("compared_cell", put("cells", 4, "metadata", {})),
    ("executed_in_order", put("cells", 4, "execution_count", 3)),
    ("executed_in_order", put("cells", 4, "execution_count", None)),
    ("executed_in_order", put("cells", 2, "execution_count", 2)),
    ("cell_length", put("cells", 4, "source", "x = 1\n\n" * 21)),
    ("short_cells", lesson_02(*["x = 1\n\n# a reason\n" + "y = 2\n" * 5] * 4)),
    ("short_main_path", lesson_02(*["x = 1"] * 25)),
    ("no_star_import", put("cells", 4, "source", "import os\nfrom lib.models import *")),
    ("no_errors", stream("stderr", "loading")),
    ("no_errors", put("cells", 4, "outputs", [
        {"output_type": "error", "ename": "KeyError", "evalue": "1", "traceback": []}])),
    ("no_warnings", stream("stdout", "UserWarning: too few rows")),
    ("no_warnings", stream("stdout", "x\nWARNING:tensorflow:5 out of the last 9 calls")),
    ("no_warnings", html("<pre>RuntimeWarning: overflow</pre>")),
    ("no_machine_paths", stream("stdout", "saved to /home/jane/model.keras")),
    ("no_machine_paths", stream("stdout", "saved to 'C:\\Users\\jane'")),
    ("no_machine_paths", put("cells", 4, "source", "open('/tmp/x')")),
    ("no_machine_paths", html("<b>/root/x</b>")),
    ("no_machine_paths", html("<a href='file:///home/jane/x'>x</a>")),
    ("no_plumbing", put("cells", 4, "source", "from matplotlib import pyplot as plt")),
    ("no_plumbing", put("cells", 4, "source", "ax.set_xticks([0, 1])")),
    ("no_plumbing", put("cells", 4, "source", "show(figure, alt='two curves')")),
    ("keras_only_where_it_is_said", lambda nb: (
        put("metadata", "course", {"keras": False})(nb),
        put("cells", 4, "source", "from lib.backend import keras")(nb))),
    ("text_says_something", put("cells", 4, "outputs", 1, "data", "text/plain",
                                "<IPython.core.display.HTML object>")),
    ("alt_text", put("cells", 4, "outputs", 1, "data", "image/png", "AAAA")),
    ("alt_text", html(f'<img src="{PICTURE}">')),
    ("alt_text", html(f'<img alt="" src="{PICTURE}">')),
    ("alt_text", html(f"<img alt=' ' src='{PICTURE}'>")),
    ("alt_text", put("cells", 3, "source", "**Predict** ![](figure.svg)")),
    ("no_photographs", put("cells", 4, "source", "plots.plot_photos(task)")),
    ("no_photographs", put("cells", 4, "source", "plt.imshow(photo)")),
    ("no_photographs", put("cells", 4, "metadata", {"tags": ["photographs"]})),
    ("no_photographs", put("cells", 4, "metadata",
                           {"tags": ["photographs"], "keep_output": False})),
    ("no_stand_in", stream("stdout", f"Data: {cifar10.DIGITS}")),
    ("opening", put("cells", 0, "source", "A lesson\n\nObjectives\n\n- count")),
    ("opening", put("cells", 0, "source", "# A lesson\n\n- count")),
    ("opening", put("cells", 0, "source", "# A lesson\n\nObjectives: to count")),
    ("opening", put("cells", 1, "source", "Expected: 2 min")),
    ("opening", put("cells", 1, "source", "Expected: 400 MB")),
    ("closing", put("cells", 7, "source", "Four.")),
    ("cells_run_twice", put("cells", 4, "source", "y = 1\ndel y, x")),
    ("shut_down", put("cells", 7, "source", "## Where next\n\nFour.")),
    ("shut_down", put("cells", 7, "source", f"## Where next\n\nFour. {rules.SHUT_DOWN}")),
    ("closing", put("cells", 6, "source", "## What stays uncertain\n## What we found")),
    ("closing", lambda nb: nb["cells"].append(nb["cells"].pop(2))),
    ("prediction", put("cells", 3, "source", "What comes out?")),
    ("prediction", lambda nb: nb["cells"].append(nb["cells"].pop(3))),
    ("stored_run", lambda nb: (
        put("cells", 4, "metadata", "tags", ["nbval-check-output", "sum"])(nb),
        put("cells", 6, "source", "It was 0.7. <!-- from: sum -->\n## What we found\n## What stays"
            " uncertain")(nb))),
    ("stored_run", put("cells", 3, "source", "**Predict** It was 3. <!-- from: elsewhere -->")),
    ("remarks_behind_text", put("cells", 3, "source", "**Predict** 3.\n<!-- from: sum --> *So*")),
    ("prose_for_code", put("cells", 3, "source", "**Predict** " + "word " * 90)),
    ("prose_for_code", put("cells", 4, "source", "x = 1\n" * 20)),
]  # fmt: skip


def test_good_notebook_breaks_no_rule():
    assert {name: rule(good()) for name, rule in rules.rules().items() if rule(good())} == {}


@pytest.mark.parametrize(("name", "change"), BAD, ids=[f"{n}-{i}" for i, (n, _) in enumerate(BAD)])
def test_bad_notebook_breaks_its_rule(name, change):
    notebook = copy.deepcopy(good())
    change(notebook)
    assert rules.rules()[name](notebook)


def test_every_rule_has_a_bad_notebook():
    assert {name for name, _ in BAD} == set(rules.rules())


def test_rules_read_sources_that_are_lists_of_lines():
    notebook = good()
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    assert [wrong for rule in rules.rules().values() for wrong in rule(notebook)] == []


def test_prose_for_code_counts_neither_remarks_nor_the_lines_of_a_table():
    notebook = good()  # three lines of code
    notebook["cells"][3]["source"] = "**Predict** " + "| | <!-- from: sum --> |---|---| " * 90
    assert rules.check_prose_for_code(notebook) == []
    notebook["cells"][3]["source"] += "word " * 90
    assert rules.check_prose_for_code(notebook)


def test_short_cells_holds_lessons_00_to_06_alone():
    seven, six = "x = 1\n\n" * 7, "x = 1\n\n" * 6
    for title, lines, n_wrong in (("02", seven, 1), ("02", six, 0), ("07", seven, 0)):
        notebook = good()
        lesson_02(*[lines] * 4)(notebook)
        notebook["cells"][0]["source"] = f"# {title}. A lesson"
        assert len(rules.check_short_cells(notebook)) == n_wrong, (title, lines)


def test_short_main_path_counts_the_code_cells_before_going_deeper():
    notebook = good()
    lesson_02(*["x = 1"] * 25)(notebook)  # 28 with its own
    assert rules.check_short_main_path(notebook) == ["28 code cells on the main path, 26 allowed"]
    deeper = {"cell_type": "markdown", "id": "d", "metadata": {}, "source": "## Going deeper"}
    notebook["cells"].insert(20, deeper)
    assert rules.check_short_main_path(notebook) == []
    notebook["cells"][20]["source"] = 'see "Going deeper"'
    assert rules.check_short_main_path(notebook)
    notebook["cells"][0]["source"] = "# 08. A lesson"
    assert rules.check_short_main_path(notebook) == []


def test_stored_run_compares_numbers_with_their_sign():
    notebook = good()
    stream("stdout", "lead -0.250 [-0.300, 0.100]")(notebook)
    notebook["cells"][4]["metadata"]["tags"] = ["lead"]
    for sentence, n_wrong in (
        ("Behind by -0.250, at most 0.100", 0),
        ("+0.100", 0),
        ("Behind by 0.250", 1),
        ("-0.25", 1),
        ("-0.100 and 0.300", 2),
    ):
        notebook["cells"][6]["source"] = f"{sentence} <!-- from: lead -->"
        assert len(rules.check_stored_run(notebook)) == n_wrong, sentence


def test_broken_links_finds_only_files_that_are_not_there(tmp_path):
    assert rules.broken_links(good(), tmp_path) == ["cell 1: no other.ipynb#part"]
    (tmp_path / "other.ipynb").touch()
    assert rules.broken_links(good(), tmp_path) == []


def test_numbering_has_no_number_twice():
    assert rules.numbering(["01_b.ipynb", "00_a.ipynb"]) == []
    assert rules.numbering(["00_a.ipynb", "00_b.ipynb"]) == ["00_b.ipynb: 00 stands twice"]
    assert rules.numbering(["a.ipynb"]) == ["a.ipynb: begin with two digits and an underscore"]


def test_readme_is_read():
    readme = (
        "[x](notebooks/09_x.ipynb) make no sense\n<!-- lessons:begin -->\n"
        "| [00 A](notebooks/00_a.ipynb) | [open](https://example.org) |\n<!-- lessons:end -->\n"
        "`make run`, or\n```sh\nmake lab PYTHON=python3\n```"
    )
    assert rules.readme_lessons(readme) == ["00_a.ipynb"]
    assert rules.readme_make_targets(readme) == {"run", "lab"}
    assert rules.makefile_targets("BIN := x\nrun: setup ## go\n\techo a: b\n") == {"run"}


# What the comparison of stored outputs passes over


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("took 1.5 s", "took 12 s"),
        ("0.31 seconds, 2 min", "7 seconds, 3 min"),
        ("<td>12.4 ms</td>", "<td>1,240 ms</td>"),
        ("peak 640 MB", "peak 1.2 GiB"),
        ("1,234 times as fast", "987.5 times as fast"),
        ("<Model at 0x7f00aa>", "<Model at 0x7f11bb>"),
        ("on 2026-01-31 at 09:30:00", "on 2027-12-01 at 23:59:59"),
        ("in /home/jane/course/base.keras", "in /Users/joe/x/base.keras"),
        ("HOLDS: +0.012 [-0.001, +0.020]", "HOLDS: -0.007 [-1.2e-5, +0.030]"),
        ("a      0.8", "a  -10.25"),
        ("in C:\\Users\\jane\\base.keras", "in D:\\work\\base.keras"),
    ],
)
def test_sanitize_passes_over_what_differs_between_runs(one, other):
    assert sanitized(one) == sanitized(other) != one


@pytest.mark.parametrize(
    "text",
    [
        "HOLDS: 3 of 30 runs, 4 x 30",
        "(R, 32, 5): 101 parameters, 5 layers",
        "<td>1</td><td>2</td>",
        "https://example.org/a/b",
        "1/2/3",
    ],
)
def test_sanitize_leaves_results_alone(text):
    assert sanitized(text) == text


def test_sanitize_of_the_blobs_lessons_leaves_decimals_alone():
    text = "fixed=1: 0.817 [0.816, 0.819], took 1.5 s"
    assert sanitized(text, "exact") == "fixed=1: 0.817 [0.816, 0.819], took DURATION"
    assert "0.817" not in sanitized(text)


def sanitized(text, kind="measured"):
    """A text as nbval compares it."""
    rules_of = ROOT / f"tests/notebooks/nbval_{kind}.cfg"
    patterns = get_sanitize_patterns(rules_of.read_text("utf-8"))
    for regex, replacement in patterns:
        text = re.sub(regex, replacement, text)
    return text


# The lessons


def test_lessons_are_numbered():
    assert LESSONS, "no lesson in notebooks/[0-9]*.ipynb"
    assert rules.numbering(path.name for path in LESSONS) == []


@each_lesson
@pytest.mark.parametrize("rule", rules.rules())
def test_lesson_keeps_rule(rule, lesson, notebook):
    if rule == "prediction" and lesson.name.startswith("00"):
        pytest.skip("nothing to predict in the first lesson")
    assert rules.rules()[rule](notebook) == []


@each_lesson
def test_lesson_links_lead_somewhere(lesson, notebook):
    assert rules.broken_links(notebook, lesson.parent) == []


@pytest.fixture(scope="module")
def compiled_ahead():
    """The engine's kernels on disk, as after a first run: compiling one takes 100 MB."""
    subprocess.run([sys.executable, "-m", "lib.networks.kernels"], cwd=ROOT, check=True)


@each_lesson
def test_lesson_runs_in_profile_smoke(lesson, notebook, tmp_path, monkeypatch, compiled_ahead):
    monkeypatch.delenv("MPLBACKEND", raising=False)  # a kernel chooses its own
    record = run.run_lessons("smoke", [lesson.stem], build=tmp_path)[lesson.stem]
    assert record["error"] is None
    assert record["seconds"] < SMOKE_SECONDS
    if not notebook["metadata"].get("course", {}).get("keras", True):
        assert record["peak_mb"] < MOST_WITHOUT_KERAS


def test_lesson_00_runs_in_any_folder(tmp_path):
    lesson = next(path for path in LESSONS if path.stem.startswith("00"))
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(lesson, tmp_path / "elsewhere")
    folders = {"notebooks": tmp_path / "elsewhere", "build": tmp_path / "build"}
    record = run.run_lessons("smoke", **folders)[lesson.stem]
    assert record["error"] is None
    text = (tmp_path / "build" / "smoke" / lesson.name).read_text("utf-8")
    for name in [path.name for path in LESSONS] + ["Everything is ready.", "as in the lock"]:
        assert name in text, "the map and the lock are found"


@pytest.mark.slow
@each_lesson
def test_every_cell_of_a_lesson_runs_twice(lesson, notebook, tmp_path):
    """A learner changes one thing and runs a cell again: it must not need what it took away."""
    cells = []
    for cell in notebook["cells"]:
        cells.append(cell)
        if cell["cell_type"] == "code" and "parameters" not in rules.tags(cell):
            cells.append({**cell, "id": f"{cell['id'][:50]}-again"})
    (tmp_path / "twice").mkdir()
    (tmp_path / "twice" / lesson.name).write_text(
        json.dumps({**notebook, "cells": cells}), encoding="utf-8"
    )
    folders = {"notebooks": tmp_path / "twice", "build": tmp_path / "build"}
    assert run.run_lessons("smoke", **folders)[lesson.stem]["error"] is None


# README


def test_readme_lists_every_lesson_in_order():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert rules.readme_lessons(readme) == [path.name for path in LESSONS]


def test_readme_names_only_make_targets_that_exist():
    named = rules.readme_make_targets((ROOT / "README.md").read_text(encoding="utf-8"))
    assert {"run", "test", "lab"} <= named
    assert named <= rules.makefile_targets((ROOT / "Makefile").read_text(encoding="utf-8"))


def test_readme_findings_are_in_the_stored_outputs():
    readme = (ROOT / "README.md").read_text("utf-8")
    found = readme.split("<!-- found:begin -->")[1].split("<!-- found:end -->")[0]
    findings = re.findall(r"(.*?)\]\(notebooks/(\d\d_\w+)\.ipynb\)", found, re.DOTALL)
    assert len(findings) >= 5
    for text, name in findings:
        lesson = nbformat.read(ROOT / f"notebooks/{name}.ipynb", as_version=4)
        outputs = [o for c in lesson.cells if c.cell_type == "code" for o in c.outputs]
        stored = " ".join(o.get("text", "") + str(o.get("data", "")) for o in outputs)
        for number in re.findall(r"[-+]?\d\.\d+", text):
            assert number in stored, f"README says {number}, but lesson {name} does not"
