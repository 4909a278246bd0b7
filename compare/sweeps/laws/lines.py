"""Numbers that are 0 where a line of a map runs: instability, lost variance, collapse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from compare.report.steps import stability
from compare.study import Study
from theory.base.absent import Absent
from theory.base.errors import InputError
from theory.points import Minimum, StepFactor, find_degenerate_points, step_factor

NOTHING = 1e-9  # of a coordinate: what rounding leaves of 0
MOST_MINIMA = 4  # more are points of a curve, of which the sharpest stands for all


@dataclass(frozen=True)
class Edge:
    """A number that is below 0 where something holds, with what ends at 0 in mathematics, and the place in w."""

    name: str
    value: float
    label: str
    place: str = ""


def edges_of(study: Study, minima: Sequence[Minimum]) -> tuple[Edge, ...]:
    """The edges at a point of a sweep, always in one order.

    At every minimum log(eta h / 2), for momentum its own limit; on a line with plain SGD the logarithms of E(1 -
    eta X)^2, where the variance of SGD near it ends, and of eta Var X / (2 B h), where that of the Langevin
    equation does, and E log|1 - eta X|, beyond which nothing stays near it. At points without noise the last says
    whether walkers collapse onto them: it is turned there, so that they do above 0.
    """
    shown = minima if len(minima) <= MOST_MINIMA else [max(minima, key=lambda one: one.sharpness)]
    alone = len(shown) == 1
    found: list[Edge] = []
    for index, minimum in enumerate(shown):
        place = "" if alone else _place(minimum.position)
        step = stability(study, minimum)
        if not isinstance(step, Absent) and step.curvature > 0:
            value = math.log(step.learning_rate * step.curvature / step.limit)
            found.append(Edge(f"descent_{index}", value, rf"$\eta h = {step.limit:.3g}$", place))
        found += _of_noise(study, minimum.position, index, place)
    return (*found, *_collapse(study))


def is_plain(study: Study) -> bool:
    """Whether a step is w - eta g, with nothing else."""
    sgd = study.sgd
    return not (sgd.momentum or sgd.noises or sgd.schedules or sgd.rules) and sgd.preconditioner is None


def has_heavy_tail(study: Study, minima: Sequence[Minimum]) -> bool:
    """Whether every step multiplies, and SGD has a law and no variance: E log|1 - eta X| < 0, E(1 - eta X)^2 >= 1.

    False where the loss is no square: far out its steps are others.
    """
    if len(minima) != 1 or any(one.free_symbols for one in study.landscape.hessian_expressions):
        return False
    factor = factor_at(study, minima[0].position)
    step = study.sgd.learning_rate, study.sgd.batch_size
    return factor is not None and factor.mean_square(*step) >= 1 and float(factor.growth(*step)) < 0


def _of_noise(study: Study, position: tuple[float, ...], index: int, place: str) -> list[Edge]:
    factor = factor_at(study, position)
    if factor is None or factor.silent or factor.along <= 0 or not factor.varies:
        return []
    rate, batch = study.sgd.learning_rate, study.sgd.batch_size
    values = {
        "variance": (math.log(factor.limit_variance(rate, batch)), r"Langevin: $\mathrm{Var} = \infty$"),
        "mean_square": (math.log(factor.mean_square(rate, batch)), r"$\mathrm{E}(1 - \eta X)^2 = 1$"),
        "growth": (float(factor.growth(rate, batch)), r"$\mathrm{E}\,\log|1 - \eta X| = 0$"),
    }
    return [Edge(f"{name}_{index}", value, label, place) for name, (value, label) in values.items()]


def _collapse(study: Study) -> list[Edge]:
    """The points without noise of a line, apart from the ends of the grid."""
    if study.grid.dim > 1 or isinstance(study.equation, Absent):
        return []
    try:
        points = find_degenerate_points(study.equation, study.grid.lower[0], study.grid.upper[0])
    except InputError:
        return []
    found = []
    for index, point in enumerate(points):
        factor = factor_at(study, (point.position,))
        if factor is None or not factor.silent or factor.noise == 0:
            continue
        growth = float(factor.growth(study.sgd.learning_rate, study.sgd.batch_size))
        found.append(Edge(f"collapse_{index}", -growth, "collapse", _place((point.position,))))
    return found


def factor_at(study: Study, position: tuple[float, ...]) -> StepFactor | None:
    """The random factor of a step of plain SGD near a point of a line; None where there is no such number."""
    if not is_plain(study) or len(position) > 1:
        return None
    try:
        return step_factor(study.model, position[0])
    except InputError:
        return None


def _place(position: tuple[float, ...]) -> str:
    """A point in mathematics."""
    numbers = ", ".join(f"{0.0 if abs(x) < NOTHING else x:.3g}" for x in position)
    return f"$w = {numbers}$" if len(position) == 1 else f"$w = ({numbers})$"
