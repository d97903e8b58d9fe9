"""What made a recorded result: code, packages, machine; for its datasheet."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from ..files import ROOT, package_versions


def made(code: str, packages) -> dict:
    """Which code ran where, now.

    Args:
        code: a digest of the places in `lib` that matter, as `lib.files.code_digest` gives it.
        packages: names of those whose version matters.

    >>> sorted(made("abc", ["numpy"]))
    ['code', 'commit', 'machine', 'packages', 'python', 'written']
    """
    return {
        "code": code,
        "commit": commit(),
        "packages": package_versions(*packages),
        "python": platform.python_version(),
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "written": datetime.now(UTC).strftime("%Y-%m-%d"),
    }


def processor() -> str:
    """The processor's name as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), "unknown")


def commit() -> str:
    """The commit that is checked out, and whether files differ from it; if git knows."""
    import subprocess

    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
