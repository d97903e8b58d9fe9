"""The batched trainer against Keras, against itself, and with frozen layers."""

import numpy as np
import pytest
from scipy import stats

from lib.data import blobs
from lib.networks import (
    data_orders,
    freeze,
    from_keras,
    graft,
    initial_weights,
    matched,
    mlp,
    repeat,
    replicates,
    streams,
    to_keras,
)
from lib.networks.kernel_source import LANES

SIZES = (2, 5, 5, 3)
PROBLEM_2 = blobs(2)


def train(seeds, n_epochs=3, task=PROBLEM_2, **options):
    start = initial_weights(SIZES, seeds)
    return replicates.train(task, start, seeds, n_epochs, **options)


def arrays_of(weights):
    return [array for layer in weights for array in layer]


def keras_in_the_same_order(task, start, seed, n_epochs, n_frozen=0):
    """Train one Keras model with the very batches of one replicate."""
    model = freeze(to_keras(start, 0, mlp.build()), n_frozen)

    def measured():
        return np.mean(model.predict_on_batch(task.x_test).argmax(axis=1) == task.y_test)

    accuracy = [measured()]
    for order in data_orders(len(task.x_train), n_epochs, [seed])[0]:
        for first in range(0, len(order), 32):
            rows = order[first : first + 32]
            model.train_on_batch(task.x_train[rows], task.y_train[rows])
        accuracy.append(measured())
    return model, np.array(accuracy)


@pytest.fixture(scope="module")
def compiled():
    """A Keras model to put other models' weights into: to compile each of them takes a second."""
    return mlp.build()


def agree(ours, oracle, relative=1e-4):
    return np.linalg.norm(ours - oracle) <= relative * np.linalg.norm(oracle)


@pytest.mark.parametrize("n_frozen", [0, 2])
def test_train_agrees_with_keras_after_100_epochs(n_frozen):
    seeds = [7]
    start = initial_weights(SIZES, seeds)
    runs = replicates.train(PROBLEM_2, start, seeds, 100, n_frozen=n_frozen)
    model, accuracy = keras_in_the_same_order(PROBLEM_2, start, 7, 100, n_frozen)
    for ours, oracle in zip(arrays_of(runs.weights), model.get_weights(), strict=True):
        assert agree(ours[0], oracle)
    # a point on a class border may fall either way: one of 500 test rows is 0.002
    np.testing.assert_allclose(runs.accuracy[0], accuracy, atol=0.0021)


def test_train_agrees_with_keras_when_the_last_batch_is_one_row_and_classes_are_four():
    task = blobs(5, n_classes=4, n_train=65)
    start = initial_weights((2, 5, 5, 4), [0])
    runs = replicates.train(task, start, [0], 3)
    model = to_keras(start, 0, mlp.build(n_classes=4))
    for order in data_orders(65, 3, [0])[0]:
        model.fit(task.x_train[order], task.y_train[order], batch_size=32, shuffle=False, verbose=0)
    for ours, oracle in zip(arrays_of(runs.weights), model.get_weights(), strict=True):
        np.testing.assert_allclose(ours[0], oracle, rtol=1e-4, atol=1e-6)


def test_train_distribution_of_30_standalone_runs_matches_plain_keras(compiled):
    from lib.backend import keras

    def plain_keras(seed):
        keras.utils.set_random_seed(seed)
        compiled.set_weights(mlp.build().get_weights())
        compiled.fit(PROBLEM_2.x_train, PROBLEM_2.y_train, epochs=4, verbose=0)
        return compiled.evaluate(PROBLEM_2.x_test, PROBLEM_2.y_test, verbose=0)[1]

    theirs = [plain_keras(seed) for seed in range(30)]
    ours = train(range(30), n_epochs=4).final
    assert stats.ks_2samp(ours, theirs).pvalue > 0.01
    assert 0 < np.std(ours) < 3 * np.std(theirs) < 9 * np.std(ours)


