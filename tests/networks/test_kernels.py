"""Kernels on disk: whole, intact, for this machine only; and the other language."""

import ctypes
import os
import re
import shutil
import subprocess
import sys
import threading
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from llvmlite import binding

from lib.networks import kernel_source, kernels, streams
from lib.networks.kernel_languages import NUMBA

pytest.importorskip("numba")
ROOT = Path(__file__).resolve().parents[2]
SMALL = (2, 3)  # quick to compile
TINY = f"""\
from numba import cfunc


@cfunc("void({", ".join(NUMBA[kind] for kind, _ in kernel_source.ARGUMENTS)})")
def train({", ".join(name for _, name in kernel_source.ARGUMENTS)}):
    accuracy[0] = 7
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

    monkeypatch.setattr(kernel_source, "write", lambda sizes, rows: TINY)
    assert is_tiny(kernels.get(SMALL, tmp_path / "kernels"))
    monkeypatch.setattr(kernels, "_kernels", {})
    return tmp_path / "kernels"


@pytest.fixture
def no_compiler(monkeypatch):
    """Fail where a kernel would be compiled anew."""

    def compiled(sizes):
        raise AssertionError("compiled anew")

    monkeypatch.setattr(kernels, "_compile", compiled)


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


def is_tiny(kernel):
    return run_kernel(kernel, SMALL)[1][0, 0] == 7


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_get_keeps_the_kernel_and_loads_it_again(folder, no_compiler):
    (name,) = names(folder)
    assert re.fullmatch(r"kernel_2_3_[0-9a-f]{16}\.o", name)
    weights, accuracy = run_kernel(kernels.get(SMALL, folder), SMALL)
    assert np.isfinite(weights).all()
    assert accuracy.any()


def test_get_loads_the_bits_that_it_compiled(tmp_path, monkeypatch):
    before = run_kernel(kernels.get(SMALL, tmp_path), SMALL)
    monkeypatch.setattr(kernels, "_kernels", {})
    for ours, theirs in zip(run_kernel(kernels.get(SMALL, tmp_path), SMALL), before, strict=True):
        assert ours.tobytes() == theirs.tobytes()


def test_get_in_a_new_process_imports_no_numba(folder):
    code = f"""
import sys
from pathlib import Path
from lib.networks import kernels
assert kernels.get({SMALL}, Path({str(folder)!r}))
print("llvmlite" in sys.modules, "numba" in sys.modules)
"""
    for settings in ({}, {"NUMBA_CACHE_DIR": "other", "NUMBA_NUM_THREADS": "1"}):
        assert run_python(code, **settings).split() == ["True", "False"]


def run_python(code, cwd=None, **environment):
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize("damage", ["cut", "changed", "digest", "more", "empty", "gone"])
def test_get_makes_a_damaged_kernel_again(tiny, damage, capsys):
    (path,) = tiny.iterdir()
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(
            {
                "cut": content[: len(content) // 2],
                "changed": content[:99] + bytes([content[99] ^ 1]) + content[100:],
                "digest": content[:-1] + bytes([content[-1] ^ 1]),
                "more": content + b"more",
                "empty": b"",
            }[damage]
        )
    assert kernels._read(path) is None
    assert is_tiny(kernels.get(SMALL, tiny))
    assert names(tiny) == [path.name]
    assert kernels._read(path)
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

        monkeypatch.setattr(Path, "write_bytes", full)
    for sizes in (SMALL, (3, 2)):
        assert is_tiny(kernels.get(sizes, tmp_path / "none"))
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "cannot be kept in none" in said
    assert not list(tmp_path.rglob(".*"))


@pytest.mark.parametrize("reason", ["needs Numba", "other bits"])
def test_get_keeps_only_machine_code_that_works_elsewhere(reason, tmp_path, monkeypatch, capsys):
    """A call of what is missing would end the process."""

    def bad(library, name):
        call = "call i32 @numba_gil_ensure()" if reason == "needs Numba" else "add i32 0, 0"
        module = binding.parse_assembly(
            f"""
            declare i32 @numba_gil_ensure()
            define i32 @{kernels.ENTRY}() {{
                %status = {call}
                ret i32 %status
            }}
            """
        )
        machine = binding.Target.from_default_triple().create_target_machine(jit=True)
        return machine.emit_object(module)

    monkeypatch.setattr(kernel_source, "write", lambda sizes, rows: TINY)
    monkeypatch.setattr(kernels, "_object_file", bad)
    assert is_tiny(kernels.get(SMALL, tmp_path))
    said = capsys.readouterr().out
    assert f"cannot be kept in {tmp_path.name} (it does not work in another process)" in said
    assert names(tmp_path) == []


def test_get_loads_from_a_folder_that_cannot_be_written(folder, monkeypatch, no_compiler, capsys):
    def read_only(*args, **options):
        raise PermissionError(13, "Permission denied")

    for name in ("mkdir", "write_bytes", "unlink"):
        monkeypatch.setattr(Path, name, read_only)
    assert np.isfinite(run_kernel(kernels.get(SMALL, folder), SMALL)[0]).all()
    assert capsys.readouterr().out == ""


def test_get_in_two_processes_at_once(tmp_path):
    code = f"""
