"""What a lesson shows: figures with alt text, verdicts, and which data it used."""

import base64
import html
import io

VERDICTS = ("holds", "does not hold", "undecided", "not identified")
MIME = "application/vnd.transfer-learning-measured+json"  # read by `lib.course`
MARKS = {"holds": "✓", "does not hold": "✗", "undecided": "?", "not identified": "–"}


def show(figure, alt: str, dpi: int = 96) -> None:
    """Display a matplotlib figure with alt text, and close it.

    Args:
        figure: a `matplotlib.figure.Figure`.
        alt: what the figure shows, in a sentence or two, for who cannot see it.

    Raises:
        ValueError: if the alt text is empty.
    """
    from IPython.display import HTML, display
    from matplotlib import pyplot as plt

    display(HTML(figure_html(figure, alt, dpi)))
    plt.close(figure)


def figure_html(figure, alt: str, dpi: int = 96) -> str:
    """The figure as an HTML image that carries its alt text.

    Raises:
        ValueError: if the alt text is empty.
    """
    if not alt.strip():
        raise ValueError("alt='' is empty: say in a sentence what the figure shows.")
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi, bbox_inches="tight")
    data = base64.b64encode(file.getvalue()).decode()
    return (
        f'<img alt="{html.escape(alt, quote=True)}" style="max-width: 100%" '
        f'src="data:image/png;base64,{data}">'
    )


def verdict(claim: str, outcome: str, evidence: str) -> None:
    """Print a verdict on a claim; the course's run collects it in its last table.

    Args:
        claim: one sentence that can be true or false.
        outcome: "holds", "does not hold", "undecided", or "not identified" where the data give no
            number at all; computed from the data.
        evidence: the numbers behind it.

    Raises:
        ValueError: for any other outcome.
    """
    if outcome not in VERDICTS:
        raise ValueError(f"outcome={outcome!r}: choose one of {', '.join(VERDICTS)}.")
    _tell(
        f"{MARKS[outcome]} {outcome.upper()}: {claim}\n  {evidence}",
        {"kind": "verdict", "claim": claim, "verdict": outcome, "evidence": evidence},
    )


def data_used(*data) -> None:
    """Print which data a lesson uses: tasks, or words.

    Args:
        data: `Task` records or strings.
    """
    text = "; ".join(getattr(one, "data", one) for one in data)
    _tell(f"Data: {text}", {"kind": "data", "text": text})


def _tell(text: str, record: dict) -> None:
    from IPython.display import display

    page = f"<pre style='white-space: pre-wrap; margin: 0'>{html.escape(text)}</pre>"
    display({"text/plain": text, "text/html": page, MIME: record}, raw=True)
