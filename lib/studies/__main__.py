"""Make the recorded studies anew.

    python -m lib.studies run [--study NAME] [--pairs 3] [--epochs 10]
                              [--precision mixed_bfloat16] [--scheduler tcp://HOST:PORT]
    python -m lib.studies write [the same options]
    python -m lib.studies coverage [--of curves|photographs] [--simulations 1000] [--seed 0]
    python -m lib.studies photos [--pairs N] [--study NAME] [--scheduler tcp://HOST:PORT]
    python -m lib.studies pretrained [--draws 6]
    python -m lib.studies blobs [--bases 500]

`run` trains what is missing and keeps each finished run in `build/reference/`, so that the same
command goes on after an interrupt. With the address of a Dask scheduler it spreads the runs over
that cluster; each worker needs the course and a copy of CIFAR-10 of its own. `write` turns what is
finished into a table and its datasheet in `data/reference/`, and base models' feature layers into
files in `data/models/`. `coverage` simulates studies whose truth is known and writes, also to
`data/reference/`, how often intervals hold it: those of training curves (lesson 10), and those over
run pairs and test photographs (lesson 11). That takes half an hour on two cores.
`photos` does what is missing of the study of lessons 08 to 11, run pairs at a rate and an epoch of
each arm's own, keeps each finished part in `build/reference/photos/`, and writes its tables: six
hours on two cores, and less on a cluster.
`pretrained` does what is missing of lesson 12's study, keeps each run in
`build/reference/pretrained/`, and writes its table: an hour on two cores.
`blobs` trains the published arms of lessons 04 and 05 from many bases, and writes how many test
rows each run gets right: seconds, and the same numbers on every machine.

Exit status: 0 all went well, 1 it could not go on, 130 interrupted.
"""

import argparse
import os
import sys

from ..data.archive import DataError
from ..data.cifar10 import DIGITS
from ..networks.base_models import MODELS
from ..networks.model_faults import ModelFileError
from .answer_coverage import record_answer_coverage
from .blobs_arms import N_BASES, record_blobs
from .coverage import CHUNK, record_coverage
from .jobs import STUDIES
from .pairs import run_pairs
from .pairs_plan import PAIR_STUDIES
from .pairs_record import write_pairs
from .pretrained import record_pretrained
from .record import REFERENCE, count_runs, write_study
from .runs import data_words, run_study, runs_folder


def main(arguments=None, studies=STUDIES, folder=REFERENCE, models_folder=MODELS) -> int:
    """The command line; returns the exit status."""
    chosen = _parser(studies).parse_args(arguments)
    try:
        if chosen.command == "coverage":
            _simulate(chosen, folder)
        elif chosen.command == "photos":
            _photos(chosen, folder)
        elif chosen.command == "pretrained":
            print(f"pretrained: {len(record_pretrained(chosen.draws, reference=folder))} runs")
        elif chosen.command == "blobs":
            print(f"blobs_arms: {len(record_blobs(chosen.bases, folder))} rows")
        else:
            _run_or_write(chosen, studies, folder, models_folder)
    except (DataError, ModelFileError, ValueError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"Interrupted: {chosen.interrupted}", file=sys.stderr)
        return 130
    return 0


def _parser(studies):
    """The options of the commands."""
    parser = argparse.ArgumentParser(
        "python -m lib.studies",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="train what is missing")
    write = commands.add_parser("write", help="record what is finished")
    for command in (run, write):
        names = [study.name for study in studies]
        command.add_argument("--study", choices=names, help="only this one (default: all)")
        command.add_argument("--pairs", type=int, default=3, help="run pairs of each split (3)")
        command.add_argument(
            "--epochs", type=int, help="in a study in which all runs have the same number (10)"
        )
        command.add_argument("--precision", help="Keras dtype policy (mixed_bfloat16)")
        command.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster; for `run`")
        command.set_defaults(interrupted="finished runs are kept; the same command goes on.")
    coverage = commands.add_parser("coverage", help="simulate studies with a known truth")
    coverage.add_argument("--simulations", type=int, default=1000, help="of each design (1000)")
    coverage.add_argument("--seed", type=int, default=0, help="of all of them (0)")
    of = "curves", "photographs"
    coverage.add_argument("--of", choices=of, help="whose intervals (default: of both)")
    photos = commands.add_parser("photos", help="run pairs on photographs, at fair rates")
    names = [study.name for study in PAIR_STUDIES]
    photos.add_argument("--study", choices=names, help="only this part (default: all)")
    photos.add_argument("--pairs", type=int, help="at most so many run pairs of each split")
    photos.add_argument("--jobs", type=int, default=2, help="processes here (2)")
    photos.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster")
    photos.set_defaults(interrupted="finished parts are kept; the same command goes on.")
    draws = commands.add_parser("pretrained", help="what an ImageNet network brings")
    draws.add_argument("--draws", type=int, default=6, help="of photographs (6)")
    draws.set_defaults(interrupted="finished runs are kept; the same command goes on.")
    coverage.set_defaults(interrupted="what was finished is in the build folder.")
    blobs = commands.add_parser("blobs", help="record the published arms on blobs")
    blobs.add_argument("--bases", type=int, default=N_BASES, help=f"base models ({N_BASES})")
    blobs.set_defaults(interrupted="nothing was written; the same command starts again.")
    return parser


def _run_or_write(chosen, studies, folder, models_folder):
    """Train, or record, the chosen studies."""
    from tqdm import tqdm

    data = data_words()
    if data == DIGITS:
        raise DataError("the recorded study needs CIFAR-10: set CIFAR10_PATH to a copy.")
    for study in studies:
        if chosen.study not in (None, study.name):
            continue
        study = study.on(data, chosen.epochs, chosen.precision)
        if chosen.command == "run":
            run_study(study, chosen.pairs, runs_folder(), chosen.scheduler, tqdm)
        else:
            table = write_study(study, chosen.pairs, runs_folder(), folder, models_folder)
            print(f"{study.name}: {len(table)} rows of {count_runs(table)} runs")


def _photos(chosen, folder):
    """Train what is missing of the study of run pairs, and write what is whole."""
    from tqdm import tqdm

    for study in PAIR_STUDIES:
        if chosen.study in (None, study.name):
            run_pairs(study, chosen.pairs, None, chosen.scheduler, chosen.jobs, tqdm)
    print(f"cifar10_pairs: {len(write_pairs(chosen.pairs, reference=folder))} rows")


def _simulate(chosen, folder):
    """Simulate, with a bar of progress."""
    from tqdm import tqdm

    def bar(parts):
        return tqdm(parts, unit=f" times {CHUNK} studies")

    if chosen.of != "photographs":
        record_coverage(chosen.simulations, chosen.seed, folder, bar)
    if chosen.of != "curves":
        record_answer_coverage(chosen.simulations, chosen.seed, folder, tqdm)


if __name__ == "__main__":
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "0")  # before TensorFlow is imported
    sys.exit(main())
