"""What does an ImageNet network bring?  Its arms on one draw of photographs.  Lesson 12.

from ImageNet features  a logistic regression on the network's features
random features         the same regression on the same network's features at a random start
fine-tuned              that head, then all layers at a low rate, BatchNorm in inference mode
from scratch            the same network, and the small one of lesson 07
"""

import time
import warnings
from dataclasses import dataclass, replace

import numpy as np

from ..checks import check_choice, check_number, check_whole, numbers, shown
from ..data.task import Task
from ..networks import convnet
from ..networks.checks import (
    check_epochs,
    check_finite_weights,
    check_learning_rate,
    check_model,
    check_task,
)
from ..networks.imagenet import Pretrained
from ..networks.kept_features import features_of

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)  # scikit-learn's C: small is strong regularisation
SMALLEST_SPREAD = 1e-12  # of a feature that is divided by its spread
BATCH_SIZE = 25
QUICK_MOMENTUM = 0.9  # of BatchNorm from a random start: few updates must be enough
NORMS = "inference", "training"


@dataclass(frozen=True)
class Score:
    """How one arm did on one task.

    Attributes:
        choice: what was chosen on the validation rows, or used: the regularisation C, or the rate.
        validation, test: accuracy, 0 to 1.
        seconds: of the processor, all threads, for this run alone.
    """

    choice: float
    validation: float
    test: float
    seconds: float


@dataclass(frozen=True)
class Head:
    """A linear classifier on features, as a dense layer takes it.

    Attributes:
        kernel: (n_features, n_classes).
        bias: (n_classes,).
    """

    kernel: np.ndarray
    bias: np.ndarray


def features_task(network: Pretrained, task: Task, keep: bool = True) -> Task:
    """The same task with features for pictures, each computed once and kept.

    Args:
        network, keep: as in `networks.features_of`.

    Raises:
        ValueError: for what is no task, or is refused by `networks.features_of`.
    """
    check_task(task)
    parts = {f"x_{part}": getattr(task, f"x_{part}") for part in task.parts}
    return replace(task, **{k: features_of(network, x, keep) for k, x in parts.items()})


