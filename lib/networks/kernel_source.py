"""Writes the source of the training kernel for given layer sizes, for Numba or in C++.

A kernel trains 16 networks side by side: every number in it is a vector with one lane for each
network (`vectors`). Both languages get the same operations in the same order, so the same bits.
`plain` does the same in NumPy, and is the place to read what a kernel does.

Sizes are written into the source: loops of known length over a flat array with known offsets are
what a compiler turns into good code. Everything that belongs to one group of networks lies in that
array, `M`, vector by vector:

    rate                learning rate of each network
    trained k           1 where layer k is trained, 0 where it is frozen
    kernel k, bias k    weights: unit i below and unit j above at i * n_out + j
    gradients           in the order of the weights
    h r k               activations above layer k, of row r of the rows gone through together
    d r k               derivatives of the loss by what goes into these units

    python -m lib.networks.kernel_source 2 5 5 3     prints the C++ source
"""

import sys
from itertools import pairwise

from .kernel_languages import CPP_HEAD, LANES, NUMBA, NUMBA_HEAD, NUMBA_TRAIN, Printer

MOST_ROWS = 2  # of a batch, gone through together
EXP = (1 / 720, 1 / 120, 1 / 24, 1 / 6, 0.5, 1.0, 1.0)  # Taylor's series, highest power first
ARGUMENTS = (
    ("floats", "M"),
    ("floats", "batch"),  # the rows of a batch: features and label, a vector each
    ("rows", "orders"),  # data orders of one epoch, one for each stream: (streams * n_rows,)
    ("keys", "keys"),  # key of each stream of random numbers
    ("streams", "stream"),  # number of each lane's stream, rising: (LANES,)
    ("data", "x"),  # training rows one after the other: (n_rows * n_features,)
    ("data", "y"),  # their labels, as float32 like all data
    ("data", "x_test"),
    ("data", "y_test"),
    ("floats", "accuracy"),  # on the test rows, a vector for each epoch, first before training
    ("data", "x_validation"),
    ("data", "y_validation"),
    ("floats", "validation"),  # accuracy on the validation rows, if there are any
    ("count", "n_rows"),
    ("count", "n_test"),
    ("count", "n_validation"),
    ("count", "n_epochs"),
    ("count", "batch_size"),
)
MEASURED = ("M", "x_test", "y_test", "accuracy", "n_test")  # what `measure` takes of these


class Layout:
    """Where things lie in `M`, counted in vectors.

    Attributes:
        layers: (units below, units above) of each layer of weights.
        kernels, biases: first vector of each layer's.
        n_weights: of all layers; a weight's gradient lies so many vectors behind it.
    """

    def __init__(self, sizes: tuple[int, ...]):
        self.layers = list(pairwise(sizes))
        self.n_features, self.n_classes, self.n_layers = sizes[0], sizes[-1], len(sizes) - 1
        self.n_weights = sum((n_in + 1) * n_out for n_in, n_out in self.layers)
        self.rate, self.trained = 0, 1
        self.first_weight = end = 1 + self.n_layers
        self.kernels, self.biases = [], []
        for n_in, n_out in self.layers:
            self.kernels.append(end)
            self.biases.append(end + n_in * n_out)
            end += (n_in + 1) * n_out
        end += self.n_weights
        self.h, self.d = [], []
        for rows in (self.h, self.d):
            for _ in range(MOST_ROWS):
                places = []
                for _, n_out in self.layers:
                    places.append(end)
                    end += n_out
                rows.append(places)
        self.n_vectors = end


def write(sizes: tuple[int, ...], language: str = "numba", rows: int = 1) -> str:
    """The source of a kernel: functions `measure` and `train`, which take the ARGUMENTS.

    Args:
        sizes: units of each layer, input first, two numbers or more.
        language: "numba" or "c++".
        rows: 1, or 2 to go through a batch by two rows: gradients are then loaded and stored half
            as often, but more registers are needed. The sums have the same order, so the results
            have the same bits.
    """
    printer, layout = Printer(language), Layout(sizes)
    with printer.function(
        "measure", [*(a for a in ARGUMENTS if a[1] in MEASURED), ("count", "to")]
    ):
        _measure(printer, layout)
    measure = "\n".join(printer.lines)
    printer.lines.clear()
    with printer.function("train", ARGUMENTS):
        _train(printer, layout, rows)
    train = "\n".join(printer.lines)
    named = "-".join(map(str, sizes))
    if language == "c++":
        return f"{CPP_HEAD.format(sizes=named, lanes=LANES)}{measure}\n\n{train}\n"
    head = NUMBA_HEAD.format(sizes=named, package=__name__.rpartition(".")[0])
    types = ", ".join(NUMBA[kind] for kind, _ in ARGUMENTS)
    return f"{head}{measure}\n{NUMBA_TRAIN.format(types=types)}{train}\n"


