"""Advice from measured differences to from scratch: a rule that anybody can read, and a look-up.

Lesson 11.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ..checks import check_number, check_rate, check_text, is_finite, shown
from .intervals import Interval

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

    Raises:
        ValueError: for differences that are no intervals by label.

    >>> from lib.statistics import Interval
    >>> recommend({"fixed=0": Interval(0.02, 0.01, 0.03), "fixed=2": Interval(-1, -2, 0)}).what
    'fixed=0'
    """
    check_text("scratch", scratch)
    _check_differences("against_scratch", against_scratch)
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
        ValueError: for a budget that was not measured, or evidence of another form.
    """
    _check_evidence(evidence)
    check_rate("n_rows", n_rows)
    check_text("unit", unit)
    if relatedness is not None:
        check_number("relatedness", relatedness)
    if not callable(rule):
        raise ValueError(f"rule={shown(rule)}: give a function, such as recommend.")
    budgets = list(dict.fromkeys(key[2] for key in evidence))
    if not isinstance(budget, str) or budget not in budgets:
        raise ValueError(f"budget={shown(budget)}: choose one of {', '.join(budgets)}.")
    sizes = sorted({key[1] for key in evidence if key[2] == budget})
    n = nearest_size(sizes, n_rows)
    if n is None:
        return Advice(NOT_MEASURED, f"measured: {sizes[0]:g} to {sizes[-1]:g} {unit}")
    where = f"measured at {n:g} {unit}"
    related = sorted({key[0] for key in evidence if key[1:] == (n, budget)} - {None})
    if not related:
        what, reason = _advice(rule, evidence[None, n, budget])
        return Advice(what, f"{where}: {reason}")
    if relatedness is not None:
        near = nearest_relatedness(related, relatedness)
        if near is None:
            known = ", ".join(f"{one:g}" for one in related)
            return Advice(NOT_MEASURED, f"{where} with relatedness {known} only")
        what, reason = _advice(rule, evidence[near, n, budget])
        return Advice(what, f"{where}, relatedness {near:g}: {reason}")
    found = {one: _advice(rule, evidence[one, n, budget]).what for one in related}
    reason = "; ".join(f"at relatedness {one:g}: {what}" for one, what in found.items())
    same = len(set(found.values())) == 1
    return Advice(found[related[0]] if same else UNDECIDED, f"{where}: {reason}")


def _check_differences(name, found):
    """Raise one clear error for what is no mapping of labels to intervals."""
    if not isinstance(found, Mapping):
        raise ValueError(f"{name}={shown(found)}: give a dict, label -> Interval.")
    for label, one in found.items():
        if not isinstance(label, str) or not isinstance(one, Interval):
            raise ValueError(
                f"{name} holds {shown(label)}: {shown(one)}: give text -> Interval, such as "
                "paired_t returns."
            )


def _advice(rule, found) -> Advice:
    """What the rule makes of the differences of one setting."""
    advice = rule(found)
    if not isinstance(advice, Advice):
        raise ValueError(f"rule gave {shown(advice)}: it must return an Advice, as recommend does.")
    return advice


def _check_evidence(evidence):
    """Raise one clear error for evidence in another form than `advise` looks up."""
    form = "give a dict, (relatedness or None, rows, budget) -> {label: Interval}"
    if not isinstance(evidence, Mapping) or not evidence:
        raise ValueError(f"evidence={shown(evidence)}: {form}.")
    for key, found in evidence.items():
        if not isinstance(key, tuple) or len(key) != 3:
            raise ValueError(f"evidence has the key {shown(key)}: {form}.")
        related, n, budget = key
        known = related is None or is_finite(related)
        if not known or not is_finite(n) or n <= 0 or not isinstance(budget, str):
            raise ValueError(f"evidence has the key {shown(key)}: {form}.")
        _check_differences("evidence", found)
