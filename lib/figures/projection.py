"""Figures of words in the plane."""

from collections.abc import Mapping

from ..checks import numbers, shown
from .axes import axes_or_new, dress
from .checks import check_labels, check_names, figure
from .looks import CLASS_COLORS, CLASS_MARKERS
from .words import describe, listed


@figure
def plot_words(places, groups, *, directions: str = "direction", title: str = "", ax=None):
    """Draw words at their places, one colour and marker for each group.

    Args:
        places: word -> (x, y).
        groups: name -> words, all of which have a place.
        directions: what the axes are; a number follows.
    """
    check_labels(groups, "groups", "words")
    if not isinstance(places, Mapping):
        raise ValueError(f"places={shown(places)}: give a dict, word -> (x, y).")
    for name, words in groups.items():
        check_names(words, f"group {name!r} of groups")
        for word in words:
            if word not in places:
                raise ValueError(f"groups of {name!r}: places has no {word!r}: leave it out.")
            if numbers(f"places of {word!r}", places[word], ("2",)).shape != (2,):
                raise ValueError(f"places of {word!r}: {shown(places[word])}: give (x, y).")
    ax, texts = axes_or_new(ax, (7, 5.5)), {}
    for number, (name, words) in enumerate(groups.items()):
        look = {"color": CLASS_COLORS[number % 8], "marker": CLASS_MARKERS[number % 8]}
        xs, ys = zip(*(places[word] for word in words), strict=True)
        ax.scatter(xs, ys, s=18, label=name, **look)
        for word, x, y in zip(words, xs, ys, strict=True):
            ax.annotate(word, (x, y), (3, 3), textcoords="offset points", fontsize="small",
                        color=look["color"])  # fmt: skip
        middle = sum(xs) / len(xs), sum(ys) / len(ys)
        texts[name] = f"{len(words)} words around ({middle[0]:.1f}, {middle[1]:.1f})"
    ax.margins(x=0.15, y=0.08)  # a word stands to the right of its point
    dress(ax, x=f"{directions} 1", y=f"{directions} 2", title=title, legend=True)
    describe(ax, f"Words in the plane. {listed(texts)}")
    return ax
