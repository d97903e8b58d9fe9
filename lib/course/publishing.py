"""Where the course is published: one setting, the links made from it, and what is still missing.

The setting is `Repository` in pyproject.toml, https://github.com/OWNER/REPO until it is published.
`links_block` and `citation_with` write it into README.md and CITATION.cff, which hold no name of
their own.
"""

import re
import subprocess
import tomllib
from pathlib import Path

from ..files import ROOT
from .errors import CourseError

PLACEHOLDER = "OWNER/REPO"
GITHUB = "https://github.com/"
# a repository in an address that leads to it
NAMED = r"(?:github\.com/|codespaces\.new/|mybinder\.org/v2/gh/)([\w.-]+/[\w.-]+)"


def project(root: Path = ROOT) -> dict:
    """The table `project` of pyproject.toml.

    Raises:
        CourseError: if there is none.
    """
    try:
        return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    except (OSError, ValueError, KeyError) as error:
        raise CourseError(f"pyproject.toml cannot be read: {error}") from None


def repository(root: Path = ROOT) -> str:
    """The repository's name on GitHub, "OWNER/REPO" until the course is published.

    Raises:
        CourseError: if pyproject.toml names no repository on GitHub.
    """
    url = project(root).get("urls", {}).get("Repository", "")
    found = re.fullmatch(rf"{re.escape(GITHUB)}([\w.-]+/[\w.-]+?)(?:\.git)?/?", url)
    if not found:
        raise CourseError(
            f"Repository = {url!r} in pyproject.toml: write {GITHUB}{PLACEHOLDER} with your names."
        )
    return found[1]


def binder_link(name: str, lesson: str) -> str:
    """The address that opens a lesson on mybinder.org.

    >>> binder_link("jane/course", "00_a")
    'https://mybinder.org/v2/gh/jane/course/HEAD?labpath=notebooks%2F00_a.ipynb'
    """
    return f"https://mybinder.org/v2/gh/{name}/HEAD?labpath=notebooks%2F{lesson}.ipynb"


def links_block(name: str, lessons) -> list[str]:
    """README's link targets, a line each: badge, first lesson, codespace, then every lesson."""
    lessons = list(lessons)
    return [
        "[binder-badge]: https://mybinder.org/badge_logo.svg",
        *(f"[binder]: {binder_link(name, lesson)}" for lesson in lessons[:1]),
        f"[codespace]: https://codespaces.new/{name}",
        *(f"[binder-{lesson[:2]}]: {binder_link(name, lesson)}" for lesson in lessons),
    ]


def citation_with(name: str, text: str) -> str:
    """CITATION.cff with the repository's address.

    Raises:
        CourseError: if it has no line for it.
    """
    line = f'repository-code: "{GITHUB}{name}"'
    text, n = re.subn(r"^repository-code:.*$", line, text, flags=re.MULTILINE)
    if n != 1:
        raise CourseError("CITATION.cff needs one line that begins with `repository-code:`.")
    return text


def missing(root: Path = ROOT) -> list[str]:
    """What is to do before the course can be published, a sentence each; [] if nothing.

    Raises:
        CourseError: if pyproject.toml cannot be read or names no repository.
    """
    name, version = repository(root), project(root)["version"]
    found = []
    if name == PLACEHOLDER:
        found.append(
            f"pyproject.toml still says {PLACEHOLDER}: write your repository's name into "
            "Repository, then `make links`."
        )
    for file in ("README.md", "CITATION.cff"):
        text = _read(root / file)
        named = set(re.findall(NAMED, text))
        if named != {name}:
            others = ", ".join(sorted(named - {name})) or "no repository"
            found.append(f"{file} names {others}, pyproject.toml {name}: `make links`.")
    if not re.search(rf"^version: {re.escape(version)}$", _read(root / "CITATION.cff"), re.M):
        found.append(f"CITATION.cff has another version than pyproject.toml, {version}.")
    if not re.search(r"^date-released: ", _read(root / "CITATION.cff"), re.M):
        found.append("CITATION.cff has no `date-released: YYYY-MM-DD`.")
    newest = re.search(r"^## (.*)$", _read(root / "CHANGELOG.md"), re.M)
    if not newest or not re.fullmatch(rf"{re.escape(version)}, \d{{4}}-\d\d-\d\d", newest[1]):
        heading = f"## {version}, YYYY-MM-DD"
        found.append(f"CHANGELOG.md: its first section should be headed `{heading}`.")
    return found + _missing_in_git(root, name, version)


def _missing_in_git(root, name, version):
    """What git says is missing."""
    try:
        if _git(root, "rev-parse", "--show-prefix") != "":
            return ["This folder is not the top of a git repository: `git init`, and commit."]
        found = []
        if _git(root, "status", "--porcelain"):
            found.append("There are changes that are not committed: `git status` lists them.")
        remotes = _git(root, "remote", "-v")
        if not re.search(rf"github\.com[:/]{re.escape(name)}(?:\.git)?\s", remotes):
            found.append(f"No remote leads to {name}: `git remote add origin {GITHUB}{name}.git`.")
        if f"v{version}" not in _git(root, "tag", "--points-at", "HEAD").split():
            found.append(f"The commit has no tag v{version}: `git tag v{version}`, and push it.")
        return found
    except (OSError, subprocess.CalledProcessError):
        return ["git does not know this folder: `git init`, and commit."]


def _git(root, *arguments):
    """What git prints."""
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _read(path):
    """A file's text; "" if it is not there."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""
