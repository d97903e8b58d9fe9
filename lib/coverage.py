"""How often do the intervals of `lib.benefits` hold the truth? Simulations in which it is known.

    python -m lib.coverage [--simulations 1000] [--seed 0]

Writes `data/reference/coverage.csv` and its datasheet `coverage.json`, in minutes on two cores.
Each simulation is a study of a known design: training curves of two arms with known start, slope
and asymptote, effects of bases and refits, and noise that is correlated along a run. The effects
are added to start and asymptote, not to the rate, so that the mean curve keeps its form and what
is estimated has one true value. That form is one of `lib.forms`: what no form there can follow,
such as two rates, is not simulated.

Exit status: 0 all went well, 1 it could not go on, 130 interrupted.
"""

import argparse
import itertools
import json
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from . import asymptotes, benefits, curves, fits, forms, nested, provenance, statistics
from .files import write_atomically
from .profiles import build_folder

NAME = "coverage"
N_RESAMPLES = 400  # of the percentile bootstrap, the other way
N_FITS = 100  # of resampled mean curves, where those are tried
FEWEST_TO_RESAMPLE = 10  # bases
N_JOBS = 2
CHUNK = 50  # simulations in one job
WINDOW = (0, 5)
SATURATION = (0.5, 1.0, 2.0, 3.0, 5.0)  # kT: the rate from scratch times the number of epochs
RANGE = "coverage_low", "coverage_high"  # Wilson's 95 % interval of the coverage
USED, TWO_LEVEL = "as in lib.benefits", "bases first, then refits: percentiles"
REFITTED = f"as in lib.benefits, {N_FITS} refits"


class Arm(NamedTuple):
    """A mean curve: start, asymptote, and how much faster than from scratch it runs."""

    start: float
    asymptote: float
    rate: float


SCRATCH = Arm(0.20, 0.75, 1.0)
TRANSFER = Arm(0.35, 0.80, 1.25)


class Design(NamedTuple):
    """What is simulated. Standard deviations are in accuracy.

    Attributes:
        base_sd, refit_sd: effect of a base, and of a refit, on the start; a third of it on the
            asymptote. An effect is drawn for each arm.
        noise_sd, correlation: of what is left at each epoch, an AR(1) series along a run.
        form, exponent: of the mean curve, as in `lib.forms`.
        refitted: whether intervals from refits of resampled curves are tried as well; it is slow.
    """

    name: str
    n_bases: int
    n_refits: int
    n_epochs: int = 20
    base_sd: float = 0.03
    refit_sd: float = 0.03
    noise_sd: float = 0.01
    correlation: float = 0.5
    form: str = "exponential"
    exponent: float = 1.0
    refitted: bool = False

    def rest(self, rate: float, saturation: float, epochs) -> np.ndarray:
        """Part of the rise still to come; from scratch that is exp(-saturation) at the end."""
        log_exponent = np.log([self.exponent])
        log_scale = forms.scale_at(self.form, self.n_epochs, np.exp(-saturation), log_exponent)
        shapes = np.stack([log_scale - np.log(rate), log_exponent], axis=1)
        return forms.rests(self.form, np.asarray(epochs, "float64"), shapes)[0]


DESIGNS = (
    Design("40 bases x 5 refits", 40, 5, refitted=True),
    Design("40 bases x 5 refits, Weibull", 40, 5, form="Weibull", exponent=0.7),
    Design("40 bases x 5 refits, MMF", 40, 5, form="MMF", exponent=2.0),
    Design("40 alike bases x 5 refits", 40, 5, base_sd=0.0),
    Design("100 bases x 10 refits", 100, 10, n_epochs=100),
    Design("10 bases x 3 refits", 10, 3),
    Design("30 runs", 30, 1),
    Design("3 pairs", 3, 1),
)


def truth(design: Design, saturation: float) -> dict[str, float]:
    """The true differences, transfer minus scratch, by quantity."""
    begin, end = WINDOW

    def of(arm):
        fall = -np.diff(design.rest(arm.rate, saturation, WINDOW)).item()
        slope = (arm.asymptote - arm.start) * fall / (end - begin)
        return {"start": arm.start, "slope": slope, "asymptote": arm.asymptote}

    transfer, scratch = of(TRANSFER), of(SCRATCH)
    return {quantity: float(transfer[quantity] - scratch[quantity]) for quantity in transfer}