def test_train_replicate_alone_equals_replicate_in_any_batch():
    seeds = list(range(2 * LANES + 5))
    together = train(seeds)
    for k in (0, 3, LANES, len(seeds) - 1):
        alone = train([seeds[k]])
        np.testing.assert_array_equal(alone.accuracy[0], together.accuracy[k])
        for one, many in zip(arrays_of(alone.weights), arrays_of(together.weights), strict=True):
            np.testing.assert_array_equal(one[0], many[k])


def test_train_frozen_weights_are_bit_identical_and_others_move():
    seeds = [0, 1, 2, 3]
    start = initial_weights(SIZES, seeds)
    runs = replicates.train(PROBLEM_2, start, seeds, 5, n_frozen=[0, 1, 2, 3])
    for k, n_frozen in enumerate([0, 1, 2, 3]):
        for i, (before, after) in enumerate(zip(start, runs.weights, strict=True)):
            same = before[0][k].tobytes() == after[0][k].tobytes()
            assert same == (i < n_frozen), f"replicate {k}, layer {i}"
            assert (before[1][k].tobytes() == after[1][k].tobytes()) == (i < n_frozen)


def test_train_equal_seeds_agree_and_different_seeds_differ():
    first, second, other = train([4, 5]), train([4, 5]), train([5, 6])
    np.testing.assert_array_equal(first.accuracy, second.accuracy)
    np.testing.assert_array_equal(first.accuracy[1], other.accuracy[0])
    assert not np.array_equal(first.weights[0][0][0], first.weights[0][0][1])


def test_train_data_order_alone_makes_replicates_differ():
    start = repeat(initial_weights(SIZES, [1]), 2)
    runs = replicates.train(PROBLEM_2, start, [10, 11], 2)
    assert not np.array_equal(runs.weights[0][0][0], runs.weights[0][0][1])


def test_train_accuracy_has_the_start_in_column_0():
    start = initial_weights(SIZES, [3])
    runs = replicates.train(PROBLEM_2, start, [3], 2)
    model = to_keras(start, 0, mlp.build())
    before = model.evaluate(PROBLEM_2.x_test, PROBLEM_2.y_test, verbose=0)[1]
    assert runs.accuracy.shape == (1, 3)
    assert runs.accuracy[0, 0] == pytest.approx(before)
    np.testing.assert_array_equal(runs.final, runs.accuracy[:, -1])


def test_train_network_with_equal_scores_is_not_counted_as_right():
    """All scores of a dead network are equal; like argmax, it then says class 0."""
    dead = [(np.zeros((1, i, o), "float32"), np.zeros((1, o), "float32"))
            for i, o in zip(SIZES[:-1], SIZES[1:], strict=True)]  # fmt: skip
    before = replicates.train(PROBLEM_2, dead, [0], 1).accuracy[0, 0]
    assert before == pytest.approx(np.mean(PROBLEM_2.y_test == 0))


def test_data_orders_hold_every_row_once_an_epoch():
    orders = data_orders(50, 4, [0, 1])
    assert orders.shape == (2, 4, 50)
    np.testing.assert_array_equal(np.sort(orders, axis=-1), np.broadcast_to(range(50), (2, 4, 50)))
    assert not np.array_equal(orders[0, 0], orders[0, 1])


def test_initial_weights_follow_the_laws_of_keras():
    from lib.backend import keras

    ours = initial_weights(SIZES, range(2000))
    laws = [keras.initializers.HeUniform] * 2 + [keras.initializers.GlorotUniform]
    for (kernel, bias), law in zip(ours, laws, strict=True):
        many = np.array([law(seed=seed)(kernel.shape[1:]) for seed in range(200)])
        assert np.ptp(kernel) == pytest.approx(np.ptp(many), rel=0.02)
        assert kernel.std() == pytest.approx(many.std(), rel=0.05)
        assert not bias.any()


def test_graft_takes_the_first_layers_from_the_base():
    base, fresh = (initial_weights(SIZES, seeds) for seeds in ([0, 1], [2, 3]))
    grafted = graft(base, fresh, 2)
    assert [grafted[0] is base[0], grafted[1] is base[1], grafted[2] is fresh[2]] == [True] * 3


