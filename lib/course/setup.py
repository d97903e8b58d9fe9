"""Is this machine ready, and which lessons are here?  Lesson 00.

Nothing is started for it: neither TensorFlow nor any other package is imported before it is known
to be there.
"""

import html
import platform
from pathlib import Path
from typing import NamedTuple

from ..checks import shown
from ..files import ROOT
from .show import WRAP, present, show_table

FREE_GB = 1.5  # the largest lesson takes 1.4
CORES = 2
LINK_CELL = f"padding: 3px 10px; vertical-align: top; text-align: left; {WRAP}"


class Check(NamedTuple):
    """One thing that the course needs.

    Attributes:
        what: the thing.
        found, needed: in words.
        ready: "yes", or a word that says why not.
        advice: what to do about it; "" if nothing.
    """

    what: str
    found: str
    needed: str
    ready: str = "yes"
    advice: str = ""


def check_setup() -> None:
    """Look up Python, packages, memory, cores and data; show one table, and what there is to do."""
    found = checks()
    try:
        import pandas as pd
    except ImportError:  # then the table below says so
        print("\n".join(f"{one.what}: {one.found} (needed: {one.needed})" for one in found))
    else:
        table = pd.DataFrame(found).set_index("what").drop(columns="advice")
        show_table(table.rename_axis(None))
    advice = [one.advice for one in found if one.advice]
    print("\n".join(advice) if advice else "Everything is ready.")


def checks() -> list[Check]:
    """All checks in their order; only the first two if a package is missing."""
    lock = read_lock(ROOT / "uv.lock")
    first = [check_python(lock), check_packages(lock)]
    if first[1].ready == "no":
        return first
    return [*first, check_memory(), check_cores(), check_photographs()]


# Python and its packages


def read_lock(path: Path) -> dict:
    """The lock: which versions the course was measured with; {} if there is none."""
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def check_python(lock: dict, version: str | None = None) -> Check:
    """Whether this Python is one of those that the lock was made for."""
    from packaging.specifiers import SpecifierSet

    version, needed = version or platform.python_version(), lock.get("requires-python", "")
    if SpecifierSet(needed).contains(version, prereleases=True):
        return Check("Python", version, needed or "any")
    advice = f"Python {version} is not {needed}: install another, then the course again (README)."
    return Check("Python", version, needed, "no", advice)


def check_packages(lock: dict) -> Check:
    """Whether the packages of the course are there, in the versions of the lock."""
    locked = locked_versions(lock)
    if not locked:
        advice = "uv.lock is missing in the course's folder: download the course again."
        return Check("packages", "no lock to compare with", "as in the lock", "unknown", advice)
    here = {name: _installed(name) for name in locked}
    missing = [name for name, version in here.items() if version is None]
    other = [
        f"{name} {here[name]} instead of {version}"
        for name, version in locked.items()
        if here[name] not in (None, version)
    ]
    n_same = len(locked) - len(missing) - len(other)
    found = f"{n_same} of {len(locked)} as in the lock"
    repair = "run `make setup` in the course's folder, or see README.md for conda and Windows."
    if missing:
        advice = f"Packages that are missing: {', '.join(missing)}. To repair, {repair}"
        return Check("packages", found, "all", "no", advice)
    if other:
        advice = f"Other versions: {', '.join(other)}. Numbers may differ. To repair, {repair}"
        return Check("packages", found, "all", "differs", advice)
    return Check("packages", found, "all")


def locked_versions(lock: dict) -> dict[str, str]:
    """The course's own packages on this system: name -> version in the lock."""
    from packaging.markers import Marker

    packages = lock.get("package", [])
    versions = {package["name"]: package.get("version") for package in packages}
    wanted = [
        one
        for package in packages
        if package.get("source", {}).get("editable") == "."
        for one in package.get("dependencies", [])
    ]
    return {
        one["name"]: one.get("version") or versions[one["name"]]
        for one in wanted
        if "marker" not in one or Marker(one["marker"]).evaluate()
    }


def _installed(name):
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


# The machine


