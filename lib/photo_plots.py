"""Figures of photographs and of runs on them: `plot_*(data, ax=None) -> ax`, as in `lib.plots`."""

import numpy as np

from .looks import BLUE, GREY, ORANGE, style
from .plots import axes_or_new

QUANTITIES = {
    "accuracy": "accuracy (fraction correct)",
    "loss": "cross-entropy (nats)",
}


def plot_photos(task, n_columns: int = 8, ax=None):
    """Draw some training photographs, one row a class.

    Args:
        task: a `datasets.Task` of photographs, uint8 (n_rows, height, width, 3).
        n_columns: photographs of a class; each class has at least as many.
    """
    ax = axes_or_new(ax)
    height = task.x_train.shape[1] + 2  # with a white frame of one pixel
    rows = [task.x_train[task.y_train == c][:n_columns] for c in range(task.n_classes)]
    framed = [np.pad(row, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=255) for row in rows]
    ax.imshow(np.concatenate([np.concatenate(list(row), axis=1) for row in framed]))
    places = height * (np.arange(task.n_classes) + 0.5) - 0.5
    ax.set_yticks(places, task.class_names)
    ax.set_xticks([])
    ax.set_title(task.data)
    return ax


def plot_epochs(table, quantity: str = "test_accuracy", by: str = "arm", ax=None):
    """Draw training curves: every run faintly, the mean of each arm over them.

    Args:
        table: a `pandas.DataFrame` with the columns `pair`, `epoch`, the quantity, and `by`.
        quantity: a column that ends in "accuracy" (0 to 1) or "loss".
        by: the column that tells arms apart.
    """
    ax = axes_or_new(ax)
    n_runs = table.groupby(by, sort=False)["pair"].nunique()
    for label, rows in table.groupby(by, sort=False):
        look = style(label)
        runs = rows.pivot(index="epoch", columns="pair", values=quantity).dropna()
        if runs.shape[1] > 1:
            ax.plot(runs.index, runs, color=look.color, alpha=0.3, linewidth=0.8)
        mean = runs.mean(axis=1)
        every = max(1, len(runs) // 8)
        ax.plot(runs.index, mean, color=look.color, linestyle=look.linestyle, marker=look.marker,
                markevery=every, markersize=5, linewidth=2, label=label)  # fmt: skip
    part, _, kind = quantity.rpartition("_")
    n = f"{n_runs.min()} to {n_runs.max()}" if n_runs.min() < n_runs.max() else n_runs.max()
    n = "1 run each" if n_runs.max() == 1 else f"mean of {n} runs, faint: each run"
    ax.set(xlabel="epoch", ylabel=f"{part} {QUANTITIES[kind]}", title=n)
    ax.legend(fontsize="small")
    return ax


def plot_seconds(parts, ax=None):
    """Draw what each arm's training took, as stacked bars: target, then source.

    Args:
        parts: label -> {"target": seconds, "compilation": seconds, "source": seconds}; any of them
            may be left out.
    """
    ax = axes_or_new(ax)
    kinds = (("target", BLUE, ""), ("compilation", ORANGE, "//"), ("source", GREY, ".."))
    places, left = np.arange(len(parts)), np.zeros(len(parts))
    for kind, color, hatch in kinds:
        width = np.array([part.get(kind, 0.0) for part in parts.values()])
        if width.any():
            ax.barh(places, width, left=left, color=color, hatch=hatch, edgecolor="white",
                    label=kind)  # fmt: skip
            left += width
    ax.set_yticks(places, list(parts))
    ax.invert_yaxis()
    ax.set(xlabel="seconds", xlim=(0, 1.05 * left.max() or 1))  # a bar of width 0 takes the margin
    ax.legend(fontsize="small")
    return ax
