"""The command in a process of its own, which hears signals however the tests were started."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

HEAR = """
import os, signal, sys

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
    signal.signal(number, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
"""
PATIENCE = 120  # seconds, on a machine that is busy


def started(arguments: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """A process that stops at Ctrl-C; one begun in the background would ignore it, and so would its children.

    It becomes `arguments` once it hears signals: this process, which may have threads, is not forked for that.
    """
    return subprocess.Popen([sys.executable, "-S", "-c", HEAR, *arguments], **options)


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
