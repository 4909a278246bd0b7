"""The law at infinite time where the stationary one is not unique."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from theory.base.absent import Absent
from theory.fokker_planck import FokkerPlanck, LimitLaw, NoStationaryDensity
from theory.laws import Density


def limit_instead(
    equation: FokkerPlanck, refusal: NoStationaryDensity, initial: Callable[[], Density]
) -> LimitLaw:
    """The law that `initial` settles to, after `refusal` by the stationary solver.

    Raises
    ------
    NoStationaryDensity
        The refusal itself in more than one dimension or where it found no classes, or that of the limit law.
    """
    if equation.grid.dim > 1 or not refusal.classes:
        raise refusal
    return equation.limit_law(initial())


def limit_as_json(limit: LimitLaw, refusal: str) -> dict[str, Any]:
    """The classes of a limit law with their weights, and why the stationary law is not unique."""
    return {
        "stationary": str(Absent(refusal)),
        "limit_law": [
            {"weight": weight, "class": part.describe()}
            for part, weight in zip(limit.classes, limit.weights, strict=True)
        ],
    }
