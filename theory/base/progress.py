"""How far a long run is, on the standard error stream."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tqdm import tqdm

QUIET = 2.0  # seconds before a bar that nobody asked for appears


class _Bar(tqdm):  # type: ignore[type-arg]
    """A bar whose lock is one of threads: tqdm's own takes a semaphore, which a killed process leaves behind."""


_Bar.set_lock(threading.RLock())
_wanted: ContextVar[bool] = ContextVar("_wanted", default=True)


@contextmanager
def progress_bar(total: int, shown: bool | None, unit: str = "step") -> Iterator[Callable[[int], None]]:
    """A bar of `total` steps, or other `unit`; what it gives counts some of them, from any thread.

    Parameters
    ----------
    shown
        True shows it at once, False never; None shows it after two seconds where stderr is a terminal, but not
        inside `only_asked_for`.
    """
    lock = threading.Lock()
    hidden, delay = (None if _wanted.get() else True, QUIET) if shown is None else (not shown, 0.0)
    with _Bar(total=total, unit=unit, unit_scale=True, delay=delay, disable=hidden, leave=False) as bar:

        def count(steps: int) -> None:
            with lock:
                bar.update(steps)

        yield count


@contextmanager
def only_asked_for() -> Iterator[None]:
    """Show no bar that nobody asked for: a larger run has its own, on the same line."""
    token = _wanted.set(False)
    try:
        yield
    finally:
        _wanted.reset(token)
