"""Small studies of the slope of the loss."""

from __future__ import annotations

from typing import Any

from compare.job import run_slopes
from compare.slope import LossSlope
from compare.study import read_slope_study

RATES = [0.02, 0.04, 0.08, 0.16]
REGRESSIONS: dict[int, Any] = {
    1: "w - 1/2",
    2: ["a + b/2 - 1", "b/2 + 1"],
    5: ["a + b/2 - 1", "b + c/3", "c - d/4", "d/2", "e + a/5"],
}
ISOTROPIC = {"kind": "isotropic", "temperature": 0.0125}  # s^2 / B = 1/4 at the rate .1
FEW = {"walkers": 200, "steps": 200, "burn_in": 600}


def slope_table(model: dict[str, Any], methods: Any = "all", **more: Any) -> dict[str, Any]:
    """A study without [start]; `sgd`, `noise`, `grid` are tables, all else belongs to [loss_slope]."""
    tables: dict[str, Any] = {key: more.pop(key) for key in ("noise", "grid") if key in more}
    return {
        "name": "small",
        "model": model,
        "sgd": {"learning_rate": 0.1, "batch_size": 4, **more.pop("sgd", {})},
        "loss_slope": {"rates": RATES, "methods": methods, **more},
        **tables,
    }


def power(k: int, methods: Any = "all", **more: Any) -> dict[str, Any]:
    """w^(2k) / (2k) with isotropic noise."""
    return slope_table({"landscape": f"w**{2 * k}/{2 * k}"}, methods, noise=ISOTROPIC, **more)


def regression(dim: int = 1, methods: Any = "all", **more: Any) -> dict[str, Any]:
    """Linear regression with unit label noise."""
    return slope_table({"q": REGRESSIONS[dim]}, methods, **more)


def slopes(table: dict[str, Any]) -> dict[str, LossSlope]:
    """The methods of a study that have found a slope."""
    return dict(run_slopes(read_slope_study(table), threads=1).found)
