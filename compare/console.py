"""One run of the command `gibbsgap compare`: read, run, print, save, draw."""

from __future__ import annotations

import time
from pathlib import Path

from compare.files import result_files
from compare.folder import ResultFolder, claim_folder
from compare.interruption import interruptions_held
from compare.job import Interrupted, run_study
from compare.report import Report
from compare.results import NOISES, SLOPES, open_results
from compare.study import Study, load_study
from compare.summary import summary
from theory.base.errors import InputError, require


def compare_study(
    name: str,
    *,
    out: Path | None,
    overwrite: bool,
    seed: int | None,
    walkers: int | None,
    steps: int | None,
    threads: int | None,
) -> None:
    """Run the study, print its table, and write its files to `out` (results/NAME by default).

    Raises
    ------
    InputError
        On any mistake of the user, and after an interruption, once what was finished is saved.
    """
    require(threads is None or threads >= 1, f"`threads` must be at least 1, got {threads}")
    study = load_study(name).resized(seed=seed, walkers=walkers, steps=steps)
    with claim_folder(Path("results") / Path(name).stem if out is None else out, overwrite=overwrite) as folder:
        report = _run(study, folder, threads)
        with interruptions_held() as asked:
            written, figures = _save(report, folder)
    if asked:
        raise InputError(f"interrupted when all was finished, the whole result is in {written}")
    print()
    print(summary(report), flush=True)
    more = [*([] if report.slopes is None else [SLOPES]), *([NOISES] if report.noises else [])]
    print(f"\nresults in {written}: {', '.join(['comparison.json', 'laws.nc', *more, *figures])}")


def _run(study: Study, folder: ResultFolder, threads: int | None) -> Report:
    begin = time.perf_counter()

    def tell(line: str) -> None:
        print(f"[{time.perf_counter() - begin:5.1f} s] {line}", flush=True)

    try:
        return run_study(study, threads=threads, tell=tell)
    except Interrupted as interruption:
        finished = [law for law, r in interruption.report.laws.items() if r.status == "ok"]
        kept = folder.keep_part(result_files(interruption.report))
        where = (
            f"kept in {folder.path}; start again with --overwrite for the rest"
            if kept
            else f"the earlier result in {folder.path} is left as it was; start again with --overwrite"
        )
        raise InputError(
            f"interrupted with {len(finished)} laws finished ({', '.join(finished) or 'none'}), {where}"
        ) from None


def _save(report: Report, folder: ResultFolder) -> tuple[Path, list[str]]:
    """Where the numbers went, and the names of the figures beside them."""
    files = result_files(report)
    figures: dict[str, bytes] = {}
    try:
        from compare.figures import draw_files

        figures = draw_files(open_results(files))
    finally:  # the numbers are not lost with a figure
        written = folder.publish(files | figures)
    return written, list(figures)
