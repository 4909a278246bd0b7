"""Preconditioned with the inverse of its noise, SGD has a Gibbs measure."""

from __future__ import annotations

import numpy as np
import sympy

from compare.claims import Control, DistanceOf, Evidence, Finding, MeanOf, at_most, between, claim
from compare.claims.soul_of_sgd import SOUL_OF_SGD
from compare.pictures import Axis, Panel, Picture, Plane, Role, Series
from simulate import SGD, InverseNoise, run_sgd
from theory import (
    Constant,
    Density,
    Ensemble,
    FokkerPlanck,
    Grid,
    NoisyGradient,
    SymbolicLandscape,
    SymbolicTensor,
    gibbs,
    langevin_limit,
)

RATE, STEPS = 0.05, 200
SGD_OF_GIBBS, PLAIN = SGD(RATE, 1, preconditioner=InverseNoise()), SGD(RATE, 1)
VALLEY = SymbolicLandscape("x**2/2 + y**2 + x**4/8 + x**2*y**2/4")
EVEN = NoisyGradient(VALLEY, Constant(np.array([[1.25, 0.75], [0.75, 1.25]])))
BOWL, W = SymbolicLandscape("w**2/2"), sympy.Symbol("w", real=True)
CHANGING = NoisyGradient(BOWL, SymbolicTensor(sympy.Matrix([[sympy.exp(W)]]), (W,)))  # C = exp(2 w)
PLANE, LINE = Grid((-1.0, -0.7), (1.0, 0.7), (32, 32)), Grid(-1.6, 1.6, 64)
SAME, DIFFERENT = "the noise is the same everywhere", "the noise changes from place to place"


@claim(
    "L4",
    source=SOUL_OF_SGD,
    where="preconditioning",
    statement="With the update preconditioned by the inverse covariance of the gradient noise the stationary "
    "density is the Gibbs measure exp(-L/(alpha eta)), with one number alpha.",
    prediction="alpha = 1/2 where C is constant; where it changes, the Ito equation lacks the drift "
    "(eta/2) div C^-1, and its law on a line is C(w) exp(-2 L/eta).",
    quick={"walkers": 200_000, "walkers_on_line": 40_000},
    full={"walkers": 4_000_000, "walkers_on_line": 400_000},
)
def preconditioned(*, walkers: int, walkers_on_line: int, rng: np.random.Generator) -> Evidence:
    """Distances of walkers from exp(-2 L/eta), and alpha from the virial E[w grad L] = d alpha eta."""
    found, plain = (_settled(EVEN, sgd, walkers, rng) for sgd in (SGD_OF_GIBBS, PLAIN))
    changing = _settled(CHANGING, SGD_OF_GIBBS, walkers_on_line, rng)
    virial, without = ((one.final * VALLEY.gradient(one.final)).sum(axis=1) / (2 * RATE) for one in (found, plain))
    right, wrong = (gibbs(VALLEY, share * RATE, PLANE) for share in (0.5, 0.65))
    laws = {
        "SGD": changing.histogram(LINE).survivors,
        r"$e^{-2L/\eta}$": gibbs(BOWL, RATE / 2, LINE),
        r"$C e^{-2L/\eta}$": FokkerPlanck(langevin_limit(CHANGING, SGD_OF_GIBBS), LINE).stationary(),
    }
    near, alpha = at_most(0.04, formula="total variation"), between(0.5, 0.55, formula="1/2 + O(eta)")
    _, gibbs_of_line, with_drift = laws.values()
    roles = (Role.MEASURED, Role.CONTROL, Role.PREDICTED)
    line = Panel(
        Axis("$w$", limits=(-0.8, 0.8)),
        Axis("density"),
        [
            Series(name, LINE.axes[0], law.values, role)
            for (name, law), role in zip(laws.items(), roles, strict=True)
        ],
        r"noise that changes, $C = e^{2w}$",
    )
    return Evidence(
        [
            Finding("distance of SGD from exp(-2 L/eta)", _from(found, right), near, SAME),
            Finding("alpha", MeanOf(virial), alpha, SAME),
            Finding("distance of SGD from exp(-2 L/eta)", _from(changing, gibbs_of_line), near, DIFFERENT),
        ],
        [
            Control(Finding("distance from exp(-L/(alpha eta)) with alpha = 0.65", _from(found, wrong), near)),
            Control(Finding("alpha of SGD without the preconditioner", MeanOf(without), alpha)),
        ],
        Picture([_plane(plain, "plain SGD"), _plane(found, "preconditioned"), line]),
        reasons=[
            Finding(
                "SGD's law is then C exp(-2 L/eta), the drift (eta/2) div C^-1 missing",
                _from(changing, with_drift),
                near,
            )
        ],
    )


def _settled(model: NoisyGradient, sgd: SGD, walkers: int, rng: np.random.Generator) -> Ensemble:
    start = rng.normal(0, (RATE / 2) ** 0.5, (walkers, model.dim))
    return run_sgd(model, sgd, start, steps=STEPS, rng=rng)


def _from(found: Ensemble, law: Density) -> DistanceOf:
    return DistanceOf(found.histogram(law.grid), law)


def _plane(found: Ensemble, title: str) -> Plane:
    x, y = PLANE.axes
    contours = VALLEY.value(PLANE.centers)
    return Plane(
        Axis("$x$"), Axis("$y$"), x, y, found.histogram(PLANE).survivors.values, title=title, contours=contours
    )
