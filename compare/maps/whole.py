"""A validity map from beginning to end: coarse cells first, finer ones along the borders."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from compare.maps.borders import borders
from compare.maps.cells import Cell, first_cells, owners
from compare.maps.labelled_map import ValidityMap
from compare.maps.refinement import to_split
from compare.study import Study
from compare.sweeps.flow import Flow
from compare.sweeps.journal import Journal, key_of
from compare.sweeps.labelled_data import as_dataset
from compare.sweeps.plan import Plan
from compare.sweeps.point import measure_point, measure_settled_point
from compare.sweeps.ranges import Numbers, read_ranges
from compare.sweeps.serial import Serial
from compare.sweeps.store import opened, save
from compare.tasks import Processes, leave_while_starting
from theory.base.arrays import Array
from theory.base.errors import require

STEP = 0.5  # decades between the distances of neighbours, beyond which both are split
MOST_REFINED = 6  # times: 3^6 numbers in a first cell
LOGARITHMIC = 4.0  # ratio of the ends of a range from which it is shown by its logarithm
Tell = Callable[[str], None]


def validity_map(
    study: Study,
    *,
    settled: bool = False,
    refine: int = 2,
    executor: Executor | None = None,
    workers: int | None = None,
    store: str | os.PathLike[str] | None = None,
    tell: Tell = lambda line: None,
    **ranges: Any,
) -> ValidityMap:
    """Where SGD keeps to each law of theory, over two ranges of a study's numbers, with the lines between.

    Ranges are as those of `sweep`: ``learning_rate=[...], batch_size=[...]``, with the numbers of the finest map
    that may come out. First every (3^refine)th number along each range is measured, in the middle of its cell.
    Then cells are cut in three along each range where a neighbour differs in kind - a law exists, agrees, or why
    not - or by more than half a decade of total variation, `refine` times. No cell shows but what was measured
    in it; the data set says which places were.

    Parameters
    ----------
    settled
        Whether the law of SGD is the one that its steps leave as it is, else that after the study's steps.
    executor, workers, store, tell
        As of `sweep`.

    Raises
    ------
    InputError
        As `sweep`, or if there are not two ranges of numbers, or `refine` is out of range.
    """
    leave_while_starting()
    require(executor is None or workers is None, "a map takes an `executor` or `workers`, got both; leave one out")
    require(0 <= refine <= MOST_REFINED, f"`refine` must lie between 0 and {MOST_REFINED}, got {refine}")
    read = read_ranges(ranges)
    require(len(read) == 2, f"a map needs two ranges, got {len(read)}: {', '.join(one.name for one in read)}")
    texts = [one.name for one in read if any(isinstance(row[0], str) for row in one.values)]
    require(not texts, f"ranges of a map must be numbers, `{''.join(texts[:1])}` has texts; take a sweep")
    plan = Plan.of(study, measure_settled_point if settled else measure_point, read)
    number = (os.cpu_count() or 1) if workers is None else workers
    require(number >= 1, f"`workers` must be at least 1, got {number}")
    mine = nullcontext(executor) if executor else (nullcontext(Serial()) if number == 1 else Processes(number))
    folder = None if store is None else Path(store)
    with opened(folder, plan.about) as journal, mine as chosen:
        drawing = _Drawing(plan, journal, chosen, folder, tell)
        return drawing.run(refine)


class _Drawing:
    """A map while its points come in."""

    def __init__(self, plan: Plan, journal: Journal, executor: Executor, folder: Path | None, tell: Tell) -> None:
        self.plan, self.journal, self.executor, self.folder, self.tell = plan, journal, executor, folder, tell
        first, second = (np.array([float(row[0]) for row in one.values]) for one in plan.ranges)
        self.values = first, second
        self.shape = len(self.values[0]), len(self.values[1])

    def run(self, refine: int) -> ValidityMap:
        cells = list(first_cells(self.shape, refine))
        for level in range(refine + 1):
            self._measure(cells, level)
            data = as_dataset(self.journal.records(), self.plan.about, self.plan.ranges)
            split = to_split(cells, self.shape, data, STEP) if level < refine else set()
            if not split:
                break
            kept = [cell for number, cell in enumerate(cells) if number not in split]
            cells = [*kept, *(part for number in sorted(split) for part in cells[number].split())]
        if self.folder is not None:
            save(self.folder, self.journal.about or self.plan.about, self.journal.records())
        x, y = self.values
        logarithmic = _is_logarithmic(x), _is_logarithmic(y)
        self.tell("lines")
        found = borders(lambda i, j: self.plan.study(self._numbers((i, j))), x, y, logarithmic)
        return ValidityMap.of(data, owners(cells, self.shape), cells, found, logarithmic)

    def _measure(self, cells: list[Cell], level: int) -> None:
        there = self.journal.keys(failed=True)
        points = [self._numbers(cell.at) for cell in cells]
        new = [numbers for numbers in points if key_of(numbers) not in there]
        self.tell(f"level {level}: {len(cells)} cells, {len(new)} to measure")

        def keep(found: Any) -> None:
            self.journal.put((key_of(numbers), outcome) for numbers, outcome in found)

        Flow(self.plan, self.executor, keep).run(new)

    def _numbers(self, place: tuple[int, int]) -> Numbers:
        return {
            name: value
            for one, index in zip(self.plan.ranges, place, strict=True)
            for name, value in zip(one.names, one.values[index], strict=True)
        }


def _is_logarithmic(values: Array) -> bool:
    return bool(values[0] > 0 and values[-1] >= LOGARITHMIC * values[0])
