"""Features of pictures, computed once and kept on disk by picture and network.  Lesson 12.

Each call that computes something writes one file; a file holds digests of pictures and their
features. Where nothing can be kept or read back, the features are computed, and one sentence says
so. Delete the folder `features` of the cache at any time.
"""

import hashlib
from pathlib import Path

import numpy as np

from ..checks import check_flag, shown
from ..files import cache_folder, code_digest, package_versions, whole
from .imagenet import Pretrained

BATCH_SIZE = 25  # pictures at a time: fits the processor's cache better than more
CODE = tuple(f"networks/{name}.py" for name in ("imagenet", "efficientnet", "kept_features"))
DIGEST_BYTES = 16  # of each picture

_told = set()  # (folder, consequence): each is said once per process


def features_of(network: Pretrained, pictures, keep: bool = True) -> np.ndarray:
    """The features of pictures; those that were computed before are read back.

    Args:
        network: as `pretrained` gives it.
        pictures: uint8, 0 to 255, (n, height, width, 3), red, green, blue.
        keep: whether to read and write the cache.

    Returns:
        Features, float32 (n, network.n_features).

    Raises:
        ValueError: for what is no such network, or pictures of another shape or type, or none.
    """
    check_network(network)
    check_flag("keep", keep)
    pictures = check_pictures(pictures)
    if not keep:
        return _compute(network.model, pictures)
    folder = cache_folder() / "features" / network_digest(network)
    digests = np.array([_digest(picture) for picture in pictures], f"V{DIGEST_BYTES}")
    known = _read(folder, set(digests.tolist()), network.n_features)
    first = {digest: i for i, digest in reversed(list(enumerate(digests.tolist())))}
    new = sorted(i for digest, i in first.items() if digest not in known)
    if new:
        computed = _compute(network.model, pictures[new])
        _write(folder, digests[new], computed)
        known |= zip(digests[new].tolist(), computed, strict=True)
    return np.stack([known[digest] for digest in digests.tolist()])


def check_network(network) -> None:
    """Raise one clear error unless this is what `pretrained` gives."""
    if not isinstance(network, Pretrained):
        raise ValueError(f"network={shown(network)}: give what `networks.pretrained` gives.")
    takes = getattr(network.model, "input_shape", None)
    gives = getattr(network.model, "output_shape", None)
    pictures = isinstance(takes, tuple) and len(takes) == 4 and takes[-1] == 3
    if not pictures or gives != (None, network.n_features):
        raise ValueError(
            f"network: its model takes {takes} and gives {gives}: give one from pictures (None, "
            f"height, width, 3) to n_features={shown(network.n_features)} numbers each."
        )


def check_pictures(pictures) -> np.ndarray:
    """The pictures as an array, or one clear error.

    >>> check_pictures(np.zeros((2, 8, 8, 3), "uint8")).shape
    (2, 8, 8, 3)
    """
    try:
        pictures = np.asarray(pictures)
    except Exception:
        raise ValueError(
            "pictures of unequal sizes, or no pictures: give one array (n, height, width, 3)."
        ) from None
    if pictures.ndim != 4 or pictures.shape[-1] != 3 or not pictures.size:
        one = " (one picture: picture[None])" if pictures.ndim == 3 else ""
        grey = " (grey: repeat the channel three times)" if pictures.shape[-1:] == (1,) else ""
        raise ValueError(
            f"pictures of shape {pictures.shape}: give one or more as (n, height, width, 3)"
            f"{one}{grey}."
        )
    if pictures.dtype != np.uint8:
        range_ = ""
        if pictures.dtype.kind in "iuf":
            range_ = f", from {pictures.min():g} to {pictures.max():g}"
        raise ValueError(
            f"pictures of type {pictures.dtype}{range_}: give uint8, 0 to 255, such as "
            "np.rint(255 * pictures).astype('uint8') for 0 to 1; the network brings its own "
            "preprocessing."
        )
    return pictures


def network_digest(network: Pretrained) -> str:
    """Sixteen digits that change with the network, its weights, its preprocessing and the code."""
    found = hashlib.sha256()
    about = network.name, network.size, network.preprocessing, network.model.output_shape
    code = code_digest(*CODE), package_versions("keras", "tensorflow")
    found.update(repr((about, code)).encode())
    for array in network.model.get_weights():
        found.update(repr(array.shape).encode() + np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:16]


def _digest(picture) -> bytes:
    shape = repr(picture.shape).encode()
    return hashlib.sha256(shape + picture.tobytes()).digest()[:DIGEST_BYTES]


def _compute(model, pictures) -> np.ndarray:
    """Features, a batch at a time; the last batch is filled up, so that all have one shape."""
    n = len(pictures)
    size = min(BATCH_SIZE, n)
    features = np.empty((n, model.output_shape[-1]), "float32")
    for begin in range(0, n, size):
        begin = min(begin, n - size)
        rows = slice(begin, begin + size)
        features[rows] = model.predict_on_batch(pictures[rows])
    return features


def _read(folder: Path, wanted: set, n_features: int) -> dict:
    """Features of the wanted pictures that are there, by digest; nothing is unpickled."""
    known = {}
    for path in sorted(folder.glob("*.npz")):
        if wanted <= known.keys():
            break
        try:
            with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
                digests, features = file["pictures"], file["features"]
            n = len(digests)
            if digests.dtype != f"V{DIGEST_BYTES}" or features.shape != (n, n_features):
                raise ValueError(f"{digests.dtype} {features.shape}")
            if features.dtype != "float32" or not np.isfinite(features).all():
                raise ValueError(f"{features.dtype}")
        except Exception as error:  # a damaged file can fail in any way
            reason = error.strerror if isinstance(error, OSError) else "damaged"
            _say_once(
                folder,
                f"{path.name} cannot be read ({reason})",
                "its features are computed anew",
            )
            continue
        rows = [i for i, digest in enumerate(digests.tolist()) if digest in wanted]
        known |= {digests[i].item(): features[i] for i in rows}
    return known


def _write(folder: Path, digests, features) -> None:
    """Keep features in a file named after its pictures, whole or not at all."""
    name = hashlib.sha256(digests.tobytes()).hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with whole(folder / f"{name}.npz") as part, open(part, "wb") as file:
            np.savez(file, pictures=digests, features=features)
    except OSError as error:
        trouble = f"features cannot be kept ({error.strerror or error})"
        _say_once(folder, trouble, "they are computed anew each time")


def _say_once(folder, trouble, consequence):
    """Print one sentence about a folder, once per process and consequence."""
    if (folder, consequence) not in _told:
        _told.add((folder, consequence))
        print(f"In the cache of features, {trouble}: {consequence}.")
