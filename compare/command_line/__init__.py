"""The command `gibbsgap`: its arguments, what it prints, signals and streams.

Never holds a finding: it runs jobs and hands their reports on. Loads nothing heavy before the first line is out.
"""

from compare.command_line import map_command  # noqa: F401 - it teaches `app` its command
from compare.command_line.command import app, main

__all__ = ["app", "main"]
