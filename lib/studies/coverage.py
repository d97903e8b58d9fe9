"""How often do the intervals of `lib.curves` hold the truth? Simulations in which it is known.

Each simulation is a study of a known design, from `simulated`. Lesson 09 reads what came out.
"""

import itertools
from pathlib import Path

import numpy as np

from ..curves.asymptotes import difference_of_fits
from ..curves.forms import pick
from ..curves.readings import at_epoch, gain
from ..curves.weighing import fit_all
from ..files import build_folder, code_digest, write_atomically
from ..statistics.intervals import Interval, paired_t
from ..statistics.nested import resampled_means
from .provenance import made
from .record import REFERENCE, write_table
from .simulated import (
    DESIGNS,
    PERCENTILE_DESIGNS,
    SATURATION,
    TRUE_SCRATCH,
    TRUE_TRANSFER,
    WINDOW,
    Design,
    simulate,
    truth,
)

NAME = "coverage"
N_RESAMPLES = 400  # of the percentile bootstrap, the other way
N_FITS = 100  # of resampled mean curves, where those are tried
FEWEST_TO_RESAMPLE = 10  # bases
N_JOBS = 2
CHUNK = 50  # simulations in one job
SLOW_COLUMNS = "slow_part_transfer", "slow_part_scratch"
RANGE = "coverage_low", "coverage_high"  # Wilson's 95 % interval of the coverage
# methods, in the words of the recorded table: the interval of `three_benefits`, that of
# `asymptote_difference` from refits of resampled curves, and one for comparison
QUICK_METHOD = "as in lib.benefits"
REFITS_METHOD = f"as in lib.benefits, {N_FITS} refits"
TWO_LEVEL_METHOD = "bases first, then refits: percentiles"


def some_studies(design: Design, saturation: float, seeds) -> list[dict]:
    """Simulate studies, and see whether their intervals hold the truth.

    The mean curves of all of them are fitted at once, which is quick. The intervals are those of
    `three_benefits` (or of `asymptote_difference` with refits), to the bit.

    Args:
        design, saturation: what is simulated.
        seeds: one for each study.

    Returns:
        For each study, by (quantity, method): (whether it is covered, width, miss), where the miss
        is estimate minus truth; or None if the quantity is not identified.
    """
    drawn = [simulate(design, saturation, seed) for seed in seeds]
    epochs, true = drawn[0][0], truth(design, saturation)
    means = [arm.mean(axis=(0, 1)) for _, *arms in drawn for arm in arms]
    found, weights = fit_all(epochs, means)
    results = []
    for i, (_, *arms) in enumerate(drawn):
        own = slice(2 * i, 2 * i + 2)
        fits = [pick(form, own) for form in found], weights[:, own]
        intervals = _intervals(design, epochs, *arms, *fits)
        results.append({key: _outcome(one, true[key[0]]) for key, one in intervals.items()})
    return results


def _intervals(design, epochs, transfer, scratch, found, weights):
    """The intervals of one study, by (quantity, method); None if a quantity is not identified."""
    n_fits, method = (N_FITS, REFITS_METHOD) if design.refitted else (0, QUICK_METHOD)
    asymptote = difference_of_fits(epochs, transfer, scratch, found, weights, n_fits).interval
    if design.refitted:
        return {("asymptote", method): asymptote}
    starts = at_epoch(epochs, transfer, 0) - at_epoch(epochs, scratch, 0)
    gains = gain(epochs, transfer, *WINDOW) - gain(epochs, scratch, *WINDOW)
    intervals = {
        ("start", method): paired_t(starts.mean(axis=1)),
        ("slope", method): paired_t(gains.mean(axis=1)),
        ("asymptote", method): asymptote,
    }
    if design.n_bases >= FEWEST_TO_RESAMPLE and design in PERCENTILE_DESIGNS:
        means = resampled_means(gains[..., None], N_RESAMPLES)
        low, high = np.quantile(means, [0.025, 0.975])
        intervals["slope", TWO_LEVEL_METHOD] = Interval.around(gains.mean(), low, high)
    return intervals


def _outcome(interval, true):
    """Whether an interval holds the truth, its width, and how far the estimate is off."""
    if interval is None:
        return None
    return (
        interval.low <= true <= interval.high,
        interval.high - interval.low,
        (interval.estimate - true),
    )


