"""How often do the intervals of `lib.benefits` hold the truth? Simulations in which it is known.

    python -m lib.coverage [--simulations 1000] [--seed 0]

Writes `data/reference/coverage.csv` and its datasheet `coverage.json`, in minutes on two cores.
Each simulation is a study of a known design, from `lib.simulated`.

Exit status: 0 all went well, 1 it could not go on, 130 interrupted.
"""

import argparse
import itertools
import json
import sys
from pathlib import Path

import numpy as np

from . import (
    asymptotes,
    benefits,
    curves,
    fits,
    forms,
    least_squares,
    nested,
    provenance,
    simulated,
    statistics,
)
from .files import write_atomically
from .profiles import build_folder
from .simulated import DESIGNS, SATURATION, SCRATCH, TRANSFER, WINDOW, Design, simulate, truth

NAME = "coverage"
N_RESAMPLES = 400  # of the percentile bootstrap, the other way
N_FITS = 100  # of resampled mean curves, where those are tried
FEWEST_TO_RESAMPLE = 10  # bases
N_JOBS = 2
CHUNK = 50  # simulations in one job
RANGE = "coverage_low", "coverage_high"  # Wilson's 95 % interval of the coverage
USED, TWO_LEVEL = "as in lib.benefits", "bases first, then refits: percentiles"
REFITTED = f"as in lib.benefits, {N_FITS} refits"


def one_study(design: Design, saturation: float, seed) -> dict:
    """Simulate a study once, and see whether the intervals hold the truth.

    Returns:
        By (quantity, method): (whether it is covered, width), or None if it is not identified.
    """
    epochs, transfer, scratch = simulate(design, saturation, seed)
    true = truth(design, saturation)
    if design.refitted:
        found = asymptotes.difference(epochs, transfer, scratch, N_FITS)
        intervals = {("asymptote", REFITTED): found.interval}
    else:
        found = benefits.three_benefits(epochs, transfer, scratch, window=WINDOW)
        intervals = {
            ("start", USED): found.start.interval,
            ("slope", USED): found.slope.interval,
            ("asymptote", USED): found.asymptote.interval,
        }
    if design.n_bases >= FEWEST_TO_RESAMPLE and not design.refitted:
        gains = curves.gain(epochs, transfer, *WINDOW) - curves.gain(epochs, scratch, *WINDOW)
        means = nested.resampled_means(gains[..., None], N_RESAMPLES)
        low, high = np.quantile(means, [0.025, 0.975])
        intervals["slope", TWO_LEVEL] = statistics.Interval(float(gains.mean()), low, high)
    return {
        key: None if one is None else (one.low <= true[key[0]] <= one.high, one.high - one.low)
        for key, one in intervals.items()
    }


def run(n_simulations: int, seed: int, designs, saturation, n_jobs: int = N_JOBS):
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
    return design, saturation, [one_study(design, saturation, seed) for seed in seeds]


def tabulate(parts):
    """Coverage of every design, saturation and quantity.

    Args:
        parts: what `run` yields.

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
        row = design._asdict() | about | {"truth": truth(design, saturation)[quantity]}
        row |= {"simulations": len(outcomes), "not_identified": 1 - len(known) / len(outcomes)}
        row |= {"missed": 0.0, "covered": 0} | dict.fromkeys(
            ("coverage", *RANGE, "mean_width"), np.nan
        )
        if len(known):
            covered = int(known[:, 0].sum())
            low, high = proportion_confint(covered, len(known), method="wilson")
            row["missed"] = (len(known) - covered) / len(outcomes)  # of all studies
            row |= {"covered": covered, "coverage": covered / len(known)}
            row |= {RANGE[0]: low, RANGE[1]: high, "mean_width": known[:, 1].mean()}
        rows.append(row)
    order = ["n_refits", "n_bases", "name", "saturation", "quantity", "method"]
    return pd.DataFrame(rows).sort_values(order, ignore_index=True)


def code_version() -> str:
    """A digest of the modules that decide the intervals; for the record."""
    decide = simulated, curves, forms, least_squares, fits, statistics, nested, asymptotes, benefits
    return provenance.digest((*decide, sys.modules[__name__]))


def datasheet(n_simulations: int, seed: int) -> dict:
    """What simulations that start now are made from: settings, packages, machine, code."""
    made = provenance.made(code_version(), ("numpy", "scipy", "statsmodels"))
    return {
        "data": "simulated; the truth is known",
        "settings": {
            "simulations": n_simulations,
            "seed": seed,
            "resamples": N_RESAMPLES,
            "refits": N_FITS,
            "window": WINDOW,
            "saturation": SATURATION,
            "from scratch": SCRATCH._asdict(),
            "transfer": TRANSFER._asdict(),
            "designs": [design._asdict() for design in DESIGNS],
        },
        "made": [{"simulations": n_simulations} | made],
    }


def main(arguments=None, folder=None) -> int:
    """The command line; returns the exit status."""
    from tqdm import tqdm

    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m lib.coverage", description=__doc__, formatter_class=layout
    )
    parser.add_argument("--simulations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    folder, parts = Path(folder or provenance.ROOT / "data" / "reference"), []
    sheet = datasheet(chosen.simulations, chosen.seed)  # before the files can change
    try:
        found = run(chosen.simulations, chosen.seed, DESIGNS, SATURATION)
        for part in tqdm(found, unit=f" times {CHUNK} studies"):
            parts.append(part)
        _write(parts, folder / f"{NAME}.csv")
        write_atomically(folder / f"{NAME}.json", json.dumps(sheet, indent=2) + "\n")
    except (ValueError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        if parts:
            _write(parts, build_folder() / f"{NAME}-interrupted.csv")
        print("Interrupted: what was finished is in the build folder.", file=sys.stderr)
        return 130
    return 0


def _write(parts, path) -> None:
    """Write the table of some parts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, tabulate(parts).to_csv(index=False, float_format="%.6g"))


if __name__ == "__main__":
    from lib.coverage import main  # under a name that other processes find

    sys.exit(main())
