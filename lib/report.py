"""What `lib.course` tells about a run: the closing table, the index page, README's lesson table.

Nothing here runs a notebook. A *record* is what is known of one lesson that has run, as it stands
in `build/<profile>/summary.json`:

    title        the lesson's first heading
    status       "ok" or "failed"
    seconds      wall time from the start of the kernel to its end
    peak_mb      peak memory, see `lib.execution.Processes`
    data         which data the lesson used, one string each
    verdicts     [{"claim", "verdict", "evidence"}, ...], in the order of the lesson
    error        the failing cell's error in one line, or null
    fingerprint  of all that the lesson was made from
"""

import html
import re

from lib.show import MARKS, MIME, VERDICTS


def facts(notebook) -> dict:
    """Read what an executed lesson says about its data and its claims.

    Args:
        notebook: an `nbformat` notebook; only outputs of the type `lib.show.MIME` are read.

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
    match = re.search(r"^#+ +(.+?) *$", _prose(notebook), flags=re.MULTILINE)
    return match[1] if match else default


def objective(notebook) -> str:
    """The first item of the lesson's list of objectives, without its full stop; "" if none."""
    pattern = r"objectives?\b[^\n]*\n+(?:[^\n]+\n+)??\s*(?:[-*+]|\d+[.)]) +(.+?) *$"
    match = re.search(pattern, _prose(notebook), flags=re.MULTILINE | re.IGNORECASE)
    return match[1].rstrip(".;,") if match else ""


def _prose(notebook) -> str:
    """All Markdown of a notebook."""
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def tally(verdicts) -> str:
    """Count verdicts in words.

    >>> tally([{"verdict": "holds"}, {"verdict": "holds"}, {"verdict": "undecided"}])
    '2 hold, 1 undecided'
    >>> tally([{"verdict": "not identified"}])
    '1 not identified'
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


# The index page

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{heading}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem;
       color: #1b1b1b; background: #fff; }}
table {{ border-collapse: collapse; width: 100%; }}
caption {{ text-align: left; padding-bottom: .5rem; }}
th, td {{ text-align: left; vertical-align: top; padding: .5rem;
         border-bottom: 1px solid #767676; }}
td.number {{ text-align: right; font-variant-numeric: tabular-nums; }}
td ul {{ margin: 0; padding-left: 1.2rem; list-style: none; }}
.failed {{ color: #a40000; font-weight: bold; }}
a {{ color: #0b57a4; }}
</style>
</head>
<body>
<main>
<h1>{heading}</h1>
<table>
<caption>{caption}</caption>
<thead><tr><th scope="col">Lesson</th><th scope="col">Seconds</th><th scope="col">Peak MB</th>
<th scope="col">Data</th><th scope="col">Verdicts</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</main>
</body>
</html>
"""


def index_page(profile: str, records: dict) -> str:
    """The HTML page that lists all lessons of a run; links are relative to its folder."""
    n_failed = sum(record["status"] == "failed" for record in records.values())
    caption = f"Profile {profile}: {len(records)} lessons run, {n_failed} failed."
    rows = "\n".join(_index_row(name, record) for name, record in records.items())
    heading = "Transfer learning, measured"
    return _PAGE.format(heading=heading, caption=html.escape(caption), rows=rows)


def _index_row(name, record):
    """One lesson's row of the index page."""
    escape = html.escape
    label = escape(f"{name[:2]} {record['title']}")
    link = f'<a href="{name}.html">{label}</a> (<a href="{name}.ipynb">notebook {name[:2]}</a>)'
    items = [
        f"<li>{MARKS[one['verdict']]} <b>{escape(one['verdict'])}</b>: {escape(one['claim'])}"
        f"<br><small>{escape(one['evidence'])}</small></li>"
        for one in record["verdicts"]
    ]
    verdicts = f"<ul>{''.join(items)}</ul>" if items else "none"
    if record["error"]:
        verdicts = f'<p class="failed">Failed: {escape(record["error"])}</p>' + verdicts
    data = escape("; ".join(record["data"])) or "none"
    return (
        f'<tr><th scope="row">{link}</th><td class="number">{record["seconds"]:.1f}</td>'
        f'<td class="number">{record["peak_mb"]:.0f}</td><td>{data}</td><td>{verdicts}</td></tr>'
    )


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
        heading, goal = title(notebook, name), objective(notebook)
        label = heading if heading.startswith(number) else f"{number} {heading}"
        if goal[1:2].islower():
            goal = goal[0].lower() + goal[1:]  # goes on from "after it you can"
        table.append(
            f"| [{label.replace('|', '/')}](notebooks/{name}.ipynb) | {goal.replace('|', '/')} "
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