def _forward(p, layout, features):
    """Activations of every layer; `features` has the expression for feature i of each row."""
    rows = range(len(features))
    for k, (n_in, n_out) in enumerate(layout.layers):
        for tile in p.tiles("j", n_out):
            biases = [p.new(f"at(M, {layout.biases[k]} + {j})") for j in tile]
            sums = [biases] + [[p.new(bias) for bias in biases] for _ in rows[1:]]
            with p.loop("i", 0, n_in):
                h = [p.new(f"at(M, {layout.h[r][k - 1]} + i)" if k else features[r]) for r in rows]
                for number, j in enumerate(tile):
                    kernel = p.new(f"at(M, {layout.kernels[k]} + i * {n_out} + {j})")
                    for r in rows:
                        total = sums[r][number]
                        p.line(f"{total} = {total} + {h[r]} * {kernel}")
            for r in rows:
                for total, j in zip(sums[r], tile, strict=True):
                    value = total if k == layout.n_layers - 1 else f"larger({total}, zero)"
                    p.line(f"put(M, {layout.h[r][k]} + {j}, {value})")


def _measure(p, layout):
    """Share of the rows whose class is told: the first one with the highest score."""
    for name, value in (("zero", "spread(F(0.0))"), ("one", "spread(F(1.0))"), ("hits", "zero")):
        p.new(value, name)
    with p.loop("b", 0, "n_test"):
        _forward(p, layout, [f"spread(x_test[b * {layout.n_features} + i])"])
        p.new(f"at(M, {layout.h[0][-1]})", "top")
        p.new("zero", "best")
        p.new("zero", "number")
        with p.loop("j", 1, layout.n_classes):
            p.line("number = number + one")
            score = p.new(f"at(M, {layout.h[0][-1]} + j)")
            p.line(f"best = if_above({score}, top, number, best)")
            p.line(f"top = larger({score}, top)")
        p.line("hits = hits + if_equal(best, spread(y_test[b]), one, zero)")
    p.line("put(accuracy, to, hits / spread(F(n_test)))")


def _train(p, layout, rows):
    """All epochs: shuffle, go through the batches, measure."""
    weights = layout.first_weight, layout.first_weight + layout.n_weights
    p.new("spread(F(0.0))", "zero")
    _measure_all(p, "0")
    with p.loop("epoch", 0, "n_epochs"):
        with p.loop("l", 0, LANES):  # lanes with one stream follow each other
            own = "l == 0 {} stream[l] != stream[l - 1]"
            with p.block(f"if {own.format('or')}", f"if ({own.format('||')})"):
                p.line("shuffle(orders, stream[l] * n_rows, n_rows, keys[stream[l]], epoch)")
        with p.loop("first", 0, "n_rows", "batch_size"):
            p.new("least(batch_size, n_rows - first)", "n", "int64_t")
            _fetch_batch(p, layout)
            with p.loop("p", weights[0] + layout.n_weights, weights[1] + layout.n_weights):
                p.line("put(M, p, zero)")
            p.new("spread(F(1.0) / F(n))", "weight")
            together = "n - n % 2" if rows == 2 else "0"
            if rows == 2:
                with p.loop("b", 0, together, 2):
                    _add_rows(p, layout, ["b", "b + 1"])
            with p.loop("b", together, "n"):
                _add_rows(p, layout, ["b"])
            _update(p, layout)
        _measure_all(p, "epoch + 1")


def _measure_all(p, to):
    """Measure on the test rows and, where there are any, on the validation rows."""
    p.line(f"measure(M, x_test, y_test, accuracy, n_test, {to})")
    with p.block("if n_validation > 0", "if (n_validation > 0)"):
        p.line(f"measure(M, x_validation, y_validation, validation, n_validation, {to})")


