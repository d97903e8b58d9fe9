"""Figures of tasks: points, regions, photographs."""

import numpy as np
from matplotlib.colors import ListedColormap

from .axes import axes_or_new, dress
from .checks import check_some, numbers
from .looks import BLACK, CLASS_COLORS, CLASS_MARKERS, GREY
from .words import describe, listed

FEATURES = {"x": "feature 1", "y": "feature 2"}


def plot_points(task, *, part: str = "train", title: str = "", ax=None):
    """Scatter the rows of a two-feature task, one colour and marker for each class.

    Args:
        task: a `Task` whose rows are (n_rows, 2).
        part: "train", "validation" or "test".
    """
    ax = axes_or_new(ax)
    x, y = getattr(task, f"x_{part}"), getattr(task, f"y_{part}")
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


def plot_regions(class_map, *, points=None, title: str = "", ax=None):
    """Shade the plane by the class that a model gives to each place.

    Args:
        class_map: `xx0`, `xx1` (n, n) in the units of the features, and `response` (n, n), the
            number of the class there.
        points: a two-feature `Task`, to draw its test rows over the regions; None for none.
    """
    from sklearn.inspection import DecisionBoundaryDisplay

    ax = axes_or_new(ax)
    response = np.asarray(class_map.response)
    n_classes = max(int(response.max()) + 1, 2)
    colors = [CLASS_COLORS[c % 8] for c in range(n_classes)]
    looks = {"cmap": ListedColormap(colors)} if n_classes == 2 else {}
    DecisionBoundaryDisplay(
        xx0=class_map.xx0,
        xx1=class_map.xx1,
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


def plot_unit_lines(kernel, bias, *, points=None, ax=None):
    """Draw where the units of a first layer switch on, one line a unit, over points.

    Args:
        kernel, bias: of the layer, (2, n_units) and (n_units,).
        points: (n_rows, 2), to say which part lies on the active side; None to leave it out.
    """
    ax = axes_or_new(ax)
    kernel, bias = numbers(kernel, "kernel"), numbers(bias, "bias")
    limits, texts = {"xlim": ax.get_xlim(), "ylim": ax.get_ylim()}, {}
    lines = ("-", "--", "-.", ":", (0, (3, 1, 1, 1, 1, 1)), (0, (1, 4)))
    for unit, (w, b) in enumerate(zip(kernel.T, bias, strict=True)):
        label = f"unit {unit}"
        if not w.any():
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


def plot_photos(shown, *, n_columns: int = 8, title: str = "", ax=None):
    """Draw some photographs, one row a class, or a row for each label.

    Args:
        shown: a `Task` of photographs, uint8 (n_rows, height, width, 3), of which training
            photographs are drawn; or by label, photographs of one size.
        n_columns: photographs per row; each class or label has at least as many.
    """
    ax = axes_or_new(ax)
    if hasattr(shown, "x_train"):
        photos, labels, what = shown.x_train, shown.y_train, "class"
        check_some(photos, "task.x_train", "photograph")
        rows = {name: photos[labels == c] for c, name in enumerate(shown.class_names)}
        over, caption = "training photographs", shown.data
    else:
        rows, what, over, caption = dict(shown), "row", "photographs", ""
        check_some(rows, "shown", "row of photographs")
    rows = {label: np.asarray(row)[:n_columns] for label, row in rows.items()}
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
