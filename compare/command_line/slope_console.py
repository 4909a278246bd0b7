"""One run of the command `gibbsgap slope`: read, run, print, save, draw."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from compare.command_line.saving import interrupted, save, teller
from compare.job import SlopesInterrupted, run_slopes
from compare.results import NUMBERS, SLOPE_NUMBERS, SLOPES, ResultFolder, claim_folder, slope_files
from compare.slope import LossSlopes
from compare.study import SlopeStudy, load_slope_study
from theory.base.errors import require


def slope_of_study(name: str, *, out: Path | None, overwrite: bool, seed: int | None, threads: int | None) -> None:
    """Run the methods of [loss_slope], print what they find, and write it to `out` (results/NAME by default).

    Raises
    ------
    InputError
        On any mistake of the user, and after an interruption, once what was finished is saved.
    """
    require(threads is None or threads >= 1, f"`threads` must be at least 1, got {threads}")
    study = load_slope_study(name).reseeded(seed)
    target = Path("results") / Path(name).stem if out is None else out
    with claim_folder(target, overwrite=overwrite, spared=NUMBERS) as folder:
        slopes = _run(study, folder, threads)
        written, figures = save(folder, partial(slope_files, study, slopes))
    print(f"\n{study.name}\n")
    print(slopes.table(), flush=True)
    print(f"\nresults in {written}: {', '.join([SLOPE_NUMBERS, SLOPES, *figures])}")


def _run(study: SlopeStudy, folder: ResultFolder, threads: int | None) -> LossSlopes:
    try:
        return run_slopes(study, threads=threads, tell=teller())
    except SlopesInterrupted as interruption:
        slopes = interruption.slopes
        raise interrupted(folder, slope_files(study, slopes), list(slopes.found), "methods") from None
