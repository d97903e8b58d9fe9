"""Sources of word vectors, measured on the same splits."""

import joblib
import numpy as np
import pytest
from scipy import sparse

from lib.data.held_out import text_splits
from lib.data.text import Sentences
from lib.experiments import words as experiment
from lib.experiments.words import TUNED, Rows, fine_tuned, frozen, ridge, run_sources
from lib.networks.words import WordVectors, random_vectors


def rows_of(n_rows, n_features, seed=0, n_classes=3):
    """Features that tell classes apart a little, and their labels."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_rows) % n_classes
    return rng.normal(size=(n_rows, n_features)) + 2 * np.eye(n_classes, n_features)[y], y


@pytest.mark.parametrize("n_features", [4, 40])  # fewer and more than rows
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_ridge_solves_the_normal_equations(n_features, form):
    (x, y), (other, _) = rows_of(30, n_features), rows_of(9, n_features, 1)
    found = ridge(form(x), y, form(other), y[:9], 3, penalties=[0.7])
    a, target = x - x.mean(axis=0), np.eye(3)[y]
    penalty = 0.7 * (a**2).sum() / n_features
    kernel = np.linalg.solve(a.T @ a + penalty * np.eye(n_features), a.T @ target)
    np.testing.assert_allclose(found.kernel, kernel, atol=1e-4)
    np.testing.assert_allclose(x.mean(axis=0) @ kernel + found.bias, [1 / 3] * 3, atol=1e-4)


def test_ridge_chooses_the_penalty_on_the_validation_rows_and_of_equals_the_largest():
    (x, y), (other, labels) = rows_of(12, 40), rows_of(300, 40, 1)
    accuracies = {
        p: ridge(x, y, other, labels, 3, penalties=[p]).accuracy(other, labels)
        for p in experiment.PENALTIES
    }
    best = max(accuracies.values())
    found = ridge(x, y, other, labels, 3)
    assert found.penalty == max(p for p, accuracy in accuracies.items() if accuracy == best)
    assert min(accuracies.values()) < best


def test_ridge_does_not_depend_on_the_scale_of_the_features():
    (x, y), (other, labels) = rows_of(12, 5), rows_of(60, 5, 1)
    one, other_scale = ridge(x, y, other, labels, 3), ridge(1e3 * x, y, 1e3 * other, labels, 3)
    assert one.penalty == other_scale.penalty
    np.testing.assert_allclose(one.kernel, 1e3 * other_scale.kernel)


def bags(n_rows, seed, n_words=30):
    """Sentences of ten words of which one tells the class, as weights."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_rows) % 3
    weights = np.zeros((n_rows, n_words), "float32")
    for row, label in enumerate(y):
        weights[row, rng.integers(3, n_words, 9)] = 0.1
        weights[row, label] = 0.1
    return Rows(sparse.csr_array(weights), y)


def test_frozen_bag_of_words_is_frozen_with_a_direction_for_each_word():
    parts = bags(60, 0), bags(60, 1), bags(90, 2)
    bag = frozen(None, *parts, 3)
    assert bag == frozen(np.eye(30, dtype="float32"), *parts, 3) > 0.9


def test_fine_tuned_finds_what_frozen_vectors_hide():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(30, 4)).astype("float32")
    vectors[1] = vectors[0]  # the words that tell two classes apart look the same
    parts, before = (bags(60, 0), bags(60, 1), bags(90, 2)), vectors.copy()
    assert fine_tuned(vectors, *parts, 3) > frozen(vectors, *parts, 3) + 0.2
    assert (vectors == before).all()  # the source is not touched


def test_fine_tuned_without_steps_is_frozen(monkeypatch):
    vectors = np.random.default_rng(0).normal(size=(30, 4)).astype("float32")
    parts = bags(30, 0), bags(30, 1), bags(90, 2)
    monkeypatch.setattr(experiment, "RATES", ())
    assert fine_tuned(vectors, *parts, 3) == frozen(vectors, *parts, 3)


def test_fine_tuned_leaves_words_that_no_training_sentence_has():
    """A test sentence of such words is judged by the vectors that came with them."""
    vectors = np.eye(4, dtype="float32")[[0, 1, 0, 1]]  # words 2 and 3 are as words 0 and 1
    y = np.arange(20) % 2
    train = Rows(sparse.csr_array(np.eye(4, dtype="float32")[y]), y)
    unseen = Rows(sparse.csr_array(np.eye(4, dtype="float32")[y + 2]), y)
    assert fine_tuned(vectors, train, unseen, unseen, 2) == 1


