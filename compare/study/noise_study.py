"""Where a study sets the noise of SGD against the Hessian, from the tables [noise_against_hessian]."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from compare.comparison import SUBJECT
from compare.slope.method import require_plain
from compare.study.box import read_grid
from compare.study.model import check_on_grid, read_indefinite
from compare.study.section import Section
from compare.study.start import Start, read_start
from simulate.sampling import Fresh
from simulate.sgd import SGD
from theory.base.errors import InputError, require
from theory.landscapes import SymbolicLandscape
from theory.laws import Grid
from theory.tensors import FactoredField
from theory.tensors.indefinite import Indefinite

TABLE = "noise_against_hessian"


@dataclass(frozen=True)
class NoisePlan:
    """Walkers that start at `start` and laws on `grid`, called `name`; `indefinite` is for the noise c H."""

    name: str
    start: Start
    grid: Grid
    indefinite: Indefinite


def read_noise_plans(top: Section, start: Start, grid: Grid, sgd: SGD) -> tuple[NoisePlan, ...]:
    """The plans of the table [noise_against_hessian], or of several; none where there is no such table.

    `start` and `grid` are those of the study, which a table without its own has.

    Raises
    ------
    InputError
        If SGD has options or a fixed data set, names are not different, or anything is unknown or out of range.
    """
    tables = top.several(TABLE)
    if not tables:
        return ()
    try:
        require_plain(sgd, SUBJECT)
    except InputError as error:
        raise InputError(f"[{TABLE}] does not fit: {error}") from None
    require(
        isinstance(sgd.sampling, Fresh),
        f"[{TABLE}] needs fresh data, this study has a fixed data set; leave out [data] and `sampling`",
    )
    plans = []
    for number, table in enumerate(tables, 1):
        with _in_table(number, len(tables)):
            plans.append(_read_plan(table, number, start, grid))
    names = [plan.name for plan in plans]
    require(
        len(set(names)) == len(names), f"`name` in [{TABLE}] must be different, got {names}; give each its own"
    )
    return tuple(plans)


def _read_plan(section: Section, number: int, start: Start, grid: Grid) -> NoisePlan:
    name = section.read("name") or f"place {number}"
    own_grid, own_start = section.section("grid"), section.section("start")
    indefinite = read_indefinite(section)
    section.close()
    if own_grid is not None:
        require(
            own_start is not None, f"[{TABLE}] with a `grid` of its own needs `start` too, it is missing; add it"
        )
        grid = read_grid(own_grid)
    table = "grid" if own_grid is None else own_grid.name
    return NoisePlan(name, start if own_start is None else read_start(own_start, grid, table), grid, indefinite)


def check_places(
    plans: Sequence[NoisePlan], landscape: SymbolicLandscape, diffusion: FactoredField, grid: Grid
) -> None:
    """Loss and noise must make sense on the grid of every plan that has another than `grid`, that of the study.

    Raises
    ------
    InputError
        As `check_on_grid`, or if the grids differ in dimension.
    """
    for number, plan in enumerate(plans, 1):
        if plan.grid == grid:
            continue
        with _in_table(number, len(plans)):
            require(
                plan.grid.dim == grid.dim,
                f"[{TABLE}.grid] must have the {grid.dim} axes of [grid], got {plan.grid.dim}",
            )
            check_on_grid(landscape, diffusion, plan.grid, f"{TABLE}.grid")


@contextmanager
def _in_table(number: int, tables: int) -> Iterator[None]:
    """Errors say of which of several tables they are."""
    try:
        yield
    except InputError as error:
        raise InputError(str(error) if tables == 1 else f"table {number} of [[{TABLE}]]: {error}") from None
