"""Hostile arguments for public functions: each ends in our clear error or in a sound result.

A room's file holds a table and one line that makes the tests:

    CASES = {
        "bootstrap_mean": case(interval, scores=[0.5, 0.6, 0.8], level=0.9, n_resamples=20, seed=1),
        "Interval.verdict": case(word("holds", ...), above=0.1).on(lambda: Interval(...).verdict),
    }
    EXEMPT = {"CurveSummary": "a record that summarise_curves makes"}
    test_name, test_good, test_hostile, test_two_hostile = fuzz_tests(statistics, CASES, EXEMPT)

A case is a check of the result and valid arguments, small and quick.  The harness replaces every
argument in turn, and some two at a time, by values that nobody should give (`hostile`).  What may
come of it:

- an error that a `raise` in `lib` raises, whose message names the argument (or a word of
  `.says(argument="word")`) and says after a colon what is allowed or what to do;
- a result that the case's check takes.

Nothing else: no other package's words, no NaN in a result, no warning.
"""

import ast
import copy
import inspect
import math
import sys
import warnings
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

LIB = Path(__file__).resolve().parents[2] / "lib"
NAN, INF = math.nan, math.inf
FEWEST_WORDS = 4  # of a message that says what came and what is allowed


class Made:
    """A valid argument that every call gets anew, such as a model that the call trains.

    `near` holds by name what nearly fits: functions that make it, too.
    """

    def __init__(self, make, **near):
        self.make, self.near = make, {name: Made(one) for name, one in near.items()}


class Case:
    """Valid arguments of one public function, and the check of what it returns."""

    def __init__(self, check, good):
        self.check, self.good, self.target, self.words, self.left_out = check, good, None, {}, {}
        self.slow = ()

    def on(self, target):
        """What to call, where it is no attribute of the room: a function without arguments."""
        self.target = target
        return self

    def says(self, **words):
        """By argument: other words, with commas, by which a message may name it."""
        self.words |= {name: text.split(", ") for name, text in words.items()}
        return self

    def without(self, reason: str, *arguments):
        """Arguments that are not replaced, and why not."""
        assert reason and arguments
        self.left_out |= dict.fromkeys(arguments, reason)
        return self

    def slow_with(self, *arguments):
        """Arguments of which many a value is valid and trains: `make test` leaves these out."""
        assert set(arguments) <= set(self.good)
        self.slow = arguments
        return self


def case(check, /, **good) -> Case:
    """A check of the result, and valid arguments by name; a `Made` value is made for each call."""
    return Case(check, good)


# what a result may be


def sound(result) -> None:
    """Finite numbers, however they are packed; the check where there is nothing more to say."""
    for number in _numbers_in(result):
        assert np.isfinite(number).all(), f"{number} in the result"


def _numbers_in(one):
    """All numbers of a result, as arrays."""
    if isinstance(one, (bool, str, bytes, type(None))):
        return
    if isinstance(one, (int, float, complex, np.number)):
        yield np.asarray(one)
    elif hasattr(one, "select_dtypes"):  # a table
        yield from (np.asarray(one[name]) for name in one.select_dtypes("number"))
    elif isinstance(one, np.ndarray):
        if one.dtype.kind in "fc":
            yield one
    elif isinstance(one, dict):
        yield from (number for value in one.values() for number in _numbers_in(value))
    elif isinstance(one, (list, tuple, set)):
        yield from (number for value in one for number in _numbers_in(value))
    elif is_dataclass(one) and not isinstance(one, type):
        yield from (n for field in fields(one) for n in _numbers_in(getattr(one, field.name)))


def interval(one) -> None:
    """Finite, with its estimate within its bounds; both bounds may be missing."""
    assert np.isfinite(one.estimate) and 0 < one.level < 1
    assert one.low <= one.estimate <= one.high
    assert np.isfinite(one.low) == np.isfinite(one.high)


def number(low=-INF, high=INF, kind=float):
    """One number of a kind, from low to high, and finite."""

    def check(one):
        assert isinstance(one, kind) and not isinstance(one, bool), f"{one!r} is no {kind.__name__}"
        assert low <= one <= high and math.isfinite(one), f"{one} is not in {low} to {high}"

    return check


