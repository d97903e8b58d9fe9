"""Two lessons in JupyterLab, in a real browser: what a learner sees when a slider is moved."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest

from lib.execution import Processes

pytestmark = pytest.mark.slow
NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking "
    "--disable-component-update --no-first-run"
).split()
NO_NEWS = '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}'
LAB = (
    "-m jupyterlab --no-browser --allow-root --expose-app-in-browser --ip=127.0.0.1 "
    "--ServerApp.port_retries=0 --IdentityProvider.token="
).split()

# In the page. A kernel's error goes to the console, that of a widget's callback included, which
# no cell shows.
READY = """() => {
    const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
    return context?.isReady && context.session?.kernel?.status === 'idle';
}"""
RUN_ALL = """() => {
    const tell = (_, message) => message.header.msg_type === 'error'
        && console.error(`Traceback: ${message.content.ename}: ${message.content.evalue}`);
    window.jupyterapp.shell.currentWidget.sessionContext.iopubMessage.connect(tell);
    window.jupyterapp.commands.execute('notebook:run-all-cells').finally(() => { window.ran = true; });
}"""
OUTPUTS = """() => window.jupyterapp.shell.currentWidget.content.model.toJSON().cells
    .flatMap(cell => cell.outputs ?? [])"""
CHANGED = """([image, before]) => {
    const now = document.querySelector(image);
    return now?.complete && now.src !== before.src && now.alt !== before.alt;
}"""
KEEP_TEXTS = """element => {
    window.texts = [];
    const keep = () => window.texts.push(element.textContent.trim());
    new MutationObserver(keep).observe(element, {childList: true, subtree: true});
}"""


@pytest.fixture
def chromium():
    """A browser; it and all else that a test starts is gone afterwards."""
    hint = "playwright is not installed: pip install -r requirements-dev.txt"
    playwright = pytest.importorskip("playwright.sync_api", reason=hint)
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"no browser found: install Chromium or Chrome, as one of {BROWSERS}")
    with Processes(), playwright.sync_playwright() as api:
        browser = api.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def server(chromium, tmp_path):
    """Address of a JupyterLab that serves `tmp_path` and knows no settings of this user."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}  # the kernel's own: inline
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        env[name] = str(tmp_path / f".{name}")
    lab_settings = tmp_path / ".JUPYTER_CONFIG_DIR" / "labconfig"
    lab_settings.mkdir(parents=True)
    (lab_settings / "page_config.json").write_text(NO_NEWS)  # else a question covers the picture
    command = [sys.executable, *LAB, f"--port={port}", f"--ServerApp.root_dir={tmp_path}"]
    with open(tmp_path / "server.log", "w") as log:
        process = subprocess.Popen(command, env=env, cwd=tmp_path, stdout=log, stderr=log)
        try:
            wait_for_answer(f"http://127.0.0.1:{port}/api", process, tmp_path / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()  # the kernel ends with its server
            process.wait(20)


def wait_for_answer(address, process, log, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            return urllib.request.urlopen(address, timeout=5)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"JupyterLab does not answer:\n{log.read_text()[-2000:]}")


@pytest.fixture
def run_lesson(chromium, server, tmp_path):
    """run_lesson(name) runs a lesson's copy in profile smoke: its page, and what the console says."""

    def run(name):
        notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
        for cell in notebook.cells:
            if "parameters" in cell.metadata.get("tags", []):
                cell.source = 'PROFILE = "smoke"'
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None  # nothing stored is taken for new
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
        page, console = chromium.new_page(viewport={"width": 1280, "height": 900}), []
        page.on("console", lambda message: console.append(message.text))
        page.on("pageerror", lambda error: console.append(f"Traceback: {error}"))
        page.goto(f"{server}/lab/tree/{name}.ipynb?reset")
        page.wait_for_function(READY, timeout=60_000)
        page.evaluate(RUN_ALL)
        page.wait_for_function("window.ran", timeout=120_000)
        assert_no_error(page, console)
        return page, console

    return run


def picture(page):
    return page.locator(".widget-vbox img").evaluate("({src, alt}) => ({src, alt})")


def move(page, slider):
    """Press ArrowRight on a slider; milliseconds until picture and alt text are others."""
    before = picture(page)
    slider.focus()
    begin = time.perf_counter()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(CHANGED, arg=[".widget-vbox img", before], timeout=20_000)
    return 1000 * (time.perf_counter() - begin)


def assert_no_error(page, console):
    outputs = page.evaluate(OUTPUTS)
    assert [out["evalue"] for out in outputs if out["output_type"] == "error"] == []
    assert [text for text in console if "Traceback" in text] == []
    assert "Traceback" not in page.inner_text(".jp-Notebook")


def assert_alt_texts(page):
    """Every picture in the outputs is on the page, and it has alt text."""
    alts = page.eval_on_selector_all(".jp-OutputArea img", "all => all.map(image => image.alt)")
    in_cells = sum(str(out.get("data")).count("<img ") for out in page.evaluate(OUTPUTS))
    assert len(alts) == in_cells + 1  # the explorer's picture
    assert all(alt.strip() for alt in alts), alts


def test_lesson_01_slider_redraws_the_schematic(run_lesson):
    page, console = run_lesson("01_what_is_transfer_learning")
    print(f"picture after {move(page, page.locator('.noUi-handle').first):.0f} ms")
    assert_no_error(page, console)
    assert_alt_texts(page)


def test_lesson_04_slider_retrains_and_says_so(run_lesson, tmp_path):
    page, console = run_lesson("04_blobs_thirty_repeats")
    explorer = page.locator(".widget-vbox")
    explorer.locator(".widget-html-content").first.evaluate(KEEP_TEXTS)
    seed = explorer.locator(".widget-hslider", has_text="target seed").locator(".noUi-handle")
    print(f"picture after {move(page, seed):.0f} ms")
    assert "Problem 1 → Problem 3" in picture(page)["alt"]
    first, *_, last = page.evaluate("window.texts")
    assert first == "Training 4 arms, 4 runs each ..." and last.startswith("Trained 4 arms")
    explorer.screenshot(path=tmp_path / "explorer.png")
    assert_no_error(page, console)
    assert_alt_texts(page)
