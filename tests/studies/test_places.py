"""A number among the recorded runs of a lesson; and the record of lessons 04 and 05 itself."""

import json

import numpy as np
import pandas as pd
import pytest

from lib import statistics
from lib.course import get_profile
from lib.data import blobs
from lib.experiments import FIRST_TARGET_SEED, PHOTO_ARMS, PUBLISHED_ARMS, run_arms, train_bases
from lib.studies import __main__, blobs_arms, datasheet, load_study, place_in_lesson, places

LABELS = [arm.label for arm in PUBLISHED_ARMS]


@pytest.fixture
def small(tmp_path):
    """Two records made by hand: blobs with 10 test rows, photographs with 2 per class."""
    table = pd.DataFrame({"base": [7, 7, 8, 8], "seed": [1, 2, 3, 4]})
    table["from scratch"], table["fixed=0"] = [1, 1, 2, 2], [5, 6, 8, 8]
    table.to_csv(tmp_path / "blobs_arms.csv", index=False)
    sheet = {"settings": {"n_test": 10}}
    (tmp_path / "blobs_arms.json").write_text(json.dumps(sheet))
    rows = [  # split, pair, arm, epoch, test accuracy
        *[("halves", pair, "fine-tuned", 4, end) for pair, end in enumerate((0.5, 0.7, 0.8))],
        ("halves", 0, "fine-tuned", 3, 0.1),
        ("halves", 0, "from scratch", 4, 0.2),
        ("halves-reverse", 0, "fine-tuned", 4, 0.3),
        ("random", 0, "frozen, fresh head", 4, 0.3),
    ]
    photos = pd.DataFrame(rows, columns=["split", "pair", "arm", "epoch", "test_accuracy"])
    photos.to_csv(tmp_path / "cifar10_arms.csv", index=False)
    settings = {"n_epochs": 4, "n_train": None, "n_validation": 500, "n_test": 2}
    (tmp_path / "cifar10_arms.json").write_text(
        json.dumps({"data": "photos", "settings": settings})
    )
    return tmp_path


@pytest.mark.parametrize("first", [0, 498])
def test_record_is_what_the_engine_computes_to_the_last_row(first):
    """The first and the last two bases, trained here: every arm and refit, exactly."""
    seeds = 1_000 + first, FIRST_TARGET_SEED + 2 * first
    bases = train_bases(blobs(1), 2, 100, seeds[0]).weights
    curves = run_arms(PUBLISHED_ARMS, blobs(2), bases, 2, 100, seeds[1])
    recorded = load_study("blobs_arms").iloc[2 * first : 2 * first + 4]
    assert recorded["base"].tolist() == [seeds[0], seeds[0], seeds[0] + 1, seeds[0] + 1]
    assert recorded["seed"].tolist() == list(range(seeds[1], seeds[1] + 4))
    for label, accuracy in curves.items():
        exact = (recorded[label].to_numpy() / 500).astype("float32")
        np.testing.assert_array_equal(accuracy[..., -1].ravel(), exact)


def test_record_has_the_size_of_profile_class():
    profile, table = get_profile("class"), load_study("blobs_arms")
    settings = datasheet("blobs_arms")["settings"]
    assert list(table.columns) == ["base", "seed", *LABELS]
    assert table["base"].value_counts().unique().tolist() == [profile.n_refits]
    assert table["base"].nunique() == settings["n_bases"] == profile.n_bases
    assert table["seed"].is_unique
    assert (settings["n_refits"], settings["n_epochs"]) == (profile.n_refits, profile.n_epochs)
    counts = table[LABELS]
    assert {dtype.kind for dtype in counts.dtypes} == {"i"}
    assert counts.min().min() >= 0 and counts.max().max() <= 500


def test_record_says_what_made_it():
    sheet = datasheet("blobs_arms")
    assert sheet["data"] == f"{blobs(1).data}; {blobs(2).data}"
    rate = PUBLISHED_ARMS[0].phases[0].learning_rate
    assert sheet["optimizer"].startswith(f"SGD, {rate},") and sheet["runs"] == 4 * 1000
    (made,) = sheet["made"]
    assert len(made["code"]) == 12 and set(made["packages"]) == {"numpy", "numba", "scikit-learn"}


def test_command_writes_the_record_and_its_datasheet(tmp_path, capsys):
    assert __main__.main(["blobs", "--bases", "3"], folder=tmp_path) == 0
    assert capsys.readouterr().out == "blobs_arms: 6 rows\n"
    assert {path.name for path in tmp_path.iterdir()} == {"blobs_arms.csv", "blobs_arms.json"}
    lines = (tmp_path / "blobs_arms.csv").read_text().splitlines()
    whole = (blobs_arms.REFERENCE / "blobs_arms.csv").read_text().splitlines()
    assert lines == whole[:7]  # the first bases are the same for every number of them
    sheet = datasheet("blobs_arms", tmp_path)
    assert (sheet["settings"]["n_bases"], sheet["runs"], sheet["made"][0]["runs"]) == (3, 24, 24)


def test_command_refuses_one_base(tmp_path, capsys):
    assert __main__.main(["blobs", "--bases", "1"], folder=tmp_path) == 1
    assert "n_bases=1: choose a whole number from 2 up" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_command_interrupted_writes_nothing(tmp_path, monkeypatch, capsys):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(blobs_arms, "run_blobs", interrupted)
    assert __main__.main(["blobs"], folder=tmp_path) == 130
    assert "nothing was written; the same command starts again" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_place_in_lesson_takes_the_runs_of_the_arm(small):
    scores = np.array([[0.5, 0.6], [0.8, 0.8]])  # by hand: 5, 6, 8 and 8 of 10 rows
    found = place_in_lesson(0.7, "04", "fixed=0", small)
    assert found == statistics.place(0.7, scores, 10)
    assert (found.value, found.below, found.n_bases, found.n_refits) == (0.7, 0.5, 2, 2)
    assert place_in_lesson(0.7, "04", "from scratch", small).below == 1


