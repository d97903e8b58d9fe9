"""The proof of the intervals: that it simulates what it says, counts right, and came out right."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lib.statistics import nested
from lib.studies import __main__, coverage, record, simulated

LARGE = simulated.Design("large", 400, 10, n_epochs=20, base_sd=0.03, refit_sd=0.06, noise_sd=0.01)


def test_truth_of_hand_computed_curves():
    design = simulated.Design("one", 3, 1, n_epochs=10)
    found = simulated.truth(design, saturation=2.0)  # rates 0.2 and 0.25 an epoch, window 0 to 5
    slopes = 0.45 * (1 - np.exp(-1.25)) / 5, 0.55 * (1 - np.exp(-1)) / 5
    expected = {"start": 0.15, "slope": slopes[0] - slopes[1], "asymptote": 0.05}
    assert found == pytest.approx(expected)


def test_truth_of_another_form_is_computed_by_hand():
    """MMF with d = 2: half is still to come at the end, from scratch, and 1 / (1 + 1.25^2)."""
    design = LARGE._replace(n_epochs=10, form="MMF", exponent=2.0)
    found = simulated.truth(design, saturation=np.log(2))
    gains = [0.45 * (1 - 1 / (1 + 0.625**2)) / 5, 0.55 * (1 - 1 / 1.25) / 5]  # to epoch 5
    assert found["slope"] == pytest.approx(gains[0] - gains[1])
    end = [0.80 - 0.45 / (1 + 1.25**2), 0.75 - 0.55 / 2]
    curves = simulated.simulate(design._replace(noise_sd=0.0), np.log(2), seed=4)[1:]
    for arm, level in zip(curves, end, strict=True):
        assert arm[..., -1].mean() == pytest.approx(level, abs=0.005)


def test_refits_are_tried_where_they_are_asked_for():
    design = simulated.Design("small", 5, 2)
    linear = coverage.one_study(design, 8.0, seed=1)["asymptote", coverage.QUICK_METHOD]
    again = design._replace(refitted=True)
    found = coverage.one_study(again, 8.0, seed=1)
    assert list(found) == [("asymptote", coverage.REFITS_METHOD)]
    width = found["asymptote", coverage.REFITS_METHOD][1]
    assert width == pytest.approx(linear[1], rel=0.5) and width != linear[1]
    assert coverage.one_study(again, 0.5, seed=1) == {("asymptote", coverage.REFITS_METHOD): None}


def test_simulate_all_takes_a_quarter_of_the_simulations_where_curves_are_refitted():
    tried = [simulated.Design("small", 3, 1), simulated.Design("small", 3, 1, refitted=True)]
    table = coverage.tabulate(coverage.simulate_all(8, 0, tried, [0.5], n_jobs=1))
    assert table.groupby("method").simulations.max().to_dict() == {
        coverage.QUICK_METHOD: 8,
        coverage.REFITS_METHOD: 2,
    }


def test_simulated_mean_curves_are_the_true_ones():
    epochs, transfer, scratch = simulated.simulate(LARGE, 3.0, seed=0)
    assert transfer.shape == scratch.shape == (400, 10, 21)
    rest = np.exp(-3 / 20 * epochs)
    tolerance = 4 * np.sqrt((0.03**2 + 0.06**2 / 10) / 400)
    np.testing.assert_allclose(scratch.mean((0, 1)), 0.75 - 0.55 * rest, atol=tolerance)
    np.testing.assert_allclose(transfer.mean((0, 1)), 0.8 - 0.45 * rest**1.25, atol=tolerance)


def test_simulated_spreads_are_those_of_the_design():
    _, _, scratch = simulated.simulate(LARGE._replace(noise_sd=0.0), 50.0, seed=1)
    start, end = nested.spread(scratch[..., 0]), nested.spread(scratch[..., -1])
    assert (start.between_bases, start.within_base) == pytest.approx((0.03, 0.06), rel=0.15)
    assert (end.between_bases, end.within_base) == pytest.approx((0.01, 0.02), rel=0.15)
    # what a run adds to its start says nothing of what it adds to its asymptote
    assert abs(np.corrcoef(scratch[..., 0].ravel(), scratch[..., -1].ravel())[0, 1]) < 0.1


def test_simulated_noise_is_correlated_along_a_run():
    quiet = LARGE._replace(base_sd=0.0, refit_sd=0.0)
    epochs, _, scratch = simulated.simulate(quiet, 3.0, seed=2)
    noise = scratch - (0.75 - 0.55 * np.exp(-3 / 20 * epochs))
    np.testing.assert_allclose(noise.std(axis=(0, 1)), 0.01, rtol=0.05)  # at every epoch
    before, after = noise[..., :-1].ravel(), noise[..., 1:].ravel()
    assert np.corrcoef(before, after)[0, 1] == pytest.approx(0.5, abs=0.02)


def test_simulations_of_one_seed_agree():
    first, same, other = (simulated.simulate(LARGE, 3.0, (0, s))[1] for s in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.allclose(first, other)


def test_tabulate_counts_only_what_is_identified():
    design = simulated.Design("one", 3, 1)
    key = ("asymptote", coverage.QUICK_METHOD)
    parts = [
        (design, 3.0, [{key: (True, 0.1)}, {key: (False, 0.3)}, {key: None}]),
        (design, 3.0, [{key: (True, 0.2)}]),
    ]
    (row,) = coverage.tabulate(parts).to_dict("records")
    assert (row["simulations"], row["not_identified"], row["covered"]) == (4, 0.25, 2)
    assert (row["coverage"], row["mean_width"]) == pytest.approx((2 / 3, 0.2))
    wilson = stats.binomtest(2, 3).proportion_ci(method="wilson")
    assert (row["coverage_low"], row["coverage_high"]) == pytest.approx((wilson.low, wilson.high))


def test_tabulate_gives_no_coverage_where_nothing_is_identified():
    table = coverage.tabulate(
        [(simulated.Design("one", 3, 1), 3.0, [{("asymptote", coverage.QUICK_METHOD): None}] * 3)]
    )
    assert table.not_identified[0] == 1 and np.isnan(table.coverage[0])


def test_intervals_of_a_short_study_cover_the_truth():
    design = simulated.DESIGNS[0]
    parts = coverage.simulate_all(120, seed=123, designs=[design], saturation=[5.0], n_jobs=1)
    table = coverage.tabulate(parts).query("method == @coverage.QUICK_METHOD").set_index("quantity")
    identified = table.simulations * (1 - table.not_identified)
    assert (identified >= 100).all()
    # as many hits as 95 % give in all but 1 of 1,000 studies of this size
    low, high = stats.binom.ppf([0.0005, 0.9995], 120, 0.95)
    assert ((low - 20 <= table.covered) & (table.covered <= high)).all()
    assert (table.covered >= stats.binom.ppf(0.0005, identified.round(), 0.95)).all()


def test_a_short_study_of_cut_curves_identifies_nothing():
    design = simulated.DESIGNS[0]
    parts = coverage.simulate_all(40, seed=5, designs=[design], saturation=[0.5], n_jobs=1)
    table = coverage.tabulate(parts).set_index("quantity")
    assert table.loc["asymptote", "not_identified"] >= 0.9


N_DESIGNS = sum(not design.refitted for design in simulated.DESIGNS)


def recorded():
    return record.load_study("coverage").query("method == @coverage.QUICK_METHOD")


def test_recorded_intervals_hold_the_truth_in_93_to_97_percent():
    table = recorded()
    assert (table.simulations >= 1000).all()
    counted = table[table.not_identified < 0.5]
    assert counted.groupby("name").quantity.nunique().to_dict() == {
        design.name: 3 for design in simulated.DESIGNS
    }
    assert counted.coverage.between(0.93, 0.97).all()
    assert 0.94 <= counted.coverage.mean() <= 0.96


def test_recorded_curves_cut_early_are_not_identified():
    cut = recorded().query("quantity == 'asymptote' and saturation == 0.5")
    assert len(cut) == N_DESIGNS and (cut.not_identified >= 0.95).all()


def test_recorded_curves_on_the_border_are_rarely_identified():
    edge = recorded().query("quantity == 'asymptote' and saturation == 2")
    assert len(edge) == N_DESIGNS and (edge.not_identified >= 0.95).all()


def test_recorded_intervals_from_refits_hold_the_truth():
    table = record.load_study("coverage").query(
        "method == @coverage.REFITS_METHOD and not_identified < 0.5"
    )
    assert len(table) >= 2 and (table.coverage_high >= 0.93).all()
    assert (table.coverage_low <= 0.97).all()


def test_recorded_two_level_percentiles_are_too_wide_where_bases_are_alike():
    table = record.load_study("coverage").query("quantity == 'slope' and base_sd == 0")
    assert (table[table.method == coverage.TWO_LEVEL_METHOD].coverage > 0.98).all()


def test_recorded_study_says_what_made_it():
    sheet = record.datasheet("coverage")
    assert sheet["settings"]["simulations"] >= 1000
    (made,) = sheet["made"]
    assert len(made["code"]) == len(coverage.interval_digest()) == 12
    assert set(made["packages"]) == {"numpy", "scipy", "statsmodels"} and "cores" in made["machine"]


def test_command_writes_a_table_and_its_datasheet(tmp_path, monkeypatch):
    monkeypatch.setattr(coverage, "DESIGNS", (simulated.Design("small", 3, 1),))
    monkeypatch.setattr(coverage, "SATURATION", (0.5,))
    assert __main__.main(["coverage", "--simulations", "3", "--seed", "4"], folder=tmp_path) == 0
    table = pd.read_csv(tmp_path / "coverage.csv")
    assert set(table.quantity) == {"start", "slope", "asymptote"} and (table.simulations == 3).all()
    sheet = json.loads((tmp_path / "coverage.json").read_text(encoding="utf-8"))
    assert (sheet["settings"]["seed"], sheet["made"][0]["simulations"]) == (4, 3)


def test_command_refuses_a_negative_number(tmp_path, capsys):
    assert __main__.main(["coverage", "--simulations", "-1"], folder=tmp_path) == 1
    assert "n_simulations=-1: choose 1 or more" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_command_interrupted_keeps_what_was_finished(tmp_path, monkeypatch, capsys):
    def interrupted(*args):
        yield simulated.DESIGNS[0], 0.5, [{("start", coverage.QUICK_METHOD): (True, 0.1)}]
        raise KeyboardInterrupt

    monkeypatch.setenv("COURSE_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(coverage, "simulate_all", interrupted)
    assert __main__.main(["coverage"], folder=tmp_path / "reference") == 130
    assert "what was finished is in the build folder" in capsys.readouterr().err
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert path.name == "coverage-interrupted.csv" and len(pd.read_csv(path)) == 1
