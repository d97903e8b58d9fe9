"""Hostile arguments for the public functions of `networks` that use Keras, or files of models.

What nobody should give is refused before anything is built or trained, so that these tests are
quick; a valid call trains a network of six units for an epoch.
"""

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from fuzz_harness import Made, array, case, fuzz_tests, nothing, of_type, sound
from noise_photographs import make_task

from lib import networks
from lib.data import Task, blobs
from lib.networks import base_models, convnet, glove, imagenet, mlp, streams

TASK, PHOTOS = blobs(1, n_train=20, n_validation=6), make_task(5)
WEIGHTS = streams.initial_weights((2, 2, 3), [1, 2])
VECTORS = networks.WordVectors(("cat", "dog"), np.eye(2, 3, dtype="float32"), "made here", "none")
CONVOLUTIONS = [(np.full((3, 3, n, 64), 0.01, "float32"), np.zeros(64, "float32")) for n in (3, 64)]


def layers(*sizes, last="softmax", compiled=True):
    """A model of dense layers."""
    from lib.backend import keras

    dense = [keras.layers.Dense(n) for n in sizes[1:]]
    model = keras.Sequential([keras.Input(sizes[:1]), *dense, keras.layers.Activation(last)])
    return mlp.compile_sgd(model) if compiled else model


def unbuilt():
    """A model that does not know yet what it takes."""
    from lib.backend import keras

    return keras.Sequential([keras.layers.Dense(3, "softmax")])


def two_headed():
    """A model with two outputs."""
    from lib.backend import keras

    x = keras.Input((2,))
    heads = [keras.layers.Dense(3, "softmax")(x) for _ in range(2)]
    return keras.Model(x, heads)


def lost():
    """A model whose weights are NaN."""
    model = mlp.build(hidden=(2,), seed=0)
    model.set_weights([a * np.nan for a in model.get_weights()])
    return model


def mean_colours(units=3):
    """A model from photographs to the mean of each colour."""
    from lib.backend import keras

    colours = [keras.layers.Rescaling(1 / 255), keras.layers.GlobalAveragePooling2D()]
    dense = [] if units == 3 else [keras.layers.Dense(units, kernel_initializer="ones")]
    return keras.Sequential([keras.Input((32, 32, 3)), *colours, *dense])


def too_large():
    """A model whose features are beyond float16."""
    from lib.backend import keras

    layers_ = [keras.layers.Rescaling(1e30), keras.layers.GlobalAveragePooling2D()]
    return keras.Sequential([keras.Input((32, 32, 3)), *layers_])


ODD_MODELS = {
    "unbuilt": unbuilt, "two_headed": two_headed, "lost": lost,
    "not_compiled": lambda: layers(2, 3, compiled=False),
    "linear": lambda: layers(2, 3, last="linear"),
    "other_features": lambda: layers(3, 3), "other_classes": lambda: layers(2, 2),
    "of_photographs": mean_colours,
}  # fmt: skip


@cache
def kept():
    """A small model and its first weights."""
    model = mlp.build(hidden=(2,), seed=0)
    return model, model.get_weights()


def small():
    """That model as it was; Keras compiles it once, which is most of what a short run takes."""
    model, first = kept()
    model.set_weights(first)
    return model


SMALL = Made(small, **ODD_MODELS)
OF_ITS_OWN = Made(lambda: mlp.build(hidden=(2,), seed=0), **ODD_MODELS)  # compiled anew


def changed(**parts):
    """The task with other rows."""
    return replace(TASK, **parts)


def huge():
    """A task of numbers that float32 can just hold."""
    return changed(x_train=np.full_like(TASK.x_train, 1e38))


ODD_TASKS = {
    "photographs": lambda: PHOTOS, "other_classes": lambda: blobs(1, n_classes=4, n_train=20),
    "other_features": lambda: changed(
        **{f"x_{p}": np.ones((len(getattr(TASK, f"y_{p}")), 3)) for p in TASK.parts}
    ),
    "one_row": lambda: changed(x_train=TASK.x_train[:1], y_train=TASK.y_train[:1]),
    "no_validation": lambda: changed(x_validation=None, y_validation=None),
    "huge": huge,
}  # fmt: skip
BLOBS = Made(lambda: TASK, **ODD_TASKS)
COLOURS = Made(
    mean_colours, unbuilt=unbuilt, two_headed=two_headed, too_large=too_large,
    of_blobs=lambda: layers(2, 3),
)  # fmt: skip
NOISE = Made(lambda: PHOTOS, blobs=lambda: TASK)
HISTORY = SimpleNamespace(history={"loss": [1.0, 0.5], "accuracy": [0.5, 0.6]})


def network(model=mean_colours):
    """What `pretrained` gives, but for the size of the model."""
    return record_of(model=model())


def record_of(**changed):
    known = {
        "name": "colours", "model": None, "size": 32, "n_features": 3, "n_parameters": 0,
        "weights": "none", "preprocessing": "own", "licence": "none", "source": "here",
    }  # fmt: skip
    return imagenet.Pretrained(**known | changed)