def fit_head(task: Task, strengths=STRENGTHS) -> tuple[Score, Head]:
    """Fit a logistic regression to features; its regularisation is chosen on the validation rows.

    Args:
        task: its rows are features, and it has validation rows.
        strengths: values of C to choose from; of equals, the first is taken.

    Returns:
        The score, and the classifier for features as they are.

    Raises:
        ValueError: if there are no validation rows, or features are none.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    check_task(task)
    if task.x_train.ndim != 2 or len(np.unique(task.y_train)) < 2:
        raise ValueError(f"task: {task.name} has no rows of features of two classes or more.")
    strengths = check_strengths(strengths)
    if task.x_validation is None:
        raise ValueError(
            f"{task.name} has no validation rows to choose the regularisation with: give a task "
            "that has some."
        )
    begin = time.process_time()
    middle = task.x_train.mean(axis=0)
    spread = np.maximum(task.x_train.std(axis=0), SMALLEST_SPREAD)
    x = {part: (getattr(task, f"x_{part}") - middle) / spread for part in task.parts}
    turn = np.eye(x["train"].shape[1])
    if len(x["train"]) < len(turn):  # the best kernel lies in the span of the rows: exact, faster
        turn = np.linalg.svd(x["train"], full_matrices=False)[2].T  # (n_features, n_rows)
        x = {part: rows @ turn for part, rows in x.items()}
    best = None
    for strength in strengths:
        with warnings.catch_warnings():  # one that is still on its way is a candidate as it stands
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted = LogisticRegression(C=strength, max_iter=300).fit(x["train"], task.y_train)
        validation = fitted.score(x["validation"], task.y_validation)
        if best is None or validation > best[0]:
            best = validation, strength, fitted
    validation, strength, fitted = best
    kernel, bias = fitted.coef_.T, fitted.intercept_
    if len(bias) == 1:  # two classes share one row
        kernel, bias = np.hstack([-kernel / 2, kernel / 2]), np.append(-bias / 2, bias / 2)
    kernel = turn @ kernel / spread[:, None]
    head = Head(kernel, bias - middle @ kernel)
    test = fitted.score(x["test"], task.y_test)
    return Score(strength, validation, test, time.process_time() - begin), head


def check_strengths(strengths) -> list[float]:
    """The strengths as a list, or one clear error unless they are numbers above 0."""
    strengths = numbers("strengths", strengths, ("n_strengths",)).tolist()
    for strength in strengths:
        check_number("strengths", strength, 1e-12, 1e12)
    return strengths


class Tuner:
    """A network with a head, compiled once; each run puts its first weights back.

    Args:
        model: a Keras model from pictures to features; its layers are trained.
        n_classes: of the head.
        norm: "inference" keeps BatchNorm's statistics and scales as they are; "training" lets it
            use each batch's own.
        momentum: of BatchNorm's statistics, 0 to 1, if not the model's own.

    Raises:
        ValueError: for a model that does not take photographs or gives no features, or a number
            that is none.
    """

    def __init__(self, model, n_classes: int, norm: str = "inference", momentum=None):
        from ..backend import keras

        check_model(model)
        check_whole("n_classes", n_classes, 2, convnet.MOST_CLASSES)
        check_choice("norm", norm, NORMS)
        if momentum is not None:
            check_number("momentum", momentum, 0, 1)
        check_finite_weights(model)
        takes = getattr(model, "input_shape", None)
        gives = getattr(model, "output_shape", None)
        pictures = isinstance(takes, tuple) and len(takes) == 4
        if not (pictures and isinstance(gives, tuple) and len(gives) == 2) or any(
            n not in (None, m) for n, m in zip(takes[1:], convnet.IMAGE_SHAPE, strict=True)
        ):
            raise ValueError(
                f"model: {model.name} takes {takes} and gives {gives}: give one from photographs "
                f"of shape {convnet.IMAGE_SHAPE} to features, such as `small_network` makes."
            )
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = norm == "training"
                layer.momentum = layer.momentum if momentum is None else float(momentum)
        head = keras.layers.Dense(int(n_classes), "softmax", name="head")
        self.model = keras.Sequential([keras.Input((32, 32, 3), dtype="uint8"), model, head])
        convnet.compile_adam(self.model)
        self.model.optimizer.build(self.model.trainable_variables)
        # Dropout's seeds are among the model's variables
        self._variables = [*self.model.variables, *self.model.optimizer.variables]
        self._first = [variable.numpy() for variable in self._variables]

    def run(
        self, task: Task, rate: float, n_epochs: int, seed: int, head: Head | None = None
    ) -> Score:
        """Train on a task and measure once, at the end.

        Args:
            task: photographs, with validation rows.
            rate: Adam's learning rate.
            n_epochs: passes over the training rows, in batches of 25.
            seed: order of the rows, and start of the head where none is given.
            head: first weights of the head.

        Raises:
            ValueError: for a rate or number that is none, fewer rows than a batch, no validation
                rows, or if the network runs away to infinity.
        """
        from ..backend import keras

        check_learning_rate(rate, "rate")
        check_epochs(n_epochs)
        check_whole("seed", seed, 0, 2**32 - 1)
        self._check_task(task)
        self._check_head(head)
        n = len(task.y_train) // BATCH_SIZE * BATCH_SIZE
        if not n:
            raise ValueError(f"{len(task.y_train)} rows to train on: choose {BATCH_SIZE} or more.")
        begin = time.process_time()
        for variable, value in zip(self._variables, self._first, strict=True):
            variable.assign(value)
        kernel, bias = self.model.layers[-1].get_weights()
        if head is None:
            start = keras.initializers.GlorotUniform(seed)(kernel.shape)
            head = Head(np.asarray(start), np.zeros_like(bias))
        self.model.layers[-1].set_weights([head.kernel, head.bias])
        self.model.optimizer.learning_rate.assign(rate)
        rng = np.random.default_rng(seed)
        for _ in range(n_epochs):
            for rows in rng.permutation(len(task.y_train))[:n].reshape(-1, BATCH_SIZE):
                self.model.train_on_batch(task.x_train[rows], task.y_train[rows])
            self._check_kept(rate)
        validation = self.accuracy(task.x_validation, task.y_validation)
        test = self.accuracy(task.x_test, task.y_test)
        return Score(rate, validation, test, time.process_time() - begin)

    def _check_task(self, task):
        """Raise one clear error unless these are photographs with as many classes as the head."""
        check_task(task)
        n_classes = self.model.output_shape[-1]
        if task.x_train.shape[1:] != convnet.IMAGE_SHAPE or task.n_classes != n_classes:
            raise ValueError(
                f"task: {task.name} has rows of shape {task.x_train.shape[1:]} in "
                f"{task.n_classes} classes: give photographs of shape {convnet.IMAGE_SHAPE} in "
                f"{n_classes}."
            )
        if task.x_validation is None:
            raise ValueError(f"task: {task.name} has no validation rows: give one that has some.")

    def _check_head(self, head):
        """Raise one clear error unless this is a head that fits, or None."""
        if head is None:
            return
        if not isinstance(head, Head):
            raise ValueError(f"head={shown(head)}: give a `Head`, as `fit_head` does, or None.")
        wanted = [weight.shape for weight in self.model.layers[-1].get_weights()]
        found = [
            numbers("head: kernel", head.kernel, ("n_features", "n_classes")).shape,
            numbers("head: bias", head.bias, ("n_classes",)).shape,
        ]
        if found != wanted:
            raise ValueError(f"head of shapes {found}: give one of shapes {wanted}.")

    def _check_kept(self, rate):
        """Raise one clear error if the network ran away."""
        try:
            check_finite_weights(self.model)
        except ValueError as error:
            raise ValueError(
                f"rate={rate:g}: the network's weights grew beyond all bounds: choose a smaller "
                "rate."
            ) from error

    def accuracy(self, pictures, labels) -> float:
        """The part of the pictures that the model as it stands tells right."""
        right = 0
        for begin in range(0, len(labels), BATCH_SIZE):
            rows = slice(begin, begin + BATCH_SIZE)
            told = self.model.predict_on_batch(pictures[rows]).argmax(axis=1)
            right += int((told == labels[rows]).sum())
        return right / len(labels)


def small_network(seed: int = 0):
    """The feature layers of lesson 07 at a random start, for a `Tuner`: photographs to features."""
    from ..backend import keras

    hidden = convnet.classification_layers(2, seed)[:3]  # up to Dropout, without the output
    layers = [keras.Input(convnet.IMAGE_SHAPE), *convnet.feature_layers(seed), *hidden]
    return keras.Sequential(layers)
