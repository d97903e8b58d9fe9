"""Word vectors in files: GloVe's and word2vec's text, read as a stream, and the course's own kind.

A line of GloVe's text is a word and its numbers, with spaces between. word2vec's text has one line
more, the first: how many words, and how many numbers each.
"""

import hashlib
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

import numpy as np

from ..checks import as_path, check_function, check_text, shown
from ..files import sweep, whole
from .words import WordVectors

BLOCK = 1 << 20  # bytes that are read at once


class VectorFileError(Exception):
    """A file of word vectors that is missing, damaged, or not what it was said to be."""


def read_vectors(
    path, words=None, *, source: str = "", licence: str = "", sha256: str = "", progress=iter
) -> WordVectors:
    """Read vectors from GloVe's or word2vec's text format, keeping only the words that are needed.

    The file is read once, block by block: the memory is that of the vectors kept.

    Args:
        path: a text file, not a compressed one.
        words: those to keep; None keeps all.
        source: what the vectors are; the file's name if it is empty.
        licence: what may be done with them.
        sha256: of the whole file; "" to go without this check.
        progress: wraps the blocks of 1 MiB, such as `functools.partial(tqdm.tqdm, unit="MiB")`.

    Returns:
        `WordVectors` in the order of the file; of a word that stands twice, the first.

    Raises:
        ValueError: for arguments of another kind.
        VectorFileError: if the file is missing, has another checksum, has none of the words, or has
            a line with too few or too many numbers, or with something that is no number.
    """
    path = as_path("path", path)
    if words is not None and not _are_words(words):
        raise ValueError(f"words={shown(words)}: give words in a list, or None for all.")
    for name, text in (("source", source), ("licence", licence), ("sha256", sha256)):
        check_text(name, text)
    check_function("progress", progress, "tqdm.tqdm")
    if not path.is_file():
        raise VectorFileError(f"{path.name} is not there: give the path of the unpacked text file.")
    wanted = None if words is None else {word.encode() for word in words}
    digest, lines, found = hashlib.sha256(), _Lines(path.name, wanted), {}
    with open(path, "rb") as file:
        rest = b""
        for block in progress(iter(lambda: file.read(BLOCK), b"")):
            digest.update(block) if sha256 else None
            *complete, rest = (rest + block).split(b"\n")
            lines.take(complete, found)
        lines.take([rest], found)
    if sha256 and digest.hexdigest() != sha256:
        raise VectorFileError(
            f"{path.name} differs from its checksum (SHA-256), so it is not used: get it anew."
        )
    lines.finish()
    if not found:
        raise VectorFileError(
            f"none of the {len(wanted or ()):,} words is among the {lines.n_words:,} of "
            f"{path.name}: is it of another language, or does it begin words with capitals?"
        )
    vectors = np.frombuffer(b"".join(found.values()), "float32").reshape(len(found), -1)
    return WordVectors(
        tuple(word.decode("utf-8", "replace") for word in found),
        vectors,
        source or path.name,
        licence or "not stated: ask where the file is from",
    )


def _are_words(words) -> bool:
    """Whether these are words to look for, several of them together."""
    together = isinstance(words, Sequence | Set | Mapping) and not isinstance(words, str | bytes)
    return together and all(isinstance(word, str) for word in words)


