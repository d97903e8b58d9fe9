"""Every public name of `lib.studies` with hostile arguments."""

import pandas as pd
from fuzz_harness import case, fuzz_tests, of_type

from lib import studies
from lib.studies.record import REFERENCE

TABLE = pd.DataFrame(
    {
        "question": ["arms"] * 4, "draw": [0, 0, 1, 1], "arm": ["a", "b"] * 2,
        "test": [0.5, 0.6, 0.55, 0.65],
    }
)  # fmt: skip
FOLDER = str(REFERENCE)


def placed(one):
    """A place, or too few runs; both say so in words."""
    assert one.cause and str(one) and 0 <= one.value <= 1


def base_runs(one):
    assert one.n_runs >= 1 and one.n_epochs >= 1 and len(one.ends()) == one.n_runs and str(one)


CASES = {
    "by_draw": case(of_type(pd.DataFrame), table=TABLE, question="arms", columns=["arm"]),
    "load_study": case(of_type(pd.DataFrame), name="blobs_arms", folder=FOLDER).says(
        name="no recorded study", folder="no recorded study"
    ),
    "datasheet": case(of_type(dict), name="blobs_arms", folder=FOLDER).says(
        name="no recorded study", folder="no recorded study"
    ),
    "base_runs": case(base_runs, folder=FOLDER).says(folder="no recorded study"),
    "place_in_lesson": case(
        placed, number=0.79, lesson="04", arm="fixed=0", folder=FOLDER
    ).says(name="no recorded study", folder="no recorded study"),
}  # fmt: skip
EXEMPT = {
    "BaseRuns": "a record that base_runs makes",
    "FewRuns": "a record that place_in_lesson makes",
}
test_names, test_valid, test_hostile, test_two_hostile = fuzz_tests(studies, CASES, EXEMPT)
