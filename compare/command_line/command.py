"""The command `gibbsgap`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter

from compare.command_line.interruption import interruptions
from compare.command_line.output import prepare_streams

MOST_DIGITS = 100

app = App(
    name="gibbsgap",
    help="How far is SGD from the laws that theory gives it?",
    version=lambda: metadata.version("gibbsgap"),
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,  # `main` says what was interrupted
)


def _whole(_: Any, tokens: Sequence[Any]) -> int:
    """A whole number; the conversion that cyclopts offers would round 1.5."""
    text = str(tokens[0].value)
    if not text.removeprefix("-").isdecimal() or len(text) > MOST_DIGITS:
        raise ValueError(f"must be a whole number, got {text[:MOST_DIGITS]!r}")
    return int(text)


Whole = Annotated[int | None, Parameter(converter=_whole)]


@dataclass(frozen=True)
class Telling:
    """What `gibbsgap compare` tells beyond the laws and their total variation."""

    second_opinion: Annotated[bool, Parameter(help="Ask sdeint and findiff, where they are installed.")] = True
    all_distances: Annotated[bool, Parameter(negative="", help="Print every distance.")] = False


@app.command
def compare(
    study: str,
    /,
    *,
    out: Annotated[Path | None, Parameter(help="Folder for the results; results/STUDY by default.")] = None,
    overwrite: Annotated[bool, Parameter(negative="", help="Write into a folder that exists.")] = False,
    seed: Annotated[Whole, Parameter(help="Seed instead of the study's.")] = None,
    walkers: Annotated[Whole, Parameter(help="Walkers instead of the study's.")] = None,
    steps: Annotated[Whole, Parameter(help="Steps instead of the study's.")] = None,
    threads: Annotated[Whole, Parameter(help="Threads; all processors by default. Results are the same.")] = None,
    telling: Annotated[Telling, Parameter(name="*")] = Telling(),
) -> None:
    """Run a study and print how far the law of SGD is from each law of theory.

    Writes comparison.json, laws.nc and figures; with [loss_slope] in the study the slope of the loss as well.

    Parameters
    ----------
    study
        A name that `gibbsgap studies` lists, or a TOML file.
    """
    print(f"gibbsgap: comparing SGD with theory on {study}", flush=True)  # before the imports, which take a second
    from compare.command_line.console import Sizes, compare_study

    sizes = Sizes(seed, walkers, steps)
    compare_study(
        study, sizes, out=out, overwrite=overwrite, threads=threads,
        second_opinion=telling.second_opinion, all_distances=telling.all_distances,
    )  # fmt: skip


@app.command
def slope(
    study: str,
    /,
    *,
    out: Annotated[Path | None, Parameter(help="Folder for the results; results/STUDY by default.")] = None,
    overwrite: Annotated[bool, Parameter(negative="", help="Write into a folder that exists.")] = False,
    seed: Annotated[Whole, Parameter(help="Seed instead of the study's.")] = None,
    threads: Annotated[Whole, Parameter(help="Threads; all processors by default. Results are the same.")] = None,
) -> None:
    """Measure how the stationary loss grows with the learning rate, beside what theory says of its slope at 0.

    Runs the methods of [loss_slope] in the study and writes slope.json, slope.nc and a figure.

    Parameters
    ----------
    study
        A name that `gibbsgap studies` lists, or a TOML file; it needs [loss_slope].
    """
    print(f"gibbsgap: slope of the loss of SGD on {study}", flush=True)  # before the imports, which take a second
    from compare.command_line.slope_console import slope_of_study

    slope_of_study(study, out=out, overwrite=overwrite, seed=seed, threads=threads)


@app.command
def draw(
    folder: Path,
    /,
    *,
    out: Annotated[Path | None, Parameter(help="Folder for the figures; FOLDER by default.")] = None,
    overwrite: Annotated[bool, Parameter(negative="", help="Replace figures in --out.")] = False,
    width: Annotated[
        str | None,
        Parameter(help="page, neurips, icml, icml-full, jmlr, beamer, prl, prl-full, single, double, or inches."),
    ] = None,
    format: Annotated[str, Parameter(help="pdf, png, svg, eps, pgf, or several with commas.")] = "png,pdf",
    style: Annotated[Path | None, Parameter(help="Style sheet of matplotlib, for all that it sets.")] = None,
    latex: Annotated[bool, Parameter(negative="", help="Set all text by LaTeX.")] = False,
) -> None:
    """Draw the figures of a result again, in another width, format or style; nothing is computed.

    Parameters
    ----------
    folder
        Where gibbsgap compare or gibbsgap slope has put a result.
    """
    from compare.command_line.drawing import draw_folder

    formats = [name.strip() for name in format.split(",")]
    draw_folder(folder, out=out, overwrite=overwrite, width=width, formats=formats, style=style, latex=latex)


@app.command
def claims(
    *names: str,
    full: Annotated[bool, Parameter(negative="--quick", help="Long runs, of up to a minute or two each.")] = False,
    listed: Annotated[bool, Parameter("--list", negative="", help="Print the statements, judge nothing.")] = False,
    out: Annotated[Path | None, Parameter(help="Folder of the judgements; results/claims by default.")] = None,
    seed: Annotated[Whole, Parameter(help="Seed of all random numbers; 1 by default.")] = None,
    workers: Annotated[Whole, Parameter(help="Claims judged at a time; one a processor by default.")] = None,
) -> None:
    """Judge what publications state of SGD: a verdict for each claim, with its numbers, intervals and controls.

    What is judged is kept, and not judged again while nothing changes that it depends on.

    Parameters
    ----------
    names
        Identifiers that `gibbsgap claims --list` prints, or a Python file with claims of your own; all that ship
        without either.
    """
    print("gibbsgap: claims", *names, flush=True)  # before the imports, which take a second
    from compare.command_line.claims_console import judge, list_statements

    if listed:
        list_statements(names)
    else:
        judge(names, full=full, out=out or Path("results/claims"), seed=seed, workers=workers)


@app.command
def figures(
    *names: str,
    full: Annotated[bool, Parameter(negative="--quick", help="Those of the long runs.")] = False,
    claims: Annotated[Path | None, Parameter(help="Folder of the judgements; results/claims by default.")] = None,
    out: Annotated[Path | None, Parameter(help="Folder for the figures; results/figures by default.")] = None,
    width: Annotated[
        str | None,
        Parameter(help="page, neurips, icml, icml-full, jmlr, beamer, prl, prl-full, single, double, or inches."),
    ] = None,
    format: Annotated[str, Parameter(help="pdf, png, svg, eps, pgf, or several with commas.")] = "pdf",
    style: Annotated[Path | None, Parameter(help="Style sheet of matplotlib, for all that it sets.")] = None,
    latex: Annotated[bool, Parameter(negative="", help="Set all text by LaTeX.")] = False,
) -> None:
    """Draw the pictures of claims that `gibbsgap claims` has judged, and write their data beside them.

    Parameters
    ----------
    names
        Identifiers of claims; all that were judged without any.
    """
    print("gibbsgap: figures", *names, flush=True)  # before the imports, which take a second
    from compare.command_line.figures_console import Paper, draw_claims

    paper = Paper.of(width, format, style, latex=latex)
    draw_claims(
        names, paper, full=full, claims=claims or Path("results/claims"), out=out or Path("results/figures")
    )


@app.command
def report(
    folder: Annotated[
        Path | None, Parameter(name="--claims", help="Folder of the judgements; results/claims by default.")
    ] = None,
    *,
    out: Annotated[Path, Parameter(help="The HTML file.")] = Path("results/claims.html"),
) -> None:
    """Make one HTML page of all claims: verdicts, numbers, pictures and their data. It fetches nothing."""
    print("gibbsgap: report", flush=True)  # before the imports, which take a second
    from compare.command_line.page_console import write_page

    write_page(folder or Path("results/claims"), out)


@app.command
def studies() -> None:
    """List the studies that ship with the package."""
    from compare.study import shipped_studies

    found = shipped_studies()
    for name, title in found.items():
        print(f"{name:{max(map(len, found))}}  {title}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with `arguments`, or those it was called with; a mistake is one line and exit status 2."""
    prepare_streams()
    try:
        with interruptions():
            try:
                app(sys.argv[1:] if arguments is None else arguments, exit_on_error=False, print_error=False)
            finally:
                sys.stdout.flush()
    except CycloptsError as error:
        _refuse(f"{error}".strip().removesuffix(".") + "; see gibbsgap --help")
    except KeyboardInterrupt:
        _refuse("interrupted before anything was finished")
    except MemoryError:
        _refuse("this study needs more memory than there is; reduce its walkers, cells or examples")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains as it ends
        _refuse("nobody reads the output any more; send it to a file instead")
    except OSError as error:
        _refuse(f"cannot write: {error}; free some space or choose another folder")
    except ValueError as error:
        from theory.base.errors import (
            InputError,  # NumPy and SymPy come with it, and the first line is not to wait
        )

        if not isinstance(error, InputError):
            raise
        _refuse(str(error))


def _refuse(message: str) -> None:
    print("gibbsgap: error:", message.replace("\n", " "), file=sys.stderr)
    sys.exit(2)
