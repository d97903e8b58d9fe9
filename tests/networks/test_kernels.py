"""Kernels on disk: whole, intact, for this machine only; and the other language."""

import ctypes
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from lib.networks import kernel_source, kernels, streams

numba = pytest.importorskip("numba")
ROOT = Path(__file__).resolve().parents[2]
SMALL = (2, 3)  # quick to compile
TINY = """\
from numba import njit


@njit("int64(int64)", cache={on_disk})
def train(x):
    return x + 1
"""  # quicker still, where it does not matter what is compiled


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """As in a new process: nothing loaded, nothing said."""
    monkeypatch.setattr(kernels, "_kernels", {})
    monkeypatch.setattr(kernels, "_said", set())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with the small kernel in it; copy it before use."""
    folder = tmp_path_factory.mktemp("made")
    assert kernels.get(SMALL, folder)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "kernels")


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """A folder with a tiny kernel in it; any other kernel made would be tiny, too."""

    def write(sizes, on_disk=True):
        return TINY.format(on_disk=on_disk)

    monkeypatch.setattr(kernel_source, "write", write)
    assert kernels.get(SMALL, tmp_path / "kernels")(1) == 2
    monkeypatch.setattr(kernels, "_kernels", {})
    return tmp_path / "kernels"


@pytest.fixture
def no_compiler(monkeypatch):
    """Fail where a kernel would be compiled anew."""

    def write(*args, **options):
        raise AssertionError("compiled anew")

    monkeypatch.setattr(Path, "mkdir", write)


def run_kernel(kernel, sizes, n_epochs=3, n_rows=41, seeds=range(16)):
    """The memory and the accuracies after some epochs."""
    rng, layout = np.random.default_rng(0), kernel_source.Layout(sizes)
    x = rng.normal(size=(2, n_rows * sizes[0])).astype("f4")
    y = rng.integers(0, sizes[-1], (2, n_rows)).astype("f4")
    memory = np.zeros((layout.n_vectors, 16), "f4")
    memory[: layout.first_weight] = [[0.05]] + [[1]] * layout.n_layers
    start = streams.initial_weights(sizes, seeds)
    memory[layout.first_weight :][: layout.n_weights] = np.concatenate(
        [array.reshape(16, -1).T for layer in start for array in layer]
    )
    accuracy = np.zeros((2, (n_epochs + 1) * 16), "f4")
    kernel(
        memory.ravel(), np.zeros(8 * (sizes[0] + 1) * 16, "f4"), np.zeros(16 * n_rows, "u2"),
        streams.keys("order", seeds), np.arange(16), x[0], y[0], x[1], y[1], accuracy[0],
        x[0], y[0], accuracy[1], n_rows, n_rows, n_rows, n_epochs, 8,
    )  # fmt: skip
    return memory[layout.first_weight :][: layout.n_weights], accuracy


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_get_keeps_the_kernel_and_loads_it_again(folder, no_compiler):
    (name,) = names(folder)
    assert re.fullmatch("kernel_2_3_[0-9a-f]{16}", name)
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("*.nbc")}
    assert times
    weights, accuracy = run_kernel(kernels.get(SMALL, folder), SMALL)
    assert np.isfinite(weights).all()
    assert accuracy.any()
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.nbc")} == times


def test_get_in_a_new_process_compiles_nothing(folder):
    code = f"""
import time
from pathlib import Path
from lib.networks import kernels
import numba, llvmlite.binding as binding
compiled = []
original = binding.parse_assembly
from numba.core import compiler
run = compiler.CompilerBase.compile_extra
def counted(*a, **k):
    compiled.append(a); return run(*a, **k)
