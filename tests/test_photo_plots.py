"""Figures of photographs and of runs on them, by their artists."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from lib import datasets, photo_plots
from lib.looks import style


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def make_table(n_pairs=3):
    """Accuracy is 0.1 an epoch, more by 0.01 for each pair; frozen is 0.2 higher."""
    rows = [
        {"arm": arm, "pair": pair, "epoch": epoch,
         "test_accuracy": shift + 0.1 * epoch + 0.01 * pair}
        for arm, shift in (("from scratch", 0.2), ("frozen, fresh head", 0.4))
        for pair in range(n_pairs)
        for epoch in range(4)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_plot_photos_puts_a_row_for_each_class_and_names_the_data():
    x = np.zeros((6, 4, 4, 3), "uint8")
    x[:, 0, 0, 0] = range(6)  # the photograph's number in its corner
    y = np.array([0, 1, 0, 1, 0, 1])
    task = datasets.Task("t", x, y, x, y, ("cat", "dog"), "some photographs")
    ax = photo_plots.plot_photos(task, n_columns=2)
    (image,) = ax.images
    pixels = image.get_array()
    assert pixels.shape == (12, 12, 3)
    assert [int(pixels[i, j, 0]) for i in (1, 7) for j in (1, 7)] == [0, 2, 1, 3]
    assert (pixels[[0, 5, 6, 11]] == 255).all() and (pixels[:, [0, 5, 6, 11]] == 255).all()
    assert [text.get_text() for text in ax.get_yticklabels()] == ["cat", "dog"]
    assert list(ax.get_yticks()) == [2.5, 8.5]
    assert ax.get_title() == "some photographs"


def test_plot_epochs_draws_the_mean_and_every_run_in_the_arms_look():
    ax = photo_plots.plot_epochs(make_table())
    labelled = [line for line in ax.lines if not line.get_label().startswith("_")]
    assert [line.get_label() for line in labelled] == ["from scratch", "frozen, fresh head"]
    np.testing.assert_allclose(labelled[0].get_ydata(), 0.21 + 0.1 * np.arange(4))
    for line in labelled:
        look = style(line.get_label())
        assert (line.get_color(), line.get_marker()) == (look.color, look.marker)
    faint = [line for line in ax.lines if line not in labelled]
    assert len(faint) == 6 and {line.get_alpha() for line in faint} == {0.3}
    np.testing.assert_allclose(faint[2].get_ydata(), 0.22 + 0.1 * np.arange(4))


def test_plot_epochs_names_axes_and_number_of_runs():
    ax = photo_plots.plot_epochs(make_table())
    assert ax.get_xlabel() == "epoch"
    assert ax.get_ylabel() == "test accuracy (fraction correct)"
    assert "mean of 3 runs" in ax.get_title()
    table = make_table()
    partial = table[(table.arm == "from scratch") | (table.pair < 2)]
    assert "mean of 2 to 3 runs" in photo_plots.plot_epochs(partial).get_title()
    one = photo_plots.plot_epochs(make_table(1))
    assert one.get_title() == "1 run each" and len(one.lines) == 2


def test_plot_epochs_takes_loss_and_another_column():
    table = make_table().rename(columns={"arm": "split", "test_accuracy": "validation_loss"})
    ax = photo_plots.plot_epochs(table, "validation_loss", by="split")
    assert ax.get_ylabel() == "validation cross-entropy (nats)"


def test_plot_seconds_stacks_what_there_is():
    parts = {"from scratch": {"target": 5.0, "compilation": 1.0},
             "frozen": {"target": 2.0, "source": 4.0}}  # fmt: skip
    ax = photo_plots.plot_seconds(parts)
    bars = {bars.get_label(): [(bar.get_x(), bar.get_width()) for bar in bars]
            for bars in ax.containers}  # fmt: skip
    assert bars["target"] == [(0, 5), (0, 2)]
    assert bars["compilation"] == [(5, 1), (2, 0)]
    assert bars["source"] == [(6, 0), (2, 4)]
    assert [text.get_text() for text in ax.get_yticklabels()] == list(parts)
    assert ax.get_xlabel() == "seconds"
