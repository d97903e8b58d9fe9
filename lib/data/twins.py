"""Sentences that are copies or near-copies of each other.  Lesson 13."""

import numpy as np

from ..checks import check_number, check_words

TWINS = 0.5  # of their runs of three words shared: one sentence is a copy of the other


def without_twins(sentences, y=None, least: float = TWINS) -> np.ndarray:
    """Rows of the sentences that stay when copies and near-copies go.

    Sentences hang together if one is the twin of the next. The first of each group stays, or none
    if the group is of several labels.

    Args:
        sentences: tuples of words.
        y: a label of each; None for one label.
        least: as in `overlaps`, from where on two are twins.
    """
    from scipy import sparse

    y = np.zeros(len(sentences), "int64") if y is None else np.asarray(y)
    first, again = {}, []  # equal ones first, since they are many
    for row, words in enumerate(sentences):
        again.append(first.setdefault(words, row))
    rows = np.array(sorted(first.values()), "int64")
    near = overlaps([sentences[row] for row in rows], least=least).tocoo()
    links = np.array([[*rows[near.row], *range(len(y))], [*rows[near.col], *again]], "int64")
    graph = sparse.coo_matrix((np.ones(links.shape[1]), links), shape=(len(y), len(y)))
    n_groups, group = sparse.csgraph.connected_components(graph, directed=False)
    low, high = np.full(n_groups, y.max(initial=0)), np.zeros(n_groups, y.dtype)
    np.minimum.at(low, group, y)
    np.maximum.at(high, group, y)
    _, earliest = np.unique(group, return_index=True)
    return np.sort(earliest[low == high])


def overlaps(sentences, others=None, least: float = TWINS):
    """Which sentences resemble which: the part of their runs of three words that two share.

    Args:
        sentences, others: tuples of words; None compares the sentences with each other.
        least: what counts, above 0 (1e-6) up to 1: shared runs over the runs of either.

    Returns:
        A `scipy.sparse` array (n_sentences, n_others) of 0 to 1; what is below `least` is left out.

    Raises:
        ValueError: for what is no list of tuples of words, or for another `least`.

    >>> one, other = "plot the mean of x".split(), "plot the mean of all".split()
    >>> float(overlaps([one], [other])[0, 0])
    0.5
    """
    from scipy import sparse

    check_words("sentences", sentences, 0)
    if others is not None:
        check_words("others", others, 0)
    check_number("least", least, 1e-6, 1)
    known = {}
    a = _runs(sentences, known)
    b = a if others is None else _runs(others, known)
    a.resize(a.shape[0], len(known))
    n_a, n_b = (np.asarray(x.sum(axis=1)).ravel() for x in (a, b))
    pieces, b = [], b.T.tocsr()
    for begin in range(0, a.shape[0], 1000):  # for the memory
        shared = (a[begin : begin + 1000] @ b).tocoo()
        part = shared.data / (n_a[begin + shared.row] + n_b[shared.col] - shared.data)
        kept = part >= least
        at = begin + shared.row[kept], shared.col[kept]
        pieces.append((part[kept], *at))
    values, rows, columns = (
        (np.concatenate(x) for x in zip(*pieces, strict=True)) if pieces else ([], [], [])
    )
    return sparse.csr_array((values, (rows, columns)), shape=(a.shape[0], b.shape[1]))


def _runs(sentences, known):
    """Which runs of three words each sentence has; `known` numbers them, and grows."""
    from scipy import sparse

    found = [
        {known.setdefault(run, len(known)) for run in zip(s, s[1:], s[2:], strict=False)}
        for s in sentences
    ]
    starts = np.cumsum([0, *map(len, found)])
    columns = np.fromiter((one for runs in found for one in sorted(runs)), "int64", starts[-1])
    shape = len(found), len(known)
    return sparse.csr_array((np.ones(starts[-1], "float32"), columns, starts), shape=shape)
