"""Word vectors: learn them from plain text, look words up.  Lesson 13.

words      of the vocabulary, (n_words,), the most frequent first
vectors    one row per word, float32 (n_words, dimension)
idf        a weight per word, larger for rare words
sentences  tuples of words in small letters
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..checks import check_names, check_number, check_text, check_whole, check_words, numbers, shown

LARGEST = 1e15  # of a vector's numbers: their squares add up in float32
MOST_NUMBERS, MOST_NEIGHBOURS = 10_000, 1_000  # per word; to either side


@dataclass(frozen=True)
class WordVectors:
    """Words and their vectors.

    Attributes:
        words: each once.
        vectors: float32 (n_words, dimension).
        source: where they come from, in words.
        licence: what may be done with them.

    Raises:
        ValueError: at once for what is no array, a word that stands twice, another number of
            vectors than words, or numbers that are NaN or infinite.
    """

    words: tuple[str, ...]
    vectors: np.ndarray
    source: str
    licence: str

    def __post_init__(self):
        check_names("words", self.words)
        check_text("source", self.source)
        check_text("licence", self.licence)
        if type(self.vectors) is not np.ndarray or self.vectors.dtype.kind != "f":
            raise ValueError(
                f"vectors={shown(self.vectors)}: give an array of floating point numbers."
            )
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.words) or not len(self.words):
            raise ValueError(
                f"{len(self.words)} words, but vectors of shape {self.vectors.shape}: give one row "
                "per word, and one word or more."
            )
        if len(self.rows) < len(self.words):
            twice = next(word for word, n in Counter(self.words).items() if n > 1)
            raise ValueError(f"{twice!r} stands twice among the words: give each word once.")
        n_bad = int((~np.isfinite(self.vectors)).any(axis=1).sum())
        if n_bad:
            raise ValueError(f"{n_bad} vectors hold NaN or infinity: leave these words out.")

    @cached_property
    def rows(self) -> dict[str, int]:
        """Row of each word."""
        return {word: row for row, word in enumerate(self.words)}

    @property
    def dimension(self) -> int:
        return self.vectors.shape[1]

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word) -> bool:
        return word in self.rows

    def __getitem__(self, word: str) -> np.ndarray:
        """The vector of a word, (dimension,).

        Raises:
            ValueError: for a word that has none.
        """
        if word not in self.rows:
            raise ValueError(
                f"{word!r} is not among the {len(self):,} words of {self.source}: choose another, "
                "in small letters."
            )
        return self.vectors[self.rows[word]]

    def some(self, words) -> "WordVectors":
        """The vectors of some words only, in their order.

        Raises:
            ValueError: for a word that has none.
        """
        check_names("words", words)
        vectors = np.array([self[word] for word in words])
        return WordVectors(tuple(words), vectors, self.source, self.licence)

    def nearest(self, query, n: int = 10, without=()) -> dict[str, float]:
        """The words whose vectors point most nearly the same way.

        Args:
            query: a word, which is then left out itself, or a vector (dimension,).
            n: how many; at most as many as there are words.
            without: words to leave out.

        Returns:
            Word -> cosine of the angle, -1 to 1, nearest first.

        Raises:
            ValueError: for a word without vector, or a vector of another dimension.
        """
        check_whole("n", n, 1)
        if not isinstance(without, set | frozenset | tuple | list):
            raise ValueError(f"without={shown(without)}: give words in a tuple.")
        check_names("without", [*without], 0)
        if not isinstance(query, str):
            query = numbers("query", query, ("dimension",))
            if np.abs(query).max() > LARGEST:
                raise ValueError(f"query has numbers beyond {LARGEST:g}: give a word's vector.")
        without = {*without, query} if isinstance(query, str) else set(without)
        vector = self[query] if isinstance(query, str) else query.astype("float32")
        if vector.shape != (self.dimension,):
            raise ValueError(
                f"a vector of shape {vector.shape}, but {self.source} has {self.dimension} numbers "
                "per word: give one of these."
            )
        cosines = self._directions @ _unit(vector[None])[0]
        order = np.argsort(-cosines, kind="stable")
        found = (row for row in order if self.words[row] not in without)
        return {self.words[row]: float(cosines[row]) for row, _ in zip(found, range(n))}  # noqa: B905

    @cached_property
    def _directions(self):
        return _unit(self.vectors)


def _unit(vectors):
    """Rows of length 1; zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths, lengths, 1)).astype("float32")


