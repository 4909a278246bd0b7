"""The command `gibbsgap`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

app = App(
    name="gibbsgap",
    help="How far is SGD from the laws that theory gives it?",
    version_flags=["--version"],
)


@app.command
def compare(
    study: str,
    /,
    *,
    out: Annotated[Path | None, Parameter(help="Folder for the results; results/STUDY by default.")] = None,
    overwrite: Annotated[bool, Parameter(negative="", help="Write into a folder that exists.")] = False,
    seed: Annotated[int | None, Parameter(help="Seed instead of the study's.")] = None,
    walkers: Annotated[int | None, Parameter(help="Walkers instead of the study's.")] = None,
    steps: Annotated[int | None, Parameter(help="Steps instead of the study's.")] = None,
    threads: Annotated[
        int | None, Parameter(help="Threads; all processors by default. Results are the same.")
    ] = None,
) -> None:
    """Run a study and print how far the law of SGD is from each law of theory.

    Writes comparison.json, laws.nc and figures.

    Parameters
    ----------
    study
        A name that `gibbsgap studies` lists, or a TOML file.
    """
    print(f"gibbsgap: comparing SGD with theory on {study}", flush=True)  # before the imports, which take a second
    from compare.console import compare_study

    compare_study(study, out=out, overwrite=overwrite, seed=seed, walkers=walkers, steps=steps, threads=threads)


@app.command
def studies() -> None:
    """List the studies that ship with the package."""
    from compare.study import shipped_studies

    for name, title in shipped_studies().items():
        print(f"{name:18} {title}")


def main() -> None:
    """Run the command; a mistake of the user is one line and exit status 2."""
    from theory.errors import InputError

    try:
        app(exit_on_error=False, print_error=False)
    except CycloptsError as error:
        _refuse(f"{error}".replace("\n", " ").strip() + "; see gibbsgap --help")
    except InputError as error:
        _refuse(str(error))
    except KeyboardInterrupt:
        _refuse("interrupted before anything was finished")


def _refuse(message: str) -> None:
    print(f"gibbsgap: error: {message}", file=sys.stderr)
    sys.exit(2)
