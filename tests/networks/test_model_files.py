"""Saved networks: whole or not at all, damaged ones, code in files, checksums."""

import errno
import hashlib
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from lib.data import blobs
from lib.networks import convnet, files, mlp


def test_save_model_and_load_model_predict_the_same(tmp_path):
    model, x = mlp.build(seed=1), blobs(1).x_test
    path = files.save_model(model, tmp_path / "new folder" / "base.keras")
    loaded = files.load_model(path, sizes=(2, 5, 5, 3))
    np.testing.assert_array_equal(model.predict(x, verbose=0), loaded.predict(x, verbose=0))
    assert [file.name for file in path.parent.iterdir()] == ["base.keras"]


def test_load_model_says_that_a_truncated_file_is_damaged(tmp_path):
    path = files.save_model(mlp.build(), tmp_path / "base.keras")
    whole = path.read_bytes()
    for n_kept in (0, 100, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:n_kept])
        with pytest.raises(files.ModelFileError, match="base.keras is damaged"):
            files.load_model(path)


def test_load_model_says_that_a_foreign_zip_is_no_model(tmp_path):
    path = tmp_path / "base.keras"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("note.txt", "no model")
    with pytest.raises(files.ModelFileError, match="damaged or not a .keras file"):
        files.load_model(path)


def test_load_model_says_which_shape_it_found(tmp_path):
    path = files.save_model(mlp.build(hidden=(5, 5, 5)), tmp_path / "base.keras")
    with pytest.raises(files.ModelFileError, match=r"\(2, 5, 5, 5, 3\) units, but \(2, 5, 5, 3\)"):
        files.load_model(path, sizes=(2, 5, 5, 3))


def test_load_model_says_what_to_do_when_there_is_no_file(tmp_path):
    with pytest.raises(files.ModelFileError, match="run the lesson that saves it first"):
        files.load_model(tmp_path / "none.keras")


def test_load_model_runs_no_code_from_a_file(tmp_path):
    from lib.backend import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x + 1)])
    path = tmp_path / "code.keras"
    model.save(path)
    with pytest.raises(files.ModelFileError, match="code.keras"):
        files.load_model(path)


def test_save_model_on_a_full_disk_keeps_the_earlier_file(tmp_path, monkeypatch):
    model = mlp.build(seed=1)
    path = files.save_model(model, tmp_path / "base.keras")
    earlier = path.read_bytes()

    def full(partial, **options):
        partial.write_bytes(earlier[:50])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(model, "save", full)
    with pytest.raises(files.ModelFileError, match="No space left on device.*still in memory"):
        files.save_model(model, path)
    assert path.read_bytes() == earlier
    assert [file.name for file in tmp_path.iterdir()] == ["base.keras"]


def test_save_model_where_no_folder_can_be_made(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(files.ModelFileError, match="could not be written"):
        files.save_model(mlp.build(), tmp_path / "file" / "base.keras")


def test_save_model_wants_the_keras_ending(tmp_path):
    with pytest.raises(files.ModelFileError, match="ends in .keras"):
        files.save_model(mlp.build(), tmp_path / "model.h5")


KILLED = """
import os, sys
from lib.networks import files, mlp
model = mlp.build()
def killed(part, **options):
    part.write_bytes(b"half")
    os._exit(9)
model.save = killed
files.save_model(model, sys.argv[1])
"""


def test_save_model_sweeps_up_what_a_killed_save_left(tmp_path):
    path = tmp_path / "base.keras"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)])
    assert done.returncode == 9 and len(list(tmp_path.iterdir())) == 1 and not path.exists()
    files.save_model(mlp.build(), path)
    assert [file.name for file in tmp_path.iterdir()] == ["base.keras"]


# Features that come with the course


@pytest.fixture(scope="module")
def network():
    return convnet.build(seed=1)


@pytest.fixture(scope="module")
def photographs():
    return np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3)).astype("uint8")


def save_with_sums(folder, name, weights):
    path = files.save_features(weights, folder / f"{name}.keras")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  {path.name}\n")
    return path


def test_load_features_gives_back_what_was_saved(network, photographs, tmp_path):
    weights = convnet.get_weights(network)
    path = save_with_sums(tmp_path, "halves_7", weights)
    assert path.stat().st_size < 200_000
    loaded = files.load_features("halves_7", tmp_path)
    for (kernel, bias), (a, b) in zip(convnet.get_weights(loaded), weights[:2], strict=True):
        assert np.array_equal(kernel, a) and np.array_equal(bias, b)
    features, _ = convnet.split_at_dropout(network)
    flat = features.predict_on_batch(photographs).reshape(len(photographs), -1)
    np.testing.assert_allclose(loaded.predict_on_batch(photographs), flat, atol=1e-6)


def test_load_features_refuses_what_is_altered_missing_or_unknown(network, tmp_path):
    path = save_with_sums(tmp_path, "halves_7", convnet.get_weights(network))
    with pytest.raises(files.ModelFileError, match="'halves_8' is no model of the course"):
        files.load_features("halves_8", tmp_path)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(files.ModelFileError, match="differs from its checksum"):
        files.load_features("halves_7", tmp_path)
    path.unlink()
    with pytest.raises(files.ModelFileError, match="is missing"):
        files.load_features("halves_7", tmp_path)