def learn_vectors(
    sentences,
    dimension: int = 50,
    *,
    window: int = 5,
    fewest: int = 3,
    smoothing: float = 0.75,
    source: str = "vectors learned here",
) -> WordVectors:
    """Learn a vector per word from unlabelled text: words in like company get like vectors.

    Counts which words stand near each other, weighs each pair by how much more often it occurs
    than chance would have it (positive pointwise mutual information, PPMI), and keeps the
    `dimension` strongest directions (truncated SVD).

    Args:
        sentences: tuples of words.
        dimension: numbers per word.
        window: words to either side that count as near.
        fewest: a word that occurs less often gets no vector.
        smoothing: power of the neighbours' frequencies, so that rare neighbours weigh less.
        source: goes into the record.

    Raises:
        ValueError: if too few words occur often enough for that dimension.

    Source: O. Levy, Y. Goldberg and I. Dagan, TACL 3, 2015, for PPMI, its smoothing and SVD.
    """
    check_words("sentences", sentences)
    check_whole("dimension", dimension, 1, MOST_NUMBERS)
    check_whole("window", window, 1, MOST_NEIGHBOURS)
    check_whole("fewest", fewest, 1)
    check_number("smoothing", smoothing, 1e-6, 10)
    check_text("source", source)
    counts = Counter(word for sentence in sentences for word in sentence)
    words = sorted((w for w in counts if counts[w] >= fewest), key=lambda w: (-counts[w], w))
    if len(words) <= dimension:
        raise ValueError(
            f"{len(words)} words occur {fewest} times or more, too few for dimension={dimension}: "
            "give more text, or choose a lower dimension or a lower `fewest`."
        )
    near = cooccurrences(sentences, words, window)
    if not near.nnz:
        raise ValueError("no two words of the sentences stand near each other: give longer ones.")
    vectors = _strongest(ppmi(near, smoothing), dimension)
    return WordVectors(tuple(words), vectors, source, "made here, from the text that was given")


def cooccurrences(sentences, words, window: int = 5):
    """Count how often two words stand near each other in a sentence.

    Args:
        sentences: tuples of words; a word that is not among `words` keeps its place, uncounted.
        words: the vocabulary.
        window: words to either side.

    Returns:
        `scipy.sparse` array (n_words, n_words), symmetric.
    """
    from scipy import sparse

    rows = {word: row for row, word in enumerate(words)}
    gap = [-1] * window  # so that no pair reaches into the next sentence
    ids = np.array([i for s in sentences for i in [*(rows.get(w, -1) for w in s), *gap]], "int64")
    pairs = []
    for distance in range(1, window + 1):
        left, right = ids[:-distance], ids[distance:]
        known = (left >= 0) & (right >= 0)
        pairs.append(np.stack([left[known], right[known]]))
    left, right = np.concatenate(pairs, axis=1)
    shape = len(rows), len(rows)
    one_way = sparse.csr_array((np.ones(len(left)), (left, right)), shape=shape)
    return (one_way + one_way.T).tocsr()


def ppmi(near, smoothing: float = 0.75):
    """Positive pointwise mutual information of counted pairs: log(p(a, b) / p(a) p(b)), or 0.

    Args:
        near: `scipy.sparse` counts (n_words, n_words).
        smoothing: power of the second word's counts.

    Returns:
        `scipy.sparse` array (n_words, n_words).
    """
    near = near.tocoo()
    n = np.asarray(near.sum(axis=1)).ravel()
    p, q = n / n.sum(), n**smoothing / (n**smoothing).sum()
    value = np.log(near.data / near.sum() / (p[near.row] * q[near.col]))
    near.data = np.maximum(value, 0)
    return near.tocsr()


def _strongest(matrix, dimension):
    """Rows of U S^(1/2), the strongest directions of a matrix; each points the same way always."""
    from sklearn.utils.extmath import randomized_svd

    u, s, _ = randomized_svd(matrix, dimension, n_iter=4, random_state=0)
    return (u * np.sqrt(s)).astype("float32")


def random_vectors(words, dimension: int = 50, seed: int = 0) -> WordVectors:
    """A random vector per word, independent normal numbers: the control that has learned nothing.

    Args:
        words: different words; of a dictionary, its keys.
        dimension: numbers per word.
        seed: 0 or more.

    Raises:
        ValueError: for what are no words, or numbers that are none.

    >>> random_vectors(["a", "b"], dimension=3).dimension
    3
    """
    words = tuple(words) if isinstance(words, dict) else words
    check_names("words", words)
    check_whole("dimension", dimension, 1, MOST_NUMBERS)
    check_whole("seed", seed, 0)
    words = tuple(words)
    drawn = np.random.default_rng(seed).normal(size=(len(words), dimension)).astype("float32")
    return WordVectors(words, drawn, "random vectors", "none needed")
