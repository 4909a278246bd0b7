"""The command `gibbsgap`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

from compare.command_line.interruption import interruptions
from compare.command_line.options import Whole
from compare.command_line.output import prepare_streams
from compare.command_line.statements import claims, figures, report

WITHOUT = ("PYTORCH", "JAX", "TENSORFLOW", "CUPY")  # POT loads each that is installed; transport here needs none

app = App(
    name="gibbsgap",
    help="How far is SGD from the laws that theory gives it?",
    version=lambda: metadata.version("gibbsgap"),
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,  # `main` says what was interrupted
)


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
def sweep(
    study: str,
    /,
    *,
    learning_rate: Annotated[
        str | None, Parameter(help="Values: 0.01,0.02 or 0.01:0.1:32, then :log for log.")
    ] = None,
    batch_size: Annotated[str | None, Parameter(help="Values, as those of learning rates.")] = None,
    over: Annotated[
        tuple[str, ...], Parameter(help="KEY=VALUES for any other number of the study, as sgd.noise.std=0.1,0.2.")
    ] = (),
    out: Annotated[Path | None, Parameter(help="Folder of the results; results/sweep-STUDY by default.")] = None,
    workers: Annotated[Whole, Parameter(help="Processes; one a processor by default.")] = None,
    scheduler: Annotated[str | None, Parameter(help="Address of a dask scheduler whose workers do it.")] = None,
    retry: Annotated[bool, Parameter(negative="", help="Run points that failed again.")] = False,
) -> None:
    """Measure a study at many values of its numbers: every law's distance from SGD, kept as it comes.

    What is kept in --out is not run again: the same command goes on after an interruption, and with more values.

    Parameters
    ----------
    study
        A name that `gibbsgap studies` lists, or a TOML file.
    """
    print(f"gibbsgap: sweep of {study}", flush=True)  # before the imports, which take a second
    from compare.command_line.sweep_console import sweep_study

    named = {"learning_rate": learning_rate, "batch_size": batch_size}
    ranges = [*(f"{key}={values}" for key, values in named.items() if values is not None), *over]
    folder = out or Path("results") / f"sweep-{Path(study).stem}"
    sweep_study(study, ranges, out=folder, workers=workers, scheduler=scheduler, retry=retry)


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


for statement_command in (claims, figures, report):
    app.command(statement_command)


@app.command
def explore(
    study: str,
    /,
    *,
    port: Annotated[Whole, Parameter(help="Port of this machine; a free one by default.")] = None,
    browser: Annotated[bool, Parameter(help="Open the page in a browser.")] = True,
) -> None:
    """Open a page with sliders for the numbers of a study; the laws are drawn anew as they move.

    The page is served to this machine alone, and fetches nothing from elsewhere.

    Parameters
    ----------
    study
        A name that `gibbsgap studies` lists, or a TOML file.
    """
    print(f"gibbsgap: exploring {study}", flush=True)  # before the imports, which take a second
    from compare.command_line.explorer_console import explore_study

    explore_study(study, port=port, browser=browser)


@app.command
def calibrate(
    sampler: str,
    /,
    *,
    coefficients: Annotated[
        bool, Parameter(negative="", help="Score an estimator of learning coefficients; those named llc-... are.")
    ] = False,
    quick: Annotated[bool, Parameter(negative="--full", help="Short chains and few repeats.")] = False,
    out: Annotated[Path | None, Parameter(help="Folder; results/calibration-SAMPLER by default.")] = None,
    seed: Annotated[Whole, Parameter(help="Seed of all random numbers; 1 by default.")] = None,
    workers: Annotated[Whole, Parameter(help="Processes; one a processor by default.")] = None,
) -> None:
    """Score a sampler on forty laws whose means are known exactly: bias, coverage, cost.

    Or an estimator of learning coefficients on twenty-six minima where these are known.
    Writes calibration.json and calibration.nc. Targets that are scored are kept, and not scored again.

    Parameters
    ----------
    sampler
        hmc, mala, nuts (by blackjax), sgld, psgld, unadjusted (a control), a Python file that holds `sampler`, or
        module:name. Of coefficients llc-mala, llc-sgld, llc-psgld, llc-annealing, llc-spread and llc-warm
        (controls), a file that holds `estimator`, or module:name.
    """
    print(f"gibbsgap: calibration of {sampler}", flush=True)  # before the imports, which take a second
    from compare.command_line.calibration_console import calibrate_estimator, calibrate_sampler

    name = Path(sampler).stem if sampler.endswith(".py") else sampler.replace(":", "-")
    folder = out or Path("results") / f"calibration-{name}"
    calibrate = calibrate_estimator if coefficients or sampler.startswith("llc-") else calibrate_sampler
    calibrate(sampler, quick=quick, out=folder, seed=1 if seed is None else seed, workers=workers)


@app.command
def studies(
    *,
    schema: Annotated[
        bool, Parameter(negative="", help="Print the JSON Schema of study files, for editors.")
    ] = False,
) -> None:
    """List the studies that ship with the package."""
    from compare.study import schema_text, shipped_studies

    if schema:
        print(schema_text(), end="")
        return
    found = shipped_studies()
    for name, title in found.items():
        print(f"{name:{max(map(len, found))}}  {title}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with `arguments`, or those it was called with; a mistake is one line and exit status 2."""
    prepare_streams()
    for framework in WITHOUT:
        os.environ.setdefault(f"POT_BACKEND_DISABLE_{framework}", "1")
    try:
        with interruptions():
            try:
                app(sys.argv[1:] if arguments is None else arguments, exit_on_error=False, print_error=False)
            finally:
                sys.stdout.flush()
    except CycloptsError as error:
        asked = " ".join(["gibbsgap", *(error.command_chain or ())])
        _refuse(f"{error}".strip().removesuffix(".") + f"; see {asked} --help")
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
