"""Sweeps: a measure at every point of ranges of a study's numbers, on any executor, kept as they come."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compare.study import Study
from compare.sweeps.flow import Flow, Found
from compare.sweeps.journal import Journal, Records, key_of
from compare.sweeps.labelled_data import FAILURE, MISSING, as_dataset
from compare.sweeps.plan import Plan
from compare.sweeps.point import Measure, measure_point
from compare.sweeps.ranges import Numbers, read_ranges
from compare.sweeps.serial import Serial
from compare.sweeps.store import opened, save, told
from compare.tasks import Processes, leave_while_starting
from theory.base.errors import InputError, require
from theory.base.progress import progress_bar

if TYPE_CHECKING:
    import xarray as xr

Tell = Callable[[str], None]
SAVED_EVERY = 60.0  # seconds between two writings of the data set, at least
SHARE_OF_SAVING = 0.02  # of the time, at most
MOST_TOLD = 3  # failures that are told one by one


class SweepInterrupted(KeyboardInterrupt):
    """A sweep was interrupted; `data` holds what was finished, as its store does."""

    def __init__(self, data: xr.Dataset, there: int, wanted: int) -> None:
        super().__init__()
        self.data, self.there, self.wanted = data, there, wanted


def sweep(
    study: Study,
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    store: str | os.PathLike[str] | None = None,
    measure: Measure = measure_point,
    retry: bool = False,
    tell: Tell = lambda line: None,
    **ranges: Any,
) -> xr.Dataset:
    """What is measured of `study` at all points of the ranges, with a dim for each range.

    Ranges are lists of values by the name of a number of the study: ``learning_rate=[0.01, 0.02]``, or by its
    dotted path, ``**{"sgd.noise.std": [0.1, 0.2]}``; numbers that go together are one range,
    ``**{"learning_rate+steps": [(0.01, 200), (0.02, 100)]}``. Every point has a seed of its own, of the study's
    seed and the point's numbers, so that its numbers depend on neither the other points nor where and when they
    are computed. Where a point failed its numbers are NaN and `failure` says why.

    Parameters
    ----------
    executor
        Any of `concurrent.futures`, such as dask's ``Client(...).get_executor()``; by default `workers` processes
        of this machine.
    workers
        Processes, one a processor by default; 1 is this one.
    store
        A folder that keeps what is found as it comes; points that are there are not run again.
    measure
        Gives the numbers of one study, and texts for reasons, by name.
    retry
        Whether points that failed are run again.
    tell
        Gets a line on what is there already, and on the first failures.

    Raises
    ------
    InputError
        If a range or the study is not as it must be, the store is another sweep's, in use or cannot be written, or
        the executor breaks.
    SweepInterrupted
        On Ctrl-C, with what was finished.
    """
    leave_while_starting()
    require(
        executor is None or workers is None, "a sweep takes an `executor` or `workers`, got both; leave one out"
    )
    plan = Plan.of(study, measure, read_ranges(ranges))
    folder = None if store is None else Path(store)
    with opened(folder, plan.about) as journal:
        keeper = _Keeper(plan, journal, folder, tell)
        there = journal.keys(failed=not retry)
        left = sum(key_of(numbers) not in there for numbers in plan.points()) if there else plan.point_count
        if left < plan.point_count:
            tell(f"{plan.point_count - left} of {plan.point_count} points are there already")
        try:
            if left:
                points = (numbers for numbers in plan.points() if key_of(numbers) not in there)
                _run(points, left, keeper, executor, workers)
        except KeyboardInterrupt:
            data = keeper.save()
            raise SweepInterrupted(data, plan.point_count - left + keeper.done, plan.point_count) from None
        except InputError:
            keeper.save()
            raise
        return keeper.save()


def _run(
    points: Iterator[Numbers], left: int, keeper: _Keeper, executor: Executor | None, workers: int | None
) -> None:
    """Measure the points, on processes that are ended with the sweep, or on an executor that goes on."""
    number = (os.cpu_count() or 1) if workers is None else workers
    require(number >= 1, f"`workers` must be at least 1, got {number}")
    mine: AbstractContextManager[Executor]
    if executor is not None:
        mine = nullcontext(executor)
    else:
        mine = nullcontext(Serial()) if number == 1 else Processes(min(number, left))
    with mine as chosen, progress_bar(left, None, unit="point") as count:
        keeper.count = count
        Flow(keeper.plan, chosen, keeper.finished).run(points)


@dataclass
class _Keeper:
    """Puts what is found into the journal, tells of failures, and now and then writes the data set."""

    plan: Plan
    journal: Journal
    folder: Path | None
    tell: Tell
    count: Callable[[int], None] = lambda points: None
    done: int = 0
    failed: int = 0
    due: float = field(default_factory=lambda: time.monotonic() + SAVED_EVERY)

    def finished(self, found: Found) -> None:
        """Keep what was found."""
        with nullcontext() if self.folder is None else told(self.folder):
            self.journal.put((key_of(numbers), outcome) for numbers, outcome in found)
        self.done += len(found)
        self.count(len(found))
        for numbers, outcome in found:
            if outcome.failure:
                self.failed += 1
                if self.failed <= MOST_TOLD:
                    self.tell(f"{_shown(numbers)} failed: {outcome.failure}")
        if self.folder is not None and time.monotonic() > self.due:
            begin = time.monotonic()
            save(self.folder, self.plan.about, self.journal.records())
            end = time.monotonic()
            self.due = end + max(SAVED_EVERY, (end - begin) / SHARE_OF_SAVING)

    def save(self) -> xr.Dataset:
        """What was found at the points of the plan, once all that the journal has is in `sweep.nc`."""
        records, about = self.journal.records(), self.plan.about
        data = as_dataset(records, about, self.plan.ranges)  # first: what writing leaves free is in small pieces
        if self.folder is not None:
            there = self.journal.about or about
            save(self.folder, there, records, data if there == about and _holds_all(data, records) else None)
        return data


def _holds_all(data: xr.Dataset, records: Records) -> bool:
    """Whether a data set on a plan's grid is that of all records, its values rising as those in a file do."""
    axes = [data.indexes[name] for name in data.dims]
    rising = all(one.is_monotonic_increasing and one.is_unique for one in axes)
    return rising and len(records) == data[FAILURE].size and bool((data[FAILURE] != MISSING).all())


def _shown(numbers: Numbers) -> str:
    return ", ".join(f"{name} = {value}" for name, value in numbers.items())
