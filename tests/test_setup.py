"""The set-up routes agree: make, conda, Binder and plain pip install one lock, for one Python."""

import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PYTHON = "3.11"  # the version that conda and Binder install

# each requirements file with the options that `uv export` makes it from
EXPORTS = {
    "binder/requirements.txt": ["--no-dev"],
    "requirements.txt": ["--no-dev", "--no-hashes"],
    "requirements-dev.txt": ["--group", "dev"],
}
EXPORT = ["export", "--frozen", "--no-emit-project", "--format", "requirements-txt"]


def read(name):
    """The text of a file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def run(command, cwd=ROOT, timeout=120, **environment):
    """Run a command with both output streams captured."""
    inherited = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
    )


def requirement_lines(text):
    """Requirements of a requirements file, one string each, without comments and hashes.

    >>> requirement_lines("# made by\\nnumpy==2.3.5 ; x == 'y' \\\\\\n    --hash=sha256:0\\n")
    ["numpy==2.3.5 ; x == 'y'"]
    """
    joined = re.sub(r"\\\n", " ", text)
    lines = (re.split(r"\s--hash=|\s#|^#", line)[0].strip() for line in joined.splitlines())
    return [line for line in lines if line]


def pins(text):
    """Each package with its pinned versions: {"numpy": {"2.3.5"}}."""
    found = {}
    for requirement in map(Requirement, requirement_lines(text)):
        (pin,) = requirement.specifier
        assert pin.operator == "==", f"not pinned: {requirement}"
        found.setdefault(canonicalize_name(requirement.name), set()).add(pin.version)
    return found


def without_header(text):
    """The export without the comment that repeats its own command line."""
    return [line for line in text.splitlines() if not line.startswith("#")]


@pytest.fixture(scope="module")
def uv():
    """A function that runs uv without downloading a Python."""
    beside_python = shutil.which("uv", path=str(Path(sys.executable).parent))
    program = beside_python or shutil.which("uv")
    if program is None:
        pytest.skip("uv is not installed here (it is in requirements-dev.txt)")
    return lambda *arguments: run([program, *arguments], UV_PYTHON_DOWNLOADS="never", NO_COLOR="1")


def conda_pip_entries():
    """The lines of environment.yml's pip section."""
    dependencies = yaml.safe_load(read("environment.yml"))["dependencies"]
    (section,) = [entry["pip"] for entry in dependencies if isinstance(entry, dict)]
    return section


def makefile_targets():
    """The targets that `make help` describes."""
    return set(re.findall(r"^([a-z-]+):.*## ", read("Makefile"), flags=re.MULTILINE))


# The lock and what is exported from it


def test_lock_matches_pyproject(uv):
    result = uv("lock", "--check")
    network = re.search(r"fetch|connect|dns|network|timed out", result.stderr, re.IGNORECASE)
    reason = (
        "uv.lock does not answer for pyproject.toml as it stands, and the network needed to solve "
        "it again did not work"
        if network
        else "uv.lock is out of date"
    )
    assert result.returncode == 0, f"{reason}: run `make lock`.\n{result.stderr}"


@pytest.mark.parametrize("name", EXPORTS)
def test_export_equals_lock(uv, name):
    result = uv(*EXPORT, *EXPORTS[name])
    assert result.returncode == 0, result.stderr
    stale = f"{name} is not what uv.lock exports: run `make lock`"
    assert without_header(read(name)) == without_header(result.stdout), stale


def test_exports_carry_the_same_pins():
    course, conda, dev = (
        pins(read(name))
        for name in ("binder/requirements.txt", "requirements.txt", "requirements-dev.txt")
    )
    assert len(course) > 100
    assert conda == course
    assert {name: versions & dev.get(name, set()) for name, versions in course.items()} == course


def test_exports_have_hashes_where_pip_can_use_them():
    for name in ("binder/requirements.txt", "requirements-dev.txt"):
        assert read(name).count("==") and "--hash=sha256:" in read(name), name
        entries = re.split(r"\n(?=[a-z0-9])", read(name), flags=re.IGNORECASE)[1:]
        assert all("--hash=sha256:" in entry for entry in entries), name
    assert "--hash" not in read("requirements.txt")