def test_place_in_lesson_counts_the_test_rows(small):
    """Of 10 rows 0.9 is no wonder beside 0.8; of 10,000 rows it would be."""
    asked = 0.9, "04", "fixed=0", small
    assert place_in_lesson(*asked).cause == "another test set"
    sheet = {"settings": {"n_test": 10_000}}
    (small / "blobs_arms.json").write_text(json.dumps(sheet))
    table = load_study("blobs_arms", small)
    table["fixed=0"] *= 1_000
    table.to_csv(small / "blobs_arms.csv", index=False)
    assert place_in_lesson(*asked).cause == "a likely fault"


@pytest.mark.parametrize("label", LABELS)
def test_place_in_lesson_answers_for_every_arm_of_both_lessons(label):
    scores = load_study("blobs_arms")[label].to_numpy().reshape(500, 2) / 500
    found = place_in_lesson(0.79, "04", label)
    assert found == place_in_lesson(0.79, lesson="05", arm=label) == statistics.place(0.79, scores)


def test_place_in_lesson_of_published_numbers_and_of_a_fault():
    for arm, published in {"fixed=0": 0.805, "fixed=1": 0.817, "fixed=2": 0.750}.items():
        assert place_in_lesson(published, arm=arm).cause in ("another refit", "another base")
    assert place_in_lesson(0.25).cause == place_in_lesson(1).cause == "a likely fault"


def test_place_in_lesson_lets_a_32_bit_accuracy_tie_with_its_equals(small):
    exact = place_in_lesson(0.8, "04", "fixed=0", small)
    assert float(np.float32(0.8)) != 0.8 and exact.below == 0.75
    assert place_in_lesson(np.float32(0.8), "04", "fixed=0", small) == exact
    assert place_in_lesson(0.8004, "04", "fixed=0", small).value == 0.8004  # no rounding else


def test_place_in_lesson_says_what_few_runs_can_say(small):
    found = place_in_lesson(0.7, "08", "fine-tuned", small)  # last epoch, "halves": 0.5, 0.7, 0.8
    assert (found.value, found.n_below, found.smallest, found.largest) == (0.7, 1, 0.5, 0.8)
    assert (found.n_bases, found.n_refits, found.outside) == (3, 1, 0.5)  # 2 / (3 + 1)
    assert found.cause == "too few recorded runs"
    assert str(found) == (
        "0.700 is above 1 of 3 recorded runs (0.500 to 0.800; 3 run pairs; 22,500 training "
        "photographs, 4 epochs, photos). What would explain it, 3 cannot say: of further normal "
        "runs about 50 % would lie outside their range, and a run pair changes base and start "
        "together, so nobody can tell another refit from another base."
    )


def test_few_runs_ties_count_for_32_bit_accuracies(small):
    assert float(np.float32(0.8)) > 0.8
    assert place_in_lesson(np.float32(0.8), "08", "fine-tuned", small).n_below == 2


@pytest.mark.parametrize("label", [arm.label for arm in PHOTO_ARMS])
def test_place_in_lesson_of_every_arm_on_photographs(label):
    found = place_in_lesson(0.8, "08", label)
    assert (found.n_bases, found.cause) == (3, places.TOO_FEW)
    assert 0.7 < found.smallest < found.largest < 0.9


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (79, "number=79: an accuracy is a fraction .* if this is a percentage, give 0.79"),
        (np.float64(80.5), "number=80.5: .* if this is a percentage, give 0.805"),
        (-0.1, "number=-0.1: an accuracy is a fraction from 0 to 1: give the right answers"),
        (395, "number=395: .* give the right answers divided by the test rows"),
        (float("nan"), "number=nan: give one accuracy, a fraction from 0 to 1 like 0.79"),
        (float("inf"), "number=inf: give one accuracy"),
        ("0.79", "number='0.79': give one accuracy"),
        (True, "number=True: give one accuracy"),
        (None, "number=None: give one accuracy"),
        ([0.79], r"number=\[0.79\]: give one accuracy"),
    ],
)
@pytest.mark.parametrize("lesson", ["04", "08"])
def test_place_in_lesson_refuses_what_is_no_accuracy(number, told, lesson):
    arm = {"04": "fixed=0", "08": "fine-tuned"}[lesson]
    with pytest.raises(ValueError, match=told):
        place_in_lesson(number, lesson, arm)


@pytest.mark.parametrize("lesson", ["06", "4", 4, ["04"]])
def test_place_in_lesson_names_the_lessons_there_are(lesson):
    with pytest.raises(ValueError, match="has no recorded runs: choose one of '04', '05', '08'"):
        place_in_lesson(0.79, lesson)


@pytest.mark.parametrize("arm", ["fixed=3", "base", "seed", "fine-tuned", None, ["fixed=0"]])
def test_place_in_lesson_names_the_arms_there_are(arm):
    known = "choose one of 'from scratch', 'fixed=0', 'fixed=1', 'fixed=2'"
    with pytest.raises(ValueError, match=f"is not recorded for lesson 05: {known}"):
        place_in_lesson(0.79, "05", arm)


def test_place_in_lesson_names_the_arms_on_photographs_of_its_split(small):
    told = "arm='frozen, fresh head' is not recorded for lesson 08: .* 'fine-tuned', 'from scratch'"
    with pytest.raises(ValueError, match=told):
        place_in_lesson(0.79, "08", "frozen, fresh head", small)


def test_place_in_lesson_without_a_record_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="no recorded study 'blobs_arms'"):
        place_in_lesson(0.79, folder=tmp_path)
