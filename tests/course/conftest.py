"""Folders for throw-away lessons, a runner that only pretends to execute them, a shell."""

import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from small_lessons import record
from traitlets.config import Config

from lib.course import run


@pytest.fixture
def folders(tmp_path):
    """Where throw-away lessons and their results go, as arguments of `run`."""
    (tmp_path / "notebooks").mkdir()
    return {"notebooks": tmp_path / "notebooks", "build": tmp_path / "build"}


@pytest.fixture
def arguments(folders):
    """The same two folders as options of the command line, in front of further options."""
    options = [text for name, path in folders.items() for text in (f"--{name}", str(path))]
    return lambda command, *more: [command, *more, *options]


@pytest.fixture
def counted(monkeypatch):
    """The lessons whose execution was asked for; they end at once, as if they had run."""
    names = []

    def pretend(path, profile, folder, on_cell, minutes):
        names.append(path.stem)
        for suffix in (".ipynb", ".html"):
            (folder / f"{path.stem}{suffix}").write_text("done")
        return {k: v for k, v in record().items() if k != "fingerprint"}

    monkeypatch.setattr(run, "run_lesson", pretend)
    return names


@pytest.fixture
def shell(monkeypatch):
    """IPython, without which `display` prints; it writes no history."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # IPython puts its own
    config = Config({"HistoryManager": {"enabled": False}})
    yield InteractiveShell.instance(config=config)
    InteractiveShell.clear_instance()
