"""On Binder the lock is installed over repo2docker's own packages: the mix opens and runs a lesson.

The base packages and their versions are those of the repo2docker that is installed here.  They come
from conda-forge there and from the Python package index here, in the same versions.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LESSON = "04_blobs_thirty_repeats"  # with an explorer
PYTHON = "3.11"
OTHER_NAMES = {  # on conda-forge -> on the Python package index
    "brotli-python": "brotli",
    "jupyterhub-base": "jupyterhub",
    "nbconvert-core": "nbconvert",
    "python-fastjsonschema": "fastjsonschema",
}
OFFLINE = r"(?i)name resolution|NameResolution|NewConnection|connection (?:refused|broken|to)|proxy"


def base_pins(lock: str) -> list[str]:
    """The Python packages of a conda lock, as pip names them; pip itself and its kin are left out.

    >>> base_pins("https://x/noarch/notebook-7.4.7-pyhd8ed1ab_0.conda#1\\nhttps://x/zlib-1-h8.conda")
    ['notebook==7.4.7']
    """
    found = re.findall(r"/([^/]+)-([^-/]+)-py[^-/]*\.(?:conda|tar\.bz2)", lock)
    return [
        f"{OTHER_NAMES.get(name, name)}=={version}"
        for name, version in found
        if name not in ("pip", "setuptools", "wheel")
    ]


def conda_lock():
    """repo2docker's lock of the packages that every Binder image begins with."""
    repo2docker = pytest.importorskip("repo2docker")
    folder = Path(repo2docker.__file__).parent / "buildpacks" / "conda"
    return (folder / f"environment.py-{PYTHON}-linux-64.lock").read_text(encoding="utf-8")


def test_base_pins_hold_what_repo2docker_asks_for():
    names = {Requirement(pin).name for pin in base_pins(conda_lock())}
    assert {"jupyterlab", "notebook", "jupyterhub", "ipywidgets", "jupyter-resource-usage"} <= names


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """A virtual environment as Binder builds it: its Python, and a function to run it."""
    if sys.platform != "linux" or f"{sys.version_info[0]}.{sys.version_info[1]}" != PYTHON:
        pytest.skip(f"Binder runs Linux with Python {PYTHON}")
    folder = tmp_path_factory.mktemp("binder")
    (folder / "base.txt").write_text("\n".join(base_pins(conda_lock())))
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    away = ("PYTHONPATH", "VIRTUAL_ENV", "COURSE_BUILD", "JUPYTER_PATH")
    environment = {k: v for k, v in os.environ.items() if k not in away}
    environment |= {"PYTHONPATH": str(ROOT), "CIFAR10_PATH": "digits"}

    def call(*arguments, timeout=1800, check=True):
        done = subprocess.run(
            [python, *map(str, arguments)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert not check or done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done

    call.python, call.environment, call.folder = python, environment, folder
    install = "-m", "pip", "install", "--quiet", "--no-cache-dir", "--disable-pip-version-check"
    first = call(*install, "--no-deps", "--retries", 1, "-r", folder / "base.txt", check=False)
    if first.returncode and re.search(OFFLINE, first.stderr):
        pytest.skip("no package index can be reached from here, so the mix cannot be installed")
    assert first.returncode == 0, first.stderr[-3000:]
    call(*install, "-r", ROOT / "binder" / "requirements.txt")
    yield call
    shutil.rmtree(folder / "venv", ignore_errors=True)


@pytest.mark.slow
def test_lesson_runs_in_the_mix(image):
    course = "-m", "lib.course", "run", "--profile", "smoke", "--lessons", LESSON
    image(*course, "--build", image.folder / "build")
    summary = json.loads((image.folder / "build" / "smoke" / "summary.json").read_text())
    assert summary["lessons"][LESSON]["status"] == "ok"


@pytest.mark.slow
def test_notebook_and_lab_open_a_lesson_in_the_mix(image):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = "--no-browser", f"--port={port}", "--IdentityProvider.token=", "--allow-root"
    with open(image.folder / "server.log", "w+") as log:
        server = subprocess.Popen(  # what Binder starts
            [image.python, "-m", "jupyter", "notebook", "--ip=127.0.0.1", *options],
            cwd=ROOT,
            env=image.environment,
            stdout=log,
            stderr=log,
        )
        try:
            for place in ("api/kernelspecs", "lab/tree/notebooks", "notebooks/notebooks"):
                end = "" if place.startswith("api") else f"/{LESSON}.ipynb"
                assert _status(f"http://127.0.0.1:{port}/{place}{end}", server) == 200, place
        finally:
            server.terminate()
            server.wait(20)
            log.seek(0)
            text = log.read()
    assert "Traceback" not in text, text[-3000:]


def _status(address, server, seconds=120):
    """The status with which a server answers, once it does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            return urllib.request.urlopen(address, timeout=30).status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            time.sleep(0.5)
    return None
