"""The rooms of `lib`: who may import whom, and what each says of itself."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

LIB = Path(__file__).resolve().parents[1] / "lib"
DOOR = {"files", "backend"}
# open to all: checks of arguments, and how a room imports its modules; they import nothing of `lib`
OPEN = {"checks", "lazy"}
# as in `lib/__init__.py`: a room and the rooms that it may import, besides itself
ALLOWED = {
    "files": set(),
    "backend": {"files"},
    "checks": set(),
    "lazy": set(),
    "data": DOOR,
    "networks": DOOR | {"data"},
    "statistics": set(),
    "curves": {"statistics"},
    "experiments": DOOR | {"data", "networks", "statistics"},
    "figures": set(),
    "studies": DOOR | {"data", "networks", "statistics", "curves", "experiments"},
    "course": DOOR
    | {"data", "networks", "statistics", "curves", "experiments", "figures", "studies"},
}
ROOMS = sorted(set(ALLOWED) - DOOR - OPEN)
each_room = pytest.mark.parametrize("room", ROOMS)


def rooms_imported(source: str, place: str) -> set:
    """The rooms that a module imports, wherever in it the import stands.

    >>> sorted(rooms_imported("from ..data.task import Task\\nimport lib.curves", "networks/a.py"))
    ['curves', 'data']
    """
    package, found = ["lib", *Path(place).parts[:-1]], set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) - node.level + 1] if node.level else []
            stem = up + (node.module.split(".") if node.module else [])
            names = [[*stem, alias.name] for alias in node.names]
        else:
            continue
        found |= {name[1] for name in names if name[0] == "lib" and len(name) > 1}
    return found


def modules():
    """(place below lib, room) of each module."""
    for path in sorted(LIB.rglob("*.py")):
        place = path.relative_to(LIB)
        yield place.as_posix(), place.parts[0].removesuffix(".py")


@pytest.mark.parametrize(("place", "room"), [(p, r) for p, r in modules() if p != "__init__.py"])
def test_module_imports_only_from_rooms_that_its_room_may_import(place, room):
    source = (LIB / place).read_text(encoding="utf-8")
    assert rooms_imported(source, place) - {room} <= ALLOWED[room] | OPEN


def test_rooms_imported_sees_every_form_of_import():
    forms = {
        "from ..curves import fit": {"curves"},
        "from .. import curves": {"curves"},
        "def f():\n    from lib.curves.forms import FORMS": {"curves"},
        "import lib.curves.forms": {"curves"},
        "from lib import curves": {"curves"},
        "from . import forms": {"statistics"},
        "import numpy\nfrom libs import curves": set(),
    }
    for source, found in forms.items():
        assert rooms_imported(source, "statistics/intervals.py") == found, source


def test_the_map_names_every_room_and_nothing_else():
    text = (LIB / "__init__.py").read_text(encoding="utf-8")
    named = [line.split("  ")[2].split(",") for line in text.splitlines() if line[:4] == "    "]
    assert {name.strip() for names in named for name in names} == set(ALLOWED)
    assert {room for _, room in modules()} - {"__init__"} == set(ALLOWED)


@each_room
def test_room_says_what_it_is_for_and_lists_its_public_names(room):
    tree = ast.parse((LIB / room / "__init__.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    listed = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
    )
    imported = [
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    ]
    assert sorted(listed) == sorted(imported)
    assert len(set(listed)) == len(listed)


@each_room
def test_room_imports_in_the_ordinary_way_what_a_module_of_it_is_named_like(room):
    """Else the name would mean the module once that is imported."""
    modules = {path.stem for path in (LIB / room).glob("*.py")}
    tree = ast.parse((LIB / room / "__init__.py").read_text(encoding="utf-8"))
    later = [
        alias.name
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if node.module  # `from . import module` means the module
        for alias in node.names
    ]
    assert later and modules.isdisjoint(later)


@each_room
def test_room_gives_the_names_that_it_lists_whatever_was_imported_before(room):
    """All modules first, since a module takes the place of its name in the room; then each name."""
    code = f"""
import importlib, pkgutil, types
room = importlib.import_module("lib." + {room!r})
assert set(room.__all__) <= set(dir(room))
for module in pkgutil.iter_modules(room.__path__):
    if module.name != "__main__":
        importlib.import_module(f"lib.{room}.{{module.name}}")
print([n for n in room.__all__ if isinstance(getattr(room, n), types.ModuleType)])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    modules = {"networks": ["convnet", "mlp", "replicates"], "data": ["cifar10"]}
    assert done.stdout == f"{modules.get(room, [])}\n", done.stderr


def test_importing_the_rooms_imports_neither_matplotlib_nor_pandas():
    code = f"""
import sys
from lib import {", ".join(ROOMS)}
print([m for m in ("matplotlib", "seaborn", "pandas", "scipy", "numba") if m in sys.modules])
try:
    statistics.holms
except AttributeError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    said = "module 'lib.statistics' has no attribute 'holms'"
    assert done.stdout == f"[]\n{said}\n", done.stderr


def test_no_public_name_means_two_things():
    """A name that two rooms list is the same object in both."""
    code = f"""
import importlib
seen = {{}}
for room in {ROOMS}:
    module = importlib.import_module("lib." + room)
    for name in module.__all__:
        one = getattr(module, name)
        if seen.setdefault(name, one) is not one:
            print(room, name)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@each_room
def test_room_imports_neither_tensorflow_nor_keras(room):
    """TensorFlow's 450 MB are paid only where a Keras model is built."""
    heavy = "tensorflow", "keras", "torch", "jax"
    code = f"import sys, lib.{room}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_no_private_name_is_imported_from_another_module():
    wrong = []
    for place, _ in modules():
        for node in ast.walk(ast.parse((LIB / place).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.level or node.module.startswith("lib")):
                wrong += [f"{place}: {a.name}" for a in node.names if a.name.startswith("_")]
    assert wrong == []
