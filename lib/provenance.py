"""What made a recorded result: code, packages, machine; for its datasheet."""

import hashlib
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def made(code: str, packages) -> dict:
    """Which code ran where, now.

    Args:
        code: a digest of the modules that matter, as `digest` gives it.
        packages: names of those whose version matters.

    >>> sorted(made("abc", ["numpy"]))
    ['code', 'commit', 'machine', 'packages', 'python', 'written']
    """
    return {
        "code": code,
        "commit": commit(),
        "packages": {name: version(name) for name in packages},
        "python": platform.python_version(),
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "written": datetime.now(UTC).strftime("%Y-%m-%d"),
    }


def digest(modules) -> str:
    """Twelve digits that change with the source of any of some modules."""
    found = hashlib.sha256()
    for module in modules:
        found.update(Path(module.__file__).read_bytes())
    return found.hexdigest()[:12]


def version(name: str) -> str:
    """Version of a package; TensorFlow has another name on some systems."""
    for one in (name, f"{name}-cpu"):
        try:
            return metadata.version(one)
        except metadata.PackageNotFoundError:
            continue
    return "not installed"


def processor() -> str:
    """The processor's name as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), "unknown")


def commit() -> str:
    """The commit that is checked out, and whether files differ from it; if git knows."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
