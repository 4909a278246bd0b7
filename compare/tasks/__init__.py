"""Work that is done once: by processes that may die, known again by all that its results depend on.

Never holds what the work is, or where its results are kept.
"""

from compare.tasks.fingerprint import forget, sources_digest, versions, whole
from compare.tasks.function_code import code_of
from compare.tasks.imported import imported_by
from compare.tasks.processes import CannotStart, Processes, ProcessKilled, leave_while_starting
from theory.base.arguments import check_faces

__all__ = [
    "CannotStart",
    "ProcessKilled",
    "Processes",
    "code_of",
    "forget",
    "imported_by",
    "leave_while_starting",
    "sources_digest",
    "versions",
    "whole",
]

check_faces("compare.tasks")
