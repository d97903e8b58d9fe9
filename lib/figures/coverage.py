"""Figures of the coverage simulation: do intervals hold the truth?"""

from ..checks import shown
from .axes import axes_or_new, dress
from .checks import check_names, check_table, figure
from .looks import BLACK, BLUE, GREEN, GREY, ORANGE, PINK, RED, SKY
from .words import describe, listed, span

QUANTITY_LOOKS = {"start": (BLUE, "s"), "slope": (ORANGE, "^"), "asymptote": (GREEN, "D")}
DESIGN_LOOKS = tuple(
    zip((BLUE, ORANGE, GREEN, GREY, BLACK, PINK, RED, SKY), "s^Dov*PX", strict=True)
)
SATURATION = "saturation: rate times epochs, kT"


@figure
def plot_coverage(table, *, title: str = "", ax=None):
    """Draw how often intervals held the truth, by how far the curves had saturated.

    Args:
        table: rows of one design and one method of `coverage.csv`: saturation, quantity, coverage,
            coverage_low, coverage_high, simulations.
    """
    known = ("coverage", "coverage_low", "coverage_high")
    check_table(table, "table", ("saturation", "simulations"), ("quantity", *known))
    if not set(table["quantity"]) & set(QUANTITY_LOOKS):
        raise ValueError(
            f"table with the quantities {shown(sorted(map(str, set(table['quantity']))))}: give "
            f"some of {', '.join(QUANTITY_LOOKS)}."
        )
    check_table(table[table["coverage"].notna()], "table", known)
    for column in known:
        _check_part(table, column)
    ax, texts = axes_or_new(ax), {}
    places = sorted(table["saturation"].unique())
    for shift, (name, (color, marker)) in zip(
        (-0.12, 0, 0.12), QUANTITY_LOOKS.items(), strict=True
    ):
        rows = table[(table["quantity"] == name) & table["coverage"].notna()]
        x = [places.index(kt) + shift for kt in rows["saturation"]]
        centre, low, high = rows[["coverage", "coverage_low", "coverage_high"]].to_numpy().T
        ends = centre - low, high - centre
        ax.errorbar(x, centre, ends, color=color, marker=marker, ls="", capsize=3,
                    label=name)  # fmt: skip
        if len(rows):
            texts[name] = f"{span(centre, 3)} in {len(rows)} places"
    ax.axhspan(0.93, 0.97, color=GREY, alpha=0.2, linewidth=0)
    ax.axhline(0.95, color=GREY, linewidth=1)
    ax.set_xticks(range(len(places)), [f"{kt:g}" for kt in places])
    ax.set_xlim(-0.5, len(places) - 0.5)
    n = table["simulations"].max()
    caption = f"{n:,} simulations each; bars: 95 % interval of the part"
    y = "part of the intervals that hold the truth"
    dress(ax, x=SATURATION, y=y, caption=caption, title=title, legend=True)
    describe(ax, f"Part of the 95 % intervals that hold the truth. {listed(texts)}")
    return ax


@figure
def plot_not_identified(table, *, title: str = "Asymptote", ax=None):
    """Draw how often an asymptote is called not identified, one line a design.

    Args:
        table: rows of one quantity and one method of `coverage.csv`: name, saturation,
            not_identified.

    Raises:
        ValueError: for more designs than there are looks.
    """
    check_table(table, "table", ("saturation", "not_identified"), ("name",))
    _check_part(table, "not_identified")
    check_names(list(table["name"]), "table, column name")
    designs = list(table.groupby("name", sort=False))
    if len(designs) > len(DESIGN_LOOKS):
        raise ValueError(f"table of {len(designs)} designs: give {len(DESIGN_LOOKS)} at most.")
    ax = axes_or_new(ax)
    places = sorted(table["saturation"].unique())
    for (name, rows), (color, marker) in zip(designs, DESIGN_LOOKS, strict=False):
        rows = rows.sort_values("saturation")
        x = [places.index(kt) for kt in rows["saturation"]]
        ax.plot(x, rows["not_identified"], color=color, marker=marker, label=name)
    ax.set_xticks(range(len(places)), [f"{kt:g}" for kt in places])
    ax.set_ylim(-0.03, 1.03)
    dress(ax, x=SATURATION, y='part that is "not identified"', title=title, legend=True)
    means = table.groupby("saturation")["not_identified"].mean()
    texts = {f"kT {kt:g}": f"{value:.2f}" for kt, value in means.items()}
    names = ", ".join(name for name, _ in designs)
    describe(ax, f'Part "not identified", mean of {len(designs)} designs ({names}). '
             f"{listed(texts, most=10)}")  # fmt: skip
    return ax


def _check_part(table, column) -> None:
    """Raise one clear error unless all that is known of a column is a part, 0 to 1."""
    values = table[column].dropna()
    if len(values) and not (0 <= values.min() and values.max() <= 1):
        raise ValueError(
            f"table with {column} from {values.min():g} to {values.max():g}: give parts, 0 to 1."
        )
