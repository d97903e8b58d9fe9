"""How the arms and the classes look.

One colour, one marker and one line style belong to an arm throughout the course. The colours are
Okabe and Ito's, which differ for colour-blind readers too.
"""

from typing import NamedTuple

from ..checks import check_text

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, RED, PINK, GREY = "#0072B2", "#D55E00", "#CC79A7", "#767676"


class Style(NamedTuple):
    """How an arm looks."""

    color: str
    marker: str
    linestyle: str | tuple


STYLES = {
    "from scratch": Style(BLACK, "o", "-"),
    "fixed=0": Style(BLUE, "s", "--"),
    "fixed=1": Style(ORANGE, "^", "-."),
    "fixed=2": Style(GREEN, "D", ":"),
    "fixed=1, rest new": Style(RED, "v", (0, (5, 1))),
    "fixed=2, new layer": Style(PINK, "P", (0, (3, 1, 1, 1))),
    "fixed=2, new head": Style(SKY, "X", (0, (1, 1))),
    "freeze, fine-tune": Style("#8C6D00", "<", (0, (8, 2))),
    "freeze, then 0.01": Style("#882255", ">", (0, (6, 1, 1, 1, 1, 1))),
    "random features": Style(GREY, "*", (0, (4, 4))),
    "frozen, fresh head": Style(GREEN, "D", ":"),
    "frozen, reused head": Style(PINK, "P", (0, (3, 1, 1, 1))),
    "fine-tuned": Style(BLUE, "s", "--"),
    "1 convolution, frozen": Style(ORANGE, "^", "-."),
    "1 convolution, fine-tuned": Style(RED, "v", (0, (5, 1))),
    "with transfer": Style(BLUE, "s", "--"),
    "ImageNet features": Style(GREEN, "D", ":"),
    "from scratch, small network": Style(BLACK, "o", "-"),
    "from scratch, same network": Style(RED, "v", (0, (5, 1))),
    "bag of words": Style(BLACK, "o", "-"),
    "random vectors": Style(GREY, "*", (0, (4, 4))),
    "GloVe": Style(GREEN, "D", ":"),
    "own vectors": Style(BLUE, "s", "--"),
    "random vectors, fine-tuned": Style(GREY, "*", (0, (4, 4))),
    "GloVe, fine-tuned": Style(GREEN, "D", ":"),
    "own vectors, fine-tuned": Style(BLUE, "s", "--"),
}
CLASS_COLORS = (BLUE, ORANGE, GREEN, PINK, SKY, RED, "#8C6D00", GREY)
CLASS_MARKERS = "o^sDvPX*"
MARKS = ((RED, "*", 13), (BLACK, "X", 8), (GREEN, "P", 9))  # colour, marker, size: others' numbers
OTHER = Style(GREY, ".", "-")  # what is no arm of the course


def style(label: str) -> Style:
    """The look of an arm; a label that the course does not know gets a plain grey.

    Raises:
        ValueError: for a label that is no text.
    """
    check_text("label", label)
    return STYLES.get(label, OTHER)


COUNTED = ", source counted"  # at the end of a label: the same arm, its line moved by a cost
ACCURACY = "test accuracy (fraction correct)"


def look_of(label: str, number: int) -> Style:
    """The look of an arm; what is no arm, such as a size, gets a colour by its place."""
    place = (number + 3) % len(CLASS_COLORS)  # the first three are those of the main arms
    return STYLES.get(label.removesuffix(COUNTED)) or Style(
        CLASS_COLORS[place], CLASS_MARKERS[place], "-"
    )