def test_exports_hold_direct_dependencies():
    project = tomllib.loads(read("pyproject.toml"))
    course, dev = pins(read("requirements.txt")), pins(read("requirements-dev.txt"))
    for line in project["project"]["dependencies"]:
        assert canonicalize_name(Requirement(line).name) in course, line
    for line in project["dependency-groups"]["dev"]:
        assert canonicalize_name(Requirement(line).name) in dev, line


def test_makefile_lock_writes_every_export():
    lock = read("Makefile").split("\nlock:")[1].split("\n\n")[0]
    assert " ".join(EXPORT[1:]).replace("--frozen", "--quiet --frozen") in read("Makefile")
    for name, options in EXPORTS.items():
        assert f"$(EXPORT) {' '.join(options)} -o {name}\n" in lock + "\n", name


# One Python for every route


def test_python_version_is_the_same_everywhere():
    environment = yaml.safe_load(read("environment.yml"))
    assert f"python={PYTHON}" in environment["dependencies"]
    assert read("binder/runtime.txt").strip() == f"python-{PYTHON}"
    candidates = re.search(r"^PYTHON \?= \$\(shell for p in (\S+)", read("Makefile"), re.MULTILINE)
    assert candidates[1] == f"python{PYTHON}"
    readme = read("README.md")
    assert f"py -{PYTHON} -m venv" in readme and f"python{PYTHON} -m venv" in readme
    jobs = yaml.safe_load(read(".github/workflows/test.yml"))["jobs"]
    tested = jobs["make"]["strategy"]["matrix"]["include"]
    assert {"os": "ubuntu-latest", "python": PYTHON} in tested
    assert {"os": "macos-latest", "python": PYTHON} in tested


def test_python_range_is_the_same_everywhere():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "(3, 11) <= found <= (3, 13)" in read("Makefile")
    assert "Python 3.11, 3.12 or 3.13" in read("README.md")
    include = yaml.safe_load(read(".github/workflows/test.yml"))["jobs"]["make"]["strategy"]
    assert {row["python"] for row in include["matrix"]["include"]} == {"3.11", "3.12", "3.13"}


# conda


def test_environment_yml_pip_section():
    environment = yaml.safe_load(read("environment.yml"))
    assert environment["name"] == tomllib.loads(read("pyproject.toml"))["project"]["name"]
    assert "pip" in environment["dependencies"]
    assert conda_pip_entries() == ["-r requirements.txt", "-e ."]


