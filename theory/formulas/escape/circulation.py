"""Drifts that are no gradient but have a potential: -(D + A) grad Phi, or -D grad Phi and a flow across."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.equations import Langevin
from theory.formulas.escape.critical import Force, Pass
from theory.landscapes.function import central_differences

LEFT_BY_DIFFERENCES = 1e-6  # relative, of a curl and of a product that should vanish, both by differences
LONGEST_PATH = 1e3  # of the slowest time, that a path may take
PATH_ERROR = 1e-7  # relative, a step
START, END = 1e-2, 1e-3  # of the distance, from the saddle and from the minimum, where a path begins and ends


@dataclass(frozen=True, eq=False)
class Circulation:
    """How a drift with constant D is made of a potential and of a flow that leaves exp(-Phi) as it is.

    Parameters
    ----------
    slope
        Gradient of Phi, from w (..., d).
    strength
        Size of the flow beside D grad Phi: |A D^-1|, or that of the flow's Jacobian at the saddle.
    dilution
        The integral of the flow's divergence along the path of escape: 0 where exp(-Phi) is stationary exactly.
    log_determinants
        log(det / |det|) of the curvature of Phi at minimum and saddle.
    """

    slope: Callable[[ArrayLike], Array]
    strength: float
    dilution: float
    log_determinants: float


def constant_circulation(sde: Langevin, force: Force, found: Pass, points: Array) -> Circulation | None:
    """A reading of the force as -(D + A) grad Phi with a constant antisymmetric A, if there is one.

    The Jacobian J of the force must make (D + A)^-1 J symmetric everywhere: J D - D J' = J A + A J', which is
    linear in A.
    """
    dim, tensor = sde.dim, sde.tensor(found.minimum)
    jacobian = central_differences(force, points, scale=found.distance)
    turned = np.swapaxes(jacobian, -1, -2)
    planes = [(i, j) for i in range(dim) for j in range(i)]
    columns = []
    for i, j in planes:
        plane = np.zeros((dim, dim))
        plane[i, j], plane[j, i] = 1.0, -1.0
        columns.append((jacobian @ plane + plane @ turned).ravel())
    wanted = jacobian @ tensor - tensor @ turned
    parts = np.linalg.lstsq(np.stack(columns, axis=1), wanted.ravel(), rcond=None)[0]
    antisymmetric = np.zeros((dim, dim))
    for (i, j), part in zip(planes, parts, strict=True):
        antisymmetric[i, j], antisymmetric[j, i] = part, -part
    inverse = np.linalg.inv(tensor + antisymmetric)
    shape = inverse @ jacobian
    curl = float(np.abs(shape - np.swapaxes(shape, -1, -2)).max() / np.abs(shape).max())
    if not curl < LEFT_BY_DIFFERENCES:
        return None

    def slope(w: ArrayLike) -> Array:
        return np.asarray(-force(np.asarray(w, dtype=np.float64)) @ inverse.T)

    strength = float(np.linalg.norm(antisymmetric @ np.linalg.inv(tensor), 2))
    return Circulation(slope, strength, 0.0, found.log_determinants)


def flow_across(sde: Langevin, force: Force, found: Pass, points: Array) -> Circulation | None:
    """A reading of the force as -D grad Phi + flow, Phi = L / temperature, with a flow along levels of L, or None.

    exp(-Phi) then rules, and is stationary where the flow has no divergence. Else WKB theory multiplies the law by
    exp(-integral of the divergence) along the path of escape, which goes up with D grad Phi + flow.
    """
    loss, tensor = sde.landscape, sde.tensor(found.minimum)
    slopes, forces = loss.gradient(points), force(points)
    climbs, falls = ((slopes @ tensor) * slopes).sum(axis=-1), -(slopes * forces).sum(axis=-1)
    sizes = np.linalg.norm(slopes, axis=-1) * np.linalg.norm(forces, axis=-1)
    if not falls.sum() > 0:
        return None
    temperature = float(climbs.sum() / falls.sum())
    if not bool((np.abs(falls - climbs / temperature) <= LEFT_BY_DIFFERENCES * sizes.max()).all()):
        return None

    def slope(w: ArrayLike) -> Array:
        return np.asarray(loss.gradient(w) / temperature)

    curvatures = [np.asarray(loss.hessian(p)) / temperature for p in (found.minimum, found.saddle)]
    flow = tensor @ curvatures[1] - found.stiffness_saddle
    strength = float(np.linalg.norm(flow, 2) / np.linalg.norm(tensor @ curvatures[1], 2))
    determinants = [np.linalg.slogdet(c)[1] for c in curvatures]
    dilution = _dilution(force, slope, tensor, found, curvatures[1])
    return Circulation(slope, strength, dilution, float(determinants[0] - determinants[1]))


def _dilution(force: Force, slope: Force, tensor: Array, found: Pass, curvature: Array) -> float:
    """The integral of div(force + D grad Phi) dt from minimum to saddle, run backwards from the saddle."""
    unit, rate = found.distance, found.growth

    def place(u: Array) -> Array:
        return np.asarray(found.minimum + unit * u)

    def divergence(w: Array) -> float:
        def flow(v: Array) -> Array:
            return np.asarray(force(v) + slope(v) @ tensor)

        return float(np.trace(central_differences(flow, w, scale=unit)))

    def back(_: float, state: Array) -> Array:
        w = place(state[:-1])
        climb = force(w) + 2 * tensor @ slope(w)
        return np.append(-climb / (unit * rate), divergence(w) / rate)

    def arrived(_: float, state: Array) -> float:
        return float(np.linalg.norm(state[:-1])) - END

    arrived.terminal = True  # type: ignore[attr-defined]
    values, vectors = np.linalg.eig(found.stiffness_saddle - 2 * tensor @ curvature)
    way = vectors[:, int(np.argmax(values.real))].real
    way = way / np.linalg.norm(way) * (np.sign((found.minimum - found.saddle) @ way) or 1.0)
    saddle = (found.saddle - found.minimum) / unit
    sizes = np.abs(
        np.concatenate([np.linalg.eigvals(m) for m in (found.stiffness_minimum, found.stiffness_saddle)])
    )
    for side in (1.0, -1.0):
        start = np.append(saddle + side * START * way, 0.0)
        with np.errstate(all="ignore"):
            path = solve_ivp(
                back,
                (0.0, LONGEST_PATH * rate / float(sizes.min())),
                start,
                events=arrived,
                method="LSODA",
                rtol=PATH_ERROR,
            )
        if path.t_events is not None and path.t_events[0].size:
            return float(path.y[-1, -1])
    require(
        False,
        "the path of escape must lead from the minimum to the saddle, and it does not come to it; solve for the "
        "mean first passage time",
    )
    return math.nan
