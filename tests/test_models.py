"""The Keras model: layers, counts, freezing, files."""

import errno
import zipfile

import numpy as np
import pytest

from lib import datasets, models, profiles, training


def test_mlp_is_the_published_network():
    from lib.backend import keras

    model = models.mlp()
    assert [layer.units for layer in model.layers] == [5, 5, 3]
    assert [layer.activation.__name__ for layer in model.layers] == ["relu", "relu", "softmax"]
    starts = [type(layer.kernel_initializer).__name__ for layer in model.layers]
    assert starts == ["HeUniform", "HeUniform", "GlorotUniform"]
    assert models.count_weights(model) == (15 + 30 + 18, 0)
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)


def test_mlp_equal_seeds_agree_and_different_seeds_differ():
    first, same, other = (models.mlp(seed=seed).get_weights() for seed in (3, 3, 4))
    for i in (0, 2, 4):  # the kernels
        np.testing.assert_array_equal(first[i], same[i])
        assert not np.array_equal(first[i], other[i])


def test_mlp_layers_of_one_model_start_from_different_numbers():
    first, second = models.mlp(n_features=5, seed=3).get_weights()[0:4:2]
    assert first.shape == second.shape and not np.array_equal(first, second)


@pytest.mark.parametrize(("n_frozen", "counts"), [(0, (63, 0)), (1, (48, 15)), (2, (18, 45))])
def test_freeze_counts_and_keeps_the_frozen_bits(n_frozen, counts):
    task = datasets.blobs(2, n_train=64)
    model = models.freeze(models.mlp(seed=0), n_frozen)
    assert models.count_weights(model) == counts
    before = [weight.copy() for weight in model.get_weights()]
    model.fit(task.x_train, task.y_train, verbose=0)
    same = [a.tobytes() == b.tobytes() for a, b in zip(before, model.get_weights(), strict=True)]
    assert same == [i < 2 * n_frozen for i in range(6)]


def test_freeze_can_be_taken_back():
    model = models.freeze(models.freeze(models.mlp(), 2), 0)
    assert models.count_weights(model).frozen == 0


def test_freeze_says_how_many_layers_there_are():
    with pytest.raises(ValueError, match="n_frozen=7, but this model has 3 layers with weights"):
        models.freeze(models.mlp(), 7)
    with pytest.raises(ValueError, match="n_frozen=1.5"):
        models.freeze(models.mlp(), 1.5)


def test_layer_sizes_refuse_a_network_that_cannot_be():
    with pytest.raises(ValueError, match="n_classes=1"):
        models.layer_sizes(n_classes=1)
    with pytest.raises(ValueError, match="each must be 1 or more"):
        models.layer_sizes(hidden=(5, 0))


def test_class_map_asks_for_the_whole_plane():
    points = np.array([[0.0, 0.0], [10.0, 4.0]])
    found = models.class_map(lambda x: np.stack([x[:, 0], 0 * x[:, 0] + 5], axis=1), points, 50)
    assert (found.x[0], found.x[-1], found.y[0], found.y[-1]) == (-1, 11, -1, 5)
    np.testing.assert_array_equal(found.classes, np.broadcast_to(found.x <= 5, (50, 50)))


def test_save_model_and_load_model_predict_the_same(tmp_path):
    model, x = models.mlp(seed=1), datasets.blobs(1).x_test
    path = models.save_model(model, tmp_path / "new folder" / "base.keras")
    loaded = models.load_model(path, sizes=(2, 5, 5, 3))
    np.testing.assert_array_equal(model.predict(x, verbose=0), loaded.predict(x, verbose=0))
    assert [file.name for file in path.parent.iterdir()] == ["base.keras"]


def test_load_model_says_that_a_truncated_file_is_damaged(tmp_path):
    path = models.save_model(models.mlp(), tmp_path / "base.keras")
    whole = path.read_bytes()
    for n_kept in (0, 100, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:n_kept])
        with pytest.raises(models.ModelFileError, match="base.keras is damaged"):
            models.load_model(path)


