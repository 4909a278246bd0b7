"""The release check: both archives, built from what git knows, and the default study run where no checkout is.

Leaves the wheel and the source archive in dist/. Exit status 0 only if every check passes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path

from packaging.metadata import Metadata
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGES = ("theory", "simulate", "compare")
MADE_BY_THE_BUILD = ("PKG-INFO", "setup.cfg", "gibbsgap.egg-info/")
ONLY_FOR_DEVELOPERS = {"mypy", "pre-commit", "playwright", "pytest", "ruff", "sphinx"}
RESULT = {"comparison.json", "laws.nc", "laws.pdf", "laws.png"}


class ReleaseError(Exception):
    """What is wrong with the release, in one line."""


def check(holds: bool, message: str) -> None:
    """Raise unless `holds`."""
    if not holds:
        raise ReleaseError(message)


def run(*command: str | Path, cwd: Path) -> str:
    """What the command prints; it sees no checkout by its environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    text = f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stdout}{done.stderr}"
    check(done.returncode == 0, text)
    return done.stdout


def tracked() -> set[str]:
    """The files that git knows, as they stand in the work tree."""
    return set(run("git", "ls-files", "-z", cwd=ROOT).split("\0")) - {""}


def build(files: set[str], folder: Path) -> tuple[Path, Path]:
    """Source archive and wheel, the wheel made of the archive, from a copy of `files`."""
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    run(sys.executable, "-m", "build", "--outdir", ROOT / "dist", cwd=folder)
    (archive,), (wheel,) = (ROOT / "dist").glob("*.tar.gz"), (ROOT / "dist").glob("*.whl")
    return archive, wheel


def check_archive(archive: Path, files: set[str]) -> None:
    """The source archive holds all that git knows, tests and documents too, and nothing else."""
    with tarfile.open(archive) as opened:
        names = {one.name.partition("/")[2] for one in opened.getmembers() if one.isfile()}
    found = {name for name in names if not name.startswith(MADE_BY_THE_BUILD)}
    check(found == files, f"the source archive and git differ by {sorted(found ^ files)}; see MANIFEST.in")


def check_wheel(wheel: Path, files: set[str], version: str) -> None:
    """The wheel holds the packages with their studies, styles and templates, no more, and says what it is."""
    with zipfile.ZipFile(wheel) as opened:
        names = {name for name in opened.namelist() if ".dist-info/" not in name}
        (described,) = (name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Metadata.from_email(opened.read(described), validate=True)
    wanted = {name for name in files if name.startswith(tuple(f"{package}/" for package in PACKAGES))}
    check(names == wanted, f"the wheel and git differ by {sorted(names ^ wanted)}; see package-data")
    check(str(metadata.version) == version, f"the wheel is of version {metadata.version}, not {version}")
    run(sys.executable, "-m", "check_wheel_contents", "--toplevel", ",".join(PACKAGES), wheel, cwd=wheel.parent)


def check_installed(wheel: Path, folder: Path, version: str) -> None:
    """The wheel in an environment of its own: lean, and the default study and a page of verdicts run there."""
    environment, place = folder / "environment", folder / "place"
    place.mkdir()
    run(sys.executable, "-m", "venv", environment, cwd=place)
    python, command = environment / "bin" / "python", environment / "bin" / "gibbsgap"
    run(python, "-m", "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt", wheel, cwd=place)
    run(python, "-m", "pip", "check", cwd=place)
    listed = json.loads(run(python, "-m", "pip", "list", "--format=json", cwd=place))
    installed = {canonicalize_name(one["name"]) for one in listed}
    check(not installed & ONLY_FOR_DEVELOPERS, f"users need no {installed & ONLY_FOR_DEVELOPERS}")
    home = run(python, "-c", "import compare; print(compare.__file__)", cwd=place)
    check(Path(home.strip()).is_relative_to(environment), f"compare was read from {home.strip()}")
    check(run(command, "--version", cwd=place).strip() == version, "gibbsgap --version must be the wheel's")
    studies = {path.stem for path in (ROOT / "compare" / "studies").glob("*.toml")}
    check(studies == {line.split()[0] for line in run(command, "studies", cwd=place).splitlines()}, "studies")
    run(python, "-m", "compare", "compare", "sharp-and-flat", "--walkers", "2000", cwd=place)
    result = place / "results" / "sharp-and-flat"
    missing = RESULT - {path.name for path in result.iterdir()}
    check(not missing, f"the default study must write {missing}")
    said = json.loads((result / "comparison.json").read_text("utf-8"))["versions"]["gibbsgap"]
    check(said == version, f"comparison.json must say version {version}, it says {said}")
    run(command, "claims", "B1", cwd=place)
    run(command, "report", cwd=place)
    page = (place / "results" / "claims.html").read_text("utf-8")
    check("B1" in page, "the page of verdicts must show B1")


def main() -> None:
    """Build, look, install, run."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    files = tracked()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "source").mkdir()
        archive, wheel = build(files, folder / "source")
        check_archive(archive, files)
        check_wheel(wheel, files, version)
        print(f"gibbsgap {version}: {archive.name} and {wheel.name} hold what they must", flush=True)
        check_installed(wheel, folder, version)
    print(f"gibbsgap {version}: installs and runs outside the checkout")


if __name__ == "__main__":
    try:
        main()
    except ReleaseError as error:
        sys.exit(f"release: {error}")
