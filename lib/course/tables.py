"""The closing table of a run, README's lesson table, and what an executed lesson says."""

import re
import shutil
import textwrap

from .publishing import links_block
from .show import MIME, VERDICTS, is_record


def facts(notebook) -> dict:
    """Read what an executed lesson says about its data and its claims.

    Args:
        notebook: an `nbformat` notebook; only outputs of the type `show.MIME` are read, and of
            these only records as `show` makes them (`malformed` names others).

    Returns:
        {"data": list of strings, each once, "verdicts": list of dictionaries}.
    """
    found = {"data": [], "verdicts": []}
    for record in filter(is_record, _records(notebook)):
        if record["kind"] == "verdict":
            found["verdicts"].append({k: record[k] for k in ("claim", "verdict", "evidence")})
        elif record["text"] not in found["data"]:
            found["data"].append(record["text"])
    return found


def malformed(notebook) -> str | None:
    """What is wrong with the first record of a lesson that the run cannot read; None if nothing."""
    for record in _records(notebook):
        if not is_record(record):
            shown = textwrap.shorten(ascii(record), 120, placeholder=" ...")
            return f"malformed record {shown}: display it by lib.course.verdict or data_used"
    return None


def _records(notebook):
    """Everything that a lesson displays for the course's run, well-formed or not."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if MIME in data:
                yield data[MIME]


def title(notebook, default: str) -> str:
    """The text of the first heading, or the default."""
    prose = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    match = re.search(r"^#+ +(.+?) *$", prose, flags=re.MULTILINE)
    return match[1] if match else default


def goal(notebook) -> str:
    """What a learner can do after the lesson: metadata.course.goal; "" if there is none.

    It goes on from "after this lesson you can".
    """
    return notebook.metadata.get("course", {}).get("goal", "")


def tally(verdicts) -> str:
    """Count verdicts in words.

    >>> tally([{"verdict": "holds"}, {"verdict": "holds"}, {"verdict": "undecided"}])
    '2 hold, 1 undecided'
    >>> tally([{"verdict": "practically equal"}, {"verdict": "practically equal"}])
    '2 practically equal'
    >>> tally([])
    'none'
    """
    plural = {"holds": "hold", "does not hold": "do not hold"}
    parts = []
    for verdict in VERDICTS:
        n = sum(one["verdict"] == verdict for one in verdicts)
        if n:
            parts.append(f"{n} {plural.get(verdict, verdict) if n > 1 else verdict}")
    return ", ".join(parts) or "none"


# The table at the end of a run


def closing_table(records: dict, width: int | None = None) -> str:
    """Lay out the records as plain text that fits a terminal.

    A line a lesson: name, seconds, memory, verdicts. Below it, indented, which data it used, why it
    failed, and each claim that does not hold.

    Args:
        records: lesson name -> record, in the order to print.
        width: of a line, in characters; None for the terminal's (80 where there is none). A single
            word that is longer, such as a path, stays whole.
    """
    width = width or shutil.get_terminal_size().columns
    heads = ("lesson", "seconds", "peak MB", "verdicts")
    rows = [(heads, []), *((_cells(*item), _remarks(item[1])) for item in records.items())]
    columns = list(zip(*(cells for cells, _ in rows), strict=True))[:3]
    name, seconds, memory = (max(map(len, column)) for column in columns)
    indent = name + seconds + memory + 6
    lines = []
    for cells, remarks in rows:
        line = f"{cells[0]:<{name}}  {cells[1]:>{seconds}}  {cells[2]:>{memory}}"
        if indent + 12 <= width:  # room for verdicts beside the numbers
            lines += _wrapped(f"{line}  {cells[3]}", width, indent)
        else:
            lines += [line, *_wrapped(f"    {cells[3]}", width, 6)]
        for remark in remarks:
            lines += _wrapped(f"    {remark}", width, 6)
    rule = "-" * min(width, max(map(len, lines)))
    n_head = 1 if indent + 12 <= width else 2
    return "\n".join([*lines[:n_head], rule, *lines[n_head:]])


def _wrapped(text, width, indent):
    """A text in lines of at most that width, between words; later lines are indented."""
    return textwrap.wrap(
        text,
        width,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


def _cells(name, record):
    """A lesson's line of the closing table; one that failed has no verdicts to count on."""
    verdicts = "FAILED" if record["status"] == "failed" else tally(record["verdicts"])
    return name, f"{record['seconds']:.1f}", f"{record['peak_mb']:.0f}", verdicts


def _remarks(record):
    """What stands below a lesson's line."""
    lines = [f"FAILED  {record['error']}"] if record["error"] else []
    lines += [f"data: {'; '.join(record['data'])}"] if record["data"] else []
    claims = (one["claim"] for one in record["verdicts"] if one["verdict"] == "does not hold")
    return [*lines, *(f"does not hold: {claim}" for claim in claims)]


# README's lesson table


def update_readme(readme: str, notebooks: dict, records: dict, repository: str) -> str:
    """Write the measured lesson table, and the links of each lesson, into README's text.

    Args:
        readme: the text; the table goes between `<!-- lessons:begin -->` and
            `<!-- lessons:end -->`, the link targets between `<!-- links:begin -->` and
            `<!-- links:end -->`.
        notebooks: lesson name -> `nbformat` notebook.
        records: lesson name -> record, one at least for each notebook.
        repository: its name on GitHub, for the links.

    Returns:
        The new text.

    Raises:
        ValueError: if a marker is not there exactly once.
    """
    table = ["| lesson | after it you can | minutes | memory | Binder |", "|---|---|---|---|---|"]
    for name, notebook in notebooks.items():
        number, record = name[:2], records[name]
        heading, can = title(notebook, name), goal(notebook).replace("|", "/")
        label = heading if heading.startswith(number) else f"{number} {heading}"
        table.append(
            f"| [{label.replace('|', '/')}](notebooks/{name}.ipynb) | {can} "
            f"| {max(record['seconds'] / 60, 0.1):.1f} | {record['peak_mb']:.0f} MB "
            f"| [open][binder-{number}] |"
        )
    return update_links(_replace_block(readme, "lessons", table), notebooks, repository)


def update_links(readme: str, lessons, repository: str) -> str:
    """Write the link targets of some lessons, by name, into README's text.

    Raises:
        ValueError: if a marker is not there exactly once.
    """
    return _replace_block(readme, "links", links_block(repository, lessons))


def _block(text, name):
    """What stands between two markers."""
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"README needs one line `{begin.strip()}` and, after it, one `{end}`.")
    return text[text.index(begin) + len(begin) : text.index(end)]


def _replace_block(text, name, lines):
    """Replace what stands between two markers."""
    _block(text, name)  # checks the markers
    before, rest = text.split(f"<!-- {name}:begin -->\n")
    after = rest.split(f"<!-- {name}:end -->")[1]
    body = "".join(f"{line}\n" for line in lines)
    return f"{before}<!-- {name}:begin -->\n{body}<!-- {name}:end -->{after}"
