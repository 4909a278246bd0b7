"""Signals that ask a run to stop: they interrupt it, except while a finished result is put in its place."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def interruptions() -> Iterator[None]:
    """Let every signal that asks for an end raise KeyboardInterrupt, as Ctrl-C does."""
    with handled(signal.default_int_handler):
        yield


@contextmanager
def interruptions_held() -> Iterator[list[int]]:
    """Note signals that ask for an end in the list, and go on; a second one interrupts all the same."""
    asked: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        if len(asked) > 1:
            signal.default_int_handler(number, frame)

    with handled(note):
        yield asked


@contextmanager
def handled(handler: Callable[[int, FrameType | None], Any]) -> Iterator[None]:
    """`handler` for the signals that ask for an end and are not ignored; only the main thread may set one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in STOPPING}
    mine = {number: old for number, old in before.items() if old not in (signal.SIG_IGN, None)}
    try:
        for number in mine:
            signal.signal(number, handler)
        yield
    finally:
        for number, old in mine.items():
            signal.signal(number, old)
