"""The recorded study of lesson 12: its plan, its files, its table."""

import json

import pandas as pd
import pytest

from lib.data import DataError
from lib.experiments.pretrained import Score
from lib.studies import pretrained as study
from lib.studies import pretrained_plan as plan

CHOSEN = {plan.FINE: 1e-4, plan.SAME: 3e-3, plan.SMALL: 1e-3}
RATES = {(arm, n): rate for arm, rate in CHOSEN.items() for n in plan.EPOCHS[arm]}


def finish(folder, runs, score=0.5):
    """Write runs as if they were done; the rates in their order score higher and higher."""
    for place, run in enumerate(runs):
        row = {"choice": run.rate or 0.01, "validation": score + place / 1000}
        row |= {"test": 0.7, "seconds": 1.0}
        study.path_of(run, folder).write_text(json.dumps({"run": run._asdict()} | row))


def test_every_run_has_a_file_of_its_own(tmp_path):
    runs = plan.pilot_runs() + [run for k in (0, 1) for run in plan.draw_runs(k, RATES)]
    assert len({study.path_of(run, tmp_path) for run in runs}) == len(runs) == len(set(runs))


def test_draw_runs_take_the_rate_of_their_arm_and_size():
    rates = {place: (1 + k) * 1e-4 for k, place in enumerate(RATES)}
    runs = plan.draw_runs(0, rates)
    for run in runs:
        if run.detail == "ten times too high":
            assert run.rate == pytest.approx(10 * rates[plan.FINE, 25])
        elif run.rate is not None:
            arm = plan.FINE if run.arm == plan.TRAINING_NORM else run.arm
            assert run.rate == rates[arm, run.n]
    trained = {run.arm for run in runs if run.rate is not None}
    assert trained == {plan.FINE, plan.TRAINING_NORM, plan.SAME, plan.SMALL}
    assert {run.draw for run in runs} == {0}


def test_chosen_rates_are_the_best_for_each_size_and_of_equals_the_lower(tmp_path):
    runs = plan.pilot_runs()
    finish(tmp_path, runs)
    highest = {place: max(plan.RATES[place[0]]) for place in RATES}
    assert study.chosen_rates(tmp_path) == highest
    for run in runs:
        finish(tmp_path, [run])  # all alike
    assert study.chosen_rates(tmp_path) == {place: min(plan.RATES[place[0]]) for place in RATES}


def test_chosen_rates_count_all_photographs_of_the_pilot(tmp_path):
    """20 validation and 100 test photographs per class: the second outweigh the first."""
    finish(tmp_path, plan.pilot_runs())
    _, middle, _ = plan.RATES[plan.FINE]
    run = next(r for r in plan.pilot_runs() if (r.arm, r.n, r.rate) == (plan.FINE, 25, middle))
    row = {"choice": middle, "validation": 0.4, "test": 0.75, "seconds": 1.0}
    study.path_of(run, tmp_path).write_text(json.dumps({"run": run._asdict()} | row))
    assert study.chosen_rates(tmp_path)[plan.FINE, 25] == middle


def test_chosen_rates_need_the_whole_pilot(tmp_path):
    finish(tmp_path, plan.pilot_runs()[:-1])
    with pytest.raises(ValueError, match="the pilot is not finished"):
        study.chosen_rates(tmp_path)


def test_write_pretrained_records_what_is_finished(tmp_path, monkeypatch):
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    runs, out = tmp_path / "runs", tmp_path / "out"
    runs.mkdir()
    finish(runs, plan.pilot_runs())
    rates = study.chosen_rates(runs)
    done = plan.draw_runs(0, rates)[:5]
    finish(runs, done)
    table = study.write_pretrained(2, runs, out)
    assert len(table) == len(plan.pilot_runs()) + 5
    arms = table[table["question"] == "arms"]
    assert arms["n_per_class"].tolist() == [run.n for run in done]
    sheet = json.loads((out / "pretrained.json").read_text())
    assert sheet["settings"]["rates"][plan.SMALL]["500"] == rates[plan.SMALL, 500]
    assert sheet["runs"] == len(table)


def test_bench_asks_for_what_a_run_says(monkeypatch):
    """Each question builds the network that it varies."""
    built = []

    def pretrained(**arguments):
        built.append(arguments)
        return arguments

    monkeypatch.setattr(study, "pretrained", pretrained)
    monkeypatch.setattr(study, "features_task", lambda network, task: network)
    monkeypatch.setattr(study, "fit_head", lambda network: (Score(0, 0, 0, 0), network))
    bench = study.Bench(0)
    bench.task = lambda target, n: None
    for question, detail in (
        ("preprocessing", "raw"),
        ("input size", "64"),
        ("depth", "_bn0.relu"),
    ):
        bench.do(plan.Run(question, "photographs", plan.FROM_FEATURES, 25, 0, detail))
    bench.do(plan.Run("arms", "photographs", plan.FROM_RANDOM, 25, 0))
    assert built == [
        {"size": 96, "preprocessing": "raw"},
        {"size": 64},
        {"size": 96, "layer": "_bn0.relu"},
        {"size": 96, "weights": "random", "seed": 1},
    ]


def test_record_pretrained_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_BUILD", str(tmp_path))
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    with pytest.raises(ValueError, match="the pilot is not finished"):
        study.write_pretrained(1)
    with pytest.raises(DataError, match="needs CIFAR-10"):
        study.record_pretrained(1)
    with pytest.raises(ValueError, match="n_draws=0"):
        study.record_pretrained(0)


def test_by_draw_leaves_out_unfinished_draws():
    rows = [(0, "a", 0.5), (0, "b", 0.6), (1, "a", 0.7), (2, "a", 0.8), (2, "b", 0.9)]
    table = pd.DataFrame(rows, columns=["draw", "arm", "test"]).assign(question="arms")
    found = study.by_draw(table, "arms", "arm")
    assert found.index.tolist() == [0, 2]
    assert (found["b"] - found["a"]).tolist() == pytest.approx([0.1, 0.1])
    with pytest.raises(ValueError, match="question='depth' is not .* choose one of arms"):
        study.by_draw(table, "depth", "arm")
