"""TensorFlow starts quietly, with one thread an operation, and no earlier than it must."""

import os
import subprocess
import sys

import pytest

from lib.files import ROOT

MODULES = [path.relative_to(ROOT).with_suffix("") for path in sorted((ROOT / "lib").rglob("*.py"))]


def run(code, **environment):
    """Run code in a fresh process at the repository's root, without settings of TensorFlow."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "PYTHONWARNINGS"))}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


# Start


def test_backend_import_is_quiet_and_takes_one_thread():
    code = """
import os
from lib.backend import keras, tf
float(tf.reduce_sum(tf.ones((64, 64)) @ tf.ones((64, 64))))
print(os.environ["TF_NUM_INTRAOP_THREADS"], keras.backend.backend())
"""
    finished = run(code)
    assert finished.stderr == ""
    assert (finished.returncode, finished.stdout.split()) == (0, ["1", "tensorflow"])


@pytest.mark.parametrize("n_threads", ["0", "2"])
def test_backend_import_respects_threads_set_outside(n_threads):
    code = "import os, lib.backend; print(os.environ['TF_NUM_INTRAOP_THREADS'])"
    finished = run(code, TF_NUM_INTRAOP_THREADS=n_threads)
    assert finished.stdout.split() == [n_threads], finished.stderr


def test_lib_imports_no_tensorflow_but_in_backend():
    names = [".".join(module.parts) for module in MODULES if module.stem != "__init__"]
    names.remove("lib.backend")
    assert {"lib.data.blobs", "lib.networks.convnet", "lib.course.show"} < set(names)
    code = f"""
import importlib, sys
for name in {names}:
    importlib.import_module(name)
    print(name, sorted({{"tensorflow", "keras"}} & set(sys.modules)))
"""
    finished = run(code)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.splitlines() == [f"{name} []" for name in names]


# What is held back


@pytest.fixture
def held_back_stderr():
    from lib.backend import _held_back_stderr

    return _held_back_stderr


def test_held_back_stderr_drops_what_is_written_meanwhile(held_back_stderr, capfd):
    with held_back_stderr():
        os.write(2, b"noise\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


@pytest.mark.parametrize("error", [ImportError("no such library"), KeyboardInterrupt()])
def test_held_back_stderr_gives_it_out_again_after_an_error(held_back_stderr, capfd, error):
    with pytest.raises(type(error)) as raised, held_back_stderr():
        os.write(2, b"a reason\n")
        raise error
    assert raised.value is error
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "a reason\nafter\n"


def test_backend_import_that_fails_tells_why(tmp_path):
    (tmp_path / "keras.py").write_text("import os; os.write(2, b'bad chip'); raise ImportError(1)")
    finished = run("import lib.backend", PYTHONPATH=str(tmp_path))
    assert finished.returncode == 1
    assert finished.stderr.startswith("bad chip") and finished.stderr.endswith("ImportError: 1\n")