NETWORK = Made(
    network, no_model=lambda: record_of(model="x"), no_number=lambda: record_of(),
    of_blobs=lambda: network(lambda: layers(2, 3)), two_headed=lambda: network(two_headed),
    unbuilt=lambda: network(unbuilt), other_number=lambda: network(lambda: mean_colours(4)),
)  # fmt: skip
PICTURES = PHOTOS.x_train[:2]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(monkeypatch, tmp_path):
    """Where files are written, and features kept."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))


@pytest.fixture(autouse=True, scope="module")
def files(tmp_path_factory):
    """A file of each kind, in a folder of this module."""
    folder = tmp_path_factory.mktemp("files")
    networks.save_model(mlp.build(hidden=(2,), seed=0), folder / "model.keras")
    networks.save_vectors(VECTORS, folder / "vectors.npz")
    (folder / "vectors.txt").write_text("cat 1 2 3\ndog 4 5 6\n")
    FOLDER.append(folder)


FOLDER = []


def at(name):
    """A file of this module."""
    return Made(lambda: FOLDER[-1] / name, folder=lambda: FOLDER[-1],
                other=lambda: FOLDER[-1] / "vectors.txt")  # fmt: skip


def model(one):
    """A Keras model with finite weights."""
    for array_ in one.get_weights():
        assert np.isfinite(array_).all()


def counted(one):
    """A model that was compiled."""
    assert one.optimizer is not None


def models(found):
    """Keras models with finite weights."""
    for one in found:
        model(one)


def nothing_said(found):
    """What is given back as it is, NaN as well."""


def many(found):
    """Layers of a network."""
    assert found


def history(one):
    """Finite losses, accuracies from 0 to 1."""
    sound(one)
    shares([one.train_accuracy, one.test_accuracy])
    assert one.seconds > 0


def curve(found):
    """A row per epoch, finite; before the first there is no loss on the training rows."""
    assert len(found) and found.epoch.is_monotonic_increasing
    known = found[found.epoch > 0] if (found.epoch > 0).any() else found
    assert np.isfinite(known.to_numpy()).all()
    shares(known[[name for name in known if name.endswith("accuracy")]].to_numpy())


def shares(found):
    """Numbers from 0 to 1."""
    assert all(((0 <= one) & (one <= 1)).all() for one in map(np.asarray, found))


def weights(found):
    """Kernels and biases, finite."""
    for kernel, bias in found:
        assert kernel.shape[-1] == bias.shape[-1]
        assert np.isfinite(kernel).all() and np.isfinite(bias).all()


def a_path(found):
    """A file that is there."""
    assert found.is_file()


def vectors(one):
    """Finite vectors, one per word."""
    assert isinstance(one, networks.WordVectors) and np.isfinite(one.vectors).all()


def known(one):
    """A network with as many features as it says."""
    assert one.model.output_shape[-1] == one.n_features
    model(one.model)


CALLED = "a function, which is called: what is none is refused below"
MODEL_TASK = "model takes, one batch, was compiled, never compiled, probabilities, weights of"
CASES = {
    "count_weights": case(sound, model=SMALL),
    "freeze": case(counted, model=OF_ITS_OWN, n_frozen=1, learning_rate=0.1).says(
        model="never compiled, n_frozen"
    ),
    "fit": case(history, model=SMALL, task=BLOBS, n_epochs=1, batch_size=8).says(
        model=MODEL_TASK, task="learning_rate, model takes, batch_size"
    ),
    "fit_epochs": case(
        curve, model=SMALL, task=BLOBS, n_epochs=1, seed=0, batch_size=8, first_epoch=0,
        after_epoch=None, on_divergence="raise",
    )
    .says(model=MODEL_TASK, task="learning_rate, model takes, batch_size")
    .without(CALLED, "after_epoch"),
    "features_once": case(of_type(Task, lambda t: sound([t.x_train, t.x_test])),
                          features=COLOURS, task=NOISE, batch_size=3)
    .says(features="model takes, features of", task="model takes"),
    "features_of": case(array(None, 3), network=NETWORK, pictures=PICTURES, keep=True),
    "from_keras": case(weights, models=Made(lambda: [mlp.build(hidden=(2,)), layers(2, 2, 3)],
                                            one_text=lambda: ["x"], not_a_list=lambda: SMALL.make(),
                                            lost=lambda: [lost()], unbuilt=lambda: [unbuilt()],
                                            unequal=lambda: [layers(2, 3), layers(2, 2, 3)]))
    .says(models="weights of"),
    "to_keras": case(model, weights=WEIGHTS, replicate=0, model=SMALL).says(weights="model has"),
    "curve_of": case(sound, history=HISTORY),
    "pretrained": case(
        known, name="efficientnet-lite0", size=32, weights="random", seed=0, layer=None,
        preprocessing="own", download=False,
    ).slow_with("seed", "layer", "weights", "size", "download"),
    "save_model": case(a_path, model=SMALL, path="model.keras"),
    "load_model": case(model, path=at("model.keras"), sizes=(2, 2, 3)).says(
        path="not there, .keras file", sizes="units"
    ),
    "load_features": case(model, name="halves_0", folder=base_models.MODELS).says(
        name="model of the course", folder="SHA256SUMS"
    ),
    "base_models.save_features": case(a_path, weights=CONVOLUTIONS, name="mine", folder="models")
    .on(lambda: base_models.save_features)
    .says(weights="base model")
    .slow_with("weights"),
    "glove_vectors": case(vectors, path=glove.FILE).says(path="checksum"),
    "load_vectors": case(vectors, path=at("vectors.npz"), sha256="").says(
        path="not there, damaged", sha256="checksum"
    ),
    "read_vectors": case(
        vectors, path=at("vectors.txt"), words=("cat",), source="here", licence="none", sha256="",
        progress=iter,
    )
    .says(path="not there", sha256="checksum")
    .without(CALLED, "progress"),
    "save_vectors": case(a_path, vectors=VECTORS, path="vectors.npz", dtype="float16"),
    "mlp.build": case(model, n_features=2, n_classes=3, hidden=(2,), seed=0)
    .on(lambda: mlp.build)
    .says(n_features="layer sizes", hidden="layer sizes", n_classes="layer sizes"),
    "mlp.compile_sgd": case(counted, model=OF_ITS_OWN, learning_rate=0.1).on(
        lambda: mlp.compile_sgd
    ),
    "convnet.feature_layers": case(many, seed=0, precision="float32").on(
        lambda: convnet.feature_layers
    ),
    "convnet.classification_layers": case(many, n_classes=3, seed=0, precision="float32").on(
        lambda: convnet.classification_layers
    ),
    "convnet.build": case(model, n_classes=3, seed=0, precision="float32").on(
        lambda: convnet.build
    ),
    "convnet.stack": case(
        model, features=Made(lambda: convnet.feature_layers(0)),
        head=Made(lambda: convnet.classification_layers(3, 0)), learning_rate=0.1,
    ).on(lambda: convnet.stack),
    "convnet.compile_adam": case(counted, model=OF_ITS_OWN, learning_rate=0.1).on(
        lambda: convnet.compile_adam
    ),
    "convnet.split_at_dropout": case(
        models, model=Made(lambda: convnet.build(3, 0), **ODD_MODELS)
    ).on(lambda: convnet.split_at_dropout),
    "convnet.get_weights": case(of_type(list, nothing_said), model=OF_ITS_OWN).on(
        lambda: convnet.get_weights
    ),
    "convnet.copy_weights": case(
        nothing, model=SMALL, weights=[(np.ones((2, 2)), np.zeros(2))], n_copied=1
    )
    .on(lambda: convnet.copy_weights)
    .says(weights="base model", model="has weights of shape, n_copied"),
}  # fmt: skip
WITHOUT_KERAS = "uses no Keras and no file: test_fuzz_networks.py has it"
EXEMPT = dict.fromkeys(
    ("ModelFileError", "VectorFileError"), "an exception, which the others raise"
)
EXEMPT |= dict.fromkeys(
    (
        "WordVectors", "class_map", "data_orders", "graft", "initial_weights",
        "inverse_frequencies", "layer_sizes", "learn_vectors", "matched", "random_vectors",
        "repeat", "sentence_features", "sentence_weights",
    ),
    WITHOUT_KERAS,
)  # fmt: skip

test_names, test_valid, test_hostile, test_two_hostile = fuzz_tests(networks, CASES, EXEMPT)


@pytest.mark.parametrize("after_epoch", [3, "print", [print]])
def test_fit_epochs_refuses_what_it_cannot_call(after_epoch):
    with pytest.raises(ValueError, match="after_epoch=.*: give a function"):
        networks.fit_epochs(small(), TASK, 1, 0, 8, after_epoch=after_epoch)


@pytest.mark.parametrize("progress", [None, "iter"])
def test_read_vectors_refuses_what_it_cannot_call(progress):
    with pytest.raises(ValueError, match="progress=.*: give a function"):
        networks.read_vectors("vectors.txt", progress=progress)


@pytest.mark.parametrize(("largest", "dtype"), [(1e5, "float16"), (1e39, "float32")])
def test_save_vectors_refuses_numbers_that_the_file_cannot_hold(largest, dtype):
    """float16 ends at 65,504: infinity would be written, and the file refused when it is read."""
    vectors = networks.WordVectors(("a",), np.array([[largest, 1.0]]), "made here", "none")
    with pytest.raises(ValueError, match=f"vectors hold numbers up to 1.*, beyond {dtype}"):
        networks.save_vectors(vectors, "vectors.npz", dtype)


def test_features_of_refuses_a_network_that_gives_another_number_of_features():
    with pytest.raises(ValueError, match="n_features=3 numbers each"):
        networks.features_of(network(lambda: mean_colours(4)), PICTURES)
