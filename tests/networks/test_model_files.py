"""Saved networks: whole or not at all, and a true sentence for each kind of fault."""

import errno
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from lib.data import blobs
from lib.networks import files, mlp


def test_save_model_and_load_model_predict_the_same(tmp_path):
    model, x = mlp.build(seed=1), blobs(1).x_test
    path = files.save_model(model, tmp_path / "new folder" / "base.keras")
    loaded = files.load_model(path, sizes=(2, 5, 5, 3))
    np.testing.assert_array_equal(model.predict(x, verbose=0), loaded.predict(x, verbose=0))
    assert [file.name for file in path.parent.iterdir()] == ["base.keras"]


def refused(path, told, sizes=None):
    """What `load_model` says of a file; it never advises to delete one."""
    with pytest.raises(files.ModelFileError, match=told) as raised:
        files.load_model(path, sizes)
    assert path.name in str(raised.value) and "delete" not in str(raised.value)
    return str(raised.value)


def test_load_model_says_that_a_truncated_file_is_damaged(tmp_path):
    path = files.save_model(mlp.build(), tmp_path / "base.keras")
    whole = path.read_bytes()
    for n_kept in (0, 100, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:n_kept])
        refused(path, "base.keras is damaged.*save the model again")


def test_load_model_says_that_an_altered_file_is_damaged(tmp_path):
    path = files.save_model(mlp.build(), tmp_path / "base.keras")
    whole = bytearray(path.read_bytes())
    whole[whole.index(b'"class_name"') + 3] ^= 1
    path.write_bytes(whole)
    refused(path, "base.keras is damaged, the checksum of config.json is wrong")


def test_load_model_says_that_another_kind_of_file_is_no_model(tmp_path):
    path = tmp_path / "base.keras"
    path.write_text("my notes")
    refused(path, "no .keras file.*begins with b'my notes'")
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("note.txt", "no model")
    refused(path, "zip archive without config.json, metadata.json, model.weights.h5")
    refused(tmp_path, "is a folder")
    with zipfile.ZipFile(path, "w") as file:
        for part in ("config.json", "metadata.json", "model.weights.h5"):
            file.writestr(part, "[1]")
    refused(path, "undamaged archive, but its description")


def test_load_model_says_that_a_sound_h5_file_is_of_the_older_format(tmp_path):
    path = tmp_path / "m.h5"
    mlp.build().save(path)
    refused(path, "HDF5, the older format of Keras. It may well be sound")


def rewritten(path, version, config=lambda text: text):
    """Make a whole file say another version, and another description of the model."""
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    parts["metadata.json"] = json.dumps({"keras_version": version}).encode()
    parts["config.json"] = config(parts["config.json"].decode()).encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)


def newer(text):
    """A description with an argument that the installed Keras does not have."""
    assert '"class_name": "HeUniform", "config": {' in text
    return text.replace(
        '"class_name": "HeUniform", "config": {',
        '"class_name": "HeUniform", "config": {"from_the_future": 1, ',
    )


def test_load_model_names_both_versions_of_keras(tmp_path):
    from lib.backend import keras

    path = files.save_model(mlp.build(), tmp_path / "base.keras")
    rewritten(path, "9.9.9", newer)
    told = refused(path, "saved by Keras 9.9.9, while Keras .* is installed here.*from_the_future")
    assert keras.__version__ in told and "file is undamaged: install Keras 9.9.9" in told
    rewritten(path, keras.__version__)
    told = refused(path, "which is installed here, too")
    assert "build and train the model again" in told


def test_load_model_takes_a_sound_file_of_another_version(tmp_path):
    path = files.save_model(mlp.build(), tmp_path / "base.keras")
    rewritten(path, "3.0.0")
    assert files.load_model(path, (2, 5, 5, 3)).count_params() == 63


def test_load_model_says_which_shape_it_found(tmp_path):
    path = files.save_model(mlp.build(hidden=(5, 5, 5)), tmp_path / "base.keras")
    refused(path, r"\(2, 5, 5, 5, 3\) units, where \(2, 5, 5, 3\)", (2, 5, 5, 3))


def test_load_model_says_what_to_do_when_there_is_no_file(tmp_path):
    refused(tmp_path / "none.keras", "run the lesson that saves it first")


def test_load_model_runs_no_code_from_a_file(tmp_path):
    from lib.backend import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x + 1)])
    path = tmp_path / "code.keras"
    model.save(path)
    refused(path, "holds code of its own.*file is sound")


def test_load_model_names_a_class_that_keras_does_not_have(tmp_path):
    from lib.backend import keras

    class MyLayer(keras.layers.Layer):
        def call(self, x):
            return x

    path = tmp_path / "own.keras"
    keras.Sequential([keras.Input((2,)), MyLayer()]).save(path)
    refused(path, "needs 'MyLayer', which is no part of Keras. The file is sound")


def test_load_model_says_that_weights_are_nan(tmp_path):
    model = mlp.build(seed=1)
    model.layers[1].bias.assign([1, 2, np.nan, 4, 5])
    path = files.save_model(model, tmp_path / "base.keras")
    refused(path, f"whole, but the weights of {model.layers[1].name} hold NaN")


def classifier(activations=("relu", "relu", "softmax"), **compiled):
    """A network of the tutorial's sizes, with other activations or settings."""
    from lib.backend import keras

    units = zip((5, 5, 3), activations, strict=True)
    model = keras.Sequential([keras.Input((2,)), *(keras.layers.Dense(*one) for one in units)])
    if compiled:
        model.compile(**compiled)
    return model


RIGHT = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (lambda: classifier(("relu", "relu", "linear"), **RIGHT), "activations relu, relu, linear"),
        (lambda: classifier(("linear", "relu", "softmax"), **RIGHT), "activations linear, relu"),
        (lambda: classifier(), "was never compiled"),
        (lambda: classifier(loss="mse", metrics=["accuracy"]), "compiled with the loss 'mse'"),
        (lambda: classifier(loss=RIGHT["loss"]), "without the metric 'accuracy'"),
    ],
)
def test_load_model_tells_another_model_of_the_right_sizes(tmp_path, model, told):
    path = files.save_model(model(), tmp_path / "base.keras")
    refused(path, f"base.keras is whole, but .*{told}", (2, 5, 5, 3))
    assert files.load_model(path).count_params() == 63  # any model is welcome where none is named


def test_load_model_takes_a_loss_that_is_an_object(tmp_path):
    from lib.backend import keras

    losses = keras.losses.SparseCategoricalCrossentropy(), RIGHT["loss"]
    for loss in losses:
        model = classifier(loss=loss, metrics=["accuracy"], optimizer="sgd")
        path = files.save_model(model, tmp_path / "base.keras")
        files.load_model(path, (2, 5, 5, 3))


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
