"""TensorFlow and Keras, imported without their start-up messages, and always set up alike.

    from lib.backend import keras, tf

TensorFlow writes a few lines about the processor straight to file descriptor 2 while it is
imported. They mean nothing to a learner, and would be stored in every notebook. They are held
back for the time of the import, and given out again if the import fails.

TensorFlow gets one thread for each operation, unless TF_NUM_INTRAOP_THREADS says otherwise. The
networks of the blobs lessons are so small that sharing one operation between threads costs more
than it gains. A program that trains large networks sets TF_NUM_INTRAOP_THREADS to 0, all cores,
before it imports this module. (`lib.networks.replicates` trains without TensorFlow.)

Keras takes settings from the environment (KERAS_BACKEND, ...) and from `keras.json` in the user's
home, where another project may have left anything. The course sets what would change its numbers,
for this process only, and says so in one sentence if it differed.
"""

import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path

from .files import cache_folder

BACKEND, FLOATX, FORMAT, EPSILON = "tensorflow", "float32", "channels_last", 1e-7
# in the environment: what Keras reads there that changes how it calculates or how long it trains
_VARIABLES = {
    "KERAS_BACKEND": BACKEND,
    "KERAS_NNX_ENABLED": "false",
    "KERAS_MAX_EPOCHS": "",
    "KERAS_MAX_STEPS_PER_EPOCH": "",
}


@contextlib.contextmanager
def _held_back_stderr():
    """Keep what is written to file descriptor 2, and repeat it only after an error."""
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(saved, held.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def _set_environment() -> list[str]:
    """Set or remove the variables that Keras reads; say which differed."""
    if not os.environ.get("KERAS_HOME"):  # Keras would take "" for the working directory
        os.environ.pop("KERAS_HOME", None)
    differed = []
    for name, wanted in _VARIABLES.items():
        found = os.environ.pop(name, "")
        if found and found != wanted:
            differed.append(f"{name}={found}")
        if wanted:
            os.environ[name] = wanted
    return differed


def _read_settings() -> dict | None:
    """What the user's `keras.json` says: {} if there is none, None if it cannot be used."""
    home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    try:
        found = json.loads((home / "keras.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        return None
    allowed = {
        "floatx": ("float16", "float32", "float64"),
        "image_data_format": ("channels_first", "channels_last"),
    }
    if not isinstance(found, dict) or not isinstance(found.get("epsilon", EPSILON), float):
        return None
    wrong = [key for key, values in allowed.items() if found.get(key, values[0]) not in values]
    return None if wrong else found


@contextlib.contextmanager
def _another_home(needed: bool):
    """If needed, let Keras start with a folder of its own in the course's cache."""
    before = os.environ.get("KERAS_HOME")
    if needed:
        os.environ["KERAS_HOME"] = str(cache_folder() / "keras")
    try:
        yield
    finally:
        if needed:
            del os.environ["KERAS_HOME"]
        if before is not None:
            os.environ["KERAS_HOME"] = before


def _set_up(keras) -> None:
    """Set what Keras calculates with, whatever it has read."""
    if keras.config.backend() != BACKEND:
        raise ImportError(
            f"Keras was imported before `lib.backend`, with {keras.config.backend()} to calculate "
            "with; the course needs TensorFlow: restart the kernel, and import `lib.backend` first."
        )
    keras.config.set_floatx(FLOATX)
    keras.config.set_dtype_policy(FLOATX)
    keras.config.set_image_data_format(FORMAT)
    keras.config.set_epsilon(EPSILON)


_differed = _set_environment()
_settings = _read_settings()
if _settings is None:
    _differed.append("a keras.json that cannot be used")
_wanted = {"backend": BACKEND, "floatx": FLOATX, "image_data_format": FORMAT, "epsilon": EPSILON}
_differed += [
    f"{key}={_settings[key]} in keras.json"
    for key, value in _wanted.items()
    if _settings and _settings.get(key, value) != value
]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
with _held_back_stderr(), _another_home(_settings is None):
    import keras
    import tensorflow as tf

    _set_up(keras)
    tf.get_logger().setLevel("ERROR")  # else it warns of each new shape that is compiled
    tf.zeros(1)  # the first operation starts the runtime, which has lines of its own
if _differed:
    print(
        f"Keras: the course calculates with {BACKEND}, {FLOATX} and {FORMAT}, and does not use "
        f"your own settings ({'; '.join(_differed)}). They stay as they are."
    )

__all__ = ["keras", "tf"]