def check_memory() -> Check:
    """Whether enough memory is free: of the machine, and of the container if this is one."""
    import psutil

    machine = psutil.virtual_memory()
    total, free = machine.total, machine.available
    for limit, used in container_memory():
        total, free = min(total, limit), min(free, max(limit - used, 0))
    found = f"{free / 2**30:.1f} GB free of {total / 2**30:.1f} GB"
    needed = f"{FREE_GB} GB free"
    if free >= FREE_GB * 2**30:
        return Check("memory", found, needed)
    advice = f"{found}: shut down the kernels of other notebooks first (Kernel, Shut Down All)."
    return Check("memory", found, needed, "tight", advice)


def container_memory(root: Path = Path("/")) -> list[tuple[int, int]]:
    """Memory limits that Linux sets on this process by control groups, old style or new.

    Args:
        root: where `proc` and `sys` are.

    Returns:
        (limit, used) in bytes of each group with a limit; pages that can be given back at once do
        not count as used. [] where there is no limit, and on other systems.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, kinds, own = line.split(":", 2)
        if kinds == "":
            top, names = root / "sys/fs/cgroup", ("memory.max", "memory.current", "inactive_file")
        elif "memory" in kinds.split(","):
            top = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        # inside a container the group may be mounted as the top itself
        group = top / own.lstrip("/")
        groups = [group, *group.parents]
        found += [_limit_of(one, *names) for one in groups[: groups.index(top) + 1]]
    return [one for one in found if one]


def _limit_of(group, limit_file, used_file, reclaimable):
    """(limit, used) of one control group; None if it sets none."""
    try:
        limit = int((group / limit_file).read_text())
        used = int((group / used_file).read_text())
        stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        return limit, used - int(stat.get(reclaimable, 0))
    except (OSError, ValueError):  # no such group, or "max"
        return None


def check_cores() -> Check:
    """How many processor cores this process may use, as the training programs count them."""
    from joblib import cpu_count

    n = cpu_count()
    advice = "" if n >= CORES else f"{n} core: lessons take longer than they say."
    return Check("processor cores", f"{n}", f"{CORES}", "yes" if n >= CORES else "slow", advice)


# Data and lessons


def check_photographs() -> Check:
    """Where the photographs of the later lessons would come from."""
    from ..data import DataError, cifar10

    what, needed = "CIFAR-10, from lesson 07 on", "a copy, or the internet"
    found = {
        "digits": "digits in its place, as CIFAR10_PATH asks",
        "own": "the file that CIFAR10_PATH names",
        "cache": "in the course's cache",
        "keras": "an archive in Keras' cache, which lesson 07 checks",
        "download": "not yet: lesson 07 fetches 170 MB",
    }
    try:
        return Check(what, found[cifar10.where()], needed)
    except DataError as error:
        return Check(what, "CIFAR10_PATH names no copy", needed, "no", str(error))


def show_lessons(folder: Path | None = None) -> None:
    """Show the lessons of a folder, each with its link and what one can do after it.

    Args:
        folder: None for the course's own.

    Raises:
        ValueError: for what is no folder.
        CourseError: for a folder without lessons.
    """
    import nbformat

    if folder is None:
        folder = ROOT / "notebooks"
    if not isinstance(folder, str | Path):
        raise ValueError(f"folder={shown(folder)}: give a folder of lessons, or leave it out.")

    from .lessons import find_lessons
    from .tables import goal, title

    rows, lines = [], []
    for path in find_lessons(folder):
        notebook = nbformat.read(path, as_version=4)
        heading, can = title(notebook, path.stem), goal(notebook)
        lines.append(f"{heading}: {can}")
        link = f'<a href="{html.escape(path.name)}">{html.escape(heading)}</a>'
        rows.append(
            f'<tr><th scope="row" style="{LINK_CELL}">{link}</th>'
            f'<td style="{LINK_CELL}">{html.escape(can)}</td></tr>'
        )
    heads = "".join(
        f'<th scope="col" style="{LINK_CELL}">{head}</th>'
        for head in ("lesson", "after it you can")
    )
    page = f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    present("\n".join(lines), page)