class _Lines:
    """Turns lines of one file into vectors; knows how many numbers each must have."""

    def __init__(self, name, wanted):
        self.name, self.wanted = name, wanted
        self.n_lines = self.n_words = 0
        self.dimension = self.promised = None  # numbers a line; words, if the first line says so

    def take(self, lines, found):
        """Add the vectors of some lines, which follow those before, to `found`: word -> bytes."""
        wanted, dimension = self.wanted, self.dimension
        for line in lines:
            self.n_lines += 1
            if line[-1:] in (b" ", b"\r"):  # word2vec ends its lines with a space
                line = line.rstrip(b" \r")
            if not line:
                continue
            if dimension is None:
                dimension = self._begin(line)
                if self.promised is not None:
                    continue
            self.n_words += 1
            n_spaces = line.count(b" ")
            word = line[: line.find(b" ")]
            if n_spaces != dimension:
                word = self._word_with_spaces(line, n_spaces)
            if (wanted is None or word in wanted) and word not in found:
                found[word] = self._numbers(line[len(word) + 1 :])

    def _begin(self, line):
        """Learn from the first line how many numbers a line has."""
        parts = line.split(b" ")
        if len(parts) == 2 and all(part.isdigit() for part in parts):
            self.promised, self.dimension = map(int, parts)
        else:
            self.dimension = len(parts) - 1
        if self.dimension < 1:
            raise VectorFileError(
                f"{self.name} begins with {line[:40]!r}: that is neither GloVe's nor word2vec's "
                "text format. Unpack the file first, and give its text."
            )
        return self.dimension

    def _word_with_spaces(self, line, n_spaces):
        """The word of a line that has more spaces than numbers; some of GloVe's words do."""
        if n_spaces > self.dimension:
            word, more = line.rsplit(b" ", self.dimension)[0], line.split(b" ")[1]
            try:
                float(more)
            except ValueError:
                return word
        raise VectorFileError(
            f"{self.name}, line {self.n_lines:,}: {n_spaces} numbers, but the first line has "
            f"{self.dimension}: the file is damaged, get it anew."
        )

    def _numbers(self, text):
        """The numbers of a line as bytes of float32."""
        try:
            numbers = np.array([*map(float, text.split(b" "))], "float32")
            if np.isfinite(numbers).all():
                return numbers.tobytes()
        except ValueError:
            pass
        raise VectorFileError(
            f"{self.name}, line {self.n_lines:,}: {text[:40].decode('utf-8', 'replace')!r}... "
            "holds something that is no number: the file is damaged, get it anew."
        )

    def finish(self):
        """Complain if the first line promised another number of words."""
        if self.promised is not None and self.n_words != self.promised:
            raise VectorFileError(
                f"{self.name}: {self.n_words:,} words, but its first line says {self.promised:,}: "
                "the file is cut short, get it anew."
            )


def save_vectors(vectors: WordVectors, path, dtype: str = "float32") -> Path:
    """Write vectors to an `.npz` file, whole or not at all; the same vectors give the same bytes.

    Args:
        dtype: "float32", or "float16" for half the size and three digits.

    Raises:
        ValueError: for what are no vectors, numbers that are too large, or no path.
        VectorFileError: if the file cannot be written.
    """
    if not isinstance(vectors, WordVectors):
        raise ValueError(
            f"vectors={shown(vectors)}: give `WordVectors`, such as `glove_vectors()`."
        )
    path = as_path("path", path)
    check_text("dtype", dtype)
    if path.suffix != ".npz" or dtype not in ("float16", "float32"):
        raise VectorFileError(
            f"path: {path.name}, dtype: {dtype}: give a name that ends in .npz, and float16 or "
            "float32."
        )
    largest, most = float(np.abs(vectors.vectors).max(initial=0)), float(np.finfo(dtype).max)
    if largest > most:
        raise ValueError(
            f"vectors hold numbers up to {largest:g}, beyond {dtype}: give numbers up to {most:g}."
        )
    if lost := [word for word in vectors.words if "\n" in word]:
        raise VectorFileError(f"{lost[0]!r} holds a line break: leave this word out.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path.parent)
        with whole(path) as part, open(part, "wb") as file:
            np.savez(
                file,
                words=np.frombuffer("\n".join(vectors.words).encode(), "uint8"),
                vectors=vectors.vectors.astype(dtype),
                source=vectors.source,
                licence=vectors.licence,
            )
    except OSError as error:
        raise VectorFileError(
            f"{path.name} could not be written ({error.strerror or error}): free some space or "
            "choose another folder, then save again."
        ) from error
    return path


def load_vectors(path, sha256: str = "") -> WordVectors:
    """Read vectors that `save_vectors` wrote; no code from the file is run.

    Args:
        sha256: of the file; "" to go without this check.

    Raises:
        ValueError: for what is no path, or no text.
        VectorFileError: if the file is missing or damaged, or has another checksum.
    """
    import zipfile

    path = as_path("path", path)
    check_text("sha256", sha256)
    if not path.is_file():
        raise VectorFileError(f"{path.name} is not there: run the lesson that saves it first.")
    if sha256 and hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise VectorFileError(
            f"{path.name} differs from its checksum (SHA-256), so it is not used: get it anew."
        )
    try:
        with np.load(path, allow_pickle=False) as file:
            words = tuple(file["words"].tobytes().decode("utf-8").split("\n"))
            texts = str(file["source"]), str(file["licence"])
            return WordVectors(words, file["vectors"].astype("float32"), *texts)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise VectorFileError(
            f"{path.name} is damaged, or not what `save_vectors` writes ({type(error).__name__}): "
            "delete it and make it again."
        ) from error
