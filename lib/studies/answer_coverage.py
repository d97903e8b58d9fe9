"""How often do intervals over run pairs and photographs hold the truth? Simulations.

Two designs are tried: run pairs with disjoint test photographs and a plain t over run pairs, and
run pairs that share their photographs with `crossed`; there a plain t is tried for comparison.
`lib.statistics.crossed` says which design needs which.  Lesson 11 reads what came out.
"""

from pathlib import Path

import numpy as np

from ..files import code_digest
from ..statistics.intervals import paired_t
from ..statistics.photographs import crossed
from .provenance import made
from .record import REFERENCE, write_table
from .simulated_answers import AnswerDesign, simulate_answers

NAME = "coverage_photographs"
PLAIN_T, CROSSED = "plain t over run pairs", "run pairs crossed with photographs"
N_PAIRS = (3, 5, 10, 20)
DISJOINT, SHARED = 500, 1000  # test photographs: of each run pair, and of all
SETTINGS = {
    "25 photographs per class": {"accuracies": (0.62, 0.52)},
    "full size": {"accuracies": (0.865, 0.855)},
    "full size, no difference": {"accuracies": (0.865, 0.865), "suits_sd": 1.5},
    "25 photographs per class, run pairs differ much": {
        "accuracies": (0.62, 0.52),
        "pair_arm_sd": 0.4,
    },
    "25 photographs per class, photographs suit an arm": {
        "accuracies": (0.62, 0.52),
        "suits_sd": 1.5,
    },
    "full size, one run pair in ten fails": {"accuracies": (0.865, 0.855), "failing": 0.1},
}
DESIGNS = tuple(
    AnswerDesign(name, n_pairs, SHARED if shared else DISJOINT, shared, **settings)
    for name, settings in SETTINGS.items()
    for shared in (False, True)
    for n_pairs in N_PAIRS
)


def one_answer_study(design: AnswerDesign, seed) -> dict:
    """Simulate a study once, and see whether its intervals hold the truth.

    Returns:
        By method: (whether the true difference is covered, width, whether 0 is left out).
    """
    a, b = simulate_answers(design, seed)
    found = {PLAIN_T: paired_t(a.mean(axis=1) - b.mean(axis=1))}
    if design.shared:
        found[CROSSED] = crossed(a, b).interval
    return {
        method: (
            one.low <= design.truth <= one.high,
            one.high - one.low,
            not one.low <= 0 <= one.high,
        )
        for method, one in found.items()
    }


def tabulate_answers(results):
    """Coverage of every design and method.

    Args:
        results: (design, a list of what `one_answer_study` returns), any number of them.

    Returns:
        A `pandas.DataFrame`, one row a design and method: the design, the true difference,
        `coverage` with Wilson's 95 % interval, the median width, and how often 0 was left out.
    """
    import pandas as pd
    from statsmodels.stats.proportion import proportion_confint

    rows = []
    for design, outcomes in results:
        first, second = design.accuracies
        about = design._asdict() | {"accuracies": f"{first:g} {second:g}"}
        for method in outcomes[0]:
            covered, widths, seen = np.array([one[method] for one in outcomes]).T
            n_covered = int(covered.sum())
            low, high = proportion_confint(n_covered, len(covered), method="wilson")
            rows.append(
                about
                | {
                    "method": method,
                    "truth": design.truth,
                    "simulations": len(covered),
                    "covered": n_covered,
                    "coverage": covered.mean(),
                    "coverage_low": low,
                    "coverage_high": high,
                    "median_width": np.median(widths),
                    "zero_left_out": seen.mean(),
                }
            )
    return pd.DataFrame(rows)


def answer_digest() -> str:
    """A digest of the modules that decide the table; for the record."""
    return code_digest("statistics", "studies/simulated_answers.py", "studies/answer_coverage.py")


def record_answer_coverage(
    n_simulations: int = 1000, seed: int = 0, folder=REFERENCE, progress=iter
):
    """Simulate every design; write `coverage_photographs.csv` and its datasheet.

    Args:
        n_simulations: of each design, 1 or more.
        seed: of all of them; each simulation draws from a stream of its own.
        folder: of the table and its datasheet.
        progress: wraps the designs, such as `tqdm.tqdm`.

    Returns:
        The table, as `tabulate_answers` gives it.

    Raises:
        ValueError: if `n_simulations` is below 1.
        OSError: if the files cannot be written.
    """
    if n_simulations < 1:
        raise ValueError(f"n_simulations={n_simulations}: choose 1 or more, such as 1000.")
    packages = "numpy", "scipy", "statsmodels"
    sheet = {
        "data": "simulated; the truth is known",
        "settings": {"simulations": n_simulations, "seed": seed, "level": 0.95},
        "made": [{"simulations": n_simulations} | made(answer_digest(), packages)],
    }
    table = tabulate_answers(
        (design, [one_answer_study(design, (seed, i, n)) for n in range(n_simulations)])
        for i, design in enumerate(progress(DESIGNS))
    )
    write_table(Path(folder), NAME, table, sheet)
    return table
