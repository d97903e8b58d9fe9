"""Networks, from a Keras model that a lesson builds to thousands trained at once."""

from typing import TYPE_CHECKING

from ..lazy import on_first_use

if TYPE_CHECKING:
    from . import convnet, mlp, replicates
    from .base_models import load_features
    from .files import load_model, save_model
    from .freezing import count_weights, freeze
    from .glove import glove_vectors
    from .histories import curve_of
    from .imagenet import pretrained
    from .kept_features import features_of
    from .mlp import layer_sizes
    from .model_faults import ModelFileError
    from .regions import class_map
    from .sentences import inverse_frequencies, sentence_features, sentence_weights
    from .streams import data_orders, initial_weights
    from .training import features_once, fit, fit_epochs
    from .vector_files import VectorFileError, load_vectors, read_vectors, save_vectors
    from .weights import from_keras, graft, matched, repeat, to_keras
    from .words import WordVectors, learn_vectors, random_vectors

__all__ = [
    "glove_vectors",
    "inverse_frequencies",
    "sentence_features",
    "sentence_weights",
    "VectorFileError",
    "load_vectors",
    "read_vectors",
    "save_vectors",
    "WordVectors",
    "learn_vectors",
    "random_vectors",
    "ModelFileError",
    "class_map",
    "convnet",
    "count_weights",
    "curve_of",
    "data_orders",
    "features_of",
    "features_once",
    "fit",
    "fit_epochs",
    "freeze",
    "from_keras",
    "graft",
    "initial_weights",
    "layer_sizes",
    "load_features",
    "load_model",
    "matched",
    "mlp",
    "pretrained",
    "repeat",
    "replicates",
    "save_model",
    "to_keras",
]

__getattr__, __dir__ = on_first_use(__name__)
