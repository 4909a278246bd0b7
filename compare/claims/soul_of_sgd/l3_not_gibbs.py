"""With anisotropic noise the stationary law of SGD is no Gibbs measure."""

from __future__ import annotations

import numpy as np

from compare import nearest_gibbs
from compare.claims import (
    Computed,
    Control,
    DistanceOf,
    Evidence,
    Finding,
    MeanOf,
    Ratio,
    at_least,
    at_most,
    between,
    claim,
)
from compare.claims.soul_of_sgd import SOUL_OF_SGD
from compare.pictures import Axis, Panel, Picture, Plane, Role, Series
from simulate import SGD, run_sgd
from theory import (
    Constant,
    Density,
    Ensemble,
    FokkerPlanck,
    Grid,
    NoisyGradient,
    SymbolicLandscape,
    gibbs,
    langevin_limit,
)
from theory.base.arrays import Array

LOSS = "{}*(x**2/2 + x**4/8) + {}*(y**2/2 + y**4/8)"
SEPARABLE, BOWL = SymbolicLandscape(LOSS.format(1, 1)), SymbolicLandscape("x**2/2 + 3*y**2/2")
RATE, POWER, EVEN = 0.05, np.array([4.0, 1.0]), np.array([2.5, 2.5])  # variances of the noise along x and y
TEMPERATURES = RATE * POWER / 2
GRID, BOX = Grid((-1.6, -0.8), (1.6, 0.8), (32, 32)), Grid((-1.3, -0.8), (1.3, 0.8), (60, 60))
TURNED_NOISE = np.array([[2.5, 1.5], [1.5, 2.5]])  # the same noise at 45 degrees
TURNED = RATE / 2 * 1.5  # its D_xy


@claim(
    "L3",
    source=SOUL_OF_SGD,
    where="the stationary distribution",
    statement="With anisotropic gradient noise the stationary density of SGD is not a Gibbs measure.",
    prediction="A separable loss has one temperature an axis, eta C_ii / (2 B); with noise not aligned to the "
    "Hessian the law carries a current: walkers turn at the rate D_xy about x^2/2 + 3 y^2/2.",
    quick={"walkers": 400_000},
    full={"walkers": 3_000_000},
)
def not_gibbs(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Temperatures and distances where the loss is separable, rotation and entropy production where it is not."""
    uneven, even = (
        _settled(NoisyGradient(SEPARABLE, Constant(np.diag(c))), walkers, rng) for c in (POWER, [2.5, 2.5])
    )
    law = gibbs(SymbolicLandscape(LOSS.format(*(1 / TEMPERATURES))), 1.0, GRID)
    turning, straight = (_turns(_settled(_bowl(c), walkers, rng)) for c in (TURNED_NOISE, np.diag(POWER)))
    hot, cold = (MeanOf(one) for one in (uneven.final * SEPARABLE.gradient(uneven.final)).T)
    mean_hot, mean_cold = (MeanOf(one) for one in (even.final * SEPARABLE.gradient(even.final)).T)
    far, ratio = at_least(0.1, formula="total variation"), between(3.8, 4.2, formula="C_xx / C_yy")
    equations = [FokkerPlanck(langevin_limit(_bowl(c), SGD(RATE, 1)), BOX) for c in (TURNED_NOISE, np.diag(POWER))]
    laws = [one.stationary() for one in equations]
    current = np.moveaxis(equations[0].current(laws[0]), -1, 0)
    entropy, none = (Computed(one.entropy_production(law)) for one, law in zip(equations, laws, strict=True))
    rotation = between(TURNED, 1.1 * TURNED, formula="D_xy (1 + O(eta))")
    return Evidence(
        [
            Finding("distance of SGD from the nearest Gibbs measure", _from_gibbs(uneven), far),
            Finding("SGD has one temperature an axis", DistanceOf(uneven.histogram(GRID), law), at_most(0.03)),
            Finding("ratio of the two temperatures", Ratio(hot, cold), ratio),
            Finding("walkers turn about the minimum if noise is not aligned", turning, rotation),
            Finding("entropy that the current of this law produces", entropy, at_least(0.1)),
        ],
        [
            Control(Finding("distance from Gibbs if the noise is even", _from_gibbs(even), far)),
            Control(Finding("ratio of temperatures if the noise is even", Ratio(mean_hot, mean_cold), ratio)),
            Control(Finding("walkers turn if the noise is aligned", straight, rotation)),
            Control(Finding("entropy produced if the noise is aligned", none, at_least(0.1))),
        ],
        Picture(
            [
                _two_temperatures(uneven),
                _plane(SEPARABLE, uneven.histogram(GRID).survivors, "SGD, noise along the axes"),
                _plane(BOWL, laws[0], "noise at 45 degrees, current", current),
            ],
            "Anisotropic noise: two temperatures where the loss is separable, a current where it is not aligned.",
        ),
    )


def _bowl(covariance: Array) -> NoisyGradient:
    return NoisyGradient(BOWL, Constant(covariance))


def _settled(model: NoisyGradient, walkers: int, rng: np.random.Generator) -> Ensemble:
    spread = RATE / 2 * model.gradient_covariance(np.zeros(2))
    start = rng.multivariate_normal(np.zeros(2), spread, walkers)
    return run_sgd(model, SGD(RATE, 1), start, steps=200, rng=rng)


def _from_gibbs(found: Ensemble) -> DistanceOf:
    return DistanceOf(found.histogram(GRID), nearest_gibbs(found, SEPARABLE, GRID).density)


def _turns(found: Ensemble) -> MeanOf:
    """Twice the area that the drift makes walkers sweep in a unit of time."""
    w, g = found.final, BOWL.gradient(found.final)
    return MeanOf(w[:, 0] * g[:, 1] - w[:, 1] * g[:, 0])


def _two_temperatures(found: Ensemble) -> Panel:
    """The fall of the logarithm of each density against the loss: lines of slope 1 / T."""
    series = []
    for axis, (name, role) in enumerate((("x", Role.MEASURED), ("y", Role.REFERENCE))):
        line = Grid(GRID.lower[axis], GRID.upper[axis], 31)
        counts, _ = line.count(found.final[:, [axis]])
        points = line.axes[0]
        seen = (points >= 0) & (counts > 100)
        loss = SEPARABLE.value(np.eye(2)[axis] * points[seen, None])
        depth = np.log(counts[len(points) // 2] / counts[seen])
        bars = 2 / np.sqrt(counts[seen])
        series.append(Series(f"SGD, ${name}$", loss, depth, role, depth - bars, depth + bars, False))
        series.append(
            Series.predicted(rf"$T_{name} = \eta C_{{{name}{name}}} / 2B$", loss, loss / TEMPERATURES[axis])
        )
    return Panel(Axis("loss along the axis"), Axis(r"$\log p(0)/p(w)$"), series, "two temperatures")


def _plane(landscape: SymbolicLandscape, law: Density, title: str, arrows: Array | None = None) -> Plane:
    x, y = law.grid.axes
    contours = landscape.value(law.grid.centers)
    return Plane(
        Axis("$x$", limits=(-1.0, 1.0)),
        Axis("$y$", limits=(-0.6, 0.6)),
        x,
        y,
        law.values,
        title=title,
        contours=contours,
        arrows=arrows,
    )
