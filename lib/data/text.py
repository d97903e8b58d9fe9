"""Text that is on every machine: sentences from the docstrings of installed packages.  Lesson 13.

The source files are read with `ast`; nothing is imported. What is left are sentences in plain
words: those with code, numbers or a package's name are dropped, and so are copies and near-copies.

    sentences  `Sentences`: the words of each, and which package and module it came from
    module     a source file, such as scipy.stats._distn_infrastructure
    twins      sentences that are nearly copies (`twins.py`)
"""

import ast
import hashlib
import importlib.util
import json
import platform
import re
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..checks import check_names, check_text, check_words, shown
from ..files import cache_folder, code_digest, package_versions, sweep, whole
from .twins import without_twins

PACKAGES = ("numpy", "scipy", "pandas", "sklearn", "matplotlib", "statsmodels")
STANDARD_LIBRARY = "the standard library"
CODE = "data/text.py", "data/twins.py"  # what decides which sentences there are

_DISTRIBUTIONS = {"sklearn": "scikit-learn"}  # where the name to install is another one
# tests, copies of other packages, and what comes with Python but is no library
_SKIPPED = {
    *("tests", "test", "idlelib", "site-packages", "dist-packages", "examples", "_examples"),
    *("externals", "_external", "extern", "_vendor", "array_api_compat", "array_api_extra"),
}
_NAMES = {  # of packages and of what they are known by; a sentence with one is dropped
    *("numpy", "scipy", "pandas", "sklearn", "scikit", "scikits", "scikit-learn", "matplotlib"),
    *("pyplot", "pylab", "statsmodels", "seaborn", "patsy", "cython", "numba", "ndarray"),
    *("ndarrays", "dataframe", "dataframes", "python", "pyarrow", "joblib"),
}
_WORD = r"[A-Za-z]+(?:['’-][A-Za-z]+)*"
_PLAIN = re.compile(rf"[A-Z][A-Za-z'’-]*(?:[,;:]? \(?{_WORD}\)?)*[.!?]")
_CODE = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]")  # camelCase, NDFrame
_N_WORDS = range(5, 41)  # of a sentence


@dataclass(frozen=True)
class Sentences:
    """Sentences and where they came from.

    Attributes:
        words: of each sentence, in small letters; tuples of strings.
        y: whole numbers, (n_sentences,), the package that each came from.
        modules: the source file of each, such as "scipy.stats._distn_infrastructure".
        class_names: one name per package.
        data: which text this is, in words; lessons print it.

    Raises:
        ValueError: at once for other kinds of values, labels without name, or unequal lengths.
    """

    words: tuple[tuple[str, ...], ...]
    y: np.ndarray
    modules: tuple[str, ...]
    class_names: tuple[str, ...]
    data: str

    def __post_init__(self):
        check_words("words", self.words, 0)
        check_names("modules", self.modules, 0)
        check_names("class_names", self.class_names)
        check_text("data", self.data)
        y, n = self.y, len(self.words)
        whole = type(y) is np.ndarray and y.ndim == 1 and y.dtype.kind in "iu"
        if not whole or (len(y) and not 0 <= y.min() <= y.max() < len(self.class_names)):
            raise ValueError(
                f"y={shown(y)}: give an array of labels from 0 to {len(self.class_names) - 1}."
            )
        if not len(y) == len(self.modules) == n:
            raise ValueError(
                f"{n} words, {len(y)} labels in y, {len(self.modules)} modules: give one of each "
                "per sentence."
            )

    def __len__(self) -> int:
        return len(self.words)

    def some(self, rows) -> list[tuple[str, ...]]:
        """The words of the sentences in these rows."""
        return [self.words[row] for row in np.ravel(rows)]


