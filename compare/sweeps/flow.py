"""Points go to an executor in batches, a few at a time, and come back as outcomes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Any

from compare.sweeps.plan import Plan
from compare.sweeps.point_record import PointRecord
from compare.sweeps.ranges import Numbers
from compare.sweeps.work import measure_points
from theory.base.errors import InputError, in_one_line

BATCH_SECONDS = 0.5  # of work that a batch should hold, so that sending it costs little beside
MOST_IN_BATCH = 256
FASTER = 4  # times that a batch may grow from one to the next
AHEAD = 3  # batches a worker that are on their way
UNKNOWN_WORKERS = 32
Found = list[tuple[Numbers, PointRecord]]
Batch = list[Numbers]


@dataclass
class Flow:
    """Takes points through an executor; `finished` gets what was found, some points at a time.

    Raises
    ------
    InputError
        From `run`, if the executor breaks or has other code.
    """

    plan: Plan
    executor: Executor
    finished: Callable[[Found], None]
    _size: int = 1
    _running: dict[Future[Any], Batch] = field(default_factory=dict)
    _again: list[Batch] = field(default_factory=list)

    def run(self, points: Iterable[Numbers]) -> None:
        """Measure all points.

        Raises
        ------
        InputError
            If the executor breaks, or works with other code than this process.
        """
        left, most = iter(points), AHEAD * workers_of(self.executor)
        try:
            while self._fill(left, most):
                done, _ = wait(self._running, return_when=FIRST_COMPLETED)
                found: Found = []
                for future in done:
                    found += self._found(future, self._running.pop(future))
                if found:
                    self.finished(found)
        except KeyboardInterrupt:
            self._keep_done()
            raise
        finally:
            for future in self._running:
                future.cancel()

    def _keep_done(self) -> None:
        """Hand over what was finished when somebody interrupted."""
        done = [future for future in self._running if future.done() and not future.cancelled()]
        fine = [future for future in done if future.exception() is None]
        self.finished([found for future in fine for found in self._found(future, self._running.pop(future))])

    def _fill(self, left: Iterator[Numbers], most: int) -> bool:
        """Send batches until enough are on their way; whether any is."""
        while len(self._running) < most:
            batch = self._again.pop() if self._again else list(itertools.islice(left, self._size))
            if not batch:
                break
            try:
                self._running[self.executor.submit(measure_points, self.plan, batch)] = batch
            except (BrokenExecutor, RuntimeError) as error:
                raise _broken(error) from None
        return bool(self._running)

    def _found(self, future: Future[Any], batch: Batch) -> Found:
        """What a batch gave; where it was lost as a whole its points go again one by one, then count as failed."""
        try:
            outcomes, seconds = future.result()
        except InputError:
            raise
        except (BrokenExecutor, CancelledError) as error:
            raise _broken(error) from None
        except Exception as error:  # a worker that died, or a result that cannot travel
            if len(batch) > 1:
                self._again += [[numbers] for numbers in batch]
                return []
            return [(batch[0], PointRecord(failure=in_one_line(f"{type(error).__name__}: {error}")))]
        self._size = _next_size(self._size, seconds / len(batch))
        return list(zip(batch, outcomes, strict=True))


def workers_of(executor: Executor) -> int:
    """How many calls an executor works on at a time, as far as it tells."""
    client = getattr(executor, "_client", None)
    if client is not None:  # of dask
        return max(1, int(sum(client.ncores().values())))
    found = getattr(executor, "num_workers", None) or getattr(executor, "_max_workers", None)
    return found if isinstance(found, int) and found > 0 else UNKNOWN_WORKERS


def _next_size(size: int, seconds: float) -> int:
    """Points of the next batches where one took `seconds`."""
    wanted = int(BATCH_SECONDS / seconds) if seconds * MOST_IN_BATCH > BATCH_SECONDS else MOST_IN_BATCH
    return max(1, min(wanted, FASTER * size, MOST_IN_BATCH))


def _broken(error: BaseException) -> InputError:
    told = str(error) or type(error).__name__
    return InputError(
        f"the executor must go on until all points are there, it broke: {in_one_line(told)}; start again "
        "with the same `store` to go on from there"
    )
