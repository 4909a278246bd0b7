"""A result that does not exist, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Absent:
    """What stands in the place of a result that does not exist; `reason` is one line without a full stop."""

    reason: str

    def __str__(self) -> str:
        """As files and tables say it."""
        return f"none: {self.reason}"

    def __bool__(self) -> bool:
        """False, so that `if result` asks whether there is one."""
        return False
