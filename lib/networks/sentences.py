"""Sentences as rows of numbers: the mean of their words' vectors.  Lesson 13.

idf        a weight per word, larger for rare words
sentences  tuples of words in small letters
"""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from ..checks import check_names, check_words, is_finite, shown
from .words import WordVectors

MOST_WEIGHT = 1e6  # of a word


def inverse_frequencies(sentences) -> dict[str, float]:
    """A weight per word: the logarithm of sentences in all over sentences that have the word.

    Returns:
        Word -> log((1 + n) / (1 + n with the word)) + 1, as in scikit-learn; 1 or more; words in
        the order in which they come, so that sums over them are the same in every process.

    >>> inverse_frequencies([("a", "b"), ("a", "c")])["a"]
    1.0
    """
    check_words("sentences", sentences, 0)
    n_with = Counter(word for sentence in sentences for word in dict.fromkeys(sentence))
    return {word: float(np.log((1 + len(sentences)) / (1 + n)) + 1) for word, n in n_with.items()}


def _check_frequencies(idf):
    """Raise one clear error unless this is a weight per word."""
    if not isinstance(idf, Mapping):
        raise ValueError(
            f"idf={shown(idf)}: give a weight per word, as `inverse_frequencies` does."
        )
    for word, value in idf.items():
        if not isinstance(word, str) or not is_finite(value) or not 0 < value <= MOST_WEIGHT:
            raise ValueError(
                f"idf has {shown(word)}: {shown(value)}: give words with numbers above 0, up to "
                f"{MOST_WEIGHT:g}."
            )


def sentence_weights(sentences, words, idf: Mapping[str, float]):
    """What each word counts in the mean of each sentence; a bag of words is nothing else.

    Args:
        sentences: tuples of words.
        words: the vocabulary, in the order of the columns; other words count nothing.
        idf: as `inverse_frequencies` gives it; a word that it lacks gets the largest weight there.

    Returns:
        `scipy.sparse` array, float32 (n_sentences, n_words); a row adds up to 1, or to 0 for a
        sentence without a known word.

    Raises:
        ValueError: for what are no sentences, no words or no weights.
    """
    from scipy import sparse

    check_words("sentences", sentences, 0)
    check_names("words", words, 0)
    _check_frequencies(idf)
    columns = {word: column for column, word in enumerate(words)}
    most = max(idf.values(), default=1.0)
    at = [
        (row, columns[w], idf.get(w, most))
        for row, s in enumerate(sentences)
        for w in s
        if w in columns
    ]
    row, column, weight = (np.array(x) for x in zip(*at, strict=True)) if at else np.zeros((3, 0))
    shape = len(sentences), len(columns)
    found = sparse.csr_array((weight, (row.astype(int), column.astype(int))), shape=shape)
    total = np.asarray(found.sum(axis=1)).ravel()
    found = sparse.diags_array(1 / np.where(total, total, 1)) @ found
    return found.astype("float32").tocsr()


def sentence_features(sentences, vectors: WordVectors, idf: Mapping[str, float]) -> np.ndarray:
    """The mean vector of each sentence's words, rare words counting more.

    Args:
        sentences: tuples of words; words without vector are passed over.
        vectors: of any source.
        idf: as `inverse_frequencies` gives it.

    Returns:
        float32 (n_sentences, dimension).

    Raises:
        ValueError: for a sentence in which no word has a vector.
    """
    if not isinstance(vectors, WordVectors):
        raise ValueError(f"vectors={shown(vectors)}: give `WordVectors`, as `glove_vectors` does.")
    weights = sentence_weights(sentences, vectors.words, idf)
    lost = np.flatnonzero(np.diff(weights.indptr) == 0)
    if len(lost):
        raise ValueError(
            f"{len(lost)} of {len(sentences)} sentences have no word that {vectors.source} knows, "
            f"such as {' '.join(sentences[lost[0]])!r}: leave these sentences out."
        )
    return weights @ vectors.vectors