def test_load_model_says_that_a_foreign_zip_is_no_model(tmp_path):
    path = tmp_path / "base.keras"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("note.txt", "no model")
    with pytest.raises(models.ModelFileError, match="damaged or not a .keras file"):
        models.load_model(path)


def test_load_model_says_which_shape_it_found(tmp_path):
    path = models.save_model(models.mlp(hidden=(5, 5, 5)), tmp_path / "base.keras")
    with pytest.raises(models.ModelFileError, match=r"\(2, 5, 5, 5, 3\) units, but \(2, 5, 5, 3\)"):
        models.load_model(path, sizes=(2, 5, 5, 3))


def test_load_model_says_what_to_do_when_there_is_no_file(tmp_path):
    with pytest.raises(models.ModelFileError, match="run the lesson that saves it first"):
        models.load_model(tmp_path / "none.keras")


def test_load_model_runs_no_code_from_a_file(tmp_path):
    from lib.backend import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x + 1)])
    path = tmp_path / "code.keras"
    model.save(path)
    with pytest.raises(models.ModelFileError, match="code.keras"):
        models.load_model(path)


def test_save_model_on_a_full_disk_keeps_the_earlier_file(tmp_path, monkeypatch):
    model = models.mlp(seed=1)
    path = models.save_model(model, tmp_path / "base.keras")
    earlier = path.read_bytes()

    def full(partial, **options):
        partial.write_bytes(earlier[:50])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(model, "save", full)
    with pytest.raises(models.ModelFileError, match="No space left on device.*still in memory"):
        models.save_model(model, path)
    assert path.read_bytes() == earlier
    assert [file.name for file in tmp_path.iterdir()] == ["base.keras"]


def test_save_model_where_no_folder_can_be_made(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(models.ModelFileError, match="could not be written"):
        models.save_model(models.mlp(), tmp_path / "file" / "base.keras")


def test_save_model_wants_the_keras_ending(tmp_path):
    with pytest.raises(models.ModelFileError, match="ends in .keras"):
        models.save_model(models.mlp(), tmp_path / "model.h5")


def test_fit_keeps_what_keras_measures_on_the_right_rows():
    from lib.backend import keras

    task = datasets.blobs(1, n_train=100)
    model = models.mlp(seed=0)
    history = training.fit(model, task, n_epochs=3)
    kept = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
    assert {len(getattr(history, name)) for name in kept} == {3}
    after = model.evaluate(task.x_test, task.y_test, verbose=0, return_dict=True)
    assert history.test_loss[-1] == pytest.approx(after["loss"], rel=1e-5)
    assert history.test_accuracy[-1] == pytest.approx(after["accuracy"])
    assert history.seconds > 0

    keras.utils.set_random_seed(1)
    training.fit(again := models.mlp(seed=0), task, n_epochs=1, batch_size=50)
    assert int(again.optimizer.iterations.numpy()) == 2  # 100 rows in batches of 50


def test_fit_says_what_does_not_fit():
    with pytest.raises(ValueError, match="batch_size=32, but Problem 1 has 20 rows"):
        training.fit(models.mlp(), datasets.blobs(1, n_train=20))
    with pytest.raises(ValueError, match="n_epochs=0: choose a whole number from 1 up"):
        training.fit(models.mlp(), datasets.blobs(1), n_epochs=0)
    with pytest.raises(ValueError, match=r"4 classes, but Problem 1 has \(2,\) and 3"):
        training.fit(models.mlp(n_classes=4), datasets.blobs(1))


def test_get_profile_names_the_legal_ones():
    assert profiles.get_profile("smoke").n_epochs < profiles.get_profile("class").n_epochs
    with pytest.raises(ValueError, match="PROFILE='fast' is unknown: choose one of smoke, class"):
        profiles.get_profile("fast")
