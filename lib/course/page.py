"""Pages of a run: the index, and each lesson as HTML."""

import html
import re

from nbconvert import HTMLExporter

from .publishing import PLACEHOLDER, binder_link
from .show import MARKS


def to_html(notebook, name: str) -> str:
    """A notebook as an HTML page, with links to other lessons leading to their pages."""
    exporter = HTMLExporter(template_name="lab")
    page, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": name}})
    return re.sub(r'(href="(?:\./)?\d\d_\w+)\.ipynb(?=["#])', r"\1.html", page)


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


def index_page(profile: str, records: dict, repository: str = PLACEHOLDER) -> str:
    """The HTML page that lists all lessons of a run; links are relative to its folder.

    Args:
        profile: its name.
        records: lesson name -> record.
        repository: on GitHub; once it is named, each lesson has a link that opens it on Binder.
    """
    n_failed = sum(record["status"] == "failed" for record in records.values())
    caption = f"Profile {profile}: {len(records)} lessons run, {n_failed} failed."
    rows = "\n".join(_index_row(name, record, repository) for name, record in records.items())
    heading = "Transfer learning, measured"
    return _PAGE.format(heading=heading, caption=html.escape(caption), rows=rows)


def _index_row(name, record, repository):
    """One lesson's row of the index page."""
    escape = html.escape
    number, title = name[:2], record["title"]
    label = escape(title if title.startswith(number) else f"{number} {title}")
    link = f'<a href="{name}.html">{label}</a> (<a href="{name}.ipynb">notebook {name[:2]}</a>)'
    if repository != PLACEHOLDER:
        link += f' <a href="{escape(binder_link(repository, name))}">open {name[:2]} on Binder</a>'
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
