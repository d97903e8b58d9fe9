"""Two lessons in JupyterLab, in a real browser: what a learner sees when a slider is moved."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from lib.course import execution

pytestmark = pytest.mark.slow
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking "
    "--disable-component-update --no-first-run"
)
LAB = (
    "-m jupyterlab --no-browser --allow-root --expose-app-in-browser --ip=127.0.0.1 --port=0 "
    "--IdentityProvider.token= --ServerApp.root_dir=."
)
NO_NEWS = '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}'

# To be run in the page. Errors go to the console: that of a widget's callback stands in no cell.
READY = """() => {
    const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
    return context?.isReady && context.session?.kernel?.status === 'idle';
}"""
RUN_ALL = """() => {
    const {shell, commands} = window.jupyterapp;
    shell.currentWidget.sessionContext.iopubMessage.connect((_, {content: {ename, evalue}}) =>
        ename && console.error('Traceback', ename, evalue));
    commands.execute('notebook:run-all-cells').finally(() => { window.ran = true; });
}"""
N_PICTURES = """() => JSON.stringify(window.jupyterapp.shell.currentWidget.content.model.toJSON()
    .cells.map(cell => cell.outputs)).split('<img ').length - 1"""
KEEP_TEXTS = """element => {
    const keep = () => (window.texts ??= []).push(element.textContent.trim());
    new MutationObserver(keep).observe(element, {childList: true, subtree: true});
}"""
CHANGED = """before => {
    const now = document.querySelector('.widget-vbox img');
    return now?.complete && now.src !== before.src && now.alt !== before.alt;
}"""


@pytest.fixture
def chromium():
    """A browser; it and all else that a test starts is gone afterwards."""
    hint = "playwright is missing: pip install -r requirements-dev.txt"
    playwright = pytest.importorskip("playwright.sync_api", reason=hint)
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"no browser: install Chromium or Chrome, to be called {' or '.join(BROWSERS)}")
    with execution.Processes(), playwright.sync_playwright() as api:
        browser = api.chromium.launch(executable_path=program, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def server(chromium, tmp_path):
    """Address of a JupyterLab that serves `tmp_path`, whatever the settings of this user are."""
    env = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}  # the kernel's own: inline
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        env[name] = str(tmp_path / f".{name}")
    settings = tmp_path / ".JUPYTER_CONFIG_DIR" / "labconfig" / "page_config.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(NO_NEWS)  # else a question about news covers the picture
    log, command, end = tmp_path / "log", [sys.executable, *LAB.split()], time.monotonic() + 60
    with log.open("w") as out:
        process = subprocess.Popen(command, env=env, cwd=tmp_path, stdout=out, stderr=out)
    try:
        while not (found := re.search(r"http://127\.0\.0\.1:[1-9]\d*(?=/lab)", log.read_text())):
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield found[0]
    finally:
        process.terminate()  # the kernels end with their server
        process.wait(20)


@pytest.fixture
def run_lesson(chromium, server, tmp_path):
    """Run a lesson's copy in profile smoke; return its page and what is raised in it."""

    def run(name):
        notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = []  # nothing stored is taken for new
            if "parameters" in cell.metadata.get("tags", []):
                cell.source = 'PROFILE = "smoke"'
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
        page, faults = chromium.new_page(viewport={"width": 1280, "height": 900}), []
        page.on("console", lambda said: "Traceback" in said.text and faults.append(said.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{server}/lab/tree/{name}.ipynb?reset")
        page.wait_for_function(READY, timeout=60_000)
        page.evaluate(RUN_ALL)
        page.wait_for_function("window.ran", timeout=120_000)
        assert faults == []
        return page, faults

    return run


def assert_sound(page, faults):
    """Nothing was raised; all pictures of outputs and explorer are there and have alt text."""
    assert faults == [] and "Traceback" not in page.inner_text(".jp-Notebook")
    alts = page.eval_on_selector_all(".jp-OutputArea img", "all => all.map(image => image.alt)")
    none = {"", "Image"}  # JupyterLab writes "Image" where an output's HTML has none
    assert len(alts) == page.evaluate(N_PICTURES) + 1 and not none & set(alts), alts


def move(page, slider):
    """Press ArrowRight on a slider until picture and alt text change; return the alt text."""
    picture = page.locator(".widget-vbox img")
    before = picture.evaluate("({src, alt}) => ({src, alt})")
    slider.focus()
    begin = time.perf_counter()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(CHANGED, arg=before, timeout=20_000)
    print(f"from key press to new picture: {1000 * (time.perf_counter() - begin):.0f} ms")
    page.wait_for_function(READY)  # what the callback raises has come by then
    return picture.get_attribute("alt")


def test_lesson_01_slider_redraws_the_schematic(run_lesson):
    page, faults = run_lesson("01_what_is_transfer_learning")
    assert "with transfer: start 0.45" in move(page, page.locator(".noUi-handle").first)
    assert_sound(page, faults)


def test_lesson_04_slider_retrains_and_says_so(run_lesson, tmp_path):
    page, faults = run_lesson("04_blobs_thirty_repeats")
    explorer = page.locator(".widget-vbox")
    explorer.locator(".widget-html-content").first.evaluate(KEEP_TEXTS)
    seed = explorer.locator(".widget-hslider", has_text="target seed").locator(".noUi-handle")
    assert "Problem 1 → Problem 3" in move(page, seed)
    explorer.screenshot(path=tmp_path / "explorer.png")
    said = " ".join(page.evaluate("window.texts"))
    assert said.startswith("Training 4 arms, 4 runs each ... Trained 4 arms"), said
    assert_sound(page, faults)
