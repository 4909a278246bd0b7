"""One run of the command `gibbsgap compare` on a study of a network: read, run, print, save, draw."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from compare.command_line.saving import interrupted, save, teller
from compare.job import NetworkInterrupted, run_network_study
from compare.report import NetworkReport, network_summary
from compare.results import NUMBERS, OBSERVABLES, ResultFolder, claim_folder, network_files
from compare.study import NetworkStudy, read_network_study


def compare_network(
    table: Mapping[str, Any],
    sizes: Mapping[str, int | None],
    *,
    out: Path,
    overwrite: bool,
    threads: int | None,
    all_distances: bool,
) -> None:
    """Run the study of `table`, print its tables and verdict, and write its files to `out`.

    Raises
    ------
    InputError
        On any mistake of the user, and after an interruption, once what was finished is saved.
    """
    study = read_network_study(table).resized(seed=sizes["seed"], walkers=sizes["walkers"], steps=sizes["steps"])
    with claim_folder(out, overwrite=overwrite) as folder:
        report = _run(study, folder, threads)
        written, figures = save(folder, partial(network_files, report))
    print()
    print(network_summary(report, all_distances=all_distances), flush=True)
    print(f"\nresults in {written}: {', '.join([NUMBERS, OBSERVABLES, *figures])}")


def _run(study: NetworkStudy, folder: ResultFolder, threads: int | None) -> NetworkReport:
    try:
        return run_network_study(study, threads=threads, tell=teller())
    except NetworkInterrupted as interruption:
        report = interruption.report
        finished = [law for law in report.laws if report.status(law) == "ok"]
        raise interrupted(folder, network_files(report), finished, "laws") from None
