"""Compiled training kernels, kept on disk: compiling takes some seconds, loading 0.04 s.

`get((2, 5, 5, 3))` gives the kernel for these layer sizes. Numba compiles its source
(`kernel_source`). The machine code is kept and loaded by LLVM alone: to import Numba takes longer
than to train, and 70 MB. A file is there in full or not at all, is kept only if a process without
Numba got the right bits from it, and is used only if it is as it was written.

    folder/                          data/cache/kernels, or kernels in the folder COURSE_CACHE
        kernel_2_5_5_3_<key>.o       the key stands for everything that decides the code; an
                                     object file, and after it 32 bytes, its SHA-256

Where nothing can be kept, a kernel is compiled in every session; where nothing can be compiled,
`get` gives None, and `lanes` trains with `plain`. Either is said once.

    python -m lib.networks.kernels      compiles ahead what the course uses
"""

import ctypes
import hashlib
import json
import os
import platform
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

from ..files import cache_folder, sweep, whole
from . import kernel_source
from .kernel_languages import ARRAYS, LANES

COURSE_SIZES = ((2, 5, 5, 3), (2, 5, 5, 5, 3), (2, 5, 5, 4), (2, 5, 5, 8))
ENTRY = "kernel"  # name of the function in the machine code
SETTINGS = Path(".numba_config.yaml")  # Numba reads it in the folder that it starts in
NOT_DECIDING = "NUMBA_CACHE", "NUMBA_NUM_THREADS", "NUMBA_THREADING"  # joblib sets the second
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
        _check_numba()
        path = folder / f"kernel_{'_'.join(map(str, sizes))}_{_key(sizes)}.o"
        kernel = _kept(path)
        if kernel is not None:
            return kernel
        library, name = _compile(sizes)
        kernel = _callable(library.get_pointer_to_function(name), library)
    except Exception as error:
        return _no_kernel(error)
    try:
        _keep(_object_file(library, name), path, sizes, _trial(kernel, sizes))
    except Exception as error:
        if _read(path) is None:  # otherwise another process was first
            reason = getattr(error, "strerror", None) or error
            _say(
                f"The compiled training program cannot be kept in {folder.name} ({reason}): it is "
                "compiled again in every session, which takes some seconds."
            )
    return kernel


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


def _check_numba():
    """Raise ImportError where Numba is off; ask it only where something could have turned it off.

    Where it is not installed, `_key` finds no version of it.
    """
    if "NUMBA_DISABLE_JIT" in os.environ or SETTINGS.exists() or "numba" in sys.modules:
        from numba import config

        if config.DISABLE_JIT:
            raise ImportError("NUMBA_DISABLE_JIT is set")


def _key(sizes):
    """Sixteen characters that stand for everything that decides a kernel's machine code."""
    from importlib import metadata

    from llvmlite import binding

    here = Path(__file__).parent
    deciding = [
        _source(sizes),
        *((here / name).read_text(encoding="utf-8") for name in ("vectors.py", "kernels.py")),
        sys.implementation.cache_tag,
        platform.system(),
        platform.machine(),
        *(metadata.version(name) for name in ("numba", "llvmlite", "numpy")),
        binding.get_host_cpu_name(),
        sorted(_features().items()),
        sorted(
            setting
            for setting in os.environ.items()
            if setting[0].startswith("NUMBA_") and not setting[0].startswith(NOT_DECIDING)
        ),
        SETTINGS.read_text(encoding="utf-8") if SETTINGS.exists() else None,
    ]
    return hashlib.sha256(json.dumps(deciding).encode()).hexdigest()[:16]


def _source(sizes):
    """The source that suits this processor.

    Two rows at once take a quarter off the time where a register holds a whole vector (AVX-512).
    Elsewhere they bring little, and with the small registers of SSE2 LLVM compiles for minutes.
    """
    other = SETTINGS.exists() or {"NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"} & set(os.environ)
    wide = not other and _features().get("avx512f", False)
    return kernel_source.write(sizes, rows=2 if wide else 1)


