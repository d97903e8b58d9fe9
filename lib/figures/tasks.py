"""Figures of tasks: points, regions, photographs."""

from collections.abc import Mapping

import numpy as np
from matplotlib.colors import ListedColormap

from ..checks import check_choice, check_text, check_whole, numbers
from ..checks import shown as words_of
from .axes import axes_or_new, dress
from .checks import check_attributes, check_labels, check_names, figure
from .looks import BLACK, CLASS_COLORS, CLASS_MARKERS, GREY
from .words import describe, listed

MOST_CLASSES = 1000
LEAST_WEIGHT = 1e-30  # of a unit; with less it never switches
FEATURES = {"x": "feature 1", "y": "feature 2"}


@figure
def plot_points(task, *, part: str = "train", title: str = "", ax=None):
    """Scatter the rows of a two-feature task, one colour and marker for each class.

    Args:
        task: a `Task` whose rows are (n_rows, 2).
        part: "train", "validation" or "test".
    """
    check_choice("part", part, ("train", "validation", "test"))
    x, y = _rows_of(task, part, ("n_rows", "2"))
    if x.shape[1] != 2:
        raise ValueError(f"task with rows of {x.shape[1]} features: give one of two features.")
    ax = axes_or_new(ax)
    texts = {}
    for c, name in enumerate(task.class_names):
        rows = x[y == c]
        look = {"color": CLASS_COLORS[c % 8], "marker": CLASS_MARKERS[c % 8]}
        ax.scatter(*rows.T, s=12, alpha=0.7, label=name, **look)
        if len(rows):
            across, up = rows.mean(axis=0)
            texts[name] = f"{len(rows)} points around ({across:.1f}, {up:.1f})"
    dress(ax, **FEATURES, caption=f"{task.name}: {len(x)} {part} points", title=title, legend=True)
    describe(ax, f"Scatter plot of the classes. {listed(texts)}")
    return ax


@figure
def plot_regions(class_map, *, points=None, title: str = "", ax=None):
    """Shade the plane by the class that a model gives to each place.

    Args:
        class_map: `xx0`, `xx1` (n, n) in the units of the features, and `response` (n, n), the
            number of the class there.
        points: a two-feature `Task`, to draw its test rows over the regions; None for none.
    """
    from sklearn.inspection import DecisionBoundaryDisplay

    parts = ("xx0", "xx1", "response")
    check_attributes(class_map, "class_map", parts, "a class_map")
    xx0, xx1, response = (
        numbers(f"class_map.{part}", getattr(class_map, part), ("n", "m")) for part in parts
    )
    if not xx0.shape == xx1.shape == response.shape or min(response.shape) < 2:
        raise ValueError(
            f"class_map of shapes {xx0.shape}, {xx1.shape} and {response.shape}: give one shape, "
            "two places or more in each direction."
        )
    if response.min() < 0 or response.max() >= MOST_CLASSES or (response % 1).any():
        raise ValueError(
            f"class_map.response from {response.min():g} to {response.max():g}: give numbers of "
            f"classes, 0 to {MOST_CLASSES - 1}."
        )
    ax, response = axes_or_new(ax), response.astype(int)
    n_classes = max(int(response.max()) + 1, 2)
    colors = [CLASS_COLORS[c % 8] for c in range(n_classes)]
    looks = {"cmap": ListedColormap(colors)} if n_classes == 2 else {}
    DecisionBoundaryDisplay(
        xx0=xx0,
        xx1=xx1,
        n_classes=n_classes,
        response=response,
        multiclass_colors=colors,
    ).plot(
        "pcolormesh",
        ax,
        vmin=-0.5,
        vmax=n_classes - 0.5,
        alpha=0.25,
        rasterized=True,
        zorder=-1,
        **looks,
    )
    dress(ax, **FEATURES, title=title)
    parts = {f"class {c}": f"{(response == c).mean():.0%}" for c in range(n_classes)}
    describe(ax, f"Decision regions, part of the plane: {listed(parts)}")
    return ax if points is None else plot_points(points, part="test", title=title, ax=ax)


