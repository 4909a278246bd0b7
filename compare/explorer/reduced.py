"""What of a study is computed while a slider moves: fewer cells, steps and walkers, and a note of each."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from compare.explorer.settings import OTHER_QUESTIONS
from compare.study import Study, read_study
from theory.base.errors import require

MOST_CELLS = {1: 600, 2: 32}  # along an axis, by the number of axes
MOST_STEPS = 20_000
MOST_WALKER_STEPS = {1: 8_000_000, 2: 6_000_000}
MOST_WITH_DATA = 1_000_000  # walkers times steps, of a fixed data set
FEWEST_WALKERS = 400
NOT_DRAWN = (*OTHER_QUESTIONS, "survival", "langevin")


@dataclass(frozen=True, eq=False)
class ReducedStudy:
    """A study that is computed in a moment, and `notes`, a line for each thing that was made smaller."""

    study: Study
    notes: tuple[str, ...]


def reduced_study(table: Mapping[str, Any]) -> ReducedStudy:
    """The study of `table` with the cells, steps and walkers that a moment allows.

    Raises
    ------
    InputError
        If anything in the table is unknown, missing or out of range, or it has more than two variables.
    """
    small = {key: value for key, value in deepcopy(dict(table)).items() if key not in NOT_DRAWN}
    whole = read_study(small)
    dim = whole.grid.dim
    require(
        dim in MOST_CELLS,
        f"a study must have one or two variables to be explored, this one has {dim}; take gibbsgap compare",
    )
    cells = [min(n, MOST_CELLS[dim]) for n in whole.grid.cells]
    most = MOST_WALKER_STEPS[dim] if whole.data_examples is None else MOST_WITH_DATA
    steps = min(whole.steps, MOST_STEPS)
    walkers = min(whole.walkers, max(FEWEST_WALKERS, most // steps))
    small["grid"]["cells"] = cells
    small["sgd"] |= {"steps": steps, "walkers": walkers}
    notes = []
    if cells != list(whole.grid.cells):
        notes.append(f"{_times(cells)} cells of the study's {_times(whole.grid.cells)}")
    if steps < whole.steps:
        notes.append(f"{steps} steps of the study's {whole.steps}")
    return ReducedStudy(read_study(small), tuple(notes))


def _times(cells: Any) -> str:
    return " x ".join(map(str, cells))