def _features():
    """What this processor can do: name -> whether it can."""
    from llvmlite import binding

    try:
        return binding.get_host_cpu_features()
    except RuntimeError:  # LLVM does not know it; nor does Numba then
        return {}


def _compile(sizes):
    """Compile a kernel: Numba's library with its code, and the function's name in it.

    It is the function behind a C callback. The callback itself would turn errors into Python's.
    """
    names = {"__name__": "kernel"}
    exec(_source(sizes), names)
    callback = names["train"]
    return callback._library, callback.native_name.removeprefix("cfunc.")


def _object_file(library, name):
    """The function as an object file, named ENTRY. The callback, which needs Numba, is left out."""
    from llvmlite import binding

    module = binding.parse_assembly(library.get_llvm_str())
    module.get_function(f"cfunc.{name}").linkage = "available_externally"
    module.get_function(name).name = ENTRY
    return library.codegen._tm.emit_object(module)


def _load(code):
    """The kernel in an object file. LLVM does not say if a symbol is missing: `_keep` finds out."""
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    module = binding.parse_assembly("")
    module.triple = binding.get_process_triple()
    machine = binding.Target.from_triple(module.triple).create_target_machine()
    engine = binding.create_mcjit_compiler(module, machine)
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return _callable(engine.get_function_address(ENTRY), engine)


def _callable(address, owner):
    """A compiled function for Python, with its arguments checked; `owner` holds its code."""
    from numpy.ctypeslib import ndpointer

    pointer = ctypes.POINTER(ctypes.c_void_p)
    arguments = [
        ctypes.c_int64 if kind == "count" else ndpointer(ARRAYS[kind], ndim=1, flags="C")
        for kind, _ in kernel_source.ARGUMENTS
    ]
    # Numba's functions return a status, and through two pointers a result and an error
    function = ctypes.CFUNCTYPE(ctypes.c_int32, pointer, pointer, *arguments)(address)

    def kernel(*arguments):
        if function(ctypes.c_void_p(), ctypes.c_void_p(), *arguments):
            raise ValueError("the training program cannot work with these numbers.")

    kernel.owner = owner
    return kernel


def _kept(path):
    """The kernel in a file, or None if the file is missing or damaged."""
    code = _read(path)
    if code is None:
        return None
    try:
        return _load(code)
    except Exception:  # as good as damaged
        return None


def _read(path):
    """The machine code in a file, or None if it is not what was written."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    code, digest = content[:-32], content[-32:]
    return code if hashlib.sha256(code).digest() == digest else None


def _keep(code, path, sizes, expected):
    """Write machine code to a file, if a process without Numba gets the expected bits from it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path.parent)
    with whole(path) as part:
        part.write_bytes(code + hashlib.sha256(code).digest())
        program = (
            f"import sys; sys.path[:] = {sys.path}; from pathlib import Path\n"
            f"from {__package__} import kernels as k\n"
            f"print(k._trial(k._load(k._read(Path({str(part)!r}))), {sizes}))"
        )
        tried = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        if tried.stdout.split()[-1:] != [expected]:
            raise RuntimeError("it does not work in another process")


def _trial(kernel, sizes):
    """SHA-256 of all that a kernel writes in a training that goes through all of it."""
    rng, layout, n = np.random.default_rng(0), kernel_source.Layout(sizes), 41
    memory = rng.normal(0, 0.1, layout.n_vectors * LANES).astype("f4")
    batch = np.zeros(16 * (layout.n_features + 1) * LANES, "f4")
    orders, streams = np.zeros(LANES * n, "u2"), np.arange(LANES, dtype="i8")
    x = rng.normal(size=n * layout.n_features).astype("f4")
    y = rng.integers(0, layout.n_classes, n).astype("f4")
    accuracy, validation = np.zeros((2, 3 * LANES), "f4")
    kernel(
        memory, batch, orders, streams.astype("u8"), streams, x, y, x, y, accuracy, x, y,
        validation, n, n, n, 2, 16,
    )  # fmt: skip
    return hashlib.sha256(b"".join([memory, orders, accuracy, validation])).hexdigest()


if __name__ == "__main__":
    prepare()
