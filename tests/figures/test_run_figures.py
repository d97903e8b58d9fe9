"""Figures of training runs by their artists."""

import numpy as np
import pandas as pd
import pytest

from lib.figures import described, looks, runs
from lib.networks import training
from lib.statistics import intervals

CURVES = {
    "from scratch": np.array([[0.2, 0.4, 0.6], [0.4, 0.6, 0.6]]),
    "fixed=2": np.array([[0.5, 0.6, 0.7], [0.3, 0.8, 0.9]]),
}


@pytest.fixture
def summaries():
    return {label: intervals.summarise_curves(curves) for label, curves in CURVES.items()}


def test_plot_curves_draws_each_mean_in_the_look_of_its_arm(summaries):
    ax = runs.plot_curves(summaries)
    for line, (label, curves) in zip(ax.lines, CURVES.items(), strict=True):
        assert line.get_label() == label
        np.testing.assert_array_equal(line.get_xdata(), [0, 1, 2])
        np.testing.assert_allclose(line.get_ydata(), curves.mean(axis=0))
        look = looks.style(label)
        assert (line.get_color(), line.get_linestyle()) == (look.color, look.linestyle)


def test_plot_curves_band_goes_from_low_to_high(summaries):
    ax = runs.plot_curves(summaries)
    for band, summary in zip(ax.collections, summaries.values(), strict=True):
        corners = band.get_paths()[0].vertices
        for epoch in range(3):
            heights = corners[corners[:, 0] == epoch, 1]
            limits = summary.low[epoch], summary.high[epoch]
            assert (heights.min(), heights.max()) == pytest.approx(limits)


def test_plot_curves_puts_single_runs_faintly_behind(summaries):
    ax = runs.plot_curves(summaries, runs=CURVES)
    faint = [line for line in ax.lines if line.get_alpha() == 0.12]
    for label, curves in CURVES.items():
        of_arm = [line for line in faint if line.get_color() == looks.style(label).color]
        np.testing.assert_array_equal([line.get_ydata() for line in of_arm], curves)


def test_plot_curves_says_what_axes_band_and_n_are(summaries):
    ax = runs.plot_curves(summaries, unit="bases")
    assert ax.get_xlabel() == "epoch (0: before training)"
    assert ax.get_ylabel() == "test accuracy (fraction correct)"
    assert ax.get_title() == "Mean and its 95 % interval; n = 2 bases"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(CURVES)


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [("accuracy", "accuracy (fraction correct)"), ("loss", "cross-entropy (nats)")],
)
def test_plot_history_draws_training_and_test_from_epoch_1(quantity, unit):
    history = training.History(
        train_loss=np.array([0.9, 0.7, 0.6]),
        train_accuracy=np.array([0.1, 0.2, 0.3]),
        test_loss=np.array([1.0, 0.8, 0.7]),
        test_accuracy=np.array([0.4, 0.5, 0.6]),
        seconds=1.0,
    )
    ax = runs.plot_history(history, quantity=quantity)
    for part, line, dash in zip(("train", "test"), ax.lines, ("-", "--"), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3])
        np.testing.assert_array_equal(line.get_ydata(), getattr(history, f"{part}_{quantity}"))
        assert (line.get_label(), line.get_linestyle()) == (part, dash)
    assert ax.lines[0].get_color() != ax.lines[1].get_color()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", unit)
    assert legend_of(ax) == ["train", "test"] and ax.get_title() == quantity.capitalize()


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


def test_plot_epochs_draws_the_mean_and_every_run_in_the_arms_look():
    ax = runs.plot_epochs(make_table())
    labelled = [line for line in ax.lines if not line.get_label().startswith("_")]
    assert [line.get_label() for line in labelled] == ["from scratch", "frozen, fresh head"]
    np.testing.assert_allclose(labelled[0].get_ydata(), 0.21 + 0.1 * np.arange(4))
    for line in labelled:
        look = looks.style(line.get_label())
        assert (line.get_color(), line.get_marker()) == (look.color, look.marker)
    faint = [line for line in ax.lines if line not in labelled]
    assert len(faint) == 6 and {line.get_alpha() for line in faint} == {0.3}
    np.testing.assert_allclose(faint[2].get_ydata(), 0.22 + 0.1 * np.arange(4))


def test_plot_epochs_names_axes_and_number_of_runs():
    ax = runs.plot_epochs(make_table())
    assert ax.get_xlabel() == "epoch"
    assert ax.get_ylabel() == "test accuracy (fraction correct)"
    assert "mean of 3 runs" in ax.get_title()
    table = make_table()
    partial = table[(table.arm == "from scratch") | (table.pair < 2)]
    assert "mean of 2 to 3 runs" in runs.plot_epochs(partial).get_title()
    one = runs.plot_epochs(make_table(1))
    assert one.get_title() == "1 run each" and len(one.lines) == 2


def test_plot_epochs_takes_loss_and_another_column():
    table = make_table().rename(columns={"arm": "split", "test_accuracy": "validation_loss"})
    ax = runs.plot_epochs(table, quantity="validation_loss", by="split")
    assert ax.get_ylabel() == "validation cross-entropy (nats)"