def docstring_sentences(packages=PACKAGES) -> Sentences:
    """Read the docstrings of installed packages, sentence by sentence.

    What was read is kept in the course's cache, under a name that changes with the versions of the
    packages and with this code.

    Args:
        packages: names to import, or `STANDARD_LIBRARY`; they become labels 0, 1, ... in this
            order.

    Returns:
        `Sentences`, always in the same order. Of twins in one package the first is kept; a sentence
        that has a twin in another package belongs to none, and is dropped.

    Raises:
        ValueError: if a package is not installed, or there is none.
    """
    if not isinstance(packages, tuple | list) or not all(isinstance(p, str) for p in packages):
        raise ValueError(f"packages={shown(packages)}: give names of packages in a tuple.")
    packages = tuple(packages)
    if not packages or len(set(packages)) < len(packages):
        raise ValueError(f"packages={shown(packages)}: name one or more, each once.")
    folders = {name: _folder(name) for name in packages}
    versions = [
        f"{platform.python_version()}" if name == STANDARD_LIBRARY else found
        for name in packages
        for found in package_versions(_DISTRIBUTIONS.get(name, name)).values()
    ]
    parts = [f"{name} {version}" for name, version in zip(packages, versions, strict=True)]
    key = hashlib.sha256(json.dumps([parts, code_digest(*CODE)]).encode()).hexdigest()
    path = cache_folder() / f"docstrings-{key[:16]}.json"
    rows = _read(path, len(packages))
    if rows is None:
        rows = _gather(folders)
        _write(path, rows)
    words, y, modules = rows
    return Sentences(
        tuple(tuple(sentence.split()) for sentence in words),
        np.array(y, "int64"),
        tuple(modules),
        packages,
        "docstring sentences of " + ", ".join(parts),
    )


def _folder(name):
    """Where the sources of a package lie."""
    if name == STANDARD_LIBRARY:
        return Path(sysconfig.get_path("stdlib"))
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"no package {shown(name)} is installed: install it, or leave it out.")
    return Path(next(iter(spec.submodule_search_locations)))


def _gather(folders):
    """The sentences of some folders without twins: texts, labels, modules."""
    words, y, modules = [], [], []
    for label, (name, folder) in enumerate(folders.items()):
        for module, docstring in docstrings(folder):
            for sentence in plain_sentences(docstring):
                words.append(sentence)
                y.append(label)
                modules.append(f"{name}.{module}")
    kept = without_twins(words, y)
    texts = [" ".join(words[row]) for row in kept]
    return texts, [y[row] for row in kept], [modules[row] for row in kept]


def docstrings(folder: Path):
    """The docstrings in the source files of a folder, as (module, text), in a fixed order.

    Tests and copies of other packages are left out, and so is a file that is no Python here.
    """
    folder = Path(folder)
    for path in sorted(folder.rglob("*.py")):
        place = path.relative_to(folder)
        if _SKIPPED.intersection(place.parts[:-1]) or place.name.startswith(("test_", "conftest")):
            continue
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError):  # for another Python, or not in UTF-8
            continue
        module = ".".join(place.with_suffix("").parts).removesuffix(".__init__")
        for node in (tree, *_definitions(tree)):
            if text := ast.get_docstring(node):
                yield module, text


def _definitions(node):
    """Classes and functions in a tree; expressions are not searched, which is most of the time."""
    for child in node.body:
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
        if hasattr(child, "body"):
            yield from _definitions(child)


def plain_sentences(text: str) -> list[tuple[str, ...]]:
    """The sentences of a docstring that are made of words alone.

    A line that is indented in another way begins anew. A sentence goes from a capital letter to a
    full stop, has 5 to 40 words, no digit, no code and no name of a package.

    Returns:
        The words of each, in small letters.

    >>> plain_sentences("Compute the mean of all values.  Uses `np.mean`, see there for more.")
    [('compute', 'the', 'mean', 'of', 'all', 'values')]
    """
    found = []
    for paragraph in _paragraphs(text):
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", paragraph):
            if not _PLAIN.fullmatch(sentence) or _CODE.search(sentence):
                continue
            words = tuple(re.findall(_WORD, sentence.lower().replace("’", "'")))
            if len(words) in _N_WORDS and not _NAMES.intersection(words):
                found.append(words)
    return found


def _paragraphs(text):
    """Lines joined where they follow each other with one indentation."""
    indent, lines = None, []
    for line in [*text.splitlines(), ""]:
        at = len(line) - len(line.lstrip()) if line.strip() else None
        if at != indent or at is None:
            if lines:
                yield " ".join(lines)
            indent, lines = at, []
        if at is not None:
            lines.append(line.strip())


def _read(path, n_packages):
    """Texts, labels and modules from the cache; None if there is no whole file of them."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        words, y, modules = rows["words"], rows["y"], rows["modules"]
        texts = all(isinstance(text, str) for text in [*words, *modules])
        if texts and len(words) == len(y) == len(modules) and set(y) <= set(range(n_packages)):
            return words, y, modules
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _write(path, rows):
    """Keep what was read; where that is impossible it is read anew the next time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path.parent)
        with whole(path) as part:
            names = "words", "y", "modules"
            content = json.dumps(dict(zip(names, rows, strict=True)))
            part.write_text(content, encoding="utf-8")
    except OSError:
        pass
