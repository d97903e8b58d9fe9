"""The compiled program behind `lib.replicates`: `LANES` networks trained side by side.

Here the replicate axis is last, because neighbouring numbers in memory are then handled by one
vector instruction. Letters in the comments: B rows of a batch, F features, R lanes, i and o units
below and above a layer.
"""

from functools import cache

import numpy as np

from .datasets import Task

LANES = 32  # networks in one pass; on two cores 16, 32 and 64 were equally fast, 128 slower
BLOCK = 16  # steps of an epoch are padded to a multiple of this, so that few shapes are compiled


def train_lanes(task: Task, weights, orders, n_frozen, learning_rate: float, batch_size: int):
    """Train up to `LANES` networks: fill up the lanes, run the program, take empty lanes off again.

    Args:
        task: the data, the same for all networks.
        weights: per layer kernel (R, i, o) and bias (R, o), R at most `LANES`.
        orders: row numbers, uint16 (R, n_epochs, n_rows).
        n_frozen: frozen first layers of each network, (R,).
        learning_rate, batch_size: as in `lib.replicates.train`, which checks all arguments.

    Returns:
        (accuracy (R, n_epochs + 1), weights as they came), float32.
    """
    n_used, n_epochs, n_rows = orders.shape
    n_padded = -(-n_rows // (BLOCK * batch_size)) * BLOCK * batch_size
    padded_orders = np.zeros((n_epochs, n_padded, LANES), "uint16")
    padded_orders[:, :n_rows, :n_used] = np.moveaxis(orders, 0, -1)

    def to_lanes(array):  # (R, ...) -> (..., LANES), replicate last
        lanes = np.zeros((*array.shape[1:], LANES), "float32")
        lanes[..., :n_used] = np.moveaxis(array, 0, -1)
        return lanes

    x_train = np.zeros((n_padded, task.n_features), "float32")
    x_train[:n_rows] = task.x_train
    y_train = np.zeros(n_padded, "int32")
    y_train[:n_rows] = task.y_train
    trained = np.zeros((len(weights), LANES), bool)
    trained[:, :n_used] = np.arange(len(weights))[:, None] >= n_frozen

    accuracy, *final = program(batch_size)(
        [tuple(map(to_lanes, layer)) for layer in weights],
        padded_orders.reshape(n_epochs, -1, batch_size, LANES),
        x_train,
        y_train,
        task.x_test.astype("float32"),
        task.y_test.astype("int32"),
        trained,
        np.float32(learning_rate),
        np.int32(n_rows),
    )
    final = [np.moveaxis(array.numpy()[..., :n_used], -1, 0).copy() for array in final]
    return accuracy.numpy()[:, :n_used].T.copy(), list(zip(final[0::2], final[1::2], strict=True))


@cache
def program(batch_size: int):
    """Write the compiled program: all epochs of `LANES` networks, in two nested loops."""
    from .backend import tf

    def activations(layers, x):  # x (B, F, R) -> input and output of every layer, each (B, o, R)
        outputs = [x]
        for i, (kernel, bias) in enumerate(layers):
            z = tf.reduce_sum(outputs[-1][:, :, None] * kernel[None], axis=1) + bias[None]
            outputs.append(tf.nn.relu(z) if i < len(layers) - 1 else z)
        return outputs

    def update(layers, x, y, weight, trained, learning_rate):
        """One step of gradient descent: back-propagation written out."""
        outputs = activations(layers, x)
        error = (tf.nn.softmax(outputs[-1], axis=1) - y) * weight  # d loss / d z, (B, o, R)
        updated = []
        for i in reversed(range(len(layers))):
            kernel, bias = layers[i]
            kernel_step = tf.reduce_sum(outputs[i][:, :, None] * error[:, None], axis=0)
            bias_step = tf.reduce_sum(error, axis=0)
            if i:
                error = tf.reduce_sum(error[:, None] * kernel[None], axis=2)
                error = tf.where(outputs[i] > 0, error, 0.0)
            updated.append(
                (  # a frozen layer keeps its very bits
                    tf.where(trained[i], kernel - learning_rate * kernel_step, kernel),
                    tf.where(trained[i], bias - learning_rate * bias_step, bias),
                )
            )
        return updated[::-1]

    def test_accuracy(layers, x_test, y_test):
        predicted = tf.argmax(activations(layers, x_test[:, :, None])[-1], 1, tf.int32)  # (N, R)
        return tf.reduce_mean(tf.cast(predicted == y_test[:, None], tf.float32), axis=0)

    @tf.function(jit_compile=True, autograph=False)
    def train_all_epochs(
        layers, orders, x_train, y_train, x_test, y_test, trained, learning_rate, n_rows
    ):
        n_epochs, n_classes = orders.shape[0], layers[-1][1].shape[0]
        n_steps = (n_rows + batch_size - 1) // batch_size

        def step(epoch, s, layers):
            rows = tf.cast(orders[epoch, s], tf.int32)  # (B, R)
            x = tf.transpose(tf.gather(x_train, rows), (0, 2, 1))  # (B, F, R)
            y = tf.one_hot(tf.gather(y_train, rows), n_classes, axis=1)  # (B, C, R)
            n_left = tf.minimum(n_rows - s * batch_size, batch_size)
            used = tf.range(batch_size) < n_left
            weight = tf.where(used, 1 / tf.cast(n_left, tf.float32), 0.0)[:, None, None]
            return epoch, s + 1, update(layers, x, y, weight, trained, learning_rate)

        def one_epoch(epoch, layers, accuracy):
            _, _, layers = tf.while_loop(
                lambda epoch, s, layers: s < n_steps, step, (epoch, 0, layers)
            )
            now = test_accuracy(layers, x_test, y_test)
            return epoch + 1, layers, tf.tensor_scatter_nd_update(accuracy, [[epoch + 1]], [now])

        before = test_accuracy(layers, x_test, y_test)
        accuracy = tf.concat([before[None], tf.zeros((n_epochs, LANES))], axis=0)
        _, layers, accuracy = tf.while_loop(
            lambda epoch, layers, accuracy: epoch < n_epochs, one_epoch, (0, layers, accuracy)
        )
        return accuracy, *(array for layer in layers for array in layer)

    return train_all_epochs
