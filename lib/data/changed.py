"""Photographs with something taken away, to see what a network goes by.  Lesson 07.

photos   (n_photos, height, width, 3), uint8
blocks   (n_photos, n_blocks, size, size, 3)
"""

import numpy as np

from ..checks import check_whole, shown


def grey(photos):
    """Take the colour away: each pixel gets the mean of its channels.

    Args:
        photos: (n_photos, height, width, n_channels), uint8.

    Returns:
        An array of the same shape and type.

    Raises:
        ValueError: for another shape or type.
    """
    photos = _checked(photos)
    mean = np.rint(photos.mean(axis=3, keepdims=True, dtype="float32"))
    return np.broadcast_to(mean, photos.shape).astype(photos.dtype)


def mosaic(photos, size: int):
    """Take the detail away: each square block gets its mean colour.

    Args:
        photos: (n_photos, height, width, n_channels), uint8.
        size: pixels of a block's side; it divides height and width. That of the whole photograph
            leaves one colour.

    Returns:
        An array of the same shape and type.

    Raises:
        ValueError: for another shape or type, or a size that does not divide it.
    """
    blocks = _cut(photos, size)
    mean = np.rint(blocks.mean(axis=(3, 4), keepdims=True, dtype="float32"))
    return _joined(np.broadcast_to(mean, blocks.shape).astype(blocks.dtype))


def cover_middle(photos, size: int):
    """Take the middle away: a grey square covers it.

    Args:
        photos: (n_photos, height, width, n_channels), uint8.
        size: pixels of the square's side, at most those of the photographs.

    Returns:
        An array of the same shape and type.

    Raises:
        ValueError: for another shape, type or size.
    """
    covered = _checked(photos).copy()
    _, height, width, _ = covered.shape
    check_whole("size", size, 1, min(height, width))
    top, left = (height - size) // 2, (width - size) // 2
    covered[:, top : top + size, left : left + size] = 128
    return covered


def shuffle_blocks(photos, size: int, seed: int = 0):
    """Cut each photograph into square blocks, and lay them in a random order.

    Every pixel stays, and so does what can be seen within a block; which block lies where is lost.

    Args:
        photos: (n_photos, height, width, n_channels), uint8.
        size: pixels of a block's side; it divides height and width.
        seed: of the orders, one for each photograph.

    Returns:
        An array of the same shape and type.

    Raises:
        ValueError: for another shape or type, or a size that does not divide it.

    >>> picture = np.arange(4, dtype="uint8").reshape(1, 2, 2, 1)
    >>> sorted(shuffle_blocks(picture, 1).ravel().tolist())
    [0, 1, 2, 3]
    """
    check_whole("seed", seed, 0)
    blocks = _cut(photos, size)
    shape = blocks.shape
    blocks = blocks.reshape(len(blocks), -1, *shape[3:])
    order = np.random.default_rng(seed).random(blocks.shape[:2]).argsort(axis=1)
    blocks = np.take_along_axis(blocks, order[..., None, None, None], axis=1)
    return _joined(blocks.reshape(shape))


def _checked(photos):
    """The photographs as an array; one clear error for another shape or type."""
    wanted = "give an array (n_photos, height, width, n_channels) of uint8, 0 to 255."
    if not isinstance(photos, np.ndarray):
        raise ValueError(f"photos={shown(photos)}: {wanted}")
    if photos.ndim != 4 or photos.dtype != "uint8" or not photos.size:
        raise ValueError(f"photos of shape {photos.shape} and type {photos.dtype}: {wanted}")
    return photos


def _cut(photos, size):
    """The blocks of each photograph, (n_photos, n_down, n_across, size, size, n_channels)."""
    photos = _checked(photos)
    check_whole("size", size, 1)
    n, height, width, channels = photos.shape
    if height % size or width % size:
        sizes = [s for s in range(1, min(height, width) + 1) if not (height % s or width % s)]
        raise ValueError(
            f"size={size} does not divide photographs of {height} x {width} pixels: choose one of "
            f"{', '.join(map(str, sizes))}."
        )
    grid = height // size, size, width // size, size
    return photos.reshape(n, *grid, channels).swapaxes(2, 3)


def _joined(blocks):
    """Photographs of blocks that `_cut` gave."""
    n, down, across, size, _, channels = blocks.shape
    return blocks.swapaxes(2, 3).reshape(n, down * size, across * size, channels)
