"""What the compiled engine promises: the right numbers, to the bit, for each network alone."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import small_tasks

from lib.networks import kernels, lanes, replicates, streams, weights
from lib.networks.kernel_source import LANES

SIZES = (2, 5, 5, 3)
TASK = small_tasks.task()
ROOT = Path(__file__).resolve().parents[2]
# SHA-256 of what 20 networks give; the same on every processor
PINNED = "3a77d6c16af9be1c94101b4f2c20cafa47c4959437599d7470c8a42fc41715f2"


def train(seeds=range(4), n_epochs=2, task=TASK, sizes=SIZES, **options):
    start = streams.initial_weights(sizes, seeds)
    return replicates.train(task, start, seeds, n_epochs, **options)


def arrays_of(runs):
    return [array for layer in runs.weights for array in layer] + [runs.accuracy]


def assert_same_bits(runs, expected, networks=slice(None)):
    for ours, theirs in zip(arrays_of(runs), arrays_of(expected), strict=True):
        assert ours.tobytes() == theirs[networks].tobytes()


def digest(runs):
    found = hashlib.sha256()
    for array in [*arrays_of(runs), runs.validation_accuracy]:
        found.update(array.astype("<f4").tobytes())
    return found.hexdigest()


def pinned_runs():
    """Twenty networks: shared seeds, frozen layers, learning rates, a short last batch."""
    seeds = [*range(10), *range(10)]
    return train(
        seeds,
        5,
        n_frozen=[0, 1, 2, 3] * 5,
        learning_rate=[0.01, 0.1, 0.05, 0.3] * 5,
        batch_size=25,
        measure_validation=True,
    )


def float64_oracle(task, start, seeds, n_epochs, rate, batch_size):
    """The same training in float64, one network and one batch at a time, by matrix products."""
    accuracies, finals = [], []
    for r, seed in enumerate(seeds):
        layers = [[kernel[r].astype("f8"), bias[r].astype("f8")] for kernel, bias in start]

        def activations(x, layers=layers):
            h = [x.astype("f8")]
            for k, (kernel, bias) in enumerate(layers):
                z = h[-1] @ kernel + bias
                h.append(z if k == len(layers) - 1 else z.clip(0))
            return h

        accuracy = [(activations(task.x_test)[-1].argmax(1) == task.y_test).mean()]
        for order in streams.data_orders(len(task.x_train), n_epochs, [seed])[0]:
            for first in range(0, len(order), batch_size):
                rows = order[first : first + batch_size]
                h = activations(task.x_train[rows])
                powers = np.exp(h[-1] - h[-1].max(1, keepdims=True))
                d = powers / powers.sum(1, keepdims=True)
                d[np.arange(len(rows)), task.y_train[rows]] -= 1
                d /= len(rows)
                for k in reversed(range(len(layers))):
                    below = (d @ layers[k][0].T) * (h[k] > 0)
                    layers[k][0] -= rate * h[k].T @ d
                    layers[k][1] -= rate * d.sum(0)
                    d = below
            accuracy.append((activations(task.x_test)[-1].argmax(1) == task.y_test).mean())
        accuracies.append(accuracy)
        finals.append([array for layer in layers for array in layer])
    return np.array(accuracies), finals


@pytest.mark.parametrize(
    "sizes",
    [(2, 3), (2, 1, 2), SIZES, (13, 5, 5, 3), (20, 10, 10, 5), (64, 16, 10)],
)  # fmt: skip
def test_train_agrees_with_a_float64_oracle(sizes):
    task = small_tasks.task(n=90, n_features=sizes[0], n_classes=sizes[-1])
    seeds = [3, 4]
    start = streams.initial_weights(sizes, seeds)
    runs = replicates.train(task, start, seeds, 6, learning_rate=0.02, batch_size=32)
    accuracy, finals = float64_oracle(task, start, seeds, 6, 0.02, 32)
    np.testing.assert_allclose(runs.accuracy, accuracy, atol=1.01 / len(task.x_test))
    for r, final in enumerate(finals):
        for ours, oracle in zip(arrays_of(runs), final, strict=False):
            np.testing.assert_allclose(ours[r], oracle, rtol=2e-4, atol=2e-5)
    moved = np.abs(runs.weights[0][0] - start[0][0]).max()
    assert moved > 0.01  # or agreement would mean nothing


def test_train_gives_the_pinned_bits():
    assert digest(pinned_runs()) == PINNED


@pytest.mark.parametrize("processor", ["x86-64", "haswell", "skylake-avx512"])
def test_train_gives_the_same_bits_on_every_processor(processor, tmp_path):
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        pytest.skip("names of x86-64 processors")
    has = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    needs = {"haswell": "avx2", "skylake-avx512": "avx512dq"}
    if needs.get(processor, "sse2") not in has:
        pytest.skip(f"this processor cannot run {processor}")
    pytest.importorskip("numba")
    code = (
        "import test_engine as t; print(t.kernels.get(t.SIZES) is None, t.digest(t.pinned_runs()))"
    )
    environment = os.environ | {
        "NUMBA_CPU_NAME": processor,
        "NUMBA_CPU_FEATURES": "",  # or Numba adds those of this processor
        "COURSE_CACHE": str(tmp_path),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)]),
    }
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["False", PINNED]


@pytest.mark.parametrize("sizes", [(2, 3), SIZES, (13, 5, 5, 3)])
def test_train_gives_the_same_bits_in_numpy(sizes, monkeypatch):
    task = small_tasks.task(n_features=sizes[0])
    options = {
        "sizes": sizes,
        "task": task,
        "n_frozen": [0, 1, 0, 1, 0],
        "learning_rate": [0.01] * 4 + [0.5],
        "batch_size": 25,
        "measure_validation": True,
    }
    compiled = train(range(5), 3, **options)
    monkeypatch.setattr(kernels, "get", lambda sizes: None)
    plain = train(range(5), 3, **options)
    assert_same_bits(plain, compiled)
    assert plain.validation_accuracy.tobytes() == compiled.validation_accuracy.tobytes()


def test_train_gives_the_pinned_bits_in_numpy(monkeypatch):
    monkeypatch.setattr(kernels, "get", lambda sizes: None)
    monkeypatch.setattr(lanes, "PLAIN", 7)
    assert digest(pinned_runs()) == PINNED


@pytest.mark.parametrize("batch_size", [1, 7, 96])
def test_train_gives_the_same_bits_in_numpy_for_any_batch(batch_size, monkeypatch):
    compiled = train(batch_size=batch_size)
    monkeypatch.setattr(kernels, "get", lambda sizes: None)
    assert_same_bits(train(batch_size=batch_size), compiled)


def test_train_network_gives_the_same_bits_alone_and_in_company():
    together = train(range(2 * LANES + 5))
    for k in (0, 3, LANES, 2 * LANES + 4):
        assert_same_bits(train([k]), together, slice(k, k + 1))


def test_train_order_of_networks_does_not_matter():
    seeds = np.array([5, 0, 3, 5, 9, 2**62, 1, 3] * 5)
    start = streams.initial_weights(SIZES, np.arange(40))
    options = {"n_frozen": np.arange(40) % 4, "learning_rate": 0.01 + np.arange(40) / 400}
    there = replicates.train(TASK, start, seeds, 2, **options)
    mixed = np.random.default_rng(1).permutation(40)
    back = replicates.train(
        TASK,
        [(kernel[mixed], bias[mixed]) for kernel, bias in start],
        seeds[mixed],
        2,
        **{name: value[mixed] for name, value in options.items()},
    )
    assert_same_bits(back, there, mixed)


def test_train_networks_with_one_seed_share_one_data_order():
    start = weights.repeat(streams.initial_weights(SIZES, [1]), 40)
    runs = replicates.train(TASK, start, [7] * 20 + [8] * 20, 1)
    kernel = runs.weights[0][0].reshape(40, -1)
    assert len(np.unique(kernel, axis=0)) == 2
    assert len(np.unique(kernel[:20], axis=0)) == 1


def test_train_learning_rate_of_each_network_equals_separate_runs():
    rates = [0.01, 0.05, 0.2, 0.01]
    together = train(learning_rate=rates)
    for k, rate in enumerate(rates):
        assert_same_bits(train([k], learning_rate=rate), together, slice(k, k + 1))


def lane_results(start, seeds, n_frozen, rates, n_epochs=3):
    """What `train` gives before it refuses networks that ran away."""
    *_, found = lanes.train_networks(TASK, start, seeds, n_epochs, n_frozen, rates, 32, False)
    return found


@pytest.mark.parametrize("compiled", [True, False])
def test_train_frozen_layers_keep_their_bits_even_when_others_run_away(compiled, monkeypatch):
    if not compiled:
        monkeypatch.setattr(kernels, "get", lambda sizes: None)
    start = streams.initial_weights(SIZES, range(5))
    for kernel, bias in start:
        kernel[:, 0, 0] = bias[:, 0] = -0.0
        kernel[:, 0, 1] = 1e-42  # a number too small to be normal
    with np.errstate(all="ignore"):
        found = lane_results(
            start, range(5), [0, 1, 2, 3, 1], np.float32([1e30, 0.1, 0.1, 0.1, 1e30])
        )
    assert not np.isfinite(found[2][0][0]).all()
    for r, n_frozen in enumerate([0, 1, 2, 3, 1]):
        for k in range(3):
            for before, after in zip(start[k], found[k], strict=True):
                assert (before[r].tobytes() == after[r].tobytes()) == (k < n_frozen), (r, k)
    alone = lane_results([(a[1:2], b[1:2]) for a, b in start], [1], [1], np.float32([0.1]))
    for layer, expected in zip(alone, found, strict=True):
        assert layer[0][0].tobytes() == expected[0][1].tobytes()


def test_train_leaves_the_start_as_it_was():
    start = streams.initial_weights(SIZES, range(3))
    before = [array.copy() for layer in start for array in layer]
    replicates.train(TASK, start, range(3), 1)
    for array, expected in zip([a for layer in start for a in layer], before, strict=True):
        np.testing.assert_array_equal(array, expected)


def test_train_measures_validation_rows_when_asked():
    runs = train(measure_validation=True, n_epochs=3)
    swapped = replace(TASK, x_test=TASK.x_validation, y_test=TASK.y_validation)
    other = train(task=swapped, n_epochs=3)
    np.testing.assert_array_equal(runs.validation_accuracy, other.accuracy)
    assert other.validation_accuracy is None
    assert not np.array_equal(runs.accuracy, runs.validation_accuracy)


def test_train_predicts_the_first_of_equal_scores():
    dead = [(np.zeros((1, i, o), "float32"), np.zeros((1, o), "float32"))
            for i, o in ((2, 5), (5, 5), (5, 3))]  # fmt: skip
    for bias, expected in (([0, 0, 0], 0), ([0, 1, 1], 1), ([0, 1, 2], 2), ([-1, -3, -1], 0)):
        dead[-1][1][0] = bias
        accuracy = replicates.train(TASK, dead, [0], 1, n_frozen=3).accuracy
        np.testing.assert_allclose(accuracy[0], np.mean(TASK.y_test == expected), rtol=1e-6)


def test_train_names_the_learning_rates_of_networks_that_ran_away():
    with pytest.raises(ValueError, match=r"learning_rate=1e\+25, 1e\+30: the weights of 3 of 4"):
        train(learning_rate=[1e30, 0.01, 1e25, 1e30])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rate": [0.1, 0.2]}, r"learning_rate of shape \(2,\) for 4 networks"),
        ({"learning_rate": [0.1, 0.2, -1, 0.3]}, "learning_rate=-1: choose a number above 0"),
        ({"learning_rate": float("nan")}, "learning_rate=nan"),
        ({"learning_rate": 1e-60}, "learning_rate=1e-60"),
        ({"learning_rate": "0.1"}, "learning_rate='0.1'"),
        ({"learning_rate": True}, "learning_rate=True"),
        ({"seeds": [True]}, r"seeds=\[True\]"),
        ({"seeds": [np.bool_(1)]}, "seeds="),
        ({"seeds": [2**63]}, "seeds="),
        ({"seeds": [-1]}, r"seeds=\[-1\]"),
        ({"seeds": []}, r"seeds=\[\]"),
        ({"n_frozen": True}, "n_frozen=True"),
    ],
)
def test_train_says_what_does_not_fit(options, message):
    seeds = options.pop("seeds", range(4))
    start = streams.initial_weights(SIZES, range(len(seeds)))
    with pytest.raises(ValueError, match=message):
        replicates.train(TASK, start, seeds, 1, **options)


def test_train_marks_networks_that_ran_away_where_asked():
    runs = train(learning_rate=[0.1, 1e30, 0.1, 0.1], on_divergence="nan", measure_validation=True)
    for accuracy in (runs.accuracy, runs.validation_accuracy):
        np.testing.assert_array_equal(
            np.isnan(accuracy), [[False] * 3, [False, True, True], *[[False] * 3] * 2]
        )
    with pytest.raises(ValueError, match="on_divergence='stop': choose one of raise, nan"):
        train(on_divergence="stop")


def test_train_takes_seeds_of_numpy_and_up_to_the_limit():
    seeds = [np.int64(3), np.uint64(4), 2**63 - 1]
    assert_same_bits(train(seeds), train([3, 4, 2**63 - 1]))


def test_train_says_when_there_are_no_validation_rows_or_too_many_rows():
    task = replace(small_tasks.task(), x_validation=None, y_validation=None)
    with pytest.raises(ValueError, match="whole numbers has no validation rows"):
        train(task=task, measure_validation=True)
    with pytest.raises(ValueError, match="65536 training rows: this trainer takes up to 65,535"):
        train([0], task=small_tasks.task(n=65_536), batch_size=500)
