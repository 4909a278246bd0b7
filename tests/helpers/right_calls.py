"""One right call of every public function and class, from which wrong ones are made."""

from __future__ import annotations

import calls_of_doors
import calls_of_laws
import calls_of_learning
import calls_of_operators
import calls_of_rooms
import calls_of_rules
import calls_of_samples
import calls_of_statistics
import calls_of_steps
import calls_of_theory
from call_objects import GRID, WELL, Call

__all__ = ["CALLS", "GRID", "WELL", "Call"]

CALLS = [
    *calls_of_theory.CALLS,
    *calls_of_learning.CALLS,
    *calls_of_steps.CALLS,
    *calls_of_operators.CALLS,
    *calls_of_rooms.CALLS,
    *calls_of_rules.CALLS,
    *calls_of_samples.CALLS,
    *calls_of_doors.CALLS,
    *calls_of_laws.CALLS,
    *calls_of_statistics.CALLS,
]
