"""Freeze layers of a Keras model, and count what is left to train."""

from typing import NamedTuple

from .checks import check_learning_rate, check_model, check_n_frozen


class Counts(NamedTuple):
    """Numbers of weights in a model."""

    trainable: int
    frozen: int

    @property
    def total(self) -> int:
        return self.trainable + self.frozen


def freeze(model, n_frozen: int, learning_rate: float | None = None):
    """Freeze the first `n_frozen` layers with weights, unfreeze the others, compile again.

    Training follows what the last compilation has seen, so the model is compiled once more as it
    was: loss, metrics and optimizer with all its settings. The optimizer starts anew, though: it
    forgets its steps and moments.

    Args:
        model: any compiled Keras model.
        n_frozen: 0 to the number of layers with weights.
        learning_rate: above 0; None keeps the model's own.

    Returns:
        The same model.

    Raises:
        ValueError: if the model has fewer layers with weights, was never compiled, or the rate is
            no rate. The model then is as it was.
    """
    from ..backend import keras

    check_model(model)
    if learning_rate is not None:
        check_learning_rate(learning_rate)
    layers = [layer for layer in model.layers if layer.weights]
    check_n_frozen(n_frozen, len(layers))
    settings = model.get_compile_config()
    if not settings:
        raise ValueError(
            f"{model.name} was never compiled, so it has no optimizer to compile it with again: "
            "call its compile() first."
        )
    for i, layer in enumerate(layers):
        layer.trainable = i >= n_frozen
    optimizer = keras.optimizers.serialize(model.optimizer)
    if learning_rate is not None:
        optimizer["config"]["learning_rate"] = float(learning_rate)
    model.compile_from_config(settings | {"optimizer": optimizer})
    return model


def count_weights(model) -> Counts:
    """Count trainable and frozen weights."""

    check_model(model)

    def total(weights):
        return sum(int(weight.numpy().size) for weight in weights)

    return Counts(total(model.trainable_weights), total(model.non_trainable_weights))
