"""Base models that come with the course: arrays, checksums, and the layers around them."""

import hashlib
import io
import re

import numpy as np
import pytest

from lib.networks import ModelFileError, base_models, convnet, load_features

# SHA-256 of the weights of all nine, as Keras read them from the files that Keras wrote
AS_TRAINED = "67607751ff64ba1dc297b9ee5bae91b80a7975c3761bdee9bfc1f2af59dc80d7"
NAMES = [f"{split}_{k}" for split in ("animals", "halves", "random") for k in range(3)]


@pytest.fixture(scope="module")
def network():
    return convnet.build(seed=1)


@pytest.fixture
def folder(network, tmp_path):
    """One base model, saved."""
    base_models.save_features(convnet.get_weights(network), "halves_7", tmp_path)
    return tmp_path


def with_sum(folder, content, name="halves_7.npz"):
    """Put other content into a file, and its true checksum beside it."""
    (folder / name).write_bytes(content)
    (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(content).hexdigest()}  {name}\n")


def packed(**arrays):
    """The bytes of an `.npz` file."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def test_shipped_base_models_have_the_weights_that_were_trained():
    digest = hashlib.sha256()
    for name in NAMES:
        for array in load_features(name).get_weights():
            assert array.dtype == "float32"
            digest.update(array.tobytes())
    assert digest.hexdigest() == AS_TRAINED


def test_shipped_base_models_have_checksums_as_sha256sum_writes_them():
    lines = (base_models.MODELS / "SHA256SUMS").read_text().splitlines()
    found = [re.fullmatch(r"([0-9a-f]{64})  (\w+)\.npz", line) for line in lines]
    assert [one[2] for one in found] == NAMES
    for one in found:
        content = (base_models.MODELS / f"{one[2]}.npz").read_bytes()
        assert hashlib.sha256(content).hexdigest() == one[1]


def test_load_features_gives_back_what_was_saved(network, folder):
    weights = convnet.get_weights(network)
    loaded = load_features("halves_7", folder)
    for (kernel, bias), (a, b) in zip(convnet.get_weights(loaded), weights[:2], strict=True):
        assert np.array_equal(kernel, a) and np.array_equal(bias, b)
    photographs = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3)).astype("uint8")
    features, _ = convnet.split_at_dropout(network)
    flat = features.predict_on_batch(photographs).reshape(len(photographs), -1)
    np.testing.assert_allclose(loaded.predict_on_batch(photographs), flat, atol=1e-6)
    assert (folder / "halves_7.npz").stat().st_size < 160_000


def test_save_features_writes_equal_bytes_and_keeps_the_other_checksums(network, folder):
    before, sums = (folder / "halves_7.npz").read_bytes(), (folder / "SHA256SUMS").read_text()
    base_models.save_features(convnet.get_weights(network), "animals_0", folder)
    assert (folder / "animals_0.npz").read_bytes() == before
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    assert [line.split()[1] for line in lines] == ["animals_0.npz", "halves_7.npz"]
    assert sums.splitlines()[0] in lines


def test_save_features_refuses_what_is_no_pair_of_convolutions(network, tmp_path):
    weights = convnet.get_weights(network)
    lost = [(np.full_like(kernel, np.nan), bias) for kernel, bias in weights]
    for wrong, told in ((weights[:1], "gives 1 layers"), (lost, "hold NaN or infinity")):
        with pytest.raises(ValueError, match=told):
            base_models.save_features(wrong, "a", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_load_features_refuses_what_is_altered_missing_or_unknown(folder):
    with pytest.raises(ModelFileError, match="'halves_8' is no model of the course: .*halves_7"):
        load_features("halves_8", folder)
    path = folder / "halves_7.npz"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ModelFileError, match="differs from its checksum.*git checkout"):
        load_features("halves_7", folder)
    path.unlink()
    with pytest.raises(ModelFileError, match="is missing"):
        load_features("halves_7", folder)


@pytest.mark.parametrize("junk", [None, "one two three\n", "\0\n"])
def test_load_features_says_that_the_checksums_are_missing_or_damaged(folder, junk):
    sums = folder / "SHA256SUMS"
    sums.unlink() if junk is None else sums.write_text(junk)
    with pytest.raises(ModelFileError, match="SHA256SUMS, .*missing or damaged: get .* anew"):
        load_features("halves_7", folder)


KEYS = "kernel_1", "bias_1", "kernel_2", "bias_2"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"no archive", "no base model of this course"),
        (packed(kernel_1=np.zeros(3)), "no base model of this course"),
        (packed(**{key: np.array([print]) for key in KEYS}), "no base model of this course"),
        (packed(**{key: np.zeros(3, "float32") for key in KEYS}), r"weights of shape \(3, 3, 3"),
    ],
)
def test_load_features_refuses_a_file_of_other_arrays(tmp_path, content, told):
    with_sum(tmp_path, content)
    with pytest.raises(ModelFileError, match=told) as raised:
        load_features("halves_7", tmp_path)
    assert "delete" not in str(raised.value)


def test_load_features_refuses_nan(network, tmp_path):
    arrays = [array for layer in convnet.get_weights(network)[:2] for array in layer]
    arrays[2] = arrays[2] * np.float32("nan")
    with_sum(tmp_path, packed(**dict(zip(KEYS, arrays, strict=True))))
    with pytest.raises(ModelFileError, match="halves_7.npz.*hold NaN or infinity"):
        load_features("halves_7", tmp_path)
