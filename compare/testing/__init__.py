"""Helpers for a user's own tests: predictions judged with a stated chance of a false alarm.

Each `assert_...` raises an `AssertionError` of one line with its statistic, its probability or interval, and the
smallest difference that would show. `compare.testing.plugin` shares the false alarms of a session of pytest out
over its tests.

Never holds a statistic: those are in `theory.statistics`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compare.testing.check import Check, CheckFailed
    from compare.testing.law import assert_law
    from compare.testing.moment import assert_moment
    from compare.testing.order import assert_order
    from compare.testing.rate import assert_rate
    from compare.testing.slope import assert_slope

_HOMES = {
    "Check": "compare.testing.check",
    "CheckFailed": "compare.testing.check",
    "assert_law": "compare.testing.law",
    "assert_moment": "compare.testing.moment",
    "assert_order": "compare.testing.order",
    "assert_rate": "compare.testing.rate",
    "assert_slope": "compare.testing.slope",
}

__all__ = ["Check", "CheckFailed", "assert_law", "assert_moment", "assert_order", "assert_rate", "assert_slope"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:  # late, so that the plugin costs nothing where it is not used
        from theory.base.arguments import at_face

        globals()[name] = at_face(getattr(import_module(_HOMES[name]), name), "compare.testing")
        return globals()[name]
    raise AttributeError(f"module 'compare.testing' has no attribute {name!r}")


def __dir__() -> list[str]:
    """All public names, those too that are not loaded yet."""
    return sorted({*globals(), *__all__})
