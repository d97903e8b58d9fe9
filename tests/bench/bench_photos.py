"""The part of `make bench` that trains on photographs; a process of its own, with all cores.

Seconds of an epoch are those of its updates, feeding included; measuring on test rows is apart.
"""

import os
import statistics
import sys

os.environ["TF_NUM_INTRAOP_THREADS"] = "0"  # before TensorFlow is imported

import numpy as np
from bench import peak_bytes, seconds, tell

from lib.data import DataError, Task, photos
from lib.networks import convnet, features_of, freeze, pretrained, training

N_ROWS = 25_000
N_UPDATES = 32  # timed at once; an epoch at full size has 196


def make_task() -> Task:
    """Classes 5 to 9 at full size; noise of the same shape where there is no CIFAR-10."""
    try:
        task = photos(range(5, 10))
    except DataError as error:
        print(error, file=sys.stderr)
        task = None
    if task is not None and len(task.y_train) == N_ROWS:
        return task
    print("No CIFAR-10 here: noise of its shape is timed instead.", file=sys.stderr)
    rng = np.random.default_rng(0)
    arrays = {}
    for part, n in (("train", N_ROWS), ("test", 5000)):
        arrays[f"x_{part}"] = rng.integers(0, 256, (n, 32, 32, 3), "uint8")
        arrays[f"y_{part}"] = rng.integers(0, 5, n)
    return Task(name="noise", class_names=tuple("abcde"), data="noise", **arrays)


def flops_of_an_update(batch_size: int) -> float:
    """Multiplications and additions of one update, forward and backward.

    Each layer costs its forward pass three times (forward, gradient of weights, gradient of
    inputs), the first one twice, since nobody needs the gradient of the photograph.
    """
    first = 30 * 30 * 64 * (3 * 3 * 3) * 2
    second = 28 * 28 * 64 * (3 * 3 * 64) * 2
    dense = 14 * 14 * 64 * 128 * 2 + 128 * 5 * 2
    return batch_size * (2 * first + 3 * second + 3 * dense)


def bench_efficiency() -> None:
    """Training step of the whole network against a large matrix product, both in float32."""
    from lib.backend import tf

    n = 4096
    matrix = tf.random.normal((n, n))
    product = tf.function(lambda: tf.reduce_sum(tf.matmul(matrix, matrix)))
    batches = [tf.random.uniform((128, 32, 32, 3), 0, 255), tf.zeros(128, "int64")]
    model = convnet.build(seed=0)
    data = tf.data.Dataset.from_tensors(tuple(batches)).repeat(N_UPDATES)

    def train():
        model.fit(data, shuffle=False, verbose=0)

    product()
    train()
    rates = []
    for _ in range(5):  # side by side, so that both meet the same machine
        peak = 2 * n**3 / min(seconds(lambda: product().numpy()) for _ in range(2))
        rates.append((N_UPDATES * flops_of_an_update(128) / seconds(train), peak))
    ours, peak = (statistics.median(column) for column in zip(*rates, strict=True))
    tell("matmul_gflops", peak / 1e9, "GFLOP/s")
    tell("conv_gflops", ours / 1e9, "GFLOP/s")
    tell("conv_efficiency", statistics.median(a / b for a, b in rates), "fraction")


def bench_frozen() -> None:
    """An epoch from scratch, one through frozen layers, one on features computed once."""
    task = make_task()
    model = freeze(convnet.build(seed=0), convnet.N_CONVOLUTIONS)
    features, head = convnet.split_at_dropout(model)
    kept = {}
    tell("cifar_features_seconds", seconds(
        lambda: kept.update(task=training.features_once(features, task))), "s")  # fmt: skip
    once = training.fit_epochs(head, kept.pop("task"), 3, seed=1)
    peak = peak_bytes()
    through = freeze(convnet.build(seed=0), convnet.N_CONVOLUTIONS)
    frozen = training.fit_epochs(through, task, 2, seed=1)
    scratch = training.fit_epochs(convnet.build(seed=0), task, 2, seed=1)
    epoch = float(once.seconds[2:].median())
    tell("cifar_scratch_epoch_seconds", scratch.seconds[2], "s")
    tell("cifar_through_frozen_epoch_seconds", frozen.seconds[2], "s")
    tell("cifar_frozen_epoch_seconds", epoch, "s")
    tell("cifar_frozen_epoch_speedup", scratch.seconds[2] / epoch, "times")
    tell("cifar_frozen_peak_mb", peak / 2**20, "MB")
    same = once.test_accuracy[2] - frozen.test_accuracy[2]
    tell("cifar_frozen_accuracy_difference", same, "fraction")


def bench_features() -> None:
    """1,000 pictures through an ImageNet network at 96 pixels; building and compiling are apart."""
    network = pretrained(size=96)
    pictures = np.random.default_rng(0).integers(0, 256, (1000, 32, 32, 3), "uint8")
    features_of(network, pictures[:25], keep=False)
    took = [seconds(lambda: features_of(network, pictures, keep=False)) for _ in range(3)]
    tell("features_1000_seconds", statistics.median(took), "s")


if __name__ == "__main__":
    bench_frozen()
    bench_efficiency()
    bench_features()
