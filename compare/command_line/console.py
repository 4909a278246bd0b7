"""One run of the command `gibbsgap compare`: read, run, print, save, draw."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from compare.command_line.saving import interrupted, save, teller
from compare.job import Interrupted, run_study
from compare.report import Report, summary
from compare.results import NOISES, SLOPES, ResultFolder, claim_folder, result_files
from compare.study import Study, load_study
from theory.base.errors import require


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
        written, figures = save(folder, partial(result_files, report))
    print()
    print(summary(report), flush=True)
    more = [*([] if report.slopes is None else [SLOPES]), *([NOISES] if report.noises else [])]
    print(f"\nresults in {written}: {', '.join(['comparison.json', 'laws.nc', *more, *figures])}")


def _run(study: Study, folder: ResultFolder, threads: int | None) -> Report:
    try:
        return run_study(study, threads=threads, tell=teller())
    except Interrupted as interruption:
        report = interruption.report
        finished = [law for law, r in report.laws.items() if r.status == "ok"]
        raise interrupted(folder, result_files(report), finished, "laws") from None