def simulate_all(n_simulations: int, seed: int, designs, saturation, n_jobs: int = N_JOBS):
    """Simulate every design at every saturation.

    Args:
        n_simulations: of each, 1 or more; a quarter where curves are refitted.
        seed: of all of them; each simulation draws from a stream of its own.
        designs, saturation: `Design` records, and values of kT.
        n_jobs: processes.

    Yields:
        (design, saturation, results of some simulations), in any order.
    """
    from joblib import Parallel, delayed

    if n_simulations < 1:
        raise ValueError(f"n_simulations={n_simulations}: choose 1 or more, such as 1000.")

    def n_of(design):
        return -(-n_simulations // 4) if design.refitted else n_simulations

    jobs = [
        (design, kt, [(seed, i, j, n) for n in range(first, min(first + CHUNK, n_of(design)))])
        for (i, design), (j, kt) in itertools.product(enumerate(designs), enumerate(saturation))
        for first in range(0, n_of(design), CHUNK)
    ]
    parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    yield from parallel(delayed(_part)(*job) for job in jobs)


def _part(design, saturation, seeds):
    """Some simulations of one cell."""
    return design, saturation, some_studies(design, saturation, seeds)


def tabulate(parts):
    """Coverage of every design, saturation and quantity.

    Args:
        parts: what `simulate_all` yields.

    Returns:
        A `pandas.DataFrame`, one row a cell; coverage with Wilson's 95 % interval, among the
        simulations in which the quantity is identified.
    """
    import pandas as pd
    from statsmodels.stats.proportion import proportion_confint

    cells = {}
    for design, saturation, results in parts:
        for result in results:
            for key, outcome in result.items():
                cells.setdefault((design, saturation, *key), []).append(outcome)
    rows = []
    for (design, saturation, quantity, method), outcomes in cells.items():
        known = np.array([outcome for outcome in outcomes if outcome is not None])
        about = {"saturation": saturation, "quantity": quantity, "method": method}
        row = design._asdict() | {"of_the_family": design.of_the_family} | about
        slow = dict(zip(SLOW_COLUMNS, row.pop("slow_part"), strict=True))
        row |= slow | {"truth": truth(design, saturation)[quantity]}
        row |= {"simulations": len(outcomes), "not_identified": 1 - len(known) / len(outcomes)}
        row |= {"missed": 0.0, "covered": 0} | dict.fromkeys(
            ("coverage", *RANGE, "mean_width", "bias"), np.nan
        )
        if len(known):
            covered = int(known[:, 0].sum())
            low, high = proportion_confint(covered, len(known), method="wilson")
            row["missed"] = (len(known) - covered) / len(outcomes)  # of all studies
            row |= {"covered": covered, "coverage": covered / len(known)}
            row |= {RANGE[0]: low, RANGE[1]: high, "mean_width": known[:, 1].mean()}
            row["bias"] = known[:, 2].mean()
        rows.append(row)
    order = ["n_refits", "n_bases", "name", "saturation", "quantity", "method"]
    return pd.DataFrame(rows).sort_values(order, ignore_index=True)


def interval_digest() -> str:
    """A digest of the modules that decide the intervals; for the record."""
    return code_digest("curves", "statistics", "studies/simulated.py", "studies/coverage.py")


def simulation_sheet(n_simulations: int, seed: int) -> dict:
    """What simulations that start now are made from: settings, packages, machine, code."""
    packages = "numpy", "scipy", "statsmodels"
    return {
        "data": "simulated; the truth is known",
        "settings": {
            "simulations": n_simulations,
            "seed": seed,
            "resamples": N_RESAMPLES,
            "refits": N_FITS,
            "window": WINDOW,
            "saturation": SATURATION,
            "from scratch": TRUE_SCRATCH._asdict(),
            "transfer": TRUE_TRANSFER._asdict(),
            "designs": [design._asdict() for design in DESIGNS],
        },
        "made": [{"simulations": n_simulations} | made(interval_digest(), packages)],
    }


def record_coverage(n_simulations: int = 1000, seed: int = 0, folder=REFERENCE, progress=iter):
    """Simulate every design at every saturation; write `coverage.csv` and `coverage.json`.

    That takes minutes on two cores. After an interrupt, what was finished is in the build folder.

    Args:
        n_simulations, seed: as in `simulate_all`.
        folder: of the table and its datasheet.
        progress: wraps the parts as they are finished, such as `tqdm.tqdm`.

    Returns:
        The table, as `tabulate` gives it.

    Raises:
        ValueError: if `n_simulations` is below 1.
        OSError: if the files cannot be written.
    """
    sheet = simulation_sheet(n_simulations, seed)  # before the files can change
    parts = []
    try:
        for part in progress(simulate_all(n_simulations, seed, DESIGNS, SATURATION)):
            parts.append(part)
    except KeyboardInterrupt:
        if parts:
            build_folder().mkdir(parents=True, exist_ok=True)
            text = tabulate(parts).to_csv(index=False, float_format="%.6g")
            write_atomically(build_folder() / f"{NAME}-interrupted.csv", text)
        raise
    table = tabulate(parts)
    write_table(Path(folder), NAME, table, sheet)
    return table
