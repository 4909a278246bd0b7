"""One run of the command `gibbsgap compare`: read, run, print, save, draw."""

from __future__ import annotations

import time
from pathlib import Path

from compare.files import claim_folder, release_folder, save_report
from compare.job import Interrupted, run_study
from compare.report import Report
from compare.study import Study, load_study
from compare.summary import summary
from theory.errors import InputError, require


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
    folder = Path("results") / Path(name).stem if out is None else out
    claim_folder(folder, overwrite=overwrite)
    try:
        report = _run(study, folder, threads)
        save_report(report, folder)
    finally:
        release_folder(folder)
    print()
    print(summary(report), flush=True)
    try:
        figures = _draw(folder)
    except KeyboardInterrupt:
        raise InputError(
            f"interrupted while drawing, the numbers are kept in {folder}; start again with --overwrite"
        ) from None
    print(f"\nresults in {folder}: {', '.join(['comparison.json', 'laws.nc', *figures])}")


def _run(study: Study, folder: Path, threads: int | None) -> Report:
    begin = time.perf_counter()

    def tell(line: str) -> None:
        print(f"[{time.perf_counter() - begin:5.1f} s] {line}", flush=True)

    try:
        return run_study(study, threads=threads, tell=tell)
    except Interrupted as interruption:
        finished = [law for law, r in interruption.report.laws.items() if r.status == "ok"]
        save_report(interruption.report, folder)
        raise InputError(
            f"interrupted with {len(finished)} laws finished ({', '.join(finished) or 'none'}), kept in {folder}; "
            "start again with --overwrite for the rest"
        ) from None


def _draw(folder: Path) -> list[str]:
    from compare.figures import draw_results  # matplotlib takes a second, and the numbers come first

    return [path.name for path in draw_results(folder)]