from pathlib import Path
from lib.networks import kernel_source, kernels
kernel_source.write = lambda sizes, rows: {TINY!r}
print(kernels.get({SMALL}, Path({str(tmp_path)!r})) is not None)
"""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    both = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    assert [process.communicate()[0].split() for process in both] == [[b"True"]] * 2
    (path,) = tmp_path.iterdir()
    assert kernels._read(path)


def test_get_when_another_process_was_first(tiny, tmp_path, monkeypatch, capsys):
    """The other one's file appears while this process compiles, and Windows does not replace it."""
    original = kernels._compile

    def slow(sizes):
        shutil.copytree(tiny, tmp_path / "other")
        return original(sizes)

    def in_use(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(kernels, "_compile", slow)
    monkeypatch.setattr(os, "replace", in_use)
    assert is_tiny(kernels.get(SMALL, tmp_path / "other"))
    assert names(tmp_path / "other") == names(tiny)
    assert capsys.readouterr().out == ""


def test_get_in_two_threads_compiles_once(tiny, tmp_path, monkeypatch):
    original, calls, found = kernels._compile, [], []

    def counted(*args):
        calls.append(args)
        return original(*args)

    monkeypatch.setattr(kernels, "_compile", counted)
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
    (path,) = tiny.iterdir()
    alive = f".{path.stem}.{os.getppid()}.part.o"
    for name in (f".{path.stem}.{dead.pid}.part.o", alive):
        (tiny / name).write_bytes(b"half")
    path.unlink()
    kernels.get(SMALL, tiny)
    assert names(tiny) == [alive, path.name]


@pytest.mark.parametrize(
    "what",
    ["numba", "llvmlite", "numpy", "source", "vectors.py", "kernels.py", "processor", "features",
     "python", "environment", "settings"],
)  # fmt: skip
def test_key_changes_with_all_that_decides_the_code(what, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = kernels._key(SMALL)
    assert kernels._key(SMALL) == before
    if what == "source":
        monkeypatch.setattr(kernel_source, "EXP", (1.0,))
    elif what == "processor":
        monkeypatch.setattr(binding, "get_host_cpu_name", lambda: "generic")
    elif what == "features":
        monkeypatch.setattr(binding, "get_host_cpu_features", lambda: binding.FeatureMap())
    elif what == "python":
        monkeypatch.setattr(kernels.sys.implementation, "cache_tag", "cpython-399")
    elif what == "environment":
        monkeypatch.setenv("NUMBA_OPT", "1")
    elif what == "settings":
        Path(".numba_config.yaml").write_text("opt: 1", encoding="utf-8")
    elif what.endswith(".py"):
        read = Path.read_text
        monkeypatch.setattr(
            Path, "read_text", lambda path, **o: read(path, **o) + "#" * (path.name == what)
        )
    else:
        version = metadata.version
        monkeypatch.setattr(metadata, "version", lambda name: version(name) + ".1" * (name == what))
    assert kernels._key(SMALL) != before
    assert kernels._key((3, 2)) != kernels._key(SMALL)


def test_key_is_the_same_where_settings_decide_nothing(monkeypatch):
    before = kernels._key(SMALL)
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/")
    assert kernels._key(SMALL) == before


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
    monkeypatch.setattr(kernel_source, "write", lambda sizes, rows: "no Python")
    assert kernels.get(SMALL, tmp_path) is None
    assert "networks train in NumPy instead" in capsys.readouterr().out


def test_get_gives_none_where_numba_is_not_installed(folder, monkeypatch, capsys):
    """Even where a kernel was kept before."""
    version = metadata.version

    def gone(name):
        if name == "numba":
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", gone)
    assert kernels.get(SMALL, folder) is None
    assert "No package metadata was found for numba" in capsys.readouterr().out


@pytest.mark.parametrize("way", ["environment", "settings", "program"])
def test_get_gives_none_where_numba_is_disabled(way, folder, tmp_path):
    code = f"""
from pathlib import Path
from lib.networks import kernels
print(kernels.get({SMALL}, Path({str(folder)!r})) is None)
"""
    settings = {}
    if way == "environment":
        settings["NUMBA_DISABLE_JIT"] = "1"
    elif way == "settings":
        (tmp_path / ".numba_config.yaml").write_text("disable_jit: 1", encoding="utf-8")
    else:
        code = "import numba; numba.config.DISABLE_JIT = 1\n" + code
    said = run_python(code, cwd=tmp_path, **settings)
    assert "(NUMBA_DISABLE_JIT is set): networks train in NumPy instead" in said
    assert said.endswith("True\n")


@pytest.mark.parametrize(
    ("number", "wrong", "error"),
    [
        (0, np.zeros(99), ctypes.ArgumentError),  # float64
        (0, np.zeros((9, 16), "f4"), ctypes.ArgumentError),  # two axes
        (5, np.zeros(999, "f4")[::2], ctypes.ArgumentError),  # with gaps
        (2, np.zeros(99, "i2"), ctypes.ArgumentError),
        (17, 2.5, ctypes.ArgumentError),
        (17, 0, ValueError),  # rows in a batch
    ],
)
def test_kernel_refuses_what_it_cannot_work_with(number, wrong, error, folder):
    kernel = kernels.get(SMALL, folder)

    def with_wrong(*arguments):
        kernel(*arguments[:number], wrong, *arguments[number + 1 :])

    with pytest.raises(error):
        run_kernel(with_wrong, SMALL)


def test_prepare_compiles_ahead(folder, capsys):
    kernels.prepare([SMALL], folder)
    assert re.fullmatch(r"kernel 2-3: \d+\.\d s\n", capsys.readouterr().out)


def test_kernel_calculates_with_whole_vectors_and_fuses_nothing():
    if kernels.platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("instructions of x86-64")
    names = {}
    exec(kernel_source.write(SMALL), names)
    assembler = names["train"]._library.get_asm_str()
    count = {name: len(re.findall(rf"\sv?{name}\s", assembler)) for name in
             ("mulps", "addps", "subps", "mulss", "addss", "subss")}  # fmt: skip
    assert min(count["mulps"], count["addps"]) > 30
    assert max(count["mulss"], count["addss"], count["subss"]) == 0
    assert not re.search(r"\svfn?m(add|sub)", assembler)


@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("sizes", [SMALL, (2, 5, 5, 3), (20, 10, 10, 5)])
def test_cpp_kernel_gives_the_same_bits_by_one_row_and_by_two(sizes, rows, tmp_path):
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("no C++ compiler here")
    source, library = tmp_path / "kernel.cpp", tmp_path / "kernel.so"
    source.write_text(kernel_source.write(sizes, "c++", rows), encoding="utf-8")
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