def test_repeat_keeps_runs_of_one_base_together():
    repeated = repeat(initial_weights(SIZES, [0, 1]), 3)
    kernel = repeated[0][0]
    assert len(kernel) == 6
    np.testing.assert_array_equal(kernel[0], kernel[2])
    assert not np.array_equal(kernel[2], kernel[3])


def test_keras_weights_make_the_round_trip():
    made = [mlp.build(seed=seed) for seed in (0, 1)]
    weights = from_keras(made)
    copy = to_keras(weights, 1, mlp.build(seed=9))
    for ours, theirs in zip(copy.get_weights(), made[1].get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_frozen": 7}, "n_frozen=7, but this model has 3 layers with weights: choose 0 to 3"),
        ({"n_frozen": -1}, "n_frozen=-1"),
        ({"n_frozen": 1.5}, "n_frozen=1.5"),
        ({"n_frozen": "1"}, "n_frozen='1'"),
        ({"n_frozen": None}, "n_frozen=None"),
        ({"n_frozen": [0, 1, 2]}, r"n_frozen of shape \(3,\) for 1 networks"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"learning_rate": float("inf")}, "learning_rate=inf"),
        ({"learning_rate": 1e30}, "1 of 1 networks grew beyond all bounds"),
        ({"batch_size": 501}, "batch_size=501, but Problem 2 has 500 rows to train on"),
        ({"n_epochs": 0}, "n_epochs=0"),
        ({"learning_rate": 0}, "learning_rate=0"),
        ({"task": blobs(2, n_classes=4)}, "3 classes, but Problem 2 has 2 and 4"),
    ],
)
def test_train_says_what_does_not_fit(options, message):
    with pytest.raises(ValueError, match=message):
        train([0], **options)


def test_train_wants_one_seed_for_each_network():
    start = initial_weights(SIZES, [0, 1])
    with pytest.raises(ValueError, match="2 networks to start from, but 3 seeds"):
        replicates.train(PROBLEM_2, start, [0, 1, 2], 1)


def test_train_refuses_a_start_that_is_no_network():
    start = initial_weights(SIZES, [0])
    broken = [(start[0][0] * np.nan, start[0][1]), *start[1:]]
    for weights, message in (
        (broken, "hold NaN or infinity"),
        ([], "no layers to start from"),
        ([start[0], start[2]], None),  # 5 units meet 5 inputs: a smaller network, and legal
        ([start[1], start[1], start[2]], "take 5 features"),
        ([start[0], start[0], start[2]], "do not fit on each other"),
        ([start[0], start[1], initial_weights(SIZES, [0, 1])[2]], "2 networks to start"),
    ):
        if message is None:
            replicates.train(PROBLEM_2, weights, [0], 1)
            continue
        with pytest.raises(ValueError, match=message):
            replicates.train(PROBLEM_2, weights, [0], 1)


def test_train_wants_whole_seeds():
    with pytest.raises(ValueError, match=r"seeds=\[1.5\]"):
        replicates.train(PROBLEM_2, initial_weights(SIZES, [0]), [1.5], 1)


def test_start_and_data_order_of_one_seed_draw_different_numbers():
    start, order = (streams.draws(streams.keys(name, [3]), 0, 4) for name in ("start", "order"))
    assert not set(start.ravel().tolist()) & set(order.ravel().tolist())


def test_train_distribution_before_training_and_after_an_epoch_matches_plain_keras(compiled):
    """Few epochs show best whether the initialisers are the same."""

    def loss():
        return compiled.evaluate(PROBLEM_2.x_test, PROBLEM_2.y_test, verbose=0)[0]

    theirs = {0: [], 1: []}
    for seed in range(30):
        compiled.set_weights(mlp.build(seed=seed).get_weights())
        theirs[0].append(loss())
        compiled.fit(PROBLEM_2.x_train, PROBLEM_2.y_train, verbose=0)
        theirs[1].append(loss())
    start = initial_weights(SIZES, range(30))
    after = replicates.train(PROBLEM_2, start, range(30), 1).weights
    for epoch, weights in enumerate((start, after)):
        losses = []
        for k in range(30):
            to_keras(weights, k, compiled)
            losses.append(loss())
        assert stats.ks_2samp(losses, theirs[epoch]).pvalue > 0.01


