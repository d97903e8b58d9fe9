"""One setting holds the repository's name; what is missing before publishing is told."""

import re
import shutil
import subprocess

import pytest

from lib.course import command, publishing
from lib.course.errors import CourseError
from lib.course.lessons import find_lessons
from lib.course.page import index_page
from lib.files import ROOT


def write_project(root, name="jane/course", version="1.2.0"):
    """The files of a course that is ready to be published."""
    url = f'[project.urls]\nRepository = "https://github.com/{name}"\n'
    (root / "pyproject.toml").write_text(f'[project]\nname = "x"\nversion = "{version}"\n{url}')
    (root / "README.md").write_text("\n".join(publishing.links_block("jane/course", ["00_a"])))
    (root / "CITATION.cff").write_text(
        "version: 1.2.0\ndate-released: 2027-01-31\n"
        'repository-code: "https://github.com/jane/course"\n'
    )
    (root / "CHANGELOG.md").write_text("# Changes\n\n## 1.2.0, 2027-01-31\n\n## 1.1.0\n")


@pytest.fixture
def git(tmp_path, monkeypatch):
    """A function that calls git in the folder of a project, which is a repository."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed here")
    for variable in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(variable, raising=False)

    def call(*arguments):
        who = ["-c", "user.name=Jane", "-c", "user.email=jane@example.org"]
        command = ["git", "-C", str(tmp_path), *who, *arguments]
        subprocess.run(command, check=True, capture_output=True)

    write_project(tmp_path)
    call("init")
    call("add", ".")
    call("commit", "-m", "all")
    call("tag", "v1.2.0")
    call("remote", "add", "origin", "git@github.com:jane/course.git")
    return call


def test_missing_is_nothing_where_all_is_there(git, tmp_path):
    assert publishing.missing(tmp_path) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("pyproject.toml", "jane/course", "OWNER/REPO", "still says OWNER/REPO"),
        ("README.md", "jane/course", "OWNER/REPO", "README.md names OWNER/REPO, pyproject.toml"),
        ("README.md", "v2/gh/jane", "v2/gh/joe", "README.md names joe/course"),
        ("CITATION.cff", "github.com/jane/course", "example.org", "CITATION.cff names no repo"),
        ("CITATION.cff", "version: 1.2.0", "version: 1.1.0", "another version"),
        ("CITATION.cff", "date-released: 2027-01-31", "", "no `date-released"),
        ("CHANGELOG.md", "1.2.0, 2027-01-31", "1.2.0, not yet released", "headed `## 1.2.0, YYYY"),
        ("CHANGELOG.md", "## 1.2.0, 2027-01-31", "", "headed `## 1.2.0, YYYY"),
        ("more.txt", "", "new", "not committed"),
    ],
)
def test_missing_tells_what_differs(git, tmp_path, file, old, new, told):
    path = tmp_path / file
    path.write_text(path.read_text().replace(old, new) if path.exists() else new)
    found = publishing.missing(tmp_path)
    assert any(told in sentence for sentence in found), found


def test_missing_tells_of_remote_and_tag(git, tmp_path):
    git("remote", "set-url", "origin", "https://github.com/jane/course-two.git")
    git("tag", "-d", "v1.2.0")
    remote, tag = publishing.missing(tmp_path)
    assert "No remote leads to jane/course" in remote and "no tag v1.2.0" in tag


def test_missing_tells_where_there_is_no_git(tmp_path):
    write_project(tmp_path)
    (sentence,) = publishing.missing(tmp_path)
    assert "git init" in sentence


@pytest.mark.parametrize("url", ["", "https://gitlab.com/a/b", "https://github.com/a", "a/b"])
def test_repository_refuses_what_is_none(tmp_path, url):
    write_project(tmp_path)
    text = (tmp_path / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(re.sub('https[^"]*', url, text))
    with pytest.raises(CourseError, match="in pyproject.toml: write https://github.com/OWNER/REPO"):
        publishing.repository(tmp_path)


@pytest.mark.parametrize("end", ["", "/", ".git"])
def test_repository_takes_every_form_of_the_address(tmp_path, end):
    write_project(tmp_path, name=f"jane/my.course{end}")
    assert publishing.repository(tmp_path) == "jane/my.course"


def test_links_write_the_setting_into_readme_and_citation(tmp_path, monkeypatch, capsys):
    for name in ("README.md", "CITATION.cff"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.setattr(command, "repository", lambda: "jane/course")
    readme = tmp_path / "README.md"
    assert command.main(["links", "--readme", str(readme)]) == 0
    for name in ("README.md", "CITATION.cff"):
        named = set(re.findall(publishing.NAMED, (tmp_path / name).read_text("utf-8")))
        assert named == {"jane/course"}
    assert readme.read_text("utf-8").count("labpath=") == 1 + len(find_lessons(ROOT / "notebooks"))


def test_readme_and_citation_hold_what_the_setting_says():
    name = publishing.repository()
    names = [path.stem for path in find_lessons(ROOT / "notebooks")]
    block = "\n".join(publishing.links_block(name, names))
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"<!-- links:begin -->\n{block}\n<!-- links:end -->" in readme
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert publishing.citation_with(name, citation) == citation


def test_publish_check_tells_and_its_status_says_whether(monkeypatch, capsys):
    monkeypatch.setattr(command, "missing", lambda: ["One.", "Two."])
    assert command.main(["publish-check"]) == 1
    assert capsys.readouterr().out == "- One.\n- Two.\n"
    monkeypatch.setattr(command, "missing", lambda: [])
    assert command.main(["publish-check"]) == 0


def test_index_page_opens_lessons_on_binder_once_the_repository_is_named():
    record = {"title": "A", "seconds": 1.0, "peak_mb": 1.0, "status": "ok", "error": None}
    records = {"00_a": {**record, "data": [], "verdicts": []}}
    assert "mybinder" not in index_page("class", records)
    page = index_page("class", records, "jane/course")
    assert (
        'href="https://mybinder.org/v2/gh/jane/course/HEAD?labpath=notebooks%2F00_a.ipynb"' in page
    )
