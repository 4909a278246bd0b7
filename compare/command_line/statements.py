"""The commands on statements of publications: claims, figures and report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from compare.command_line.options import Whole


def claims(
    *names: str,
    full: Annotated[bool, Parameter(negative="--quick", help="Long runs, of up to a minute or two each.")] = False,
    listed: Annotated[bool, Parameter("--list", negative="", help="Print the statements, judge nothing.")] = False,
    out: Annotated[Path | None, Parameter(help="Folder of the judgements; results/claims by default.")] = None,
    seed: Annotated[Whole, Parameter(help="Seed of all random numbers; 1 by default.")] = None,
    workers: Annotated[Whole, Parameter(help="Claims judged at a time; one a processor by default.")] = None,
) -> None:
    """Judge what publications state of SGD: a verdict for each claim, with its numbers, intervals and controls.

    What is judged is kept, and not judged again while nothing changes that it depends on.

    Parameters
    ----------
    names
        Identifiers that `gibbsgap claims --list` prints, or a Python file with claims of your own; all that ship
        without either.
    """
    print("gibbsgap: claims", *names, flush=True)  # before the imports, which take a second
    from compare.command_line.claims_console import judge, list_statements

    if listed:
        list_statements(names)
    else:
        judge(names, full=full, out=out or Path("results/claims"), seed=seed, workers=workers)


def figures(
    *names: str,
    full: Annotated[bool, Parameter(negative="--quick", help="Those of the long runs.")] = False,
    claims: Annotated[Path | None, Parameter(help="Folder of the judgements; results/claims by default.")] = None,
    out: Annotated[Path | None, Parameter(help="Folder for the figures; results/figures by default.")] = None,
    width: Annotated[
        str | None,
        Parameter(help="page, neurips, icml, icml-full, jmlr, beamer, prl, prl-full, single, double, or inches."),
    ] = None,
    format: Annotated[str, Parameter(help="pdf, png, svg, eps, pgf, or several with commas.")] = "pdf",
    style: Annotated[Path | None, Parameter(help="Style sheet of matplotlib, for all that it sets.")] = None,
    latex: Annotated[bool, Parameter(negative="", help="Set all text by LaTeX.")] = False,
) -> None:
    """Draw the pictures of claims that `gibbsgap claims` has judged, and write their data beside them.

    Parameters
    ----------
    names
        Identifiers of claims; all that were judged without any.
    """
    print("gibbsgap: figures", *names, flush=True)  # before the imports, which take a second
    from compare.command_line.figures_console import Paper, draw_claims

    paper = Paper.of(width, format, style, latex=latex)
    draw_claims(
        names, paper, full=full, claims=claims or Path("results/claims"), out=out or Path("results/figures")
    )


def report(
    folder: Annotated[
        Path | None, Parameter(name="--claims", help="Folder of the judgements; results/claims by default.")
    ] = None,
    *,
    out: Annotated[Path, Parameter(help="The HTML file.")] = Path("results/claims.html"),
) -> None:
    """Make one HTML page of all claims: verdicts, numbers, pictures and their data. It fetches nothing."""
    print("gibbsgap: report", flush=True)  # before the imports, which take a second
    from compare.command_line.page_console import write_page

    write_page(folder or Path("results/claims"), out)