def test_graft_says_when_layers_do_not_fit():
    base = initial_weights(SIZES, [0])
    with pytest.raises(ValueError, match="n_copied=4, but the base has 3 layers"):
        graft(base, base, 4)
    with pytest.raises(ValueError, match="do not fit on each other"):
        graft(base, initial_weights((2, 6, 6, 3), [0]), 1)


def test_train_gives_nan_for_a_lost_network_where_that_is_asked_for():
    start = repeat(initial_weights(SIZES, [0]), 2)
    runs = replicates.train(
        PROBLEM_2, start, [0, 1], 3, learning_rate=[0.01, 1e30], on_divergence="nan"
    )
    assert np.isfinite(runs.accuracy[0]).all() and np.isfinite(runs.accuracy[1, 0])
    assert np.isnan(runs.accuracy[1, 1:]).all()
    alone = replicates.train(PROBLEM_2, initial_weights(SIZES, [0]), [0], 3)
    np.testing.assert_array_equal(runs.accuracy[0], alone.accuracy[0])
    with pytest.raises(ValueError, match="on_divergence='ignore': choose one of raise, nan"):
        train([0], on_divergence="ignore")


def test_graft_takes_named_layers_from_the_fresh_networks():
    base, fresh = (initial_weights(SIZES, seeds) for seeds in ([0, 1], [2, 3]))
    grafted = graft(base, fresh, 3, (1,))
    assert [grafted[0] is base[0], grafted[1] is fresh[1], grafted[2] is base[2]] == [True] * 3


def test_accuracy_is_what_training_measured_to_the_bit():
    runs = train(range(3), 4)
    measured = replicates.accuracy(PROBLEM_2, runs.weights)
    assert measured.dtype == np.float32
    np.testing.assert_array_equal(measured, runs.final)


def test_accuracy_takes_the_first_of_equal_scores():
    nothing = [tuple(np.zeros_like(a) for a in layer) for layer in initial_weights(SIZES, [0])]
    share = np.float32((PROBLEM_2.y_test == 0).mean())
    assert replicates.accuracy(PROBLEM_2, nothing).tolist() == [share]


def test_accuracy_refuses_networks_for_another_task():
    with pytest.raises(ValueError, match="tell 4 classes, but Problem 2 has 2 and 3"):
        replicates.accuracy(PROBLEM_2, initial_weights((2, 5, 5, 4), [0]))
    with pytest.raises(ValueError, match="weights: give a kernel"):
        replicates.accuracy(PROBLEM_2, [])


def test_matched_has_the_mean_and_spread_of_each_base_layer_by_layer():
    rng = np.random.default_rng(0)
    base = [
        (rng.normal(3, 2, (2, 300, 400)), rng.normal(-1, 0.5, (2, 400))),
        (rng.normal(0, 7, (2, 400, 300)), rng.normal(0, 0, (2, 300))),
    ]
    drawn = matched(base, [5, 6])
    for wanted, got in zip(arrays_of(base), arrays_of(drawn), strict=True):
        assert got.dtype == np.float32 and got.shape == wanted.shape
        for k in range(2):
            sd = wanted[k].std()
            far = 5 * sd / np.sqrt(wanted[k].size) + 1e-6
            assert abs(got[k].mean() - wanted[k].mean()) < far
            assert got[k].std() == pytest.approx(sd, rel=0.1, abs=1e-6)
    pairs = zip(arrays_of(base), arrays_of(drawn), strict=True)
    assert all(abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.2 for a, b in list(pairs)[:3:2])


def test_matched_depends_on_each_seed_alone_and_wants_one_for_each_base():
    base = initial_weights(SIZES, [0, 1])
    alone = matched([(kernel[1:], bias[1:]) for kernel, bias in base], [8])
    for one, both in zip(arrays_of(alone), arrays_of(matched(base, [7, 8])), strict=True):
        np.testing.assert_array_equal(one[0], both[1])
    with pytest.raises(ValueError, match="1 seeds for 2 bases: give one each"):
        matched(base, [7])