def array(*shape, low=-INF, high=INF):
    """Finite numbers in an array of this shape, None where a length is free; `...` for any."""

    def check(one):
        assert isinstance(one, np.ndarray | np.number), f"{type(one)} is no array"
        if shape != (...,):
            assert len(shape) == one.ndim, f"shape {one.shape}"
            assert all(s in (None, n) for s, n in zip(shape, one.shape, strict=True)), one.shape
        assert np.isfinite(one).all() and (one >= low).all() and (one <= high).all()

    return check


def word(*allowed):
    """One of some words."""

    def check(one):
        assert one in allowed, f"{one!r} is none of {allowed}"

    return check


def of_type(kind, check=sound):
    """An instance of a class, and more that must hold of it."""

    def both(one):
        assert isinstance(one, kind), f"{type(one)} is no {kind}"
        check(one)

    return both


def nothing(result) -> None:
    """Nothing is returned."""
    assert result is None


# what nobody should give


def _generator():
    yield 0.5


def anything() -> dict:
    """Values that fit few arguments, by a name for the report."""
    nested = np.full((2, 3), 0.5)
    return {
        "None": None, "NaN": NAN, "inf": INF, "-inf": -INF, "-1": -1, "0": 0, "1": 1, "0.5": 0.5,
        "-0.5": -0.5, "1.5": 1.5, "2.0": 2.0, "1e308": 1e308, "-1e308": -1e308, "2**40": 2**40,
        "10**400": 10**400, "True": True, "False": False, "1j": 1j, "'x'": "x", "''": "",
        "'0.5'": "0.5", "'1'": "1", "bytes": b"1", "float32": np.float32(0.3),
        "int64": np.int64(3), "0-d": np.array(0.5), "[]": [], "()": (), "empty": np.array([]),
        "[NaN]": [NAN], "[inf, 0.5]": [INF, 0.5], "[1]": [1], "[0.5, 0.5]": [0.5, 0.5],
        "[-1, -2]": [-1, -2], "[1e308, 1e308]": [1e308, 1e308], "[10**400]": [10**400],
        "ragged": [[0.1, 0.2], [0.3]], "words": ["a", "b"], "['0.1', '0.2']": ["0.1", "0.2"],
        "[None]": [None, None], "objects": np.array([None, "a"], dtype=object),
        "complex": np.array([0.5j, 0.2]), "bools": [True, False], "2-d": nested,
        "3-d": nested[None], "4-d": nested[None, None], "no columns": np.zeros((3, 0)),
        "no rows": np.zeros((0, 3)),
        "dates": np.array(["2020-01-01"], "datetime64[D]"), "{}": {}, "{'a': 1}": {"a": 1},
        "{1: None}": {1: None}, "set": {0.5, 0.6}, "generator": _generator(), "range": range(3),
        "function": len, "class": dict, "module": math, "object": object(), "slice": slice(2),
    }  # fmt: skip


def hostile(good) -> dict:
    """Values to put in the place of a valid one: any, and some that nearly fit.

    A list, dict, table or record that holds other things also has its first one replaced.
    """
    values = anything()
    near = {}
    if isinstance(good, Made):
        return values | good.near
    if isinstance(good, (float, np.floating)) and not isinstance(good, bool):
        near = {"-good": -good, "good + 1": good + 1, "100 good": 100 * good}
    elif isinstance(good, (int, np.integer)) and not isinstance(good, bool):
        near = {"-good": -good, "good + 0.5": good + 0.5, "good as text": str(good)}
    elif isinstance(good, str):
        near = {"upper": good.upper() + "X", "with a space": " " + good}
    elif hasattr(good, "iloc"):
        near = _tables(good)
    elif isinstance(good, dict):
        near = _dicts(good)
    elif (numbers := _as_numbers(good)) is not None:
        near = _arrays(numbers)
    elif isinstance(good, (list, tuple)) and not hasattr(good, "_fields"):
        kind = type(good)
        if good:
            inner = hostile(good[0])
            near = {f"[{k}, ...]": kind([v, *good[1:]]) for k, v in inner.items()}
    elif isinstance(good, SimpleNamespace):
        for name, value in vars(good).items():
            for label, other in hostile(value).items():
                near[f"{name}={label}"] = SimpleNamespace(**vars(good) | {name: other})
    elif hasattr(good, "_fields"):
        for name in good._fields:
            for label, other in hostile(getattr(good, name)).items():
                near[f"{name}={label}"] = good._replace(**{name: other})
    elif is_dataclass(good):
        near = _records(good)
    return values | near