@pytest.mark.slow
def test_environment_yml_pip_section_installs(tmp_path):
    """As conda does it: one requirements file beside environment.yml, one call of pip there."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for name in ("environment.yml", "requirements.txt", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout)
    shutil.copytree(ROOT / "lib", checkout / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    (checkout / "condaenv.test.requirements.txt").write_text("\n".join(conda_pip_entries()))

    venv = tmp_path / "venv"
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    try:
        assert run([sys.executable, "-m", "venv", venv]).returncode == 0
        result = run(
            [
                python,
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--quiet",
                "-U",
                "-r",
                "condaenv.test.requirements.txt",
                "--exists-action=b",
            ],
            cwd=checkout,
            timeout=900,
        )
        assert result.returncode == 0, result.stdout + result.stderr

        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        result = run(
            [python, "-c", "import lib, papermill, tensorflow, ipywidgets; print(lib.__file__)"],
            cwd=elsewhere,
            timeout=300,
        )
        assert result.returncode == 0, result.stderr
        assert Path(result.stdout.strip()).samefile(checkout / "lib" / "__init__.py")

        listing = (
            "from importlib.metadata import distributions\n"
            "for d in distributions(): print(d.metadata['Name'], d.version)"
        )
        lines = run([python, "-c", listing], cwd=elsewhere).stdout.splitlines()
        installed = {canonicalize_name(n): v for n, v in (line.split() for line in lines)}
        for requirement in map(Requirement, requirement_lines(read("requirements.txt"))):
            if requirement.marker is None or requirement.marker.evaluate():
                version = installed.get(canonicalize_name(requirement.name))
                assert version and requirement.specifier.contains(version, prereleases=True), (
                    f"{requirement} is locked, {version} is installed"
                )
        result = run([python, "-m", "pip", "check"], cwd=elsewhere)
        assert result.returncode == 0, result.stdout
    finally:
        shutil.rmtree(venv, ignore_errors=True)


# Continuous integration, dev container


def workflow():
    """The workflow; YAML reads its key `on` as true."""
    text = yaml.safe_load(read(".github/workflows/test.yml"))
    return text | {"on": text.get("on", text.get(True))}


def test_a_commit_of_a_pull_request_is_tested_once():
    triggers = workflow()["on"]
    assert triggers["push"] == {"branches": ["main"]} and "pull_request" in triggers
    assert "workflow_dispatch" in triggers and "schedule" in triggers


def test_nothing_ends_a_weekly_run():
    concurrency = workflow()["concurrency"]
    assert "github.event_name" in concurrency["group"], "a push is not in the weekly run's group"
    ended = re.findall(r"event_name == '(\w+)'", concurrency["cancel-in-progress"])
    assert sorted(ended) == ["pull_request", "push"]


def test_every_route_and_system_of_readme_is_tested():
    jobs = workflow()["jobs"]
    tested = jobs["make"]["strategy"]["matrix"]["include"]
    systems = {row["os"].split("-")[0] + ("-arm" if "arm" in row["os"] else "") for row in tested}
    assert systems == {"ubuntu", "ubuntu-arm", "macos"}
    newest = "3.13"
    assert {"os": "macos-latest", "python": newest} in tested
    assert jobs["windows"]["strategy"]["matrix"]["python"] == [PYTHON, newest]
    conda = str(jobs["conda"]["steps"])
    commands = read("README.md").split("### With conda")[1].split("```")[1]
    for command in ("conda env create", "conda activate", "python -m lib.course run"):
        (line,) = re.findall(rf"^{command}.*$", commands, re.MULTILINE)
        assert line in conda


def test_a_failed_run_keeps_its_notebooks_and_a_weekly_one_its_pages():
    jobs = workflow()["jobs"]
    for name, when, path in (
        ("make", "failure()", "build/pytest-of-*/**/*.ipynb"),
        ("windows", "failure()", "build/pytest-of-*/**/*.ipynb"),
        ("pages", "always()", "build/class"),
    ):
        (step,) = (one for one in jobs[name]["steps"] if "upload-artifact" in one.get("uses", ""))
        assert step["if"] == when and path in step["with"]["path"], name


def test_dev_container_has_the_python_of_the_other_routes():
    container = json.loads(read(".devcontainer/devcontainer.json"))
    assert container["image"].endswith(f"/python:{PYTHON}")
    assert container["postCreateCommand"] == f"make setup PYTHON=python{PYTHON}"
    assert container["containerEnv"]["MALLOC_ARENA_MAX"] == "2"
    assert (ROOT / container["customizations"]["codespaces"]["openFiles"][0]).is_file()


# Binder


@pytest.fixture(scope="module")
def binder_dockerfile():
    """What repo2docker would build, with its log; no container engine is needed."""
    if importlib.util.find_spec("repo2docker") is None:
        pytest.skip("repo2docker is not installed here (it is in requirements-dev.txt)")
    if sys.platform == "win32":
        pytest.skip("repo2docker does not support Windows")
    command = [sys.executable, "-m", "repo2docker", "--no-run", "--no-build", "--debug", "."]
    result = run(command, NO_COLOR="1")
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


def test_binder_installs_locked_requirements(binder_dockerfile):
    assert re.search(r'^RUN .*pip install .*-r "binder/requirements.txt"', binder_dockerfile, re.M)
    assert "environment.yml" not in binder_dockerfile


def test_binder_uses_stated_python(binder_dockerfile):
    assert f"Building conda environment for python={PYTHON}" in binder_dockerfile
    assert "Python version unspecified" not in binder_dockerfile


def test_binder_runs_post_build(binder_dockerfile):
    assert re.search(r"^RUN \./binder/postBuild$", binder_dockerfile, re.MULTILINE)
    assert read("binder/postBuild").startswith("#!/bin/bash\n")
    assert "python -m pip install --no-cache-dir --no-deps -e .\n" in read("binder/postBuild")
    assert "python -m lib.networks.kernels\n" in read("binder/postBuild")  # compiled ahead


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed here")
def test_every_route_starts_with_two_heaps(tmp_path):
    makefile = tmp_path / "Makefile"
    makefile.write_text(read("Makefile") + "\nheaps:\n\t@echo $$MALLOC_ARENA_MAX\n")
    for own, expected in ((None, "2"), ("7", "7")):  # a number of one's own stays
        env = {k: v for k, v in os.environ.items() if k != "MALLOC_ARENA_MAX"}
        env |= {"MALLOC_ARENA_MAX": own} if own else {}
        for command in (
            [ROOT / "binder" / "start", "printenv", "MALLOC_ARENA_MAX"],
            ["make", "-s", "-f", makefile, "heaps"],
        ):
            result = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True)
            assert result.stdout.split() == [expected], result.stderr
    assert re.search(r"^  MALLOC_ARENA_MAX: \"2\"", read("environment.yml"), re.M)


# make


needs_make = pytest.mark.skipif(
    shutil.which("make") is None or os.name == "nt", reason="make is not installed here"
)


@pytest.fixture
def make(tmp_path):
    """A function that calls make on a copy of the Makefile, with a `.venv` that is up to date."""
    folder = tmp_path / "a course"
    folder.mkdir()
    probe = 'probe: $(READY)\n\t@echo "$$VALUE=$$CIFAR10_PATH=$$COURSE_BUILD=$$PYTHONPATH"\n'
    (folder / "Makefile").write_text(read("Makefile") + "\n" + probe)
    (folder / "requirements-dev.txt").touch()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=folder, check=True)
    (folder / ".venv" / ".complete").touch()
    away = ("PYTHON", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "CIFAR10_PATH")
    inherited = {k: v for k, v in os.environ.items() if k not in away}

    def call(*arguments, cwd=folder, **environment):
        return subprocess.run(
            ["make", "--no-print-directory", *map(str, arguments)],
            cwd=cwd,
            env={**inherited, **environment},
            capture_output=True,
            text=True,
        )

    call.folder = folder
    return call


def base_python():
    """The Python that this one's virtual environment was made with."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


