"""One run of the command `gibbsgap compare`: read, run, print, save, draw."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import NamedTuple

from compare.command_line.network_console import compare_network
from compare.command_line.saving import interrupted, save, teller
from compare.job import Interrupted, run_study
from compare.report import Report, summary
from compare.results import NOISES, SLOPES, ResultFolder, claim_folder, result_files
from compare.study import Study, read_study
from compare.study.network_study import TABLE as NETWORK
from compare.study.source import study_table
from theory.base.errors import require


class Sizes(NamedTuple):
    """Seed, walkers and steps instead of the study's, where given."""

    seed: int | None
    walkers: int | None
    steps: int | None


def compare_study(
    name: str,
    sizes: Sizes,
    *,
    out: Path | None,
    overwrite: bool,
    threads: int | None,
    second_opinion: bool,
    all_distances: bool,
) -> None:
    """Run the study, print its table and verdict, and write its files to `out` (results/NAME by default).

    Raises
    ------
    InputError
        On any mistake of the user, and after an interruption, once what was finished is saved.
    """
    require(threads is None or threads >= 1, f"`threads` must be at least 1, got {threads}")
    table, target = study_table(name), Path("results") / Path(name).stem if out is None else out
    if NETWORK in table:
        compare_network(
            table, sizes._asdict(), out=target, overwrite=overwrite, threads=threads, all_distances=all_distances
        )
        return
    study = read_study(table).resized(**sizes._asdict())
    with claim_folder(target, overwrite=overwrite) as folder:
        report = _run(study, folder, threads, second_opinion)
        written, figures = save(folder, partial(result_files, report))
    print()
    print(summary(report, all_distances=all_distances), flush=True)
    more = [*([] if report.slopes is None else [SLOPES]), *([NOISES] if report.noises else [])]
    print(f"\nresults in {written}: {', '.join(['comparison.json', 'laws.nc', *more, *figures])}")


def _run(study: Study, folder: ResultFolder, threads: int | None, second_opinion: bool) -> Report:
    try:
        return run_study(study, threads=threads, tell=teller(), second_opinion=second_opinion)
    except Interrupted as interruption:
        report = interruption.report
        finished = [law for law, r in report.laws.items() if r.status == "ok"]
        raise interrupted(folder, result_files(report), finished, "laws") from None
