"""SGD's law follows the quasi-potential of its noise, if that is normal; anisotropic noise may slow escape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import sympy

from compare.claims import (
    Computed,
    Control,
    Evidence,
    Finding,
    Outcome,
    Ratio,
    Sampled,
    Source,
    at_least,
    between,
    claim,
)
from compare.pictures import Axis, Panel, Picture, Series
from simulate import SGD, first_exit, transition_operator
from theory import (
    Constant,
    Density,
    Estimate,
    Grid,
    LinearRegression,
    NoisyGradient,
    SymbolicLandscape,
    SymbolicTensor,
    gaussian_surrogate,
    stationary_covariance,
)
from theory.base.arrays import Array, Booleans
from theory.base.rounding import EPSILON

W = sympy.Symbol("w")
WELLS = NoisyGradient(SymbolicLandscape("(w**2 - 1)**2/4"), SymbolicTensor(sympy.Matrix([[1 - W / 4]]), (W,)))
REGRESSION = LinearRegression(1.0)
RATES = (0.05, 0.025)
HALF_BOX, EVERY = 2.525, 5  # centres at 0, 1 and -1, also of cells joined by fives
BOWL, BALL = SymbolicLandscape("(x**2 + 3*y**2)/2"), "x**2 + y**2 < 0.25"
SHAPES = {
    "isotropic": np.eye(2),
    "tilted": np.array([[1.0, 0.6], [0.6, 1.0]]),
    "like H": np.diag([0.5, 1.5]),
}  # of one trace
EXIT, SETTLED = SGD(0.05, 1), 60  # steps
SAME = 0.05
WALL = 0.8  # where V of a regression is read; from 1 on single examples throw walkers out, and V bends
SHOWN = 1.3  # distance from 0


@claim(
    "N8",
    source=Source(
        "Hu, Zhu, Xiong & Huan",
        2019,
        "Quasi-potential as an implicit regularizer for the loss function in the stochastic gradient descent",
        "arXiv:1901.06054",
    ),
    where="sections 2 and 3",
    statement="At small eta SGD's law is exp(-V/eta) with the quasi-potential V of its noise covariance, "
    "C grad V.grad V/2 = grad L.grad V, which decides between minima of one loss; and anisotropic noise leaves a "
    "minimum faster than isotropic noise.",
    prediction="Differences of -eta log p, carried to eta = 0, are integrals of 2 L'/C within 5 %; ratios of "
    "exit rates are above 1.",
    quick={"cells": 505, "walkers": 4000, "steps": 3000},
    full={"cells": 1515, "walkers": 40_000, "steps": 6000},
)
def quasi_potential(*, cells: int, walkers: int, steps: int, rng: np.random.Generator) -> Evidence:
    """Depths of SGD's exact stationary laws, and exits from a ball under three noises of one trace."""
    models: dict[str, NoisyGradient | LinearRegression] = {
        "wells": WELLS,
        "regression": REGRESSION,
        "normal": gaussian_surrogate(REGRESSION),
    }
    laws = {name: _laws(model, cells) for name, model in models.items()}
    coarse = {name: _laws(model, cells // EVERY) for name, model in models.items()}
    wells = _depth(laws["wells"], coarse["wells"], -1.0, 1.0)
    wall, normal = (_depth(laws[name], coarse[name], WALL, 0.0) for name in ("regression", "normal"))
    expected = float(_of_wells(np.array(-1.0)) - _of_wells(np.array(1.0)))
    of_diffusion = float(_of_diffusion(np.array(WALL)))
    rates = {label: _exits(shape, walkers, steps, rng) for label, shape in SHAPES.items()}
    tilted, like = (Ratio(rates[label], rates["isotropic"]) for label in ("tilted", "like H"))
    hessian = BOWL.hessian(np.zeros(2))
    widest = {label: stationary_covariance(hessian, shape).max() for label, shape in SHAPES.items()}
    narrower = Estimate(widest["like H"] / widest["isotropic"], EPSILON)
    one = between(1 - SAME, 1 + SAME)
    return Evidence(
        [
            Finding("V between two wells over that predicted", _over(wells, expected), one, "noise is normal"),
            Finding(
                "V of a regression over that predicted", _over(wall, of_diffusion), one, "noise is of examples"
            ),
            Finding(
                "exits under tilted noise over isotropic", tilted, at_least(1.0), "noise favours the flat axis"
            ),
            Finding("exits under noise like H over isotropic", like, at_least(1.0), "noise has the shape of H"),
        ],
        [
            Control(Finding("V between the wells by the loss alone", Computed(wells), between(-SAME, SAME))),
            Control(
                Finding("V of the regression with normal noise instead", _over(normal, of_diffusion), one),
                Outcome.HOLDS,
            ),
        ],
        _picture(laws),
        [
            Finding("V of a regression is B w^2/sigma^2, from all cumulants", _over(wall, WALL**2), one),
            Finding(
                "noise like H leaves the flat axis narrower than isotropic noise",
                Computed(narrower),
                between(0.0, 1 - SAME),
            ),
        ],
    )


def _laws(model: NoisyGradient | LinearRegression, cells: int) -> list[Density]:
    """SGD's exact stationary laws at the learning rates."""
    grid = Grid(-HALF_BOX, HALF_BOX, cells)
    return [transition_operator(model, SGD(rate, 1), grid).stationary() for rate in RATES]


def _depth(laws: Sequence[Density], coarse: Sequence[Density], at: float, over: float) -> Estimate:
    """-eta log p at one point over another, carried to eta = 0; the error is the step to a fifth of the cells."""
    found, other = (
        2 * _height(last, RATES[-1], at, over) - _height(first, RATES[0], at, over)
        for first, last in (laws, coarse)
    )
    return Estimate(found, abs(found - other))


def _height(law: Density, rate: float, at: float, over: float) -> float:
    (top, bottom), _ = law.grid.locate(np.array([[at], [over]]))
    return float(rate * np.log(law.values[bottom] / law.values[top]))


def _over(depth: Estimate, expected: float) -> Computed:
    return Computed(Estimate(float(depth) / expected, depth.error / expected))


def _of_wells(w: Array) -> Array:
    """The integral of 2 (w^3 - w)/(1 - w/4)^2."""
    s = 1 - w / 4
    return np.asarray(480 / s + 1504 * np.log(s) - 1536 * s + 256 * s**2)


def _of_diffusion(w: Array) -> Array:
    """The integral of 2 L'/C with C = 1 + 2 w^2, the covariance of one example of the regression."""
    return np.asarray(np.log1p(2 * w**2) / 2)


def _exits(shape: Array, walkers: int, steps: int, rng: np.random.Generator) -> Sampled:
    model, start = NoisyGradient(BOWL, Constant(shape)), np.zeros((walkers, 2))
    left = first_exit(model, EXIT, start, BALL, steps=steps, rng=rng).survival()
    return Sampled(left.rate(first=SETTLED))


def _picture(laws: Mapping[str, Sequence[Density]]) -> Picture:
    wells, regression, normal = (one[-1] for one in laws.values())
    w = wells.grid.axes[0]
    shown, right = np.abs(w) < SHOWN, (w >= 0) & (w < SHOWN)
    depth = Axis(r"$V = -\eta\,\log p$")
    two = Panel(
        Axis("$w$"),
        depth,
        [
            Series.measured(f"SGD, $\\eta = {RATES[-1]}$", w[shown], _curve(wells, 1.0, shown), joined=True),
            Series.predicted(r"$\int 2L'/C$", w[shown], (_of_wells(w) - _of_wells(np.array(1.0)))[shown]),
            Series.control("the loss", w[shown], WELLS.value(w[:, np.newaxis])[shown], joined=True),
        ],
        "normal noise, $C = (1 - w/4)^2$",
    )
    one = Panel(
        Axis("$w$"),
        depth,
        [
            Series.measured(f"SGD, $\\eta = {RATES[-1]}$", w[right], _curve(regression, 0.0, right), joined=True),
            Series.measured("SGD, normal noise", w[right], _curve(normal, 0.0, right), joined=True),
            Series.predicted(r"$\int 2L'/C$", w[right], _of_diffusion(w[right])),
            Series.predicted(r"$w^2/\sigma^2$", w[right], w[right] ** 2),
        ],
        "linear regression, $B = 1$",
    )
    return Picture([two, one], "Quasi-potentials of SGD and of its Langevin equation")


def _curve(law: Density, over: float, shown: Booleans) -> Array:
    bottom, _ = law.grid.locate(np.array([[over]]))
    return np.asarray(RATES[-1] * np.log(law.values[bottom[0]] / law.values[shown]))