@needs_make
def test_make_leaves_a_venv_alone_that_is_as_it_should_be(make):
    for named in ((), (f"PYTHON={base_python()}",), ("PYTHON=.venv/bin/python",)):
        assert "Nothing to be done" in make("setup", *named).stdout, named


@needs_make
def test_make_makes_a_venv_anew_whose_python_is_gone(make):
    for python in (make.folder / ".venv/bin").glob("python*"):
        python.unlink()
        python.symlink_to("/nowhere/python")
    said = make("-n", "setup")
    assert "Creating .venv anew as its Python is gone: a few minutes" in said.stdout
    assert "-m venv --clear .venv" in said.stdout


@needs_make
@pytest.mark.parametrize("copied", [False, True])
def test_make_makes_a_venv_anew_that_was_moved_or_copied(make, copied):
    new = make.folder.with_name("this year")
    if copied:
        shutil.copytree(make.folder, new, symlinks=True)
    else:
        make.folder.rename(new)
    assert "anew as it was made for another folder" in make("-n", "setup", cwd=new).stdout


@needs_make
def test_make_makes_a_venv_anew_where_python_names_another_one(make):
    other = make.folder / "python3.12"
    other.write_text("#!/bin/sh\necho /elsewhere/python3.12\n")
    other.chmod(0o755)
    expected = f"anew as it has another Python than {other}"
    assert expected in make("-n", "setup", f"PYTHON={other}").stdout
    assert expected in make("-n", "setup", PYTHON=str(other)).stdout


@needs_make
def test_make_leaves_a_venv_alone_that_is_a_link(make):
    kept = make.folder.parent / "kept"  # made there, for another folder
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", kept], check=True)
    (kept / ".complete").touch()
    shutil.rmtree(make.folder / ".venv")
    (make.folder / ".venv").symlink_to(kept)
    assert "Nothing to be done" in make("setup").stdout