def test_adam_equals_keras_formula_by_hand():
    adam = experiment._Adam(0.1)
    np.testing.assert_allclose(adam(np.array([2.0, -1.0])), [0.1, -0.1], rtol=1e-6)
    step = adam(np.array([0.0, -1.0]))  # mean 0.18 / 0.19, square 0.003996 / 0.001999
    expected = 0.1 * (0.18 / 0.19) / np.sqrt(0.003996 / 0.001999)
    np.testing.assert_allclose(step, [expected, -0.1], rtol=1e-6)


@pytest.fixture(scope="module")
def told():
    """Sentences of two classes, told apart by one word; one more word marks the module."""
    rng = np.random.default_rng(0)
    n = 240
    module, y = np.arange(n) // 6, np.arange(n) // (n // 2)
    words = tuple(
        (f"class{y[i]}", f"module{module[i]}", *(f"w{k}" for k in rng.integers(0, 9, 5)))
        for i in range(n)
    )
    return Sentences(words, y, tuple(f"m{k:02}" for k in module), ("a", "b"), "made up")


def test_run_sources_measures_each_source_on_each_split(told):
    splits = text_splits(told, 4, n_labelled=10, n_validation=10, n_test=10)
    seen = []

    def knows(text):
        words = {word for sentence in text for word in sentence}
        seen.append(words)
        return random_vectors(sorted(words), 8)

    class0 = WordVectors(("class0",), np.ones((1, 1), "float32"), "one word", "none")
    sources = {"bag": None, "random": knows, "one word": class0}
    with joblib.parallel_config(backend="threading"):  # so that `seen` is this process's
        found = run_sources(sources, told, splits, (2, 10), tuned=["random"])
    assert list(found) == ["bag", "random", "random" + TUNED, "one word"]
    assert all(accuracy.shape == (4, 2) for accuracy in found.values())
    assert (found["one word"] == 1).all()  # a row of zeros for the other class
    assert (found["bag"][:, 1] >= 0.9).all()
    # what makes vectors sees neither the test module's words nor the validation modules'
    for split in splits:
        held_out = {told.words[row][1] for row in [*split.test.ravel(), *split.validation.ravel()]}
        assert sum(not held_out & words for words in seen) >= 1
    again = run_sources(sources, told, splits, (2, 10), tuned=["random"])
    assert all((again[label] == found[label]).all() for label in found)


def test_run_sources_trains_on_the_first_sentences_of_each_class(told):
    splits = text_splits(told, 4, n_labelled=10, n_validation=10, n_test=10)
    small = [
        split._replace(train=split.train[:, :3], validation=split.validation[:, :3])
        for split in splits
    ]
    one = run_sources({"bag": None}, told, splits, (3,))["bag"]
    assert (run_sources({"bag": None}, told, small, (3,))["bag"] == one).all()


@pytest.mark.parametrize(
    ("sources", "sizes", "tuned", "message"),
    [
        ({}, (2,), (), "nothing to run"),
        ({"bag": None}, (), (), "nothing to run"),
        ({"bag": None}, (11,), (), "per_class=11: choose a whole number from 1 to 10"),
        (
            {"bag": None, "r": len},
            (2,),
            ["bag"],
            "'bag' has no vectors to fine-tune: choose from r",
        ),
        ({"r": len}, (2,), ["q"], "'q' has no vectors to fine-tune"),
    ],
)
def test_run_sources_refuses_impossible_settings(told, sources, sizes, tuned, message):
    splits = text_splits(told, 4, n_labelled=10, n_validation=10, n_test=10)
    with pytest.raises(ValueError, match=message):
        run_sources(sources, told, splits, sizes, tuned=tuned)


def test_run_sources_of_another_language_is_one_clear_error(told):
    splits = text_splits(told, 4, n_labelled=10, n_validation=10, n_test=10)
    with pytest.raises(ValueError, match="'Norse' knows no word of these sentences"):
        run_sources({"Norse": random_vectors(["ok"], 4)}, told, splits, (2,))


def test_check_sources_takes_numbers_as_labels():
    from lib.experiments.words import check_sources

    vectors = random_vectors(["ok"], 4)
    told = Sentences((("ok",), ("ok",)), np.array([0, 1]), ("m", "n"), ("a", "b"), "made here")
    check_sources({500: vectors, "all": None}, told)
    with pytest.raises(ValueError, match="labels of sources"):
        check_sources({0.5: vectors}, told)
