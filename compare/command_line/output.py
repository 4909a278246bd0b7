"""The streams of the command, wherever it is started: closed, or of an encoding that lacks letters."""

from __future__ import annotations

import io
import logging
import os
import sys


def prepare_streams() -> None:
    """Make output possible: letters that an encoding lacks are spelt out, a closed stream swallows.

    Libraries that find no home to keep their caches in need not tell, and figures go to files, whatever display
    the environment names.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:  # closed by the caller; the next file would get its number
            descriptor = os.open(os.devnull, os.O_RDWR)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115
        stream = getattr(sys, name)
        if number and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    os.environ["MPLBACKEND"] = "agg"
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