@needs_make
def test_make_says_which_python_does_not_run(make):
    (make.folder / ".venv" / ".complete").unlink()
    said = make("setup", "PYTHON=/nope/python")
    assert said.stdout == (
        "PYTHON=/nope/python does not run: name Python 3.11, such as PYTHON=/path/to/python3.11\n"
    )


@needs_make
@pytest.mark.parametrize(
    ("own", "given"),
    [
        ("my photos.npz", "{here}/my photos.npz"),
        ("/a b/c d.npz", "/a b/c d.npz"),
        ("~/x.npz", "~/x.npz"),
        ("digits", "digits"),
        ("https://example.org/x", "https://example.org/x"),
        ("", ""),
    ],
)
def test_make_counts_relative_paths_from_where_it_is_called(make, own, given):
    expected = given.format(here=make.folder)
    for said in (
        make("probe", CIFAR10_PATH=own, COURSE_BUILD="b", PYTHONPATH="/mine"),
        make("probe", f"CIFAR10_PATH={own}", "COURSE_BUILD=b", PYTHONPATH="/mine"),
    ):
        here = make.folder
        assert said.stdout == f"={expected}={here}/b={here}:/mine\n", said.stderr


@needs_make
def test_make_installs_into_venv_whatever_pip_is_told(make, tmp_path):
    settings = tmp_path / "pip.conf"
    settings.write_text("[install]\nuser = true\n")
    with (make.folder / "Makefile").open("a") as makefile:
        makefile.write("into:\n\t$(PIP) --no-index -r requirements-dev.txt\n")
    subprocess.run([sys.executable, "-m", "venv", ".venv"], cwd=make.folder, check=True)
    for told in ({"PIP_USER": "1"}, {"PIP_CONFIG_FILE": str(settings)}, {"PIP_TARGET": "x"}):
        said = make("into", **told)
        assert said.returncode == 0, said.stderr
        assert not (make.folder / "x").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
@pytest.mark.parametrize("name", ["binder/postBuild", "binder/start", ".ci/run"])
def test_script_is_executable(name):
    assert os.access(ROOT / name, os.X_OK), f"chmod +x {name}"


# The package itself


def test_package_is_installed_from_here():
    assert importlib.metadata.version("transfer-learning-measured")
    spec = importlib.util.find_spec("lib")
    assert Path(spec.origin).samefile(ROOT / "lib" / "__init__.py")


def test_package_lists_every_subpackage():
    from setuptools import find_packages

    settings = tomllib.loads(read("pyproject.toml"))["tool"]["setuptools"]["packages"]["find"]
    folders = {path.parent for path in (ROOT / "lib").rglob("*.py")}
    expected = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert set(find_packages(str(ROOT), include=settings["include"])) == expected


# README, licences, citation


def test_readme_commands_are_makefile_targets():
    quoted = re.findall(r"(?:^|`)make ([a-z]+)", read("README.md"), flags=re.MULTILINE)
    assert {"run", "test", "lab"} <= set(quoted)
    assert set(quoted) <= makefile_targets()


def test_contributing_commands_are_makefile_targets():
    quoted = re.findall(r"`make ([a-z-]+)", read("CONTRIBUTING.md"))
    assert {"setup", "lock", "table"} <= set(quoted) <= makefile_targets()


def test_readme_windows_commands_are_the_ones_in_ci():
    steps = yaml.safe_load(read(".github/workflows/test.yml"))["jobs"]["windows"]["steps"]
    commands = " ".join(step.get("run", "") for step in steps)
    for command in re.findall(r"^python (-m .*)$", read("README.md").split("```bat")[1], re.M):
        assert command in commands, command


def test_makefile_phony_covers_every_target():
    phony = re.search(r"^\.PHONY: (.*)$", read("Makefile"), re.MULTILINE)[1].split()
    assert set(phony) == makefile_targets()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed here")
def test_make_without_target_lists_all():
    result = run(["make", "--no-print-directory"], MAKEFLAGS="")
    assert result.returncode == 0, result.stderr
    assert set(re.findall(r"^  make ([\w-]+) ", result.stdout, re.MULTILINE)) == makefile_targets()


