"""How many run pairs, and how many test photographs, show a difference of two arms?  Lesson 11.

From the components of the spread, which `crossed` gives for a study that is done or a pilot. It is
the same calculation as `n_bases_needed`, for designs in which photographs are drawn, too.
"""

import numpy as np

from ..checks import check_flag, check_whole, is_within, shown
from .comparisons import MOST_POWER
from .intervals import check_settings
from .photographs import FEWEST_PAIRS, FEWEST_PHOTOGRAPHS, Components, satterthwaite

MOST_PAIRS, MOST_PHOTOGRAPHS = 100_000, 100_000_000  # beyond them, no number is enough
LEAST_DIFFERENCE = 1e-6  # accuracy; nobody cares for less
MOST_SPREAD = 2  # of differences from -1 to 1


def chance_to_see(
    difference: float,
    components: Components,
    n_pairs: int,
    n_photographs: int,
    *,
    shared: bool,
    level: float = 0.95,
) -> float:
    """The power of a design: how likely its interval excludes 0 if the difference is there.

    Args:
        difference: of the two arms, in accuracy, not 0.
        components: of the spread, as `crossed` finds them.
        n_pairs: run pairs, 3 or more.
        n_photographs: test photographs, 30 or more: all of them if run pairs share them, else
            those of one run pair.
        shared: whether run pairs share their test photographs (`crossed`), or have disjoint ones
            (`paired_t`).
        level: of the interval.

    Returns:
        0 to 1, for the interval of that design.

    Raises:
        ValueError: for a number outside its range.

    Source: the noncentral t distribution, with expected mean squares.

    >>> spread = Components(pairs=0.01, photographs=0.2, rest=0.3)
    >>> round(chance_to_see(0.02, spread, 10, 500, shared=False), 2)
    0.84
    >>> round(chance_to_see(0.02, spread, 10, 500, shared=True), 2)
    0.45
    """
    _check(difference, components, shared, level)
    check_whole("n_pairs", n_pairs, FEWEST_PAIRS, MOST_PAIRS)
    check_whole("n_photographs", n_photographs, FEWEST_PHOTOGRAPHS, MOST_PHOTOGRAPHS)
    return _power(abs(difference), components, n_pairs, n_photographs, shared, level)


def n_pairs_needed(
    difference: float,
    components: Components,
    n_photographs: int,
    *,
    shared: bool,
    power: float = 0.8,
    level: float = 0.95,
) -> int:
    """How many run pairs show a difference, with so many test photographs.

    Args:
        difference, components, n_photographs, shared, level: as in `chance_to_see`.
        power: probability that the interval excludes 0 if the difference is there.

    Returns:
        The smallest number, at least 3.

    Raises:
        ValueError: for a number outside its range; if no number is enough, since the choice of
            shared photographs alone hides the difference.

    >>> n_pairs_needed(0.02, Components(0.01, 0.2, 0.3), n_photographs=500, shared=False)
    10
    """
    _check(difference, components, shared, level, power)
    check_whole("n_photographs", n_photographs, FEWEST_PHOTOGRAPHS, MOST_PHOTOGRAPHS)

    def enough(n_pairs):
        return power <= _power(abs(difference), components, n_pairs, n_photographs, shared, level)

    found = _smallest(enough, FEWEST_PAIRS, MOST_PAIRS)
    if found is None:
        error = components.photographs / np.sqrt(n_photographs)
        raise ValueError(
            f"no number of run pairs shows a difference of {abs(difference):g} on {n_photographs} "
            f"shared photographs: which photographs they are gives a standard error of {error:.2g} "
            "alone. Take more photographs, or disjoint ones."
        )
    return found


def n_photographs_needed(
    difference: float,
    components: Components,
    n_pairs: int,
    *,
    shared: bool,
    power: float = 0.8,
    level: float = 0.95,
) -> int:
    """How many test photographs show a difference, with so many run pairs.

    Args:
        difference, components, n_pairs, shared, level: as in `chance_to_see`.
        power: as in `n_pairs_needed`.

    Returns:
        The smallest number, at least 30: of all photographs if they are shared, else per run pair.

    Raises:
        ValueError: for a number outside its range; if no number is enough, since the run pairs
            alone hide the difference.

    >>> spread = Components(pairs=0.01, photographs=0.2, rest=0.3)
    >>> n_photographs_needed(0.02, spread, n_pairs=10, shared=True)
    1279
    """
    found = _photographs(difference, components, n_pairs, shared, power, level)
    if found is None:
        error = components.pairs / np.sqrt(n_pairs)
        raise ValueError(
            f"no number of photographs shows a difference of {abs(difference):g} with {n_pairs} "
            f"run pairs: they give a standard error of {error:.2g} alone. Take more run pairs."
        )
    return found