compiler.CompilerBase.compile_extra = counted
began = time.perf_counter()
assert kernels.get({SMALL}, Path({str(folder)!r}))
print(len(compiled), time.perf_counter() - began)
"""
    for cache in ("", str(folder.parent / "other")):  # of the user's own code
        found = run_python(code, NUMBA_CACHE_DIR=cache)
        assert found.split()[0] == "0"
    assert not (folder.parent / "other").exists()


def run_python(code, **environment):
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize("kind", [".nbc", ".nbi", ".py", ".json"])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "more"])
def test_get_makes_a_damaged_kernel_again(tiny, kind, damage, capsys):
    (path,) = tiny.rglob(f"*{kind}")
    (name,) = names(tiny)
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "changed":
        path.write_bytes(content[:-40] + bytes(reversed(content[-40:])))
    elif damage == "gone":
        path.unlink()
    else:
        path.with_name("more" + path.name).write_bytes(content)
    assert not kernels._is_intact(tiny / name)
    assert kernels.get(SMALL, tiny)(1) == 2
    assert names(tiny) == [name]
    assert kernels._is_intact(tiny / name)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("place", ["file", "full"])
def test_get_compiles_in_memory_where_nothing_can_be_kept(
    place, tiny, tmp_path, monkeypatch, capsys
):
    if place == "file":
        (tmp_path / "none").write_text("no folder", encoding="utf-8")
    else:

        def full(*args, **options):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "write_text", full)
    for sizes in (SMALL, (3, 2)):
        assert kernels.get(sizes, tmp_path / "none")(1) == 2
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "cannot be kept in none" in said
    assert not list(tmp_path.rglob(".running-*"))


def test_get_when_the_machine_code_cannot_be_written(tiny, tmp_path, monkeypatch, capsys):
    """The disk runs full later, while Numba writes."""
    from numba.core import caching

    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(caching.IndexDataCacheFile, "save", full)
    kernel = kernels.get(SMALL, tmp_path / "full")
    assert kernel(1) == 2
    assert "No space left on device" in capsys.readouterr().out
    assert names(tmp_path / "full") == []


def test_get_loads_from_a_folder_that_cannot_be_written(folder, monkeypatch, no_compiler, capsys):
    seen = []
    monkeypatch.setattr(kernels, "_is_writable", lambda folder: seen.append(folder))
    assert np.isfinite(run_kernel(kernels.get(SMALL, folder), SMALL)[0]).all()
    assert seen
    assert capsys.readouterr().out == ""


def test_get_in_two_processes_at_once(tmp_path):
    code = f"""
from pathlib import Path
from lib.networks import kernel_source, kernels
kernel_source.write = lambda sizes, **options: {TINY.format(on_disk=True)!r}
print(kernels.get({SMALL}, Path({str(tmp_path)!r})) is not None)
"""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    both = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    assert [process.communicate()[0].split() for process in both] == [[b"True"]] * 2
    (name,) = names(tmp_path)
    assert kernels._is_intact(tmp_path / name)


def test_get_when_another_process_was_first(tiny, tmp_path, monkeypatch, capsys):
    """The other one's folder appears while this process compiles."""
    original = kernels._import

    def slow(part, name):
        kernel = original(part, name)
        shutil.copytree(tiny, tmp_path / "other", dirs_exist_ok=True)
        return kernel

    monkeypatch.setattr(kernels, "_import", slow)
    assert kernels.get(SMALL, tmp_path / "other")(1) == 2
    assert names(tmp_path / "other") == names(tiny)
    assert capsys.readouterr().out == ""


