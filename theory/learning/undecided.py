"""A learning coefficient that exact algebra has not settled, with what is known of it."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction

from theory.base.errors import InputError, require


class UndecidedCoefficient(InputError):
    """The exact routes do not settle the coefficient; it lies between `low` and `high`.

    Parameters
    ----------
    reason
        One line.
    low, high
        Proved bounds of lambda, or None where none were asked for.
    """

    def __init__(self, reason: str, low: Fraction | None = None, high: Fraction | None = None) -> None:
        between = "" if low is None or high is None else f"; it lies between {low} and {high}"
        super().__init__(reason + between)
        self.reason = reason
        self.low = low
        self.high = high


class _TimeIsUp(Exception):
    """Raised inside algebra that takes too long."""


@contextmanager
def algebra_within(
    seconds: float | None, refusal: Callable[[str], InputError] = UndecidedCoefficient
) -> Iterator[None]:
    """Let the Python code of the block run for `seconds` at most, then raise `refusal`.

    Raises
    ------
    InputError
        If `seconds` is not positive; when the time is up, as `refusal` makes it.
    """
    require(seconds is None or seconds > 0, f"`seconds` must be positive or None, got {seconds}")
    if seconds is None:
        yield
        return
    thread, lock, running = threading.get_ident(), threading.Lock(), [True]

    def stop() -> None:
        with lock:
            if running:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(_TimeIsUp))

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        try:
            yield
        finally:
            timer.cancel()
            with lock:
                running.clear()
            for _ in range(100):  # where the time was up just now, let that be heard here
                pass
    except _TimeIsUp:
        raise refusal(f"the algebra takes more than {seconds:g} s; allow it more `seconds`") from None