def designs_that_show(
    difference: float,
    components: Components,
    n_pairs=(3, 5, 10, 20, 50),
    power: float = 0.8,
    level: float = 0.95,
):
    """The photographs that so many run pairs need, in both designs.

    Args:
        difference, components, power, level: as in `n_pairs_needed`.
        n_pairs: numbers of run pairs, each 3 or more.

    Returns:
        A `pandas.DataFrame`, one row per number of run pairs, columns "disjoint, per run pair",
        "disjoint, in all" and "shared": test photographs, `<NA>` where no number is enough.

    Raises:
        ValueError: for a number outside its range.
    """
    import pandas as pd

    try:
        n_pairs = [*n_pairs]
    except TypeError:
        raise ValueError(
            f"n_pairs={shown(n_pairs)}: give a list of numbers of run pairs, such as (3, 10)."
        ) from None
    if not n_pairs:
        raise ValueError("n_pairs is empty: give numbers of run pairs, such as (3, 10).")

    rows = {}
    for n in n_pairs:
        apart, shared = (
            _photographs(difference, components, n, shared, power, level)
            for shared in (False, True)
        )
        rows[n] = [pd.NA if one is None else one for one in (apart, apart and n * apart, shared)]
    columns = ["disjoint, per run pair", "disjoint, in all", "shared"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype="Int64")
    return table.rename_axis("run pairs")


def _photographs(difference, components, n_pairs, shared, power, level) -> int | None:
    """How many test photographs are enough; None if no number is."""
    _check(difference, components, shared, level, power)
    check_whole("n_pairs", n_pairs, FEWEST_PAIRS, MOST_PAIRS)

    def enough(n):
        return power <= _power(abs(difference), components, n_pairs, n, shared, level)

    return _smallest(enough, FEWEST_PHOTOGRAPHS, MOST_PHOTOGRAPHS)


def _power(difference, components, n_pairs, n_photographs, shared, level) -> float:
    """The power of the design's interval, by the noncentral t."""
    from scipy import stats

    variance = components.variance(n_pairs, n_photographs, shared)
    df = n_pairs - 1
    if shared:
        rest = components.rest**2
        squares = (
            n_photographs * components.pairs**2 + rest,
            n_pairs * components.photographs**2 + rest,
            rest,
        )
        df = satterthwaite(squares, (df, n_photographs - 1, df * (n_photographs - 1)))
        variance += 2 / n_photographs**2  # as `crossed` has it
    if not variance:
        return 1.0
    critical, shift = stats.t.ppf((1 + level) / 2, df), difference / np.sqrt(variance)
    if shift > critical + 30:  # where the noncentral t is no number
        return 1.0
    found = stats.nct.sf(critical, df, shift) + stats.nct.cdf(-critical, df, shift)
    return float(np.nan_to_num(found, nan=1.0 if shift > critical else 0.0))


def _smallest(enough, low: int, most: int):
    """The smallest whole number from `low` up that is enough, or None if even `most` is not."""
    if enough(low):
        return low
    high = low
    while not enough(high):
        if high == most:
            return None
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _check(difference, components, shared, level, power=0.8):
    """Raise one clear error for numbers that make no calculation of power."""
    check_settings(level)
    if not is_within(difference, -1, 1) or abs(difference) < LEAST_DIFFERENCE:
        raise ValueError(
            f"difference={shown(difference)}: give accuracy of {LEAST_DIFFERENCE:g} or more and 1 "
            "at most, such as 0.02 for two points."
        )
    if not is_within(power, 1 - level, MOST_POWER) or power == 1 - level:
        raise ValueError(
            f"power={shown(power)}: choose one above {1 - level:.3g}, {MOST_POWER} at most."
        )
    check_flag("shared", shared)
    parts = vars(components).values() if isinstance(components, Components) else ()
    if not parts or not all(is_within(one, 0, MOST_SPREAD) for one in parts) or not any(parts):
        raise ValueError(
            f"components={shown(components)}: give `Components` of standard deviations from 0 to "
            f"{MOST_SPREAD}, not all 0, as `crossed` finds them."
        )
