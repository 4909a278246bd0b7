"""The command in a process of its own, which hears signals however the tests were started."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest

PATIENCE = 120  # seconds, on a machine that is busy


def started(arguments: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """A process that stops at Ctrl-C; one begun in the background would ignore it, and so would its children."""
    return subprocess.Popen(arguments, preexec_fn=_hear, **options)


def _hear() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)


def end(process: subprocess.Popen[Any], by: signal.Signals = signal.SIGINT) -> None:
    """Ask a process to stop, twice at most: Python drops what a signal raises inside a callback from C."""
    for _ in range(2):
        process.send_signal(by)
        try:
            process.wait(PATIENCE)
            return
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    pytest.fail("the run does not end when it is asked to stop")
