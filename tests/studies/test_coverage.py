"""The proof of the intervals: that it simulates what it says, counts right, and came out right."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lib.curves import three_benefits
from lib.statistics import nested
from lib.studies import (
    __main__,
    answer_coverage,
    coverage,
    record,
    simulated,
    simulated_answers,
)

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
    (linear,) = coverage.some_studies(design, 8.0, [1])
    linear = linear["asymptote", coverage.QUICK_METHOD]
    again = design._replace(refitted=True)
    (found,) = coverage.some_studies(again, 8.0, [1])
    assert list(found) == [("asymptote", coverage.REFITS_METHOD)]
    width = found["asymptote", coverage.REFITS_METHOD][1]
    assert width == pytest.approx(linear[1], rel=0.5) and width != linear[1]
    nothing = {("asymptote", coverage.REFITS_METHOD): None}
    assert coverage.some_studies(again, 0.5, [1]) == [nothing]


def test_studies_have_the_intervals_of_three_benefits():
    design, seeds = simulated.Design("small", 6, 2), [(0, i) for i in range(4)]
    for seed, found in zip(seeds, coverage.some_studies(design, 6.0, seeds), strict=True):
        answers = three_benefits(*simulated.simulate(design, 6.0, seed), window=simulated.WINDOW)
        true = simulated.truth(design, 6.0)
        for quantity in ("start", "slope", "asymptote"):
            interval = getattr(answers, quantity).interval
            covered, width, miss = found[quantity, coverage.QUICK_METHOD]
            assert width == pytest.approx(interval.high - interval.low, rel=1e-6)
            assert miss == pytest.approx(interval.estimate - true[quantity], abs=1e-8)
            assert covered == (interval.low <= true[quantity] <= interval.high)


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


def test_simulated_bases_differ_in_their_rate():
    design = LARGE._replace(rate_sd=0.4, refit_sd=0.0, base_sd=0.0, noise_sd=0.0, n_refits=1)
    epochs, _, scratch = simulated.simulate(design, 3.0, seed=3)
    rates = -np.log((0.75 - scratch[:, 0, 1]) / 0.55)  # of an exponential, from the first epoch
    assert np.log(rates).std() == pytest.approx(0.4, rel=0.1)
    assert np.median(rates) == pytest.approx(3 / 20, rel=0.1)
    rest = design.mean_rest(1.0, 3.0, epochs)
    np.testing.assert_allclose(scratch.mean((0, 1)), 0.75 - 0.55 * rest, atol=0.015)
    drawn = np.random.default_rng(0).normal(0, 0.4, 100_000)
    assert rest[10] == pytest.approx(np.exp(-1.5 * np.exp(drawn)).mean(), abs=0.003)


def test_simulated_effects_have_heavy_tails_of_the_same_spread():
    heavy = LARGE._replace(heavy=True, base_sd=0.0, refit_sd=0.03, noise_sd=0.0, n_bases=4000)
    start = simulated.simulate(heavy, 3.0, seed=4)[2][..., 0].ravel()
    assert start.std() == pytest.approx(0.03, rel=0.1)
    assert stats.kurtosis(start) > 3


def test_simulated_arms_share_luck():
    def correlation(shared, epoch):
        design = LARGE._replace(shared=shared, base_sd=0.0, refit_sd=0.03, noise_sd=0.01)
        _, transfer, scratch = simulated.simulate(design, 3.0, seed=5)
        return np.corrcoef(transfer[..., epoch].ravel(), scratch[..., epoch].ravel())[0, 1]

    assert correlation(0.8, 0) == pytest.approx(0.8, abs=0.05)
    assert correlation(0.8, 20) == pytest.approx(0.8, abs=0.05)  # asymptotes and noise, too
    assert abs(correlation(0.0, 0)) < 0.05


def test_truth_with_a_slow_part_is_computed_by_hand():
    design = simulated.Design("one", 3, 1, n_epochs=10, slow_part=(0.0, 0.2))
    found = simulated.truth(design, saturation=2.0)
    scratch = 0.55 * (1 - 0.8 * np.exp(-1) - 0.2 * np.exp(-0.1)) / 5
    assert found["slope"] == pytest.approx(0.45 * (1 - np.exp(-1.25)) / 5 - scratch)
    assert found["asymptote"] == pytest.approx(0.05) and not design.of_the_family
    quiet = design._replace(n_bases=2, base_sd=0.0, refit_sd=0.0, noise_sd=0.0)
    end = 0.75 - 0.55 * (0.8 * np.exp(-2) + 0.2 * np.exp(-0.2))
    assert simulated.simulate(quiet, 2.0, seed=0)[2][0, 0, -1] == pytest.approx(end)


def test_simulations_of_one_seed_agree():
    first, same, other = (simulated.simulate(LARGE, 3.0, (0, s))[1] for s in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.allclose(first, other)


def test_tabulate_counts_only_what_is_identified():
    design = simulated.Design("one", 3, 1)
    key = ("asymptote", coverage.QUICK_METHOD)
    parts = [
        (design, 3.0, [{key: (True, 0.1, 0.0)}, {key: (False, 0.3, 0.2)}, {key: None}]),
        (design, 3.0, [{key: (True, 0.2, 0.1)}]),
    ]
    (row,) = coverage.tabulate(parts).to_dict("records")
    assert (row["simulations"], row["not_identified"], row["covered"]) == (4, 0.25, 2)
    assert (row["coverage"], row["mean_width"], row["bias"]) == pytest.approx((2 / 3, 0.2, 0.1))
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


# What is recorded


def recorded():
    return record.load_study("coverage").query("method == @coverage.QUICK_METHOD")


def family():
    """Asymptotes of truths of the family, where some studies identify one."""
    known = recorded().query("quantity == 'asymptote' and of_the_family and coverage.notna()")
    return known.assign(identified=known.simulations * (1 - known.not_identified))


def test_recorded_designs_are_those_that_are_simulated():
    table = recorded()
    assert set(table.name) == {one.name for one in simulated.DESIGNS}
    assert set(table.saturation) == set(simulated.SATURATION) and 2.5 in set(table.saturation)
    assert (table.groupby(["name", "saturation"]).quantity.nunique() == 3).all()


def test_recorded_intervals_of_start_and_slope_hold_the_truth():
    table = recorded().query("quantity != 'asymptote'")
    assert (table.coverage_high >= 0.93).all() and table.coverage.mean() >= 0.94


def test_recorded_asymptotes_of_the_family_are_held_in_93_percent_at_every_saturation():
    table = family()
    assert table.saturation.min() <= 2.5  # the border is among them
    assert (table.coverage_high >= 0.93).all()
    for _, rows in table.groupby("saturation"):
        assert rows.covered.sum() / rows.identified.sum() >= 0.93


def test_recorded_asymptotes_outside_the_family_are_missed():
    """What the promise does not hold for: a slow part that no form has."""
    table = recorded().query("quantity == 'asymptote' and not of_the_family and saturation >= 5")
    assert len(table) >= 4 and (table.not_identified < 0.1).all() and (table.coverage < 0.5).all()
    one_arm = table[table.name.str.contains("slow tail from scratch")]
    assert (one_arm.bias > 0.02).all()  # in favour of the arm without the tail


def test_recorded_curves_cut_early_are_never_identified():
    cut = recorded().query("quantity == 'asymptote' and saturation <= 2 and n_bases > 3")
    assert (cut.not_identified >= 0.99).all()
    assert (recorded().query("quantity == 'asymptote'").missed <= 1).all()


def test_recorded_asymptotes_are_identified_where_curves_have_saturated():
    table = family().query("saturation >= 3 and n_bases >= 10")
    assert (table.not_identified <= 0.5).all() and table.not_identified.mean() < 0.1


def test_recorded_intervals_from_refits_hold_the_truth():
    table = record.load_study("coverage").query(
        "method == @coverage.REFITS_METHOD and not_identified < 0.5"
    )
    assert len(table) >= 2 and (table.coverage_high >= 0.93).all()


def test_recorded_two_level_percentiles_are_too_wide_where_bases_are_alike():
    table = record.load_study("coverage").query("quantity == 'slope' and base_sd == 0")
    assert table[table.method == coverage.TWO_LEVEL_METHOD].coverage.mean() > 0.98


def test_recorded_study_says_what_made_it():
    sheet = record.datasheet("coverage")
    assert sheet["settings"]["simulations"] >= 100
    (made,) = sheet["made"]
    assert len(made["code"]) == len(coverage.interval_digest()) == 12
    assert set(made["packages"]) == {"numpy", "scipy", "statsmodels"} and "cores" in made["machine"]


def test_command_writes_a_table_and_its_datasheet(tmp_path, monkeypatch):
    monkeypatch.setattr(coverage, "DESIGNS", (simulated.Design("small", 3, 1),))
    monkeypatch.setattr(coverage, "SATURATION", (0.5,))
    assert (
        __main__.main(
            ["coverage", "--of", "curves", "--simulations", "3", "--seed", "4"], folder=tmp_path
        )
        == 0
    )
    table = pd.read_csv(tmp_path / "coverage.csv")
    assert set(table.quantity) == {"start", "slope", "asymptote"} and (table.simulations == 3).all()
    sheet = json.loads((tmp_path / "coverage.json").read_text(encoding="utf-8"))
    assert (sheet["settings"]["seed"], sheet["made"][0]["simulations"]) == (4, 3)


def test_command_writes_both_tables(tmp_path, monkeypatch):
    monkeypatch.setattr(coverage, "DESIGNS", (simulated.Design("small", 3, 1),))
    monkeypatch.setattr(coverage, "SATURATION", (0.5,))
    small = (simulated_answers.AnswerDesign("small", 3, 60, shared=True),)
    monkeypatch.setattr(answer_coverage, "DESIGNS", small)
    assert __main__.main(["coverage", "--simulations", "2"], folder=tmp_path) == 0
    found = sorted(path.name for path in tmp_path.glob("*.csv"))
    assert found == ["coverage.csv", "coverage_photographs.csv"]


def test_command_refuses_a_negative_number(tmp_path, capsys):
    assert (
        __main__.main(["coverage", "--of", "curves", "--simulations", "-1"], folder=tmp_path) == 1
    )
    assert "n_simulations=-1: choose 1 or more" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_command_interrupted_keeps_what_was_finished(tmp_path, monkeypatch, capsys):
    def interrupted(*args):
        yield simulated.DESIGNS[0], 0.5, [{("start", coverage.QUICK_METHOD): (True, 0.1, 0.0)}]
        raise KeyboardInterrupt

    monkeypatch.setenv("COURSE_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(coverage, "simulate_all", interrupted)
    assert __main__.main(["coverage"], folder=tmp_path / "reference") == 130
    assert "what was finished is in the build folder" in capsys.readouterr().err
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert path.name == "coverage-interrupted.csv" and len(pd.read_csv(path)) == 1
