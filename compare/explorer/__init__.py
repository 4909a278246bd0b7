"""The explorer: the laws at one point of a study, and a local page whose sliders move it.

The public names are loaded when they are first used: the process of the page needs none of them.

Never holds a method: laws come from stages, distances from `compare.comparison`; formulas are read as data.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compare.explorer.point import ExploredPoint, explore_point
    from compare.explorer.settings import PointSettings, explored_table

_HOMES = {
    "ExploredPoint": "compare.explorer.point",
    "PointSettings": "compare.explorer.settings",
    "explore_point": "compare.explorer.point",
    "explored_table": "compare.explorer.settings",
}

__all__ = ["ExploredPoint", "PointSettings", "explore_point", "explored_table"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from theory.base.arguments import at_face

        globals()[name] = at_face(getattr(import_module(_HOMES[name]), name), "compare.explorer")
        return globals()[name]
    raise AttributeError(f"module 'compare.explorer' has no attribute {name!r}")
