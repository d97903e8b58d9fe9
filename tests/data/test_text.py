"""Sentences from docstrings, and their splits."""

import json

import numpy as np
import pytest

from lib.data import text
from lib.data.held_out import text_splits
from lib.data.text import (
    STANDARD_LIBRARY,
    Sentences,
    docstring_sentences,
    docstrings,
    plain_sentences,
)
from lib.data.twins import overlaps, without_twins


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A made-up package on the path and a cache of its own; gives a function that writes files."""
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(tmp_path)

    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    write("madeup/__init__.py", '"""Read the signal of every station once."""\n')
    write(
        "madeup/deep/waves.py",
        'class Wave:\n    """A wave that travels along the coast."""\n\n'
        "    def height(self):\n        '''The height above the level of the sea.'''\n"
        "        if True:\n            def inner():\n"
        '                """Never seen from outside, but a sentence."""\n',
    )
    write("madeup/tests/test_waves.py", '"""Check that waves are as high as told."""\n')
    write("madeup/_vendor/other.py", '"""Copied from another package, so left out here."""\n')
    write("madeup/broken.py", "def f(:\n")
    return write


def test_docstrings_come_from_every_definition_but_not_from_tests_copies_or_broken_files(
    package, tmp_path
):
    found = list(docstrings(tmp_path / "madeup"))
    assert [module for module, _ in found] == ["__init__", "deep.waves", "deep.waves", "deep.waves"]
    assert found[1][1] == "A wave that travels along the coast."
    assert found[3][1] == "Never seen from outside, but a sentence."


def test_docstring_sentences_records_words_modules_and_versions(package):
    found = docstring_sentences(["madeup"])
    assert found.words[1] == ("a", "wave", "that", "travels", "along", "the", "coast")
    assert found.modules == ("madeup.__init__", *["madeup.deep.waves"] * 3)
    assert found.y.tolist() == [0, 0, 0, 0]
    assert found.class_names == ("madeup",)
    assert found.data == "docstring sentences of madeup not installed"  # on the path only
    assert found.some([[1], [0]])[1][0] == "read"


def test_docstring_sentences_imports_nothing(package):
    package("madeup/loud.py", '"""Nobody may ever run this file at all."""\nraise SystemExit\n')
    assert len(docstring_sentences(["madeup"])) == 5


def test_docstring_sentences_reads_the_cache_and_mends_a_damaged_one(package, tmp_path):
    docstring_sentences(["madeup"])
    (kept,) = (tmp_path / "cache").glob("docstrings-*.json")
    rows = json.loads(kept.read_text())
    rows["words"][0] = "this is what the cache says"
    kept.write_text(json.dumps(rows))
    assert docstring_sentences(["madeup"]).words[0] == (
        "this",
        "is",
        "what",
        "the",
        "cache",
        "says",
    )
    for damaged in (kept.read_text()[:-9], "[]", '{"words": ["a"], "y": [7], "modules": ["m"]}'):
        kept.write_text(damaged)
        assert docstring_sentences(["madeup"]).words[0][0] == "read"
        assert json.loads(kept.read_text())["words"][0].startswith("read")


def test_docstring_sentences_has_another_cache_for_another_version(package, tmp_path, monkeypatch):
    docstring_sentences(["madeup"])
    monkeypatch.setattr(text, "package_versions", lambda *names: dict.fromkeys(names, "2.0"))
    assert docstring_sentences(["madeup"]).data == "docstring sentences of madeup 2.0"
    assert len(list((tmp_path / "cache").glob("docstrings-*.json"))) == 2


def test_docstring_sentences_goes_without_a_cache_that_cannot_be_written(
    package, monkeypatch, tmp_path
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "file" / "cache"))
    assert len(docstring_sentences(["madeup"])) == 4


def test_docstring_sentences_of_the_standard_library_have_the_version_of_python(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(text, "_folder", lambda name: tmp_path)
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    assert "the standard library 3." in docstring_sentences([STANDARD_LIBRARY]).data


@pytest.mark.parametrize("packages", [["no_such_package"], ["json.decoder"], ["a b"]])
def test_docstring_sentences_of_what_is_not_installed_is_one_clear_error(packages, package):
    with pytest.raises(ValueError, match="no package .* is installed: install it, or leave"):
        docstring_sentences(packages)


@pytest.mark.parametrize("packages", [[], ["madeup", "madeup"]])
def test_docstring_sentences_needs_packages_each_once(packages, package):
    with pytest.raises(ValueError, match="name one or more, each once"):
        docstring_sentences(packages)


@pytest.mark.parametrize(
    "sentence",
    [
        "Use at least 3 rows for each class.",  # a number
        "The matrix `a` has to be square here.",  # code
        "Calls fit_transform on all of the rows.",
        "Returns the GroupBy of all the columns.",
        "Returns the DataFrame of all the columns.",
        "The result of f(x) for all the values.",
        "See also e.g. the notes on all the methods.",
        "This is the same as in numpy for all.",  # a package
        "Similar to scikit-learn in all that it does.",
        "Too few words here.",
        "begins with a small letter and goes on.",
        "Ends without a full stop and goes on",
        " ".join(["Word", *["word"] * 40]) + ".",
    ],
)
def test_plain_sentences_drops_code_numbers_names_and_fragments(sentence):
    assert plain_sentences(sentence) == []


def test_plain_sentences_joins_lines_of_one_indentation():
    found = plain_sentences(
        "Compute the mean\nof all values (or of some), once.\n\n"
        "x : array\n    The values that we don't know yet.\n"
        "Not a sentence\n  Made of the next line."
    )
    assert found[0] == tuple("compute the mean of all values or of some once".split())
    assert found[1] == ("the", "values", "that", "we", "don't", "know", "yet")
    assert found[2:] == [("made", "of", "the", "next", "line")]


def words(*sentences):
    return [tuple(sentence.split()) for sentence in sentences]


def test_overlaps_counts_shared_runs_of_three_words():
    a = words("a b c d e", "v w x y z")
    found = overlaps(a, words("a b c d q", "a b c d e"), least=0.1).toarray()
    assert found.tolist() == [[0.5, 1.0], [0.0, 0.0]]  # 2 of 4 runs
    assert overlaps(a).toarray().tolist() == [[1, 0], [0, 1]]
    assert overlaps(a, words("a b c x y"), least=0.3).nnz == 0  # 1 of 5 runs
    assert overlaps([], []).shape == (0, 0)


def test_without_twins_keeps_the_first_of_a_package_and_none_of_two():
    some = words("a b c d e", "a b c d e", "a b c d q", "one two three four five",
                 "one two three four six", "v w x y z")  # fmt: skip
    assert without_twins(some).tolist() == [0, 3, 5]
    assert without_twins(some, [0, 0, 0, 0, 1, 1]).tolist() == [0, 5]
    assert without_twins([]).tolist() == []


def made_up(n_classes=3, n_modules=40, n_per_module=6):
    """Sentences in modules of equal size."""
    n = n_classes * n_modules * n_per_module
    module = np.arange(n) // n_per_module
    return Sentences(
        tuple((f"w{i}", "a", "b", "c", "d") for i in range(n)),
        module // n_modules,
        tuple(f"m{one:03}" for one in module),
        tuple("abc"[:n_classes]),
        "made up",
    )


@pytest.mark.parametrize("by", ["module", "sentence"])
def test_text_splits_part_rows_and_test_each_at_most_once(by):
    sentences = made_up()
    splits = text_splits(sentences, 5, by=by, n_labelled=20, n_validation=15, n_test=10)
    tested = np.concatenate([split.test.ravel() for split in splits])
    assert len(set(tested)) == len(tested) == 5 * 3 * 10
    for split in splits:
        for part, n in (("train", 20), ("validation", 15), ("test", 10)):
            rows = getattr(split, part)
            assert rows.shape == (3, n)
            assert (sentences.y[rows] == np.arange(3)[:, None]).all()
        parts = [set(part.ravel()) for part in split]
        assert parts[0] <= parts[3]  # the labelled rows, without their labels
        assert not parts[1] & parts[2] and not (parts[1] | parts[2]) & parts[3]


def test_text_splits_by_module_hold_whole_modules_out_and_by_sentence_do_not():
    sentences = made_up()
    modules = np.array(sentences.modules)
    for by, shared in (("module", False), ("sentence", True)):
        for split in text_splits(sentences, 5, by=by, n_labelled=20, n_validation=15, n_test=10):
            inside = set(modules[split.unlabelled])
            for part in (split.test, split.validation):
                assert bool(inside & set(modules[part].ravel())) == shared


def test_text_splits_are_the_same_for_a_seed_and_others_for_another():
    a, b, c = (
        text_splits(made_up(), 5, n_labelled=9, n_validation=9, n_test=9, seed=seed)[0].test
        for seed in (1, 1, 2)
    )
    assert (a == b).all() and (a != c).any()


def test_text_splits_of_a_class_with_too_few_sentences_is_one_clear_error():
    with pytest.raises(ValueError, match=r"a has 96 sentences for the validation rows of split 0, "
                       r"but 97 per class were asked for: choose 96 or fewer\."):  # fmt: skip
        text_splits(made_up(), 5, n_validation=97, n_test=10)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"by": "page"}, "by='page': choose one of module, sentence"),
        ({"n_splits": 3}, "n_splits=3: choose a whole number from 4 to 1000"),
        ({"n_labelled": 0}, "n_labelled=0"),
        ({"n_validation": 0}, "n_validation=0"),
        ({"n_test": 0.5}, "n_test=0.5"),
        ({"seed": -1}, "seed=-1"),
    ],
)
def test_text_splits_refuses_impossible_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        text_splits(made_up(), **settings)
