"""The command `gibbsgap map`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from compare.command_line.command import app
from compare.command_line.options import Whole


@dataclass(frozen=True)
class MapOptions:
    """How fine a map is, of which law, and how its figure looks."""

    refine: Annotated[Whole, Parameter(help="How often cells are cut in three along borders; 2 by default.")] = (
        None
    )
    settled: Annotated[bool, Parameter(negative="", help="Take the law that SGD's steps leave as it is.")] = False
    width: Annotated[
        str | None,
        Parameter(help="page, neurips, icml, icml-full, jmlr, beamer, prl, prl-full, single, double, or inches."),
    ] = None
    format: Annotated[str, Parameter(help="pdf, png, svg, eps, pgf, or several with commas.")] = "png,pdf"


@app.command(name="map")
def draw_map(
    study: str,
    /,
    *,
    learning_rate: Annotated[str | None, Parameter(help="LOW:HIGH, or LOW:HIGH:COUNT:linear.")] = None,
    batch_size: Annotated[str | None, Parameter(help="LOW:HIGH, as learning rates.")] = None,
    over: Annotated[tuple[str, ...], Parameter(help="KEY=LOW:HIGH of any other number of the study.")] = (),
    out: Annotated[Path | None, Parameter(help="Folder of the results; results/map-STUDY by default.")] = None,
    workers: Annotated[Whole, Parameter(help="Processes; one a processor by default.")] = None,
    options: Annotated[MapOptions, Parameter(name="*")] = MapOptions(),
) -> None:
    """Map where SGD keeps to each law of theory over two numbers of a study, with the lines where laws end.

    Points that are kept in --out are not run again. Writes map.nc, the figure, and its numbers beside it.

    Parameters
    ----------
    study
        A name that `gibbsgap studies` lists, or a TOML file.
    """
    print(f"gibbsgap: map of {study}", flush=True)  # before the imports, which take a second
    from compare.command_line.map_console import map_study

    named = {"learning_rate": learning_rate, "batch_size": batch_size}
    ranges = [*(f"{key}={values}" for key, values in named.items() if values is not None), *over]
    folder = out or Path("results") / f"map-{Path(study).stem}"
    map_study(
        study, ranges, out=folder, refine=options.refine, settled=options.settled, workers=workers,
        width=options.width, formats=options.format,
    )  # fmt: skip
