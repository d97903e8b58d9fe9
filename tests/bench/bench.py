"""How fast is it? `make bench` prints one `name value unit` a line, with its goal where it has one.

Ratios are of one run of this program. It ends with a run of all lessons in profile `class`, which
takes minutes.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
N_KERAS_FITS = 3  # the plain Keras loop is timed for so many fits and extrapolated to 120
COLD = """
from lib import data, experiments
bases = experiments.train_bases(data.blobs(1), 1).weights
experiments.run_arms(experiments.PUBLISHED_ARMS, data.blobs(2), bases, 30)
"""
# a file of GloVe's size, every twentieth word kept; in a process of its own, for its peak
GLOVE = """
import os, sys, time
sys.path.append("tests/bench")
from bench import peak_bytes
from lib import networks
begin = time.perf_counter()
found = networks.read_vectors(sys.argv[1], {f"word{i}" for i in range(0, 400_000, 20)})
assert found.vectors.shape == (20_000, 50)
print(os.path.getsize(sys.argv[1]) / 1e6 / (time.perf_counter() - begin), peak_bytes() / 2**20)
"""
ROOMS = "data, networks, statistics, curves, experiments, studies, course"
# a name of a room is imported when it is first used: all of them
ALL_NAMES = f"from lib import {ROOMS}\nfor r in ({ROOMS}):\n    [getattr(r, n) for n in r.__all__]"
# name -> (at most or at least, value); of the largest lesson of its kind for `lesson_*`
GOALS = {
    "import_lib_seconds": ("at most", 0.2),
    "blobs_4x30_cold_seconds": ("at most", 2),
    "blobs_4x30_seconds": ("at most", 0.05),
    "blobs_4x30_speedup": ("at least", 10_000),
    "blobs_8000_networks_seconds": ("at most", 3),
    "blobs_10000_epochs_4x100_seconds": ("at most", 20),
    "curve_fits_1000x4_seconds": ("at most", 3),
    "crossed_20x1000_seconds": ("at most", 1),
    "widget_ms": ("at most", 300),
    "cifar_frozen_epoch_speedup": ("at least", 10),
    "features_1000_seconds": ("at most", 4),
    "glove_mb_per_second": ("at least", 100),
    "glove_peak_mb": ("at most", 300),
    "lesson_peak_without_keras_mb": ("at most", 400),
    "lesson_peak_mb": ("at most", 1_400),
    "lesson_seconds": ("at most", 90),
}


def tell(name: str, value: float, unit: str) -> None:
    """Print a figure, and its goal."""
    goal = " ".join(map(str, GOALS.get(name, ())))
    print(f"{name} {value:.4g} {unit}" + (f"  (goal: {goal})" if goal else ""), flush=True)


def seconds(call) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def peak_bytes() -> int:
    """The most memory that this process has held."""
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset
    if sys.platform == "linux":  # getrusage would count the parent's memory at the fork, too
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def process_seconds(code: str) -> float:
    """Wall-clock seconds of a fresh Python process."""
    command = [sys.executable, "-c", code]
    return seconds(lambda: subprocess.run(command, cwd=ROOT, check=True))


def bench_import() -> None:
    empty = statistics.median(process_seconds("pass") for _ in range(5))
    for name, code in (
        ("import_lib_seconds", f"import lib; from lib import {ROOMS}"),
        ("import_lib_all_names_seconds", ALL_NAMES),
        ("import_lib_with_figures_seconds", f"{ALL_NAMES}\nfrom lib.figures import plot_curves"),
    ):
        tell(name, statistics.median(process_seconds(code) for _ in range(5)) - empty, "s")


def bench_blobs() -> None:
    process_seconds(COLD)  # compiled code is on disk from here on
    tell("blobs_4x30_cold_seconds", statistics.median(process_seconds(COLD) for _ in range(3)), "s")

    from lib import data, experiments, networks

    source, target = data.blobs(1), data.blobs(2)
    bases = experiments.train_bases(source, 1).weights

    def four_arms():
        experiments.run_arms(experiments.PUBLISHED_ARMS, target, bases, 30)

    four_arms()
    ours = statistics.median(seconds(four_arms) for _ in range(21))
    tell("blobs_4x30_seconds", ours, "s")
    seeds = range(8000)
    start = networks.initial_weights(networks.layer_sizes(), seeds)
    many = seconds(lambda: networks.replicates.train(target, start, seeds))
    tell("blobs_8000_networks_seconds", many, "s")

    # training on, as lesson 10 does to see where curves end: all four arms from 100 bases
    bases_100 = experiments.train_bases(source, 100).weights
    arms = experiments.PUBLISHED_ARMS
    long = seconds(lambda: experiments.run_arms(arms, target, bases_100, 1, n_epochs=10_000))
    tell("blobs_10000_epochs_4x100_seconds", long, "s")

    def keras_fit(seed, n_frozen):
        """One pass of the published loop: load or build, freeze, fit 100 epochs, evaluate."""
        model = networks.mlp.build(seed=seed)
        if n_frozen is not None:
            model = networks.freeze(networks.to_keras(bases, 0, model), n_frozen)
        model.fit(target.x_train, target.y_train, epochs=100, verbose=0)
        model.evaluate(target.x_test, target.y_test, verbose=0)

    fits = [seconds(lambda i=i: keras_fit(i, (None, 0, 1, 2)[i % 4])) for i in range(N_KERAS_FITS)]
    tell("blobs_keras_fit_seconds", statistics.mean(fits), "s")
    tell("blobs_4x30_speedup", 120 * statistics.mean(fits) / ours, "times")


def bench_widget() -> None:
    """From the move of a control to the new picture: 4 arms x 30 replicates x 100 epochs."""
    from lib.course.explorers import transfer_explorer

    explorer = transfer_explorer()
    by_name = {child.description: child for child in explorer.children if hasattr(child, "value")}
    slider = by_name["target seed"]
    times = []
    for value in (3, 4, 5, 6, 7):
        times.append(seconds(lambda value=value: setattr(slider, "value", value)))
    tell("widget_ms", 1000 * statistics.median(times), "ms")


def bench_curves() -> None:
    """1,000 noisy curves fitted with all four forms, and intervals of two designs."""
    import numpy as np

    from lib import curves
    from lib import statistics as ours

    rng = np.random.default_rng(0)
    epochs = np.arange(21.0)
    rates = rng.uniform(0.05, 0.5, (1000, 1))
    noisy = 0.8 - 0.5 * np.exp(-rates * epochs) + rng.normal(0, 0.01, (1000, 21))
    curves.fit_form(epochs, noisy[:2], "exponential")  # imports SciPy
    took = seconds(lambda: [curves.fit_form(epochs, noisy, form) for form in curves.FORMS])
    tell("curve_fits_1000x4_seconds", took, "s")
    scores = rng.normal(0.8, 0.02, (100, 10))
    took = seconds(lambda: ours.two_level_bootstrap(scores, n_resamples=2000))
    tell("two_level_bootstrap_seconds", took, "s")
    answers = rng.random((2, 20, 1000)) < 0.8
    ours.crossed(*answers)  # imports SciPy
    tell("crossed_20x1000_seconds", seconds(lambda: ours.crossed(*answers)), "s")


def bench_words() -> None:
    """400,000 words of 50 numbers, from text."""
    import numpy as np

    numbers = np.random.default_rng(0).normal(0, 0.4, (1000, 50))
    rows = [" ".join(f"{number:.5g}" for number in row) for row in numbers]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "glove.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"word{i} {rows[i % 1000]}\n" for i in range(400_000))
        command = [sys.executable, "-c", GLOVE, str(path)]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    speed, peak = map(float, done.stdout.split())
    tell("glove_mb_per_second", speed, "MB/s")
    tell("glove_peak_mb", peak, "MB")


def bench_photos() -> None:
    """Speed on photographs, in a process that gives one operation all cores."""
    program = Path(__file__).with_name("bench_photos.py")
    subprocess.run([sys.executable, program], cwd=ROOT, check=True)


def bench_lessons() -> None:
    """All lessons from nothing, in profile `class`: no result of an earlier run helps."""
    with tempfile.TemporaryDirectory() as build:
        command = [sys.executable, "-m", "lib.course", "run", "--profile", "class"]
        subprocess.run([*command, "--build", build], cwd=ROOT, check=True, stdout=sys.stderr)
        lessons = json.loads(Path(build, "class", "summary.json").read_text())["lessons"]
    without = [name for name in lessons if not uses_keras(name)]
    if without:
        most = max(lessons[name]["peak_mb"] for name in without)
        tell("lesson_peak_without_keras_mb", most, "MB")
    tell("lesson_peak_mb", max(lesson["peak_mb"] for lesson in lessons.values()), "MB")
    tell("lesson_seconds", max(lesson["seconds"] for lesson in lessons.values()), "s")


def uses_keras(name: str) -> bool:
    """Whether a lesson says of itself that it builds a Keras model."""
    notebook = json.loads((ROOT / f"notebooks/{name}.ipynb").read_text(encoding="utf-8"))
    return notebook["metadata"].get("course", {}).get("keras", True)


if __name__ == "__main__":
    os.chdir(ROOT)
    bench_import()
    bench_blobs()
    bench_curves()
    bench_widget()
    bench_words()
    bench_photos()
    bench_lessons()