def test_plot_progress_leaves_out_what_a_log_axis_cannot_show():
    curves = {"from scratch": ([0, 1, 10], [0.2, 0.5, 0.6], [0, 0.4, 0.5], [1, 0.6, 0.7])}
    ax = runs.plot_progress(curves, over="seconds")
    assert ax.lines[0].get_xydata().tolist() == [[1, 0.5], [10, 0.6]]
    (band,) = ax.collections
    assert band.get_paths()[0].vertices[:, 1].min() == 0.4
    assert ax.get_xlabel() == "seconds" and ax.get_ylabel() == looks.ACCURACY


def test_plot_progress_shows_a_moved_line_in_the_look_of_its_arm_with_hollow_markers():
    label = "fine-tuned" + looks.COUNTED
    ax = runs.plot_progress({"fine-tuned": ([1, 2], [0, 1]), label: ([3, 4], [0, 1])}, over="s")
    arm, moved = ax.lines
    look = looks.style("fine-tuned")
    assert arm.get_color() == moved.get_color() == arm.get_markerfacecolor() == look.color
    assert arm.get_marker() == moved.get_marker() == look.marker
    assert moved.get_markerfacecolor() == "none"
    assert moved.get_linewidth() < arm.get_linewidth()


def test_plot_progress_on_a_linear_axis_keeps_zero():
    ax = runs.plot_progress({"fixed=0": ([0, 1], [0.2, 0.5])}, over="seconds", log=False)
    assert ax.lines[0].get_xdata().tolist() == [0, 1] and ax.get_xscale() == "linear"


def test_plot_curves_gives_early_epochs_room(summaries):
    many = {k: intervals.summarise_curves(np.tile(c, 20)) for k, c in CURVES.items()}
    ax = runs.plot_curves(many, log=True)
    assert ax.get_xscale() == "symlog" and ax.get_xlim() == (0, 59)
    shown = [tick.get_text() for tick in ax.get_xticklabels()]
    assert shown == ["0", "1", "2", "5", "10", "20", "50"]


def test_plot_curves_takes_limits_labels_and_a_zero_line(summaries):
    ax = runs.plot_curves(summaries, limits=(0.5, None), over="round", quantity="gain", zero=True)
    assert ax.get_ylim()[0] == 0.5
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("round", "gain")
    assert [0, 0] in [list(line.get_ydata()) for line in ax.lines]


def test_plot_curves_tells_both_ends_and_who_is_highest(summaries):
    said = described(runs.plot_curves(summaries).figure)
    assert "from scratch: from 0.30 (epoch 0) to 0.60 (epoch 2)" in said
    assert said.endswith("Highest: fixed=2.")


def test_curves_that_are_no_numbers_are_one_clear_error(summaries):
    bad = summaries["fixed=2"]._replace(centre=np.array([0.1, np.nan, 0.2]))
    with pytest.raises(ValueError, match="'fixed=2', centre: 1 of 3 values are NaN or infinite"):
        runs.plot_curves({"fixed=2": bad})


def test_plot_runs_draws_the_chosen_strongly():
    curves = np.array([[0.3, 0.8], [0.3, 0.4], [0.2, 0.9]])
    ax = runs.plot_runs(curves, chosen=curves[:, -1] < 0.7, called="end below 0.7")
    strong = [line for line in ax.lines if line.get_alpha() == 1]
    assert [line.get_ydata().tolist() for line in strong] == [[0.3, 0.4]] and len(ax.lines) == 3
    assert ax.get_title() == "1 of 3 runs end below 0.7"
    assert legend_of(ax) == ["all others (2)", "end below 0.7 (1)"]
    assert "end below 0.7: 1 runs, at the end 0.40 to 0.40" in described(ax.figure)


def test_plot_runs_without_chosen_runs_draws_the_others():
    ax = runs.plot_runs(np.full((2, 3), 0.8), chosen=[False, False], called="end below 0.7")
    assert legend_of(ax) == ["all others (2)"] and ax.get_title() == "0 of 2 runs end below 0.7"


def test_plot_history_of_a_table_draws_each_run_faintly_and_their_mean():
    table = make_table().query("arm == 'from scratch'").drop(columns="arm")
    table = table.rename(columns={"test_accuracy": "validation_accuracy"})
    ax = runs.plot_history(table, parts=["validation"])
    faint = [line for line in ax.lines if line.get_alpha() == 0.3]
    (mean,) = [line for line in ax.lines if line not in faint]
    assert len(faint) == 3 and mean.get_label() == "validation"
    np.testing.assert_allclose(mean.get_ydata(), 0.21 + 0.1 * np.arange(4))
    assert ax.get_title() == "Accuracy, mean of 3 runs, faint: each run"
    one = table.query("pair == 0").drop(columns="pair").set_index("epoch")
    assert len(runs.plot_history(one, parts=["validation"]).lines) == 1


def test_plot_epochs_of_many_arms_tells_the_lowest_and_the_highest():
    tables = [make_table().assign(arm=lambda t, n=n: t.arm + f" {n}") for n in range(5)]
    said = described(runs.plot_epochs(pd.concat(tables)).figure)
    assert "10 in all. Lowest is from scratch 0: 0.21 at epoch 0, 0.51 at epoch 3." in said
    assert len(said) < 600
