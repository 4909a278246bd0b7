"""What is released: one version everywhere, both doors to the command, and an environment that is made once."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from repository import ROOT

from compare import load_study
from compare.results.study_files import header

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PACKAGES = ("theory", "simulate", "compare")
VERSION = PROJECT["version"]

PYTHON = """#!/bin/sh
# A Python that makes environments of scripts which write down what they are asked.
case "$2" in venv) mkdir -p "$3/bin"; echo venv >> "$3/../made"; cp "$0" "$3/bin/python";; esac
case "$2" in pip) shift 8; echo "pip $1" >> made; test ! -e stop || exit 1; esac
case "$2" in pytest) echo pytest >> made; esac
"""


def test_the_version_is_that_of_the_project_everywhere() -> None:
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    assert cited is not None
    assert cited[1] == metadata.version("gibbsgap") == VERSION
    assert header(load_study("regular"))["versions"]["gibbsgap"] == VERSION
    sources = [*(ROOT / "docs").glob("*.py"), *(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))]
    assert [path.name for path in sources if f'"{VERSION}"' in path.read_text("utf-8")] == []


def test_python_dash_m_compare_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "compare", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == VERSION
    wrong = subprocess.run(
        [sys.executable, "-m", "compare", "nothing"], capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("gibbsgap: error: ")


def made(folder: Path, *targets: str) -> list[str]:
    """What `make` does there for each target in turn, with scripts for Python and the command."""
    (folder / "made").write_text("")
    for target in targets:
        subprocess.run(["make", "PYTHON=./python", target], cwd=folder, capture_output=True, check=False)
    return (folder / "made").read_text().splitlines()


def checkout(folder: Path) -> Path:
    """A folder with the Makefile, and a Python of scripts."""
    (folder / "Makefile").write_text((ROOT / "Makefile").read_text("utf-8"))
    (folder / "pyproject.toml").touch()
    (folder / "constraints.txt").touch()
    (folder / "python").write_text(PYTHON)
    (folder / "python").chmod(0o755)
    return folder


def test_make_installs_what_a_target_needs_and_once(tmp_path: Path) -> None:
    place = checkout(tmp_path)
    assert made(place, "compare", "compare") == ["venv", "pip .[findiff,sdeint]"]
    assert made(place, "test", "compare", "test") == ["pip .[dev]", "pytest", "pytest"]
    (place / "other").mkdir()
    other = checkout(place / "other")
    assert made(other, "test", "compare") == ["venv", "pip .[findiff,sdeint]", "pip .[dev]", "pytest"]


def test_an_environment_that_was_stopped_half_made_is_made_anew(tmp_path: Path) -> None:
    place = checkout(tmp_path)
    (place / "stop").touch()
    assert made(place, "compare") == ["venv", "pip .[findiff,sdeint]"]
    half = place / ".venv" / "bin" / "half"
    half.touch()
    (place / "stop").unlink()
    assert made(place, "compare") == ["venv", "pip .[findiff,sdeint]"]
    assert not half.exists()
    (place / "stop").touch()
    assert made(place, "test") == ["pip .[dev]"]
    (place / "stop").unlink()
    assert made(place, "compare", "test") == ["venv", "pip .[findiff,sdeint]", "pip .[dev]", "pytest"]
