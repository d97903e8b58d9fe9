"""Advice from measured differences to from scratch: a rule that anybody can read, and a look-up.

Lesson 11.
"""

from typing import NamedTuple

import numpy as np

UNDECIDED = "undecided: measure against from scratch"
NOT_MEASURED = "not measured"
WITHIN_ROWS = 2.0  # factor between the size that is asked for and the one that was measured
WITHIN_RELATEDNESS = 0.25


class Advice(NamedTuple):
    """What to do, as far as the results say; `reason` holds the numbers."""

    what: str
    reason: str


def recommend(against_scratch, scratch: str = "from scratch") -> Advice:
    """Turn differences to from scratch, of several arms in one setting, into advice.

    The rule: an arm whose whole interval is above zero helps; of several, take the largest mean.
    If every arm's whole interval is at or below zero, take from scratch. Else it is undecided.

    Args:
        against_scratch: by label, `Interval` of arm minus from scratch.
        scratch: label of the arm that advice falls back on.

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
    return Advice(scratch if worse else UNDECIDED, reason)


def nearest_size(measured, wanted: float, within: float = WITHIN_ROWS):
    """The measured size that is nearest by ratio, or None if none is within that factor.

    >>> nearest_size([25, 100, 1000], 60), nearest_size([25, 100, 1000], 9000)
    (100, None)
    """
    if not wanted > 0:
        raise ValueError(f"{wanted} rows: choose a number above 0.")
    if not len(measured):
        return None
    best = min(measured, key=lambda n: abs(np.log(n / wanted)))
    return best if 1 / within <= best / wanted <= within else None


def nearest_relatedness(measured, wanted: float, within: float = WITHIN_RELATEDNESS):
    """The measured relatedness that is nearest, or None if none is that near.

    >>> nearest_relatedness([-1, 0, 0.5], 0.3), nearest_relatedness([-1, 0, 0.5], -0.45)
    (0.5, None)
    """
    best = min(measured, key=lambda one: abs(one - wanted))
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
            advice only if it is the same at every relatedness.
        unit: what is counted by the rows of the evidence, such as "photographs per class".
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
    n = nearest_size(sizes, n_rows)
    if n is None:
        return Advice(NOT_MEASURED, f"measured: {sizes[0]:g} to {sizes[-1]:g} {unit}")
    where = f"measured at {n:g} {unit}"
    related = sorted({key[0] for key in evidence if key[1:] == (n, budget)} - {None})
    if not related:
        what, reason = rule(evidence[None, n, budget])
        return Advice(what, f"{where}: {reason}")
    if relatedness is not None:
        near = nearest_relatedness(related, relatedness)
        if near is None:
            known = ", ".join(f"{one:g}" for one in related)
            return Advice(NOT_MEASURED, f"{where} with relatedness {known} only")
        what, reason = rule(evidence[near, n, budget])
        return Advice(what, f"{where}, relatedness {near:g}: {reason}")
    found = {one: rule(evidence[one, n, budget]).what for one in related}
    reason = "; ".join(f"at relatedness {one:g}: {what}" for one, what in found.items())
    same = len(set(found.values())) == 1
    return Advice(found[related[0]] if same else UNDECIDED, f"{where}: {reason}")
