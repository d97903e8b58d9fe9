"""Photographs with something taken away."""

import numpy as np
import pytest

from lib.data import cover_middle, grey, mosaic, shuffle_blocks


def numbered(n=3, side=8):
    """Photographs whose blocks all differ."""
    return (np.arange(n * side * side * 3) % 251).astype("uint8").reshape(n, side, side, 3)


def blocks_of(photo, size):
    """The blocks of one photograph, each as a tuple of its pixels."""
    ends = range(0, len(photo), size)
    return [tuple(photo[r : r + size, c : c + size].ravel()) for r in ends for c in ends]


def test_shuffle_blocks_keeps_every_block_and_moves_it():
    photos = numbered()
    shuffled = shuffle_blocks(photos, 2)
    assert shuffled.shape == photos.shape and shuffled.dtype == photos.dtype
    for before, after in zip(photos, shuffled, strict=True):
        assert sorted(blocks_of(before, 2)) == sorted(blocks_of(after, 2))
        assert blocks_of(before, 2) != blocks_of(after, 2)


def test_shuffle_blocks_draws_an_order_for_each_photograph_from_the_seed():
    twins = np.repeat(numbered(1), 2, axis=0)
    one, other = shuffle_blocks(twins, 2, seed=1)
    assert (one != other).any()
    np.testing.assert_array_equal(shuffle_blocks(twins, 2, seed=1), [one, other])
    assert (shuffle_blocks(twins, 2, seed=2) != [one, other]).any()


def test_shuffle_blocks_of_the_whole_photograph_changes_nothing():
    photos = numbered()
    np.testing.assert_array_equal(shuffle_blocks(photos, 8), photos)


def test_shuffle_blocks_takes_photographs_that_are_not_square():
    photos = numbered(2)[:, :4]
    shuffled = shuffle_blocks(photos, 4)
    halves = [photos[0][:, :4], photos[0][:, 4:]]
    assert any((shuffled[0][:, :4] == half).all() for half in halves)


@pytest.mark.parametrize(
    ("photos", "size", "words"),
    [
        (numbered(), 3, "size=3 does not divide photographs of 8 x 8 pixels: choose one of 1, 2"),
        (numbered()[0], 2, r"photos of shape \(8, 8, 3\) and type uint8: give an array \(n_photos"),
        (numbered(), 0, "size=0"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("change", [shuffle_blocks, mosaic])
def test_blocks_refuse_what_they_cannot_cut(change, photos, size, words):
    with pytest.raises(ValueError, match=words):
        change(photos, size)


def test_mosaic_gives_each_block_its_mean_colour():
    photos = np.zeros((1, 4, 4, 3), "uint8")
    photos[0, :2, :2] = [[(10, 0, 0), (20, 0, 0)], [(30, 0, 8), (42, 0, 0)]]
    found = mosaic(photos, 2)
    assert found.dtype == "uint8"
    np.testing.assert_array_equal(found[0, :2, :2], np.broadcast_to([26, 0, 2], (2, 2, 3)))
    assert not found[0, 2:].any() and not found[0, :, 2:].any()


def test_mosaic_of_the_whole_photograph_leaves_one_colour():
    photos = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), "uint8")
    found = mosaic(photos, 8)
    for before, after in zip(photos, found, strict=True):
        assert len(np.unique(after.reshape(-1, 3), axis=0)) == 1
        assert after[0, 0] == pytest.approx(before.mean(axis=(0, 1)), abs=0.51)


def test_grey_gives_each_pixel_the_mean_of_its_channels():
    photos = np.array([[[[255, 0, 0], [10, 20, 31]]]], "uint8")
    np.testing.assert_array_equal(grey(photos), [[[[85] * 3, [20] * 3]]])
    assert grey(photos).dtype == "uint8"


def test_cover_middle_covers_the_middle_and_leaves_the_photographs_as_they_were():
    photos = np.zeros((2, 8, 8, 3), "uint8")
    found = cover_middle(photos, 4)
    assert (found[:, 2:6, 2:6] == 128).all() and found.sum() == 2 * 4 * 4 * 3 * 128
    assert not photos.any()


@pytest.mark.parametrize("size", [0, 9])
def test_cover_middle_refuses_a_square_that_does_not_fit(size):
    with pytest.raises(ValueError, match=f"size={size}"):
        cover_middle(numbered(), size)


def test_grey_refuses_what_are_no_photographs():
    with pytest.raises(ValueError, match=r"photos of shape \(8, 8, 3\)"):
        grey(numbered()[0])
