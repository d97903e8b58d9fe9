"""The rules that every lesson keeps, as functions from a notebook to a list of what is wrong.

A notebook is the content of its file as a dictionary (`read`): nothing is repaired on the way. A
rule returns strings that name the cell by its place (from 0) and say what is wrong; [] if nothing.
"""

import ast
import inspect
import json
import re
import statistics
from pathlib import Path
from urllib.parse import unquote

import nbformat

from lib.data import cifar10

MAX_CODE_LINES = 20  # in one cell
SHORT_LESSONS = range(7)  # numbers of the lessons whose cells are held short
MEDIAN_LINES = 6  # of their code cells
MAIN_CELLS = 26  # code cells before "Going deeper", in 30 to 45 minutes
PROSE_BAND = 5, 25  # words of prose for a line of code, over the whole lesson; 8 to 15 is the aim
MACHINE_PATH = re.compile(r"(?<![\w.-])/(?:home|root|tmp|work|Users)/|[A-Za-z]:\\+Users")
EMBEDDED = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s]+")
DEEPER = r"^#+ Going deeper"
CLOSING = "What we found", "What stays uncertain", "Where next"


def read(path: Path) -> dict:
    """A notebook as it stands in its file."""
    return json.loads(path.read_text(encoding="utf-8"))


def rules() -> dict:
    """All rules: name -> function of a notebook."""
    return {
        name.removeprefix("check_"): function
        for name, function in globals().items()
        if name.startswith("check_")
        and list(inspect.signature(function).parameters) == ["notebook"]
    }


# Reading


def source(cell) -> str:
    """A cell's text; the format allows a list of lines."""
    return "".join(cell.get("source", ""))


def cells(notebook, kind) -> list:
    """(place, cell) of each cell of a kind."""
    return [(i, cell) for i, cell in enumerate(notebook["cells"]) if cell["cell_type"] == kind]


def tags(cell) -> list:
    """The tags of a cell."""
    return cell["metadata"].get("tags", [])


def outputs(notebook) -> list:
    """(place, output) of each output."""
    return [(i, out) for i, cell in cells(notebook, "code") for out in cell.get("outputs", [])]


def output_texts(notebook) -> list:
    """(place, text) of all that outputs say, without the bytes of embedded pictures."""
    found = []
    for i, out in outputs(notebook):
        parts = [out.get("text", ""), *out.get("traceback", []), *out.get("data", {}).values()]
        for part in parts:
            text = json.dumps(part) if isinstance(part, dict) else "".join(part)
            found.append((i, EMBEDDED.sub("", text)))
    return found