def _as_numbers(good):
    """A valid list or array of numbers as an array; None for anything else."""
    if not isinstance(good, (list, tuple, np.ndarray)) or hasattr(good, "_fields"):
        return None
    try:
        numbers = np.array(good)
    except ValueError:
        return None
    return numbers if numbers.dtype.kind in "biuf" and numbers.size else None


def _arrays(good):
    """Arrays that nearly fit."""

    def with_one(value):
        changed = good.astype("float64")
        changed.flat[0] = value
        return changed

    lists = good.tolist()
    if good.ndim == 1:
        broken = [*lists[:-1], [lists[-1]]]
    else:
        broken = [*lists[:-1], lists[-1][:-1]]
    near = {
        "one NaN": with_one(NAN), "one inf": with_one(INF), "one -inf": with_one(-INF),
        "all NaN": good * NAN, "negative": -1 * good.astype("float64"),
        "one axis more": good[None], "one axis less": good[0],
        "one axis more, last": good[..., None],
        "without the last": good[:-1], "without the last, last axis": good[..., :-1],
        "the first alone": good[:1], "none of them": good[:0], "all equal": np.ones_like(good),
        "all zero": np.zeros_like(good), "backwards": good[::-1], "transposed": good.T,
        "one 1e308": with_one(1e308), "all 1e308": np.full(good.shape, 1e308),
        "huge and alternating": 1e308 * (-1.0) ** np.arange(good.size).reshape(good.shape),
        "tiny": np.full(good.shape, 5e-324), "halves": good + 0.5, "a hundred times": good * 100.0,
        "float32": good.astype("float32"), "float16": good.astype("float16"),
        "as text": good.astype(str), "as objects": good.astype(object),
        "as complex": good.astype(complex), "bools": good.astype(bool), "ragged": broken,
        "with None": [*lists[:-1], None], "with text": [*lists[:-1], "x"],
        "masked": np.ma.array(good, mask=np.arange(good.size).reshape(good.shape) == 0),
    }  # fmt: skip
    return near


def _dicts(good):
    """Dicts that nearly fit: the first value or the first key replaced."""
    if not good:
        return {}
    first, *rest = good
    others = {key: good[key] for key in rest}
    near = {
        f"{{key {key!r}}}": {key: good[first], **others} for key in (None, 3, NAN, "", "x", (1,))
    }
    return near | {
        f"{{{first!r}: {label}}}": {first: value, **others}
        for label, value in hostile(good[first]).items()
    }


def _tables(good):
    """Tables that nearly fit."""
    near = {"no rows": good.iloc[:0], "no columns": good.iloc[:, :0], "one row": good.iloc[:1]}
    for name in getattr(good, "columns", []):
        near[f"without {name}"] = good.drop(columns=name)
        for label, value in (("NaN", NAN), ("text", "x"), ("inf", INF), ("-1e308", -1e308)):
            near[f"{name} {label}"] = good.assign(**{str(name): value})
    return near


def _records(good):
    """Records whose fields are replaced one by one, as far as the class lets them be."""
    near = {}
    for field in fields(good):
        if not field.init:
            continue
        for label, value in hostile(getattr(good, field.name)).items():
            try:
                near[f"{field.name}={label}"] = replace(good, **{field.name: value})
            except Exception:  # the class's own case says whether the error is clear
                continue
    return near


# what came of it


def outcome(one: Case, target, arguments: dict, names) -> str:
    """Call the function; "" if what came of it is allowed, else what it was, in words."""
    given = {name: _fresh(value) for name, value in arguments.items()}
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            result = target(**given)
        except Exception as error:
            found = _fault_of(error, one, names)
        else:
            try:
                one.check(result)
                found = ""
            except Exception as error:
                found = f"returned {_short(result)} ({type(error).__name__}: {error})"
    loud = [w for w in warned if issubclass(w.category, (RuntimeWarning, UserWarning))]
    if loud and not found:
        found = f"warned: {loud[0].category.__name__}: {loud[0].message}"
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
    return found


def _fresh(value):
    """A value of its own for each call."""
    if isinstance(value, Made):
        return value.make()
    if inspect.isgenerator(value):
        return _generator()
    try:
        return copy.deepcopy(value)
    except Exception:
        return value


def _short(value) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 120 else text[:117] + "..."


