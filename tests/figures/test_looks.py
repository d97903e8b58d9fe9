"""The looks of arms and classes."""

from lib.figures import looks


def test_no_two_arms_of_a_lesson_look_alike():
    blobs = ["from scratch", "fixed=0", "fixed=1", "fixed=2", "fixed=1, rest new"]
    blobs += ["fixed=2, new layer", "fixed=2, new head", "freeze, fine-tune", "freeze, then 0.01"]
    blobs += ["random features"]
    photos = ["from scratch", "frozen, fresh head", "frozen, reused head", "fine-tuned"]
    photos += ["random features", "1 convolution, frozen", "1 convolution, fine-tuned"]
    words = ["bag of words", "random vectors", "GloVe", "own vectors"]
    for lesson in (blobs, photos, words):
        for part in range(3):  # colour, marker, line: each alone tells them apart
            assert len({looks.STYLES[label][part] for label in lesson}) == len(lesson)


def test_style_of_an_unknown_label_is_a_plain_grey():
    assert looks.style("no arm") == looks.Style(looks.GREY, ".", "-")


def test_look_of_a_moved_line_is_that_of_its_arm():
    assert looks.look_of("fine-tuned" + looks.COUNTED, 5) == looks.style("fine-tuned")


def test_fine_tuned_vectors_look_like_their_source():
    for source in ("random vectors", "GloVe", "own vectors"):
        assert looks.look_of(f"{source}, fine-tuned", 3) == looks.STYLES[source]
