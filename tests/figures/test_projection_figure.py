"""Words in the plane."""

import pytest

from lib.figures.projection import plot_words
from lib.figures.words import described

PLACES = {"cat": (0, 1), "dog": (2, 1), "bus": (5, 5), "left out": (9, 9)}


def test_plot_words_writes_each_word_at_its_place_and_says_so():
    ax = plot_words(PLACES, {"animals": ["cat", "dog"], "cars": ["bus"]}, title="Words")
    assert {text.get_text(): text.xy for text in ax.texts} == {
        word: place for word, place in PLACES.items() if word != "left out"
    }
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["animals", "cars"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("direction 1", "direction 2")
    assert "Animals: 2 words around (1.0, 1.0)" in described(ax.figure) or (
        "animals: 2 words around (1.0, 1.0)" in described(ax.figure)
    )


def test_plot_words_leaves_room_for_a_word_right_of_the_last_point():
    ax = plot_words(PLACES, {"animals": ["cat", "dog"], "cars": ["bus"]})
    assert ax.get_xlim()[1] > 5 + 0.12 * (5 - 0)


@pytest.mark.parametrize(
    ("groups", "message"),
    [({}, "groups is empty"), ({"none": []}, "group 'none' of groups is empty")],
)
def test_plot_words_of_nothing_is_one_clear_error(groups, message):
    with pytest.raises(ValueError, match=message):
        plot_words(PLACES, groups)
