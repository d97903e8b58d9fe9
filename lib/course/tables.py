"""The closing table of a run, README's lesson table, and what an executed lesson says."""

import re

from .show import MIME, VERDICTS


def facts(notebook) -> dict:
    """Read what an executed lesson says about its data and its claims.

    Args:
        notebook: an `nbformat` notebook; only outputs of the type `show.MIME` are read.

    Returns:
        {"data": list of strings, each once, "verdicts": list of dictionaries}.
    """
    found = {"data": [], "verdicts": []}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            fact = output.get("data", {}).get(MIME, {})
            if fact.get("kind") == "data" and fact["text"] not in found["data"]:
                found["data"].append(fact["text"])
            elif fact.get("kind") == "verdict":
                found["verdicts"].append({k: fact[k] for k in ("claim", "verdict", "evidence")})
    return found


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


def closing_table(records: dict) -> str:
    """Lay out the records as plain text, one line a lesson.

    A failed lesson's error, and each claim that does not hold, follow on lines of their own.

    Args:
        records: lesson name -> record, in the order to print.
    """
    heads = ("lesson", "seconds", "peak MB", "verdicts", "data")
    rows = {name: _cells(name, record) for name, record in records.items()}
    widths = [max(map(len, column)) for column in zip(heads, *rows.values(), strict=True)]

    def line(cells):
        aligned = (  # numbers to the right
            cell.rjust(width) if i in (1, 2) else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join(aligned).rstrip()

    lines = [line(heads), "  ".join("-" * width for width in widths)]
    for name, record in records.items():
        lines.append(line(rows[name]))
        if record["error"]:
            lines.append(f"    FAILED  {record['error']}")
        for one in record["verdicts"]:
            if one["verdict"] == "does not hold":
                lines.append(f"    does not hold: {one['claim']}")
    return "\n".join(lines)


def _cells(name, record):
    """One line of the closing table; a lesson that failed has no verdicts to count on."""
    verdicts = "FAILED" if record["status"] == "failed" else tally(record["verdicts"])
    data = "; ".join(record["data"]) or "none"
    return name, f"{record['seconds']:.1f}", f"{record['peak_mb']:.0f}", verdicts, data


# README's lesson table


def update_readme(readme: str, notebooks: dict, records: dict) -> str:
    """Write the measured lesson table, and the Binder link of each lesson, into README's text.

    The repository in the links is the one README names already.

    Args:
        readme: the text; the table goes between `<!-- lessons:begin -->` and
            `<!-- lessons:end -->`, the link targets between `<!-- links:begin -->` and
            `<!-- links:end -->`.
        notebooks: lesson name -> `nbformat` notebook.
        records: lesson name -> record, one at least for each notebook.

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
    readme = _replace_block(readme, "lessons", table)

    repository = re.search(r"mybinder\.org/v2/gh/([^/\s]+/[^/\s]+)/HEAD", readme)
    hub = f"https://mybinder.org/v2/gh/{repository[1] if repository else 'OWNER/REPO'}/HEAD"
    others = [
        line
        for line in _block(readme, "links").splitlines()
        if line and not re.match(r"\[binder-\d\d\]:", line)
    ]
    targets = [f"[binder-{n[:2]}]: {hub}?labpath=notebooks%2F{n}.ipynb" for n in notebooks]
    return _replace_block(readme, "links", others + targets)


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
