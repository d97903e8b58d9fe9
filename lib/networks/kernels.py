"""Compiled training kernels, kept on disk: compiling takes some seconds, loading a fraction of one.

`get((2, 5, 5, 3))` gives the kernel for these layer sizes. Its source (`kernel_source`) is written
to a file and imported in the ordinary way; Numba then keeps the machine code beside it. A kernel's
folder is there in full or not at all, and is used only if every file in it is as it was written.

    folder/                               data/cache/kernels, or kernels in the folder COURSE_CACHE
        kernel_2_5_5_3_<key>/             the key stands for everything that decides the code
            kernel_2_5_5_3_<key>.py
            __pycache__/...
            digests.json                  SHA-256 of every file
        .running-<process>-<number>/     becomes a kernel's folder when it is complete

Where nothing can be kept, a kernel is compiled in memory; where nothing can be compiled, `get`
gives None, and `lanes` trains with `plain`. Either is said once.

    python -m lib.networks.kernels      compiles ahead what the course uses
"""

import hashlib
import importlib.util
import json
import os
import platform
import secrets
import shutil
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from ..files import cache_folder, sweep
from . import kernel_source

COURSE_SIZES = ((2, 5, 5, 3), (2, 5, 5, 5, 3), (2, 5, 5, 4))
_kernels, _said, _lock = {}, set(), threading.RLock()


def get(sizes: tuple[int, ...], folder: Path | None = None):
    """The compiled kernel for these layer sizes, or None where Numba cannot compile.

    Args:
        sizes: units of each layer, input first.
        folder: where kernels are kept; None for the folder above.

    Returns:
        A function that takes the arguments `kernel_source.ARGUMENTS`. It lets other threads run.
    """
    sizes = tuple(int(size) for size in sizes)
    folder = Path(folder) if folder is not None else cache_folder() / "kernels"
    with _lock:
        if (sizes, folder) not in _kernels:
            _kernels[sizes, folder] = _make(sizes, folder)
        return _kernels[sizes, folder]


def prepare(all_sizes=COURSE_SIZES, folder: Path | None = None) -> None:
    """Compile kernels ahead, so that no lesson has to wait for them."""
    for sizes in all_sizes:
        began = time.perf_counter()
        if get(sizes, folder) is not None:
            print(f"kernel {'-'.join(map(str, sizes))}: {time.perf_counter() - began:.1f} s")


def _make(sizes, folder):
    """Load, or else compile and keep, or else compile."""
    try:
        import numba

        if numba.config.DISABLE_JIT:
            raise ImportError("NUMBA_DISABLE_JIT is set")
    except ImportError as error:
        return _no_kernel(error)
    try:
        return _kept(sizes, folder)
    except OSError as error:
        reason = error.strerror or error
        _say(
            f"The compiled training program cannot be kept in {folder.name} ({reason}): it is "
            "compiled again in every session, which takes some seconds."
        )
    except Exception:  # compiled in memory, it may work; if not, that is said
        pass
    try:
        names = {"__name__": "kernel_in_memory"}
        exec(kernel_source.write(sizes, on_disk=False), names)
        return names["train"]
    except Exception as error:
        return _no_kernel(error)


def _no_kernel(error):
    reason = str(error).strip().split("\n")[0]
    _say(
        f"Numba cannot compile the training program ({reason}): networks train in NumPy instead, "
        "with the same results, but slower."
    )


def _say(sentence):
    """Print a sentence once in a process, whatever the details in brackets are."""
    if sentence[:30] not in _said:
        _said.add(sentence[:30])
        print(sentence)


def _kept(sizes, folder):
    """The kernel from its folder, which is made if it is missing or damaged."""
    name = f"kernel_{'_'.join(map(str, sizes))}_{_key(sizes)}"
    home = folder / name
    sweep(folder)
    if home.exists():
        if _is_intact(home):
            try:
                return _load(home, name)
            except Exception:  # as good as damaged
                pass
        _remove(home)
    part = folder / f".running-{os.getpid()}-{secrets.token_hex(4)}"
    part.mkdir(parents=True)
    try:
        source = part / f"{name}.py"
        source.write_text(kernel_source.write(sizes), encoding="utf-8", newline="\n")
        kernel = _import(part, name)
        (part / "digests.json").write_text(json.dumps(_digests(part)), encoding="utf-8")
        try:
            part.rename(home)
        except OSError:
            if not home.exists():  # otherwise another process was first
                raise
        return kernel
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _key(sizes):
    """Sixteen characters that stand for everything that decides a kernel's machine code."""
    from importlib import metadata

    import numba
    from llvmlite import binding

    features = numba.config.CPU_FEATURES
    if features is None:
        features = "" if numba.config.CPU_NAME else binding.get_host_cpu_features().flatten()
    deciding = [
        kernel_source.write(sizes),
        Path(__file__).with_name("vectors.py").read_text(encoding="utf-8"),
        sys.implementation.cache_tag,
        platform.system(),
        platform.machine(),
        *(metadata.version(name) for name in ("numba", "llvmlite", "numpy")),
        numba.config.CPU_NAME or binding.get_host_cpu_name(),
        features,
    ]
    return hashlib.sha256(json.dumps(deciding).encode()).hexdigest()[:16]


def _load(home, name):
    """Import a kernel from its folder, or from a copy where Numba could not write there."""
    if _is_writable(home):
        return _import(home, name)
    with tempfile.TemporaryDirectory(prefix="kernel-") as copy:
        shutil.copytree(home, copy, dirs_exist_ok=True)  # with times: Numba compares them
        return _import(Path(copy), name)


def _is_writable(folder):
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _import(folder, name):
    """Import the module `name` from a folder, and with it compile or load its kernel."""
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # Numba looks there for the globals of what it loads
    try:
        with _beside_the_source():
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module.train


@contextmanager
def _beside_the_source():
    """Let Numba keep code beside its source, whatever the user's settings for other code are."""
    from numba import config

    settings = {"CACHE_DIR": "", "CACHE_LOCATOR_CLASSES": "InTreeCacheLocator"}
    before = {name: getattr(config, name) for name in settings if hasattr(config, name)}
    try:
        for name in before:
            setattr(config, name, settings[name])
        yield
    finally:
        for name, value in before.items():
            setattr(config, name, value)


def _digests(home):
    """SHA-256 of every file, by its path inside the folder."""
    files = sorted(path for path in home.rglob("*") if path.is_file())
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.name != "digests.json"
    }


def _is_intact(home):
    """Whether the folder holds exactly what was written."""
    try:
        known = json.loads((home / "digests.json").read_text(encoding="utf-8"))
        return known == _digests(home)
    except (OSError, ValueError):
        return False


def _remove(home):
    """Take a folder away, at once for all processes."""
    away = home.with_name(f".running-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        home.rename(away)
    except FileNotFoundError:  # another process was first
        return
    shutil.rmtree(away, ignore_errors=True)


if __name__ == "__main__":
    prepare()