def simulate(design: Design, saturation: float, seed):
    """Training curves of one simulated study.

    Args:
        saturation: from scratch, minus the log of the part still to come; kT of an exponential.
        seed: whatever `numpy.random.default_rng` takes.

    Returns:
        Epochs (n_epochs + 1,), and curves with transfer and from scratch, each
        (n_bases, n_refits, n_epochs + 1).
    """
    rng = np.random.default_rng(seed)
    epochs = np.arange(design.n_epochs + 1.0)
    return epochs, *(_arm(arm, design, saturation, epochs, rng) for arm in (TRANSFER, SCRATCH))


def _arm(arm, design, saturation, epochs, rng):
    """Curves of one arm, (n_bases, n_refits, n_epochs + 1)."""
    from scipy.signal import lfilter

    rest = design.rest(arm.rate, saturation, epochs)
    shape = (design.n_bases, design.n_refits, len(epochs))

    def effect(sd, n_refits):
        start = rng.normal(0, sd, (design.n_bases, n_refits, 1))
        asymptote = rng.normal(0, sd / 3, (design.n_bases, n_refits, 1))
        return start * rest + asymptote * (1 - rest)

    shocks = rng.normal(0, design.noise_sd, shape)
    shocks[..., 1:] *= np.sqrt(1 - design.correlation**2)  # the first epoch is in equilibrium
    noise = lfilter([1], [1, -design.correlation], shocks, axis=-1)
    mean = arm.asymptote - (arm.asymptote - arm.start) * rest
    runs = mean + effect(design.base_sd, 1) + effect(design.refit_sd, design.n_refits) + noise
    return np.clip(runs, 0, 1)


def one_study(design: Design, saturation: float, seed) -> dict:
    """Simulate a study once, and see whether the intervals hold the truth.

    Returns:
        By (quantity, method): (whether it is covered, width), or None if it is not identified.
    """
    epochs, transfer, scratch = simulate(design, saturation, seed)
    true = truth(design, saturation)
    found = benefits.three_benefits(epochs, transfer, scratch, window=WINDOW)
    intervals = {
        ("start", USED): found.start.interval,
        ("slope", USED): found.slope.interval,
        ("asymptote", USED): found.asymptote.interval,
    }
    if design.refitted:
        known = found.asymptote.interval is not None
        again = known and asymptotes.difference(epochs, transfer, scratch, N_FITS)
        intervals["asymptote", REFITTED] = again.interval if known else None
    if design.n_bases >= FEWEST_TO_RESAMPLE:
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
        n_simulations: of each, 1 or more.
        seed: of all of them; each simulation draws from a stream of its own.
        designs, saturation: `Design` records, and values of kT.
        n_jobs: processes.

    Yields:
        (design, saturation, results of some simulations), in any order.
    """
    from joblib import Parallel, delayed

    if n_simulations < 1:
        raise ValueError(f"n_simulations={n_simulations}: choose 1 or more, such as 1000.")
    jobs = [
        (design, kt, [(seed, i, j, n) for n in range(first, min(first + CHUNK, n_simulations))])
        for (i, design), (j, kt) in itertools.product(enumerate(designs), enumerate(saturation))
        for first in range(0, n_simulations, CHUNK)
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
        row |= {"covered": 0} | dict.fromkeys(("coverage", *RANGE, "mean_width"), np.nan)
        if len(known):
            covered = int(known[:, 0].sum())
            low, high = proportion_confint(covered, len(known), method="wilson")
            row |= {"covered": covered, "coverage": covered / len(known)}
            row |= {RANGE[0]: low, RANGE[1]: high, "mean_width": known[:, 1].mean()}
        rows.append(row)
    order = ["n_refits", "n_bases", "name", "saturation", "quantity", "method"]
    return pd.DataFrame(rows).sort_values(order, ignore_index=True)


def code_version() -> str:
    """A digest of the modules that decide the intervals; for the record."""
    decide = curves, forms, fits, statistics, nested, asymptotes, benefits
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
        n_parts = len(DESIGNS) * len(SATURATION) * -(-chosen.simulations // CHUNK)
        found = run(chosen.simulations, chosen.seed, DESIGNS, SATURATION)
        for part in tqdm(found, total=n_parts, unit="part"):
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
