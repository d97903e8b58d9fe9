"""Advice from measured differences to from scratch: a rule that anybody can read, and a look-up."""

from typing import NamedTuple

import numpy as np

from .sweeps import SCRATCH

UNDECIDED = "undecided: measure against from scratch"
NOT_MEASURED = "not measured"
WITHIN_ROWS = 2.0  # factor between the size that is asked for and the one that was measured
WITHIN_RELATEDNESS = 0.25


class Advice(NamedTuple):
    """What to do, as far as the results say; `reason` holds the numbers."""

    what: str
    reason: str


def recommend(against_scratch) -> Advice:
    """Turn differences to from scratch, of several arms in one setting, into advice.

    The rule: an arm whose whole interval is above zero helps; of several, take the largest mean.
    If every arm's whole interval is at or below zero, take from scratch. Else it is undecided.

    Args:
        against_scratch: by label, `Interval` of arm minus from scratch.

    >>> from lib.statistics import Interval
    >>> recommend({"fixed=0": Interval(0.02, 0.01, 0.03), "fixed=2": Interval(-1, -2, 0)}).what
    'fixed=0'
    """
    if not against_scratch:
        return Advice(NOT_MEASURED, "no run in this setting")
    reason = "; ".join(f"{label}: {found}" for label, found in against_scratch.items())
    verdicts = {label: found.verdict() for label, found in against_scratch.items()}
    helping = [label for label, verdict in verdicts.items() if verdict == "holds"]
    if helping:
        return Advice(max(helping, key=lambda label: against_scratch[label].estimate), reason)
    worse = set(verdicts.values()) == {"does not hold"}
    return Advice(SCRATCH if worse else UNDECIDED, reason)


def nearest(measured, wanted: float, within: float = WITHIN_ROWS):
    """The measured size that is nearest by ratio, or None if none is within that factor.

    >>> nearest([25, 100, 1000], 60), nearest([25, 100, 1000], 9000)
    (100, None)
    """
    if not wanted > 0:
        raise ValueError(f"{wanted} rows: choose a number above 0.")
    if not len(measured):
        return None
    best = min(measured, key=lambda n: abs(np.log(n / wanted)))
    return best if 1 / within <= best / wanted <= within else None


def nearest_level(levels, wanted: float, within: float = WITHIN_RELATEDNESS):
    """The measured relatedness that is nearest, or None if none is that near.

    >>> nearest_level([-1, 0, 0.5], 0.3), nearest_level([-1, 0, 0.5], -0.45)
    (0.5, None)
    """
    best = min(levels, key=lambda level: abs(level - wanted))
    slack = 1e-9  # differences of decimals are a hair off
    return best if abs(best - wanted) <= within + slack else None


def advise(
    evidence,
    n_rows: float,
    budget: str,
    relatedness: float | None = None,
    unit: str = "rows",
    rule=recommend,
) -> Advice:
    """Look up the nearest setting that was measured, and apply a rule to it.

    Args:
        evidence: (relatedness, rows, budget) -> differences to from scratch, as `recommend` takes
            them; relatedness is None throughout where nobody can know it.
        n_rows: target rows; answered from a measured number within a factor of two.
        budget: one of those in the evidence.
        relatedness: answered from a measured one within 0.25; None if unknown: then there is
            advice only if every level gives the same.
        unit: what is counted by the rows of the evidence, such as "photographs of a class".
        rule: what turns the differences of one setting into advice.

    Returns:
        `Advice`; its reason begins with the setting that was measured.

    Raises:
        ValueError: for a budget that was not measured.
    """
    budgets = list(dict.fromkeys(key[2] for key in evidence))
    if budget not in budgets:
        raise ValueError(f"budget={budget!r}: choose one of {', '.join(budgets)}.")
    sizes = sorted({key[1] for key in evidence if key[2] == budget})
    n = nearest(sizes, n_rows)
    if n is None:
        return Advice(NOT_MEASURED, f"measured: {sizes[0]:g} to {sizes[-1]:g} {unit}")
    where = f"measured at {n:g} {unit}"
    levels = sorted({key[0] for key in evidence if key[1:] == (n, budget)} - {None})
    if not levels:
        what, reason = rule(evidence[None, n, budget])
        return Advice(what, f"{where}: {reason}")
    if relatedness is not None:
        level = nearest_level(levels, relatedness)
        if level is None:
            known = ", ".join(f"{one:g}" for one in levels)
            return Advice(NOT_MEASURED, f"{where} with relatedness {known} only")
        what, reason = rule(evidence[level, n, budget])
        return Advice(what, f"{where}, relatedness {level:g}: {reason}")
    found = {level: rule(evidence[level, n, budget]).what for level in levels}
    reason = "; ".join(f"at relatedness {level:g}: {what}" for level, what in found.items())
    same = len(set(found.values())) == 1
    return Advice(found[levels[0]] if same else UNDECIDED, f"{where}: {reason}")
