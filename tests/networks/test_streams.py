"""The random numbers: against published values, in both forms, and fair."""

import numpy as np
import pytest
from scipy import stats

from lib.networks import streams

# Source: the test values of https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64 (seed
# 1234567), and of the reference C program splitmix64.c by Vigna (seed 0)
PUBLISHED = {
    1234567: [6457827717110365317, 3203168211198807973, 9817491932198370423,
              4593380528125082431, 16408922859458223821],
    0: [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F],
}  # fmt: skip


@pytest.mark.parametrize("state", PUBLISHED)
def test_draws_are_those_of_splitmix64(state):
    found = streams.draws([state], 0, len(PUBLISHED[state]))
    assert found.tolist() == [PUBLISHED[state]]
    assert streams.draws([state], 1, 2).tolist() == [PUBLISHED[state][1:3]]


def test_numba_and_numpy_draw_the_same_numbers():
    vectors = pytest.importorskip("lib.networks.vectors", exc_type=ImportError)
    states = np.array([0, 1, 2**63, 2**64 - 1, 12345678901234567], np.uint64)
    assert [int(vectors.mix(state)) for state in states] == streams.mix(states).tolist()


@pytest.mark.parametrize("n_rows", [1, 2, 7, 501])
def test_numba_and_numpy_shuffle_alike(n_rows):
    vectors = pytest.importorskip("lib.networks.vectors", exc_type=ImportError)
    seeds = [0, 7, 2**63 - 1]
    expected = streams.data_orders(n_rows, 3, seeds)
    for key, orders in zip(streams.keys("order", seeds), expected, strict=True):
        for epoch, order in enumerate(orders):
            found = np.zeros(n_rows + 2, np.uint16)
            vectors.shuffle(found, 1, n_rows, key, epoch)
            assert found[1:-1].tolist() == order.tolist()
            assert found[0] == found[-1] == 0


def test_keys_of_all_purposes_and_seeds_differ():
    seeds = [*range(10_000), 2**62, 2**63 - 1]
    assert len(np.unique([streams.keys(name, seeds) for name in streams.PURPOSES])) == 20_004


def test_start_and_data_order_of_a_seed_share_no_number():
    drawn = [streams.draws(streams.keys(name, range(100)), 0, 500) for name in ("start", "order")]
    assert len(np.unique(drawn)) == 2 * 100 * 500


def test_data_orders_are_every_permutation_equally_often():
    orders = streams.data_orders(4, 30, range(400))[:, :, ::-1].reshape(-1, 4)
    _, counts = np.unique(orders @ [1, 10, 100, 1000], return_counts=True)
    assert len(counts) == 24
    assert stats.chisquare(counts).pvalue > 0.001


def test_data_orders_put_every_row_everywhere_equally_often():
    orders = streams.data_orders(50, 40, range(100)).reshape(-1, 50)
    for place in (0, 1, 25, 49):
        assert stats.chisquare(np.bincount(orders[:, place], minlength=50)).pvalue > 0.001


def test_data_orders_of_consecutive_epochs_and_seeds_are_independent():
    orders = streams.data_orders(6, 3000, [0, 1])[:, :, 0]
    for first, second in ((orders[0, :-1], orders[0, 1:]), (orders[0], orders[1])):
        counts = np.zeros((6, 6))
        np.add.at(counts, (first, second), 1)
        assert stats.chi2_contingency(counts).pvalue > 0.001


def test_data_orders_do_not_depend_on_company_or_number_of_epochs():
    many = streams.data_orders(20, 5, range(30))
    np.testing.assert_array_equal(streams.data_orders(20, 2, [17])[0], many[17, :2])
    for epoch in range(5):
        found = streams.epoch_order(20, streams.keys("order", range(30)), epoch)
        np.testing.assert_array_equal(found.T, many[:, epoch])


def test_data_orders_hold_up_to_65535_rows():
    order = streams.data_orders(65_535, 1, [3])[0, 0]
    np.testing.assert_array_equal(np.sort(order), np.arange(65_535))


def test_initial_weights_are_uniform_between_the_limits():
    for (kernel, bias), limit in zip(
        streams.initial_weights((2, 5, 5, 3), range(3000)),
        np.sqrt([6 / 2, 6 / 5, 6 / (5 + 3)]),
        strict=True,
    ):
        assert kernel.dtype == bias.dtype == np.float32
        assert not bias.any()
        assert stats.kstest(kernel.ravel(), stats.uniform(-limit, 2 * limit).cdf).pvalue > 0.001
        one_weight = kernel[:, 1, 2]
        assert stats.kstest(one_weight, stats.uniform(-limit, 2 * limit).cdf).pvalue > 0.001


def test_initial_weights_are_those_of_whole_number_arithmetic():
    """The first weight of seed 5, by Python's unlimited integers."""

    def mix(z):
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
        return z ^ (z >> 31)

    gamma = 0x9E3779B97F4A7C15
    key = mix((2 * 5 + gamma) % 2**64)
    odd = 2 * (mix((key + gamma) % 2**64) >> 40) + 1 - 2**24
    expected = np.float32(odd) * np.float32(3**0.5 / 2**24)
    assert streams.initial_weights((2, 5, 5, 3), [5])[0][0][0, 0, 0] == expected


@pytest.mark.parametrize("seeds", [[1.2], ["1"], [-1], [True], [2**63], [None]])
def test_keys_want_whole_seeds(seeds):
    with pytest.raises(ValueError, match="give whole numbers from 0 up"):
        streams.initial_weights((2, 3), seeds)
    with pytest.raises(ValueError, match="give whole numbers from 0 up"):
        streams.data_orders(5, 1, seeds)


@pytest.mark.parametrize(("n_rows", "n_epochs"), [(70_000, 1), (0, 1), (2.5, 1), (5, 0), (5, "1")])
def test_data_orders_want_whole_numbers_in_range(n_rows, n_epochs):
    with pytest.raises(ValueError, match="choose a whole number"):
        streams.data_orders(n_rows, n_epochs, [0])