def _fetch_batch(p, layout):
    """Copy the rows of a batch, all before the first is used: the copies then never wait."""
    n = layout.n_features
    with p.loop("l", 0, LANES):
        p.new("stream[l] * n_rows + first", "start", "int64_t")
        with p.loop("b", 0, "n"):
            p.new("orders[start + b]", "r", "int64_t")
            p.new(f"b * {LANES * (n + 1)} + l", "to", "int64_t")
            with p.loop("i", 0, n):
                p.line(f"batch[to + i * {LANES}] = x[r * {n} + i]")
            p.line(f"batch[to + {LANES * n}] = y[r]")


def _add_rows(p, layout, rows):
    """Add the gradient of the loss of some rows to those of the batch, one after the other."""
    features = [f"at(batch, ({row}) * {layout.n_features + 1} + i)" for row in rows]
    _forward(p, layout, features)
    for r, row in enumerate(rows):
        scores, errors = layout.h[r][-1], layout.d[r][-1]
        top = p.new(f"at(M, {scores})")
        with p.loop("j", 1, layout.n_classes):
            p.line(f"{top} = larger(at(M, {scores} + j), {top})")
        total = p.new("zero")
        with p.loop("j", 0, layout.n_classes):
            # exp(z) = 2 ** n * exp(rest); to add 1.5 * 2 ** 23 is to round to a whole number n
            p.new(f"(at(M, {scores} + j) - {top}) * spread(F(1.4426950408889634))", "z")
            p.new("larger(z, spread(F(-126.0)))", "power")
            p.new("power + spread(F(12582912.0))", "shifted")
            whole = "(shifted - spread(F(12582912.0)))"
            p.new(f"(power - {whole}) * spread(F(0.6931471805599453))", "rest")
            p.new(f"spread(F({EXP[0]!r}))", "series")
            for coefficient in EXP[1:]:
                p.line(f"series = series * rest + spread(F({coefficient!r}))")
            p.new("series * two_to_the(shifted)", "e")
            p.line(f"put(M, {errors} + j, e)")
            p.line(f"{total} = {total} + e")
        scale = p.new(f"weight / {total}")
        label = p.new(f"at(batch, ({row}) * {layout.n_features + 1} + {layout.n_features})")
        with p.loop("j", 0, layout.n_classes):
            target = f"if_equal({label}, spread(F(j)), weight, zero)"
            p.line(f"put(M, {errors} + j, at(M, {errors} + j) * {scale} - {target})")
    for k in reversed(range(layout.n_layers)):
        _backward(p, layout, k, features)


def _backward(p, layout, k, features):
    """Add to the gradients of layer k; derivatives for the units below it."""
    (n_in, n_out), rows = layout.layers[k], range(len(features))
    errors = [f"at(M, {layout.d[r][k]} + j)" for r in rows]
    with p.loop("j", 0, n_out):
        place = f"{layout.biases[k] + layout.n_weights} + j"
        p.line(f"put(M, {place}, {' + '.join([f'at(M, {place})', *errors])})")
    with p.loop("i", 0, n_in):
        h = [p.new(f"at(M, {layout.h[r][k - 1]} + i)" if k else features[r]) for r in rows]
        totals = [p.new("zero") for _ in rows] if k else []
        with p.loop("j", 0, n_out):
            values = [p.new(error) for error in errors]
            kernel = f"{layout.kernels[k]} + i * {n_out} + j"
            place = f"{layout.n_weights} + {kernel}"
            products = [f"{h[r]} * {values[r]}" for r in rows]
            p.line(f"put(M, {place}, {' + '.join([f'at(M, {place})', *products])})")
            for total, value in zip(totals, values, strict=False):
                p.line(f"{total} = {total} + {value} * at(M, {kernel})")
        for r, total in enumerate(totals):
            p.line(f"put(M, {layout.d[r][k - 1]} + i, if_above({h[r]}, zero, {total}, zero))")


def _update(p, layout):
    """One step down the gradient. A frozen layer keeps its very bits: -0.0 - 0.0 * g may not."""
    p.new(f"at(M, {layout.rate})", "rate")
    for k, (n_in, n_out) in enumerate(layout.layers):
        trained = p.new(f"at(M, {layout.trained + k})")
        with p.loop("p", layout.kernels[k], layout.kernels[k] + (n_in + 1) * n_out):
            old = p.new("at(M, p)")
            new = f"{old} - rate * at(M, p + {layout.n_weights})"
            p.line(f"put(M, p, if_above({trained}, zero, {new}, {old}))")


if __name__ == "__main__":
    print(write(tuple(map(int, sys.argv[1:])), "c++"), end="")