def test_get_in_two_threads_compiles_once(tiny, tmp_path, monkeypatch):
    original, calls, found = kernels._import, [], []

    def counted(*args):
        calls.append(args)
        return original(*args)

    monkeypatch.setattr(kernels, "_import", counted)
    threads = [
        threading.Thread(target=lambda: found.append(kernels.get(SMALL, tmp_path)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert len(set(map(id, found))) == 1


def test_get_sweeps_what_killed_processes_left(tiny):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    alive = f".running-{os.getppid()}-bb"
    for name in (f".running-{dead.pid}-aa", alive):
        (tiny / name / "__pycache__").mkdir(parents=True)
        (tiny / name / "half.py").write_text("x", encoding="utf-8")
    kernels.get(SMALL, tiny)
    assert [name for name in names(tiny) if name.startswith(".")] == [alive]


@pytest.mark.parametrize(
    "what", ["numba", "llvmlite", "numpy", "source", "processor", "features", "python"]
)
def test_key_changes_with_all_that_decides_the_code(what, monkeypatch):
    if what == "processor":
        monkeypatch.setattr(numba.config, "CPU_FEATURES", "+sse2")  # the same for both
    before = kernels._key(SMALL)
    assert kernels._key(SMALL) == before
    if what == "source":
        monkeypatch.setattr(kernel_source, "EXP", (1.0,))
    elif what == "processor":
        monkeypatch.setattr(numba.config, "CPU_NAME", "generic")
    elif what == "features":
        monkeypatch.setattr(numba.config, "CPU_FEATURES", "+sse2")
    elif what == "python":
        monkeypatch.setattr(kernels.sys.implementation, "cache_tag", "cpython-399")
    else:
        original = kernels.importlib.metadata.version
        monkeypatch.setattr(
            kernels.importlib.metadata,
            "version",
            lambda name: original(name) + ".1" * (name == what),
        )
    assert kernels._key(SMALL) != before
    assert kernels._key((3, 2)) != kernels._key(SMALL)


def test_get_gives_none_and_says_so_where_numba_cannot_compile(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "numba", None)
    assert kernels.get(SMALL, tmp_path) is None
    assert kernels.get((3, 2), tmp_path) is None
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "networks train in NumPy instead" in said
    monkeypatch.undo()
    monkeypatch.setattr(kernels, "_said", set())
    monkeypatch.setattr(kernels, "_kernels", {})
    monkeypatch.setattr(kernel_source, "write", lambda *args, **options: "no Python")
    assert kernels.get(SMALL, tmp_path) is None
    assert "networks train in NumPy instead" in capsys.readouterr().out


def test_prepare_compiles_ahead(folder, capsys):
    kernels.prepare([SMALL], folder)
    assert re.fullmatch(r"kernel 2-3: \d+\.\d s\n", capsys.readouterr().out)


def test_kernel_calculates_with_whole_vectors_and_fuses_nothing():
    if kernels.platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("instructions of x86-64")
    names = {}
    exec(kernel_source.write(SMALL, on_disk=False), names)
    (assembler,) = names["train"].inspect_asm().values()
    count = {name: len(re.findall(rf"\sv?{name}\s", assembler)) for name in
             ("mulps", "addps", "subps", "mulss", "addss", "subss")}  # fmt: skip
    assert min(count["mulps"], count["addps"]) > 30
    assert max(count["mulss"], count["addss"], count["subss"]) == 0
    assert not re.search(r"\svfn?m(add|sub)", assembler)


@pytest.mark.parametrize("sizes", [SMALL, (2, 5, 5, 3), (20, 10, 10, 5)])
def test_cpp_kernel_gives_the_same_bits(sizes, tmp_path):
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("no C++ compiler here")
    source, library = tmp_path / "kernel.cpp", tmp_path / "kernel.so"
    source.write_text(kernel_source.write(sizes, "c++"), encoding="utf-8")
    options = ["-O3", "-ffp-contract=off", "-shared", "-fPIC", "-Wno-psabi"]
    subprocess.run([compiler, *options, source, "-o", library], check=True)
    function = ctypes.CDLL(str(library)).train

    def cpp(*args):
        function(
            *[
                ctypes.c_int64(a) if isinstance(a, int) else ctypes.c_void_p(a.ctypes.data)
                for a in args
            ]
        )

    for ours, theirs in zip(
        run_kernel(cpp, sizes), run_kernel(kernels.get(sizes), sizes), strict=True
    ):
        assert ours.any()
        assert ours.tobytes() == theirs.tobytes()
