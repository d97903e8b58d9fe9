"""Files that are there in full or not at all."""

import pytest

from lib import files


def test_whole_puts_the_file_in_place_when_all_went_well(tmp_path):
    path = tmp_path / "a.txt"
    with files.whole(path) as part:
        part.write_text("new")
        assert not path.exists() and part.parent == path.parent
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_whole_leaves_the_earlier_file_after_an_error(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(type(error)), files.whole(path) as part:
        part.write_text("half of the n")
        raise error
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_write_atomically_writes_the_same_bytes_on_every_system(tmp_path):
    files.write_atomically(tmp_path / "a.txt", "é\n")
    assert (tmp_path / "a.txt").read_bytes() == "é\n".encode()