@figure
def plot_unit_lines(kernel, bias, *, points=None, ax=None):
    """Draw where the units of a first layer switch on, one line a unit, over points.

    Args:
        kernel, bias: of the layer, (2, n_units) and (n_units,).
        points: (n_rows, 2), to say which part lies on the active side; None to leave it out.
    """
    kernel, bias = numbers("kernel", kernel, ("2", "n_units")), numbers("bias", bias, ("n_units",))
    if kernel.shape != (2, len(bias)):
        raise ValueError(
            f"kernel of shape {kernel.shape}, bias of {len(bias)} units: give (2, {len(bias)})."
        )
    if points is not None:
        points = numbers("points", points, ("n_rows", "2"))
        if points.shape[1] != 2:
            raise ValueError(f"points of shape {points.shape}: give (n_rows, 2).")
    ax = axes_or_new(ax)
    limits, texts = {"xlim": ax.get_xlim(), "ylim": ax.get_ylim()}, {}
    lines = ("-", "--", "-.", ":", (0, (3, 1, 1, 1, 1, 1)), (0, (1, 4)))
    for unit, (w, b) in enumerate(zip(kernel.T, bias, strict=True)):
        label = f"unit {unit}"
        if np.linalg.norm(w) < LEAST_WEIGHT:
            texts[label] = "never switches"
            continue
        on_line = -b * w / (w @ w)  # the point of the line nearest to the origin
        beside = on_line + np.array([-w[1], w[0]])
        color = BLACK if unit < len(lines) else GREY
        ax.axline(on_line, beside, color=color, linestyle=lines[unit % len(lines)], label=label)
        active = "" if points is None else f", active on {(points @ w + b > 0).mean():.0%}"
        texts[label] = f"{np.linalg.norm(on_line):.1f} from the origin{active}"
    ax.set(**limits)
    dress(ax, **FEATURES, legend=True)
    describe(ax, f"Lines where the units switch. {listed(texts)}")
    return ax


@figure
def plot_photos(shown, *, n_columns: int = 8, title: str = "", ax=None):
    """Draw some photographs, one row a class, or a row for each label.

    Args:
        shown: a `Task` of photographs, uint8 (n_rows, height, width, 3), of which training
            photographs are drawn; or by label, photographs of one size.
        n_columns: photographs per row; each class or label has at least as many.
    """
    check_whole("n_columns", n_columns, 1, 100)
    if isinstance(shown, Mapping):
        check_labels(shown, "shown", "row of photographs")
        rows, what, over, caption = dict(shown), "row", "photographs", ""
    else:
        photos, labels = _rows_of(shown, "train", ("n_rows", "height", "width", "3"))
        rows = {name: photos[labels == c] for c, name in enumerate(shown.class_names)}
        what, over, caption = "class", "training photographs", shown.data
    rows = {label: _photographs(row, label, n_columns) for label, row in rows.items()}
    if len(sizes := {row.shape[1:] for row in rows.values()}) > 1:
        raise ValueError(f"shown: photographs of sizes {sorted(sizes)}: give one size.")
    ax = axes_or_new(ax)
    height = next(iter(rows.values())).shape[1] + 2  # with a white frame of one pixel
    frame = ((0, 0), (1, 1), (1, 1), (0, 0))
    framed = [np.pad(row, frame, constant_values=255) for row in rows.values()]
    ax.imshow(np.concatenate([np.concatenate(list(row), axis=1) for row in framed]))
    places = height * (np.arange(len(rows)) + 0.5) - 0.5
    ax.set_yticks(places, list(rows))
    ax.set_xticks([])
    dress(ax, x=over, y=what if what == "class" else "", caption=caption, title=title)
    describe(ax, f"{n_columns} photographs per {what}, one row each: {', '.join(rows)}")
    return ax


def _photographs(row, label, n_columns):
    """The first photographs of a row, uint8 (n, height, width, 3); one clear error."""
    name = f"shown, photographs of {label!r}"
    if isinstance(row, np.ndarray) and not row.size:
        raise ValueError(f"{name}: there are none: choose another task.")
    numbers(name, row, ("n", "height", "width", "3"))
    row = np.asarray(row)[:n_columns]
    if row.dtype != "uint8" or row.shape[3] != 3:
        raise ValueError(f"{name}, {row.dtype} {row.shape}: give uint8 (n, height, width, 3).")
    if len(row) < n_columns:
        raise ValueError(f"{name}: {len(row)}, fewer than n_columns={n_columns}: take fewer.")
    return row


def _rows_of(task, part, axes):
    """Rows and classes of a part of a task; one clear error if they are none."""
    names = f"x_{part}", f"y_{part}"
    check_attributes(task, "task", (*names, "class_names", "name", "data"), "a Task")
    x, y = (getattr(task, name) for name in names)
    if x is None or y is None:
        raise ValueError(f"part={part!r}: the task has no such rows, choose another part.")
    for text in ("name", "data"):
        check_text(f"task.{text}", getattr(task, text))
    check_names(task.class_names, "task.class_names")
    numbers(f"task.x_{part}", x, axes)
    classes = numbers(f"task.y_{part}", y, ("n_rows",))
    n_classes = len(task.class_names)
    if len(x) != len(y) or classes.min() < 0 or classes.max() >= n_classes:
        raise ValueError(
            f"task with {len(x)} rows and {len(y)} classes from {words_of(classes.min())} to "
            f"{words_of(classes.max())}: give one for each row, 0 to {n_classes - 1}."
        )
    return np.asarray(x), np.asarray(y)
