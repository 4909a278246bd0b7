"""One run of the command `gibbsgap slope`: read, run, print, save, draw."""

from __future__ import annotations

import time
from pathlib import Path

from compare.folder import ResultFolder, claim_folder
from compare.interruption import interruptions_held
from compare.results import NUMBERS, SLOPE_NUMBERS, SLOPES, open_results
from compare.slope.several import LossSlopes
from compare.slope_files import slope_files
from compare.slope_job import SlopesInterrupted, run_slopes
from compare.study.slope_study import SlopeStudy, load_slope_study
from theory.base.errors import InputError, require


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
        with interruptions_held() as asked:
            written, figures = _save(study, slopes, folder)
    if asked:
        raise InputError(f"interrupted when all was finished, the whole result is in {written}")
    print(f"\n{study.name}\n")
    print(slopes.table(), flush=True)
    print(f"\nresults in {written}: {', '.join([SLOPE_NUMBERS, SLOPES, *figures])}")


def _run(study: SlopeStudy, folder: ResultFolder, threads: int | None) -> LossSlopes:
    begin = time.perf_counter()

    def tell(line: str) -> None:
        print(f"[{time.perf_counter() - begin:5.1f} s] {line}", flush=True)

    try:
        return run_slopes(study, threads=threads, tell=tell)
    except SlopesInterrupted as interruption:
        finished = list(interruption.slopes.found)
        kept = folder.keep_part(slope_files(study, interruption.slopes))
        where = (
            f"kept in {folder.path}; start again with --overwrite for the rest"
            if kept
            else f"the earlier result in {folder.path} is left as it was; start again with --overwrite"
        )
        raise InputError(
            f"interrupted with {len(finished)} methods finished ({', '.join(finished) or 'none'}), {where}"
        ) from None


def _save(study: SlopeStudy, slopes: LossSlopes, folder: ResultFolder) -> tuple[Path, list[str]]:
    """Where the numbers went, and the names of the figures beside them."""
    files = slope_files(study, slopes)
    figures: dict[str, bytes] = {}
    try:
        from compare.figures import draw_files  # matplotlib takes a second, which a refused run need not wait

        figures = draw_files(open_results(files))
    finally:  # the numbers are not lost with a figure
        written = folder.publish(files | figures)
    return written, list(figures)
