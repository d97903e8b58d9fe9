"""TensorFlow starts quietly, with one thread an operation, and no earlier than it must."""

import os
import pkgutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

import lib
from lib import profiles

ROOT = Path(__file__).parents[1]
MODULES = sorted(module.name for module in pkgutil.iter_modules(lib.__path__))


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
    others = [name for name in MODULES if name != "backend"]
    assert {"datasets", "models", "plots", "replicates", "show", "widgets"} <= set(others)
    code = f"""
import importlib, sys
def loaded():
    return sorted({{"tensorflow", "keras"}} & set(sys.modules))
import lib
print("lib", loaded())
for name in {others}:
    importlib.import_module(f"lib.{{name}}")
    print(name, loaded())
"""
    finished = run(code)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.splitlines() == [f"{name} []" for name in ("lib", *others)]


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


# Profiles


def test_profile_class_is_as_published():
    profile = profiles.get_profile("class")
    assert profile.n_bases >= 100 and profile.n_refits >= 10
    assert (profile.n_replicates, profile.n_epochs) == (30, 100)


def test_profile_smoke_is_smaller_than_class_in_every_number():
    smoke, full = (asdict(profiles.get_profile(name)) for name in ("smoke", "class"))
    numbers = [field for field, value in smoke.items() if field != "name"]
    assert len(numbers) == 11
    assert [field for field in numbers if smoke[field] >= full[field]] == []
