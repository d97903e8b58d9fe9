"""The index page of a run."""

from small_lessons import record

from lib.course.page import index_page


def test_index_page_lists_and_escapes():
    verdicts = [{"claim": "a < b", "verdict": "undecided", "evidence": "n = 2"}]
    page = index_page(
        "class",
        {
            "00_a": record(verdicts=verdicts, data=["blobs & more"]),
            "01_b": record(status="failed", error="In [2]: KeyError: <x>"),
        },
    )
    assert '<html lang="en">' in page and "<caption>" in page and '<th scope="col">' in page
    assert '<a href="00_a.html">00 A lesson</a>' in page and 'href="00_a.ipynb"' in page
    assert "? <b>undecided</b>: a &lt; b" in page and "blobs &amp; more" in page
    assert "Failed: In [2]: KeyError: &lt;x&gt;" in page
    assert "2 lessons run, 1 failed" in page


def test_index_page_gives_a_lesson_one_number():
    page = index_page("class", {"00_a": record(title="00. Start here"), "01_b": record(title="B")})
    assert ">00. Start here</a>" in page and ">01 B</a>" in page
