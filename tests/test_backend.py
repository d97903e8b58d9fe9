"""TensorFlow starts quietly, with one thread an operation, and no earlier than it must."""

import json
import os
import subprocess
import sys

import pytest

from lib.files import ROOT

MODULES = [path.relative_to(ROOT).with_suffix("") for path in sorted((ROOT / "lib").rglob("*.py"))]


def run(code, **environment):
    """Run code in a fresh process at the repository's root, without settings of TensorFlow."""
    unset = "TF_", "KERAS_", "PYTHONWARNINGS"
    clean = {k: v for k, v in os.environ.items() if not k.startswith(unset)}
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


# Settings of Keras that a user may have

CALCULATES = """
from lib.backend import keras
from lib.networks import convnet
model = convnet.build(seed=0)
print(model.layers[-2].kernel.dtype, model.output_shape, keras.config.backend())
print(keras.config.floatx(), keras.config.image_data_format(), keras.config.epsilon())
print(len(model.fit(x=[[[[0.0] * 3] * 32] * 32] * 4, y=[0] * 4, epochs=2, verbose=0).epoch))
"""
AS_EVER = "float32 (None, 5) tensorflow\nfloat32 channels_last 1e-07\n2\n"


def at_home(tmp_path, settings, **environment):
    """Run `CALCULATES` with a home folder that holds these settings of Keras."""
    folder = tmp_path / ".keras"
    folder.mkdir()
    if settings is not None:
        text = settings if isinstance(settings, str) else json.dumps(settings)
        (folder / "keras.json").write_text(text)
    before = settings is not None and (folder / "keras.json").read_bytes()
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    # numbers must not need the array library of another backend
    code = CALCULATES.replace("x=[", "x=np.array([").replace("] * 4, y", "] * 4), y")
    code = "import numpy as np\n" + code.replace("y=[0] * 4", "y=np.zeros(4, int)")
    finished = run(code, COURSE_CACHE=str(tmp_path / "cache"), **home, **environment)
    assert (finished.returncode, finished.stderr) == (0, ""), finished.stderr
    assert settings is None or (folder / "keras.json").read_bytes() == before
    said, _, rest = finished.stdout.rpartition("They stay as they are.\n")
    assert rest == AS_EVER
    return said


def test_backend_says_nothing_where_keras_has_its_own_settings(tmp_path):
    own = {"floatx": "float32", "epsilon": 1e-07, "backend": "tensorflow"}
    assert at_home(tmp_path, own | {"image_data_format": "channels_last"}) == ""


@pytest.mark.parametrize("text", ["[1]", "{", "", '{"epsilon": 1}', '{"floatx": null}', "\0"])
def test_read_settings_finds_what_keras_could_not_start_with(tmp_path, monkeypatch, text):
    from lib.backend import _read_settings

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert _read_settings() == {}
    (tmp_path / "keras.json").write_text(text)
    assert _read_settings() is None


@pytest.mark.parametrize(
    ("settings", "environment", "told"),
    [
        (
            {"backend": "jax", "image_data_format": "channels_first", "nnx_enabled": True},
            {"KERAS_BACKEND": "torch"},
            "(KERAS_BACKEND=torch; backend=jax in keras.json; image_data_format=channels_first in ",
        ),
        (
            {"floatx": "float16", "epsilon": 0.1},
            {"KERAS_MAX_EPOCHS": "1", "KERAS_MAX_STEPS_PER_EPOCH": "x"},
            "(KERAS_MAX_EPOCHS=1; KERAS_MAX_STEPS_PER_EPOCH=x; floatx=float16 in keras.json; eps",
        ),
        ({"floatx": "bfloat16"}, {}, "(a keras.json that cannot be used)"),
    ],
)
def test_backend_sets_what_the_user_has_set_otherwise(tmp_path, settings, environment, told):
    said = at_home(tmp_path, settings, **environment)
    assert said.startswith("Keras: the course calculates with tensorflow, float32 and channels_la")
    assert told in said and said.count("Keras: ") == 1


def test_backend_says_that_keras_was_imported_before_with_another_backend(tmp_path):
    code = "import sys, types; m = types.ModuleType('keras'); sys.modules['keras'] = m\n"
    code += "m.config = types.SimpleNamespace(backend=lambda: 'jax'); import lib.backend"
    finished = run(code)
    assert finished.returncode == 1
    assert "Keras was imported before `lib.backend`, with jax" in finished.stderr


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
