"""Every public name of `lib.course` with hostile arguments."""

import pandas as pd
from fuzz_harness import Made, case, fuzz_tests, nothing, of_type
from matplotlib import pyplot as plt

from lib import course
from lib.figures import describe
from lib.files import ROOT


def figure():
    ax = plt.subplots(figsize=(1, 1))[1]
    describe(ax, "Two lines that cross.")
    return ax.figure


TABLE = pd.DataFrame({"mean": [0.8, 0.7]}, index=["fixed=0", "fixed=1"])
CASES = {
    "get_profile": case(of_type(object), name="class").says(name="PROFILE"),
    "show_lessons": case(nothing, folder=str(ROOT / "notebooks")).says(folder="no lesson"),
    "show": case(nothing, figure=Made(figure), words="Lines.", dpi=30),
    "figure_html": case(of_type(str), figure=Made(figure), alt="Lines.", dpi=30, quick=True),
    "verdict": case(nothing, claim="It helps.", outcome="holds", evidence="+0.1"),
    "data_used": case(nothing, data="digits").on(lambda: lambda data: course.data_used(data)),
    "show_table": case(nothing, table=TABLE, digits=2, caption="Two arms", missing="-"),
}
EXEMPT = {"check_setup": "takes no arguments"}
test_names, test_valid, test_hostile, test_two_hostile = fuzz_tests(course, CASES, EXEMPT)
