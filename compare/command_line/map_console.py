"""One run of the command `gibbsgap map`: read two ranges, measure and refine, write the map and its figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from compare.command_line.figures_console import Paper, files_of
from compare.command_line.saving import teller
from compare.command_line.sweep_console import read_over
from compare.maps import validity_map
from compare.results import write_whole
from compare.study import load_study
from theory.base.errors import InputError

USUAL_REFINED, FIRST_CELLS, THIRDS = 2, 8, 3  # cells along a range before any is cut in three
MAP = "map.nc"


def map_study(
    name: str,
    over: Sequence[str],
    *,
    out: Path,
    refine: int | None,
    settled: bool,
    workers: int | None,
    width: str | None,
    formats: str,
) -> None:
    """Map the study over two ranges, each given as KEY=LOW:HIGH, and write map.nc, the figure and its numbers.

    Raises
    ------
    InputError
        On any mistake of the user, and after an interruption.
    """
    paper = Paper.of(width, formats, None, latex=False)
    times = USUAL_REFINED if refine is None else refine
    ranges = read_over([_counted(one, FIRST_CELLS * THIRDS ** max(times, 0)) for one in over])
    study = load_study(name)
    try:
        found = validity_map(
            study, settled=settled, refine=times, workers=workers, store=out, tell=teller(), **ranges
        )
    except KeyboardInterrupt:
        raise InputError(f"interrupted; what was measured is kept in {out}, start again to go on") from None
    with paper.style.applied():
        files = dict(files_of("map", found.picture(), paper.formats))
    files[MAP] = bytes(found.to_xarray().to_netcdf(engine="h5netcdf"))  # the map itself, not its picture alone
    for file, content in files.items():
        write_whole(out / file, content)
    print(f"{len(found.cells)} of {found.data.cell.size} points measured; in {out}: {', '.join(files)}")


def _counted(one: str, usual: int) -> str:
    """KEY=LOW:HIGH with the `usual` number of values, by the logarithm where it begins above 0."""
    key, sign, text = one.partition("=")
    if text.count(":") != 1:
        return one
    low = text.partition(":")[0]
    try:
        spacing = "log" if float(low) > 0 else "linear"
    except ValueError:
        return one
    return f"{key}{sign}{text}:{usual}:{spacing}"
