"""Rooms that import a module when one of its names is first used.

So a lesson pays for what it uses: `from lib import figures` does not import matplotlib, the first
plot does. A room's `__init__` shows its names as imports for readers, editors and type checkers:

    if TYPE_CHECKING:
        from .blobs import related_blobs

    __getattr__, __dir__ = on_first_use(__name__)

A name that a module of the room has, too, is imported in the ordinary way: importing the module
would put itself in the name's place.
"""

import ast
import importlib
import sys
from pathlib import Path


def on_first_use(room: str):
    """Make a room import the modules that its `__init__` names when their names are first used.

    Args:
        room: the `__name__` of the package.

    Returns:
        `__getattr__` and `__dir__` for the package, as PEP 562 has them.

    >>> from lib import statistics
    >>> statistics.holm.__module__
    'lib.statistics.comparisons'
    """
    package = sys.modules[room]
    found = {}  # name -> module and name in it; None for a module itself
    for node in ast.walk(ast.parse(Path(package.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            for alias in node.names:
                place = (node.module, alias.name) if node.module else (alias.name, None)
                found[alias.asname or alias.name] = place

    def __getattr__(name):
        if name not in found:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        module, attribute = found[name]
        value = importlib.import_module(f"{room}.{module}")
        if attribute:
            value = getattr(value, attribute)
        setattr(package, name, value)
        return value

    def __dir__():
        return sorted({*vars(package), *found})

    return __getattr__, __dir__