def test_readme_names_the_repository_in_one_block():
    before, block, after = re.split(r"<!-- links:(?:begin|end) -->", read("README.md"))
    assert "make links" in before.splitlines()[-1]
    assert "mybinder.org/v2" not in before + after
    assert "OWNER/REPO" not in before + after
    links = dict(re.findall(r"^\[([\w-]+)\]: (\S+)$", block, flags=re.MULTILINE))
    hubs = {url.split("/HEAD")[0] for url in links.values() if "/v2/" in url}
    assert len(hubs) == 1, f"several repositories: {sorted(hubs)}"
    assert set(re.findall(r"\]\[([\w-]+)\]", before)) <= set(links)


@pytest.mark.parametrize(
    "notebook", sorted(ROOT.glob("notebooks/[0-9]*.ipynb")), ids=lambda p: p.stem
)
def test_readme_links_every_lesson(notebook):
    readme = read("README.md")
    end = f"/HEAD?labpath=notebooks%2F{notebook.name}"
    assert re.search(
        rf"^\[binder-{notebook.name[:2]}\]: \S+{re.escape(end)}$", readme, re.MULTILINE
    )


@pytest.mark.parametrize("name", ["lessons", "found"])
def test_readme_markers_stand_once(name):
    readme = read("README.md")
    assert readme.count(f"<!-- {name}:begin -->") == readme.count(f"<!-- {name}:end -->") == 1
    assert readme.index(f"<!-- {name}:begin -->") < readme.index(f"<!-- {name}:end -->")


def test_licences_are_complete_and_named():
    code, text = read("LICENSE"), read("LICENSE-TEXT")
    assert code.startswith("BSD 3-Clause License\n")
    assert "POSSIBILITY OF SUCH DAMAGE." in code
    assert "SPDX: CC-BY-4.0" in code and "LICENSE-TEXT" in code
    assert text.startswith("Attribution 4.0 International\n")
    sections = [int(n) for n in re.findall(r"^Section (\d) -- ", text, flags=re.MULTILINE)]
    assert sections == list(range(1, 9))
    assert text.rstrip().endswith("Creative Commons may be contacted at creativecommons.org.")
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert project["license"] == "BSD-3-Clause AND CC-BY-4.0"
    for words in ("BSD-3-Clause", "`CC-BY-4.0`", "https://creativecommons.org/licenses/by/4.0/"):
        assert words in read("README.md")


def test_citation_is_valid():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["cff-version"] == "1.2.0" and citation["type"] == "software"
    assert citation["authors"] == [{"name": "Transfer learning, measured contributors"}]
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert str(citation["version"]) == version
    assert f"version\n{version}, " in read("README.md")
    newest = re.search(r"^## (.*)$", read("CHANGELOG.md"), re.MULTILINE)[1]
    day = r"(\d{4}-\d\d-\d\d|not yet released)"
    assert re.fullmatch(rf"{re.escape(version)}, {day}", newest)


# Hygiene


def test_set_up_files_name_no_machine():
    names = (
        "Makefile",
        ".ci/run",
        "environment.yml",
        "binder/postBuild",
        "binder/start",
        "README.md",
        "CONTRIBUTING.md",
        "pyproject.toml",
        ".github/workflows/test.yml",
        ".devcontainer/devcontainer.json",
        "CHANGELOG.md",
        "data/README.md",
    )
    for name in names:
        found = re.search(r"(?<![\w.~:/])/(?:work|home|root|Users|mnt|opt)/\S*", read(name))
        assert found is None, f"{name}: {found[0]}"


def test_git_ignores_what_runs_leave_behind():
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    left = [
        ".venv/x",
        "build/x",
        "mutants/x",
        "data/cache/x",
        "lib/__pycache__/x",
        ".pytest_cache/x",
        "transfer_learning_measured.egg-info/x",
        "notebooks/.ipynb_checkpoints/x",
    ]
    ignored = run(["git", "check-ignore", "--no-index", *left]).stdout.split()
    assert ignored == left
    kept = [
        "uv.lock",
        "data/README.md",
        "data/reference/x.json",
        "data/models/x.npz",
        "lib/data.py",
        "notebooks/00_start_here.ipynb",
        "requirements.txt",
    ]
    assert run(["git", "check-ignore", "--no-index", *kept]).stdout == ""