def _fault_of(error, one, names) -> str:
    """What is wrong with an error, or "" if it is one of ours that says enough."""
    text = f"{type(error).__name__}: {_short(str(error))}"
    own = type(error).__module__.startswith("lib.")
    if not own and not isinstance(error, (ValueError, TypeError, OSError)):
        return f"raised {text}"
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    path, line = Path(trace.tb_frame.f_code.co_filename), trace.tb_lineno
    if LIB not in path.parents:
        return f"raised in {path.name}: {text}"
    if not any(low <= line <= high for low, high in _raises(path)):
        return f"raised without a `raise` at {path.name}:{line}: {text}"
    message = str(error)
    if ": " not in message or len(message.split()) < FEWEST_WORDS:
        return f"does not say what is allowed: {text}"
    known = [word for name in names for word in [*_ways_to_name(name), *one.words.get(name, [])]]
    if not any(word in message for word in known):
        return f"does not name {' or '.join(names)}: {text}"
    return ""


def _ways_to_name(argument):
    """An argument's name, also in words."""
    return argument, argument.replace("_", " "), argument.rstrip("s").replace("_", " ")


@cache
def _raises(path):
    """Lines of the `raise` statements of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [(n.lineno, n.end_lineno) for n in ast.walk(tree) if isinstance(n, ast.Raise)]


# the tests of a room


def fuzz_tests(room: ModuleType, cases: dict, exempt: dict):
    """Four tests of one room: names, valid calls, one hostile argument, two of them."""
    singles = [
        pytest.param(name, arg, marks=pytest.mark.slow if arg in one.slow else ())
        for name, one in cases.items() for arg in one.good if arg not in one.left_out
    ]  # fmt: skip

    def test_every_public_name_has_a_case_or_a_reason():
        public = {n for n in room.__all__ if callable(getattr(room, n))}
        assert all(exempt.values()), "an exemption needs a reason"
        covered = {name.split(".")[0] for name in cases} | set(exempt)
        assert public <= covered, f"neither fuzzed nor exempt: {sorted(public - covered)}"
        assert set(exempt) <= public - {name for name in cases if "." not in name}
        for name, one in cases.items():
            parameters = _parameters(_target(room, name, one))
            missing = parameters - set(one.good) - set(one.left_out)
            assert not missing, f"{name}: no valid value of {sorted(missing)}"

    @pytest.mark.parametrize("name", cases)
    def test_valid_arguments_give_a_sound_result(name):
        one = cases[name]
        result = _target(room, name, one)(**{k: _fresh(v) for k, v in one.good.items()})
        one.check(result)
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")

    @pytest.mark.parametrize(("name", "argument"), singles)
    def test_one_hostile_argument_gives_our_error_or_a_sound_result(name, argument):
        one, target = cases[name], _target(room, name, cases[name])
        faults = {}
        for label, value in hostile(one.good[argument]).items():
            found = outcome(one, target, one.good | {argument: value}, [argument])
            if found:
                faults[label] = found
        _report(f"{name}({argument}=...)", faults)

    @pytest.mark.parametrize("name", [n for n, one in cases.items() if len(one.good) > 1])
    def test_two_hostile_arguments_give_our_error_or_a_sound_result(name):
        one, target, values = cases[name], _target(room, name, cases[name]), anything()
        names, faults = [n for n in one.good if n not in one.left_out], {}
        for i, first in enumerate(names):
            for second in names[i + 1 :]:
                for label in ("None", "NaN", "-1", "'x'", "[]", "2-d"):
                    both = {first: values[label], second: values[label]}
                    found = outcome(one, target, one.good | both, [first, second])
                    if found:
                        faults[f"{first}, {second} = {label}"] = found
        _report(name, faults)

    return (
        test_every_public_name_has_a_case_or_a_reason,
        test_valid_arguments_give_a_sound_result,
        test_one_hostile_argument_gives_our_error_or_a_sound_result,
        test_two_hostile_arguments_give_our_error_or_a_sound_result,
    )


def _target(room, name, one):
    """What a case calls."""
    return one.target() if one.target else getattr(room, name)


def _parameters(target) -> set:
    """The named arguments of a function or class."""
    kinds = inspect.Parameter
    return {
        p.name for p in inspect.signature(target).parameters.values()
        if p.kind in (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)
    }  # fmt: skip


def _report(what, faults) -> None:
    """Fail with all that went wrong, one line each."""
    if faults:
        lines = "\n".join(f"  {label}: {found}" for label, found in faults.items())
        pytest.fail(f"{what}: {len(faults)} faults\n{lines}", pytrace=False)