def code_lines(cell) -> list:
    """Lines of code: neither blank nor only a comment.

    >>> code_lines({"source": "# why\\n\\nx = 1  # unit\\n"})
    ['x = 1  # unit']
    """
    lines = (line.strip() for line in source(cell).splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def number(notebook) -> int | None:
    """The lesson's number, as its title has it; None if it has none.

    >>> number({"cells": [{"cell_type": "markdown", "source": "# 06. Blobs: why?"}]})
    6
    """
    title = re.match(r"# +(\d\d)\. ", source(notebook["cells"][0])) if notebook["cells"] else None
    return int(title[1]) if title else None


def first_cells(notebook) -> str:
    """The prose before the first code cell."""
    return "\n\n".join(
        source(cell) for i, cell in cells(notebook, "markdown") if i < _first_code(notebook)
    )


def _first_code(notebook):
    return min((i for i, _ in cells(notebook, "code")), default=len(notebook["cells"]))


# The file


def check_format(notebook):
    """Valid nbformat 4.5 with an id in each cell."""
    version = notebook.get("nbformat"), notebook.get("nbformat_minor")
    if version != (4, 5):
        return [f"nbformat is {version[0]}.{version[1]}: save it as 4.5"]
    wrong = [error.message for error in nbformat.validator.iter_validate(notebook)]
    ids = [cell.get("id") for cell in notebook["cells"]]
    return wrong + [f"two cells have the id {i!r}" for i in sorted(set(ids), key=str)
                    if i is not None and ids.count(i) > 1]  # fmt: skip


def check_kernel(notebook):
    """The kernel is python3."""
    name = notebook["metadata"].get("kernelspec", {}).get("name")
    return [] if name == "python3" else [f"kernelspec is {name!r}: choose python3"]


def check_goal(notebook):
    """metadata.course.goal goes on from "after this lesson you can", and is one of the objectives.

    README's lesson table and lesson 00 show it.
    """
    goal = notebook["metadata"].get("course", {}).get("goal", "")
    if not re.fullmatch(r"\S.*[^\s.;,]", goal):
        return [f"metadata.course.goal is {goal!r}: say in a line, without full stop, what one can"]
    if goal[0].isupper() and goal[1:2].islower():
        return [f"metadata.course.goal {goal!r}: begin with a small letter"]
    if goal.casefold() not in first_cells(notebook).casefold():
        return [f"metadata.course.goal {goal!r} is none of the objectives"]
    return []


def check_no_widget_state(notebook):
    """No stored widget state."""
    stored = "widgets" in notebook["metadata"]
    return ["metadata.widgets is stored: clear it (see CONTRIBUTING.md)"] if stored else []


def check_parameters(notebook):
    """One cell is tagged `parameters`, and sets PROFILE = "class"."""
    tagged = [cell for _, cell in cells(notebook, "code") if "parameters" in tags(cell)]
    if len(tagged) != 1:
        return [f"{len(tagged)} cells are tagged `parameters`: one is needed"]
    if not re.search(r'^PROFILE = "class"\s*(#.*)?$', source(tagged[0]), re.MULTILINE):
        return ['the cell tagged `parameters` lacks the line PROFILE = "class"']
    return []


def check_compared_cell(notebook):
    """At least one cell's output is compared with a new run's."""
    compared = any("nbval-check-output" in tags(cell) for _, cell in cells(notebook, "code"))
    return [] if compared else ["no cell is tagged `nbval-check-output`"]


# Code and its outputs


def check_executed_in_order(notebook):
    """Code cells are executed 1, 2, 3, ... without a gap."""
    counts = [
        (i, c.get("execution_count")) for i, c in cells(notebook, "code") if source(c).strip()
    ]
    return [
        f"cell {i}: execution count {count}, not {n}"
        for n, (i, count) in enumerate(counts, start=1)
        if count != n
    ]


def check_cell_length(notebook):
    """No cell has more than 20 lines of code."""
    lengths = ((i, len(code_lines(cell))) for i, cell in cells(notebook, "code"))
    return [f"cell {i}: {n} lines of code, 20 allowed" for i, n in lengths if n > MAX_CODE_LINES]


def check_short_cells(notebook):
    """In lessons 00 to 06 the median code cell has at most 6 lines, comments counted."""
    lengths = [
        sum(bool(line.strip()) for line in source(cell).splitlines())
        for _, cell in cells(notebook, "code")
    ]
    if number(notebook) not in SHORT_LESSONS or not lengths:
        return []
    middle = statistics.median(lengths)
    if middle <= MEDIAN_LINES:
        return []
    return [f"the median code cell has {middle:g} lines, {MEDIAN_LINES} allowed"]


def check_short_main_path(notebook):
    """In lessons 00 to 06 at most 26 code cells stand before "Going deeper"."""
    deeper = (i for i, c in cells(notebook, "markdown") if re.search(DEEPER, source(c), re.M))
    end = next(deeper, len(notebook["cells"]))
    n = sum(i < end for i, _ in cells(notebook, "code"))
    if number(notebook) not in SHORT_LESSONS or n <= MAIN_CELLS:
        return []
    return [f"{n} code cells on the main path, {MAIN_CELLS} allowed"]


def check_no_star_import(notebook):
    """No `from x import *`."""
    pattern = re.compile(r"^\s*from\s+\S+\s+import\s+\*", re.MULTILINE)
    found = (i for i, cell in cells(notebook, "code") if pattern.search(source(cell)))
    return [f"cell {i}: star import" for i in found]


def check_no_errors(notebook):
    """No error and nothing on stderr."""
    wrong = []
    for i, out in outputs(notebook):
        if out["output_type"] == "error":
            wrong.append(f"cell {i}: {out.get('ename')}: {out.get('evalue')}")
        elif out.get("name") == "stderr":
            wrong.append(f"cell {i}: stderr: {''.join(out['text']).strip()[:80]}")
    return wrong


def check_no_warnings(notebook):
    """No text of a warning in an output."""
    signs = re.compile(r"Warning\b|^WARNING:", re.MULTILINE)  # Python's, and TensorFlow's
    return [f"cell {i}: warning" for i, text in output_texts(notebook) if signs.search(text)]


def check_no_machine_paths(notebook):
    """No folder of somebody's machine in sources and outputs."""
    texts = [(i, source(cell)) for i, cell in enumerate(notebook["cells"])]
    found = ((i, MACHINE_PATH.search(t)) for i, t in texts + output_texts(notebook))
    return [f"cell {i}: path {match[0]}..." for i, match in found if match]


def check_no_plumbing(notebook):
    """Code holds the experiment: no matplotlib, no tick marks, no alt texts, no string joining."""
    signs = re.compile(r"\bmatplotlib\b|\bplt\.|\bset_[xy]ticks\b|\balt=|\.set_title\(|\btold\(")
    found = ((i, signs.search(source(cell))) for i, cell in cells(notebook, "code"))
    return [f"cell {i}: {match[0]!r} belongs in lib" for i, match in found if match]


def check_keras_only_where_it_is_said(notebook):
    """A lesson that says `"keras": false` in its metadata does not import Keras or TensorFlow."""
    if notebook["metadata"].get("course", {}).get("keras", True):
        return []
    signs = re.compile(r"\blib\.backend\b|\b(?:import|from) (?:keras|tensorflow)\b")
    found = ((i, signs.search(source(cell))) for i, cell in cells(notebook, "code"))
    return [f"cell {i}: {match[0]!r} in a lesson without Keras" for i, match in found if match]


def check_text_says_something(notebook):
    """Outputs say in text what they show, for terminals, LaTeX and screen readers."""
    return [
        f"cell {i}: the text of an output is {text!r}"
        for i, text in output_texts(notebook)
        if re.fullmatch(r"<[\w.]+ object(?: at 0x\w+)?>", text.strip())
    ]


# Figures


def check_alt_text(notebook):
    """Every picture has alt text: none is a bare image, no <img> and no ![]() lacks it."""
    wrong = [
        f"cell {i}: bare {kind}: use `show(ax)`"
        for i, out in outputs(notebook)
        for kind in out.get("data", {})
        if kind.startswith("image/")
    ]
    texts = [(i, source(cell)) for i, cell in cells(notebook, "markdown")]
    for i, text in texts + output_texts(notebook):
        for image in re.findall(r"<img\b[^>]*>", text, flags=re.IGNORECASE):
            if not re.search(r"""\balt=\\?(?:"\s*[^"\s\\]|'\s*[^'\s\\])""", image):
                wrong.append(f"cell {i}: <img> without alt text")
    for i, text in texts:
        wrong += [f"cell {i}: ![]() without alt text" for _ in re.findall(r"!\[\s*\]\(", text)]
    return wrong


def check_no_photographs(notebook):
    """A cell that draws photographs is tagged `photographs`, drops its output, and stores none.

    In a lesson on photographs that is every `plot_photos` and every `imshow`; a picture of other
    things, such as a confusion matrix, is drawn by `matshow` or seaborn's `heatmap`.
    """
    wrong = []
    for i, cell in cells(notebook, "code"):
        tagged = "photographs" in tags(cell)
        if not tagged and re.search(r"\b(?:plot_photos|imshow)\(", source(cell)):
            wrong.append(f"cell {i}: draws photographs: tag it `photographs`")
        if tagged and cell["metadata"].get("keep_output") is not False:
            wrong.append(f'cell {i}: photographs: its metadata lacks "keep_output": false')
        if tagged and cell.get("outputs"):
            wrong.append(f"cell {i}: stores photographs: strip its output (see CONTRIBUTING.md)")
    return wrong


def check_no_stand_in(notebook):
    """Stored outputs come from CIFAR-10 itself, not from the stand-in."""
    found = {i for i, text in output_texts(notebook) if cifar10.DIGITS in text}
    return [
        f"cell {i}: on the stand-in: execute with CIFAR10_PATH set to a copy" for i in sorted(found)
    ]


# Prose


def check_opening(notebook):
    """Title, list of objectives, minutes and memory stand before the first code."""
    text = first_cells(notebook)
    wanted = {
        "a title `# ...` in the first cell": notebook["cells"]
        and re.match(r"# +\S", source(notebook["cells"][0])),
        "a list of objectives": re.search(
            r"objectives?\b.*?^\s*(?:[-*+]|\d+[.)]) +\S", text, re.I | re.S | re.M
        ),
        "the expected minutes": re.search(r"\d\s*min", text),
        "the expected memory": re.search(r"\d\s*(?:MB|GB)", text),
    }
    return [
        f"before the first code cell there lacks {what}" for what, ok in wanted.items() if not ok
    ]


def check_closing(notebook):
    """The lesson ends: What we found, What stays uncertain, Where next; no code after that."""
    heads = []
    for i, cell in cells(notebook, "markdown"):
        for line in source(cell).splitlines():
            if re.match(r"\s*(#+ |\*\*|[-*] \*\*)", line):
                heads += [(phrase, i) for phrase in CLOSING if phrase.lower() in line.lower()]
    if [phrase for phrase, _ in heads[-3:]] != list(CLOSING):
        return [f"the end lacks the headings {', '.join(CLOSING)}, in this order"]
    last_code = max((i for i, _ in cells(notebook, "code")), default=-1)
    return ["code follows after `Where next`"] if last_code > heads[-1][1] else []


def check_cells_run_twice(notebook):
    """A cell deletes no name of an earlier cell: it, and that one, could not run again."""
    wrong = []
    for i, cell in cells(notebook, "code"):
        nodes = list(ast.walk(ast.parse(source(cell))))
        names = [node for node in nodes if isinstance(node, ast.Name)]
        made = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        gone = [node.id for node in names if isinstance(node.ctx, ast.Del)]
        wrong += [
            f"cell {i} deletes {name}: a second run fails" for name in gone if name not in made
        ]
    return wrong


SHUT_DOWN = "First choose *Kernel, Shut Down Kernel*: a closed tab keeps its memory."


def check_shut_down(notebook):
    """`Where next` begins by saying that this kernel keeps its memory until it is shut down."""
    text = "\n\n".join(source(cell) for _, cell in cells(notebook, "markdown"))
    _, _, end = text.partition("## Where next\n")
    return [] if end.lstrip().startswith(SHUT_DOWN) else [f"after `## Where next`: {SHUT_DOWN}"]


def check_prediction(notebook):
    """A question `**Predict` comes before a result (the first lesson has nothing to predict)."""
    asked = [i for i, cell in cells(notebook, "markdown") if "**Predict" in source(cell)]
    if not asked:
        return ["no prediction question: a cell of prose with **Predict"]
    results = [i for i, _ in outputs(notebook)]
    return [f"cell {i}: no result follows **Predict" for i in asked if max(results, default=-1) < i]


def check_prose_for_code(notebook):
    """Words of prose for a line of code, over the whole lesson; remarks and rules are no words."""
    prose = " ".join(source(cell) for _, cell in cells(notebook, "markdown"))
    n_words = len(re.findall(r"\S*\w\S*", re.sub(r"<!--.*?-->", "", prose)))
    n_lines = sum(len(code_lines(cell)) for _, cell in cells(notebook, "code"))
    ratio = n_words / max(n_lines, 1)
    low, high = PROSE_BAND
    if low <= ratio <= high:
        return []
    return [f"{ratio:.1f} words of prose for a line of code: {low} to {high} (8 to 15 is the aim)"]


def check_stored_run(notebook):
    """A sentence with `<!-- from: tag -->` behind it says what the cell of that tag or id printed.

    Every decimal number of the sentence, or of those before it in the paragraph up to another such
    mark, stands in that cell's outputs, and a minus with it.
    """
    said = {}
    for _, cell in cells(notebook, "code"):
        parts = [text for _, text in output_texts({"cells": [cell]})]
        for tag in [*tags(cell), cell.get("id")]:
            said[tag] = said.get(tag, "") + "\n".join(parts).replace("\u2212", "-")
    wrong = []
    for i, cell in cells(notebook, "markdown"):
        for paragraph in re.split(r"\n\s*\n", source(cell)):
            begin = 0
            for mark in re.finditer(r"<!-- from: ([\w-]+(?:, [\w-]+)*) -->", paragraph):
                sentence, begin = paragraph[begin : mark.start()], mark.end()
                names = mark[1].split(", ")
                missing = [name for name in names if name not in said]
                wrong += [f"cell {i}: no cell has the tag or id {name!r}" for name in missing]
                shown = "\n".join(said.get(name, "") for name in names)
                wrong += [
                    f"cell {i}: {number} is not in the output of {mark[1]}"
                    for number in re.findall(r"(?<![\w.])[-+]?\d+\.\d+", sentence)
                    if not missing and not _is_shown(number, shown)
                ]
    return wrong


def check_remarks_behind_text(notebook):
    """A remark (`<!-- ... -->`) begins no line: what follows it there would not be set as text."""
    return [
        f"cell {i}: move {line.strip()[:40]!r} to the end of the line above"
        for i, cell in cells(notebook, "markdown")
        for line in source(cell).splitlines()
        if re.match(r"\s*<!--.*-->", line)
    ]


def _is_shown(number, text) -> bool:
    """Whether a number stands in a text, as a whole and not with the other sign."""
    digits = re.escape(number.lstrip("+-"))
    sign = "-" if number.startswith("-") else r"(?<!-)"
    return re.search(rf"(?<![\d.]){sign}{digits}(?!\d)", text) is not None


# Between files


def broken_links(notebook, folder: Path) -> list:
    """Relative links that lead nowhere.

    Args:
        notebook: the notebook.
        folder: where it lies.
    """
    wrong = []
    for i, cell in cells(notebook, "markdown"):
        targets = re.findall(r"\]\(<?([^)\s>]+)>?[^)]*\)|(?:href|src)=[\"']([^\"']+)", source(cell))
        for target in filter(None, (one for pair in targets for one in pair)):
            path = unquote(target.split("#")[0])
            external = re.match(r"[a-z][a-z0-9+.-]*:", target) or target.startswith("attachment")
            if path and not external and not (folder / path).exists():
                wrong.append(f"cell {i}: no {target}")
    return wrong


def numbering(names) -> list:
    """What is wrong with the numbers of the lessons' file names.

    >>> numbering(["00_a.ipynb", "02_b.ipynb", "02_c.ipynb"])
    ['02_c.ipynb: 02 stands twice']
    """
    wrong, seen = [], set()
    for name in sorted(names):
        number = name[:2]
        if not re.match(r"\d\d_", name):
            wrong.append(f"{name}: begin with two digits and an underscore")
        elif number in seen:
            wrong.append(f"{name}: {number} stands twice")
        seen.add(number)
    return wrong


def readme_lessons(readme: str) -> list:
    """File names of the notebooks that README's lesson table links to, in its order."""
    table = readme.split("<!-- lessons:begin -->")[1].split("<!-- lessons:end -->")[0]
    return re.findall(r"\]\(notebooks/([^)]+\.ipynb)\)", table)


def readme_make_targets(readme: str) -> set:
    """Targets of the `make` commands that README names in code."""
    code = re.findall(r"```.*?```|`[^`\n]+`", readme, flags=re.DOTALL)
    return {target for part in code for target in re.findall(r"\bmake ([a-z]+)", part)}


def makefile_targets(makefile: str) -> set:
    """Targets of a Makefile."""
    return set(re.findall(r"^([a-z][\w-]*):(?!=)", makefile, flags=re.MULTILINE))
