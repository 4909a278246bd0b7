"""Noise that does not commute with the Hessian drives a current round the minimum."""

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
    Source,
    at_least,
    at_most,
    between,
    claim,
)
from compare.pictures import Axis, Panel, Picture, Plane, Series
from simulate import SGD, run_sgd
from theory import (
    Constant,
    Ensemble,
    Estimate,
    FokkerPlanck,
    Grid,
    NoisyGradient,
    SymbolicLandscape,
    langevin_limit,
)
from theory.base.arrays import Array

LOSS, CURVATURES = SymbolicLandscape("(x**2 + 3*y**2)/2"), np.diag([1.0, 3.0])
ACROSS, ALONG, WHITE = np.array([[1.0, 0.6], [0.6, 1.0]]), CURVATURES, np.eye(2)  # noise: shapes of D
TURNING, PRODUCTION = 0.3, 0.5625  # S12 with H S + S H = 2 D for D = ACROSS, and the entropy production
ALGORITHM, SIZE = SGD(0.02, 1), 0.01  # D = SIZE times a shape
BETWEEN, SEEN, FORGOTTEN, LAG = 10, 60, 20, 3  # steps from one look to the next, then counts of looks
HALF = (0.6, 0.4)  # of the box
SEEN_FROM = 1e-4  # of the highest density on, the current is drawn
SAME = 0.1


@claim(
    "P7",
    source=Source(
        "Chaudhari & Soatto",
        2018,
        "Stochastic gradient descent performs variational inference, converges to limit cycles",
        "arXiv:1710.11029",
    ),
    where="lemma 6 and section 3",
    statement="The potential that SGD minimises is its loss if and only if the noise is isotropic; otherwise a "
    "current of probability flows round the minimum in closed loops.",
    prediction="For H = diag(1, 3), D ~ [[1, .6], [.6, 1]]: E[w(t + s) x w(t)] = .3 (exp(-s) - exp(-3 s)), an "
    "entropy production of .5625, both within 10 %; a law .1 and more from every Gibbs measure.",
    quick={"walkers": 40_000, "cells": 60},
    full={"walkers": 400_000, "cells": 120},
)
def irreversible_current(*, walkers: int, cells: int, rng: np.random.Generator) -> Evidence:
    """How walkers turn, how far their law is from Gibbs measures, and what the equation produces."""
    across, along, white = (_run(shape, walkers, rng) for shape in (ACROSS, ALONG, WHITE))
    delay = LAG * BETWEEN * ALGORITHM.learning_rate
    one, production = between(1 - SAME, 1 + SAME), between((1 - SAME) * PRODUCTION, (1 + SAME) * PRODUCTION)
    isotropic, crossed, parallel = (
        "noise is isotropic",
        "noise and H do not commute",
        "noise and H share their axes",
    )
    turning = _turning(across, LAG) / _expected(delay)
    commutator = float(np.abs(CURVATURES @ ALONG - ALONG @ CURVATURES).max())
    return Evidence(
        [
            Finding("the distance of the law to Gibbs", _from_gibbs(white), at_most(SAME), isotropic),
            Finding("the distance of the law to Gibbs", _from_gibbs(across), at_least(SAME), crossed),
            Finding("the turning of walkers over that predicted", MeanOf(turning), one, crossed),
            Finding("the entropy production", _produced(ACROSS, cells), production, crossed),
            Finding("the entropy production", _produced(ALONG, cells), at_least(SAME), parallel),
        ],
        [
            Control(
                Finding("turning where axes are shared", MeanOf(_turning(along, LAG) / _expected(delay)), one),
            )
        ],
        _picture({"not commuting": across, "sharing axes": along}, cells),
        [Finding("H and D commute there", Computed(Estimate(commutator, 0.0)), at_most(0.0))],
        [
            f"Where axes are shared the law is no Gibbs measure either, {_from_gibbs(along).value:.2f} away, "
            "but no current flows."
        ],
    )


def _equation(shape: Array) -> NoisyGradient:
    return NoisyGradient(LOSS, Constant(2 * SIZE / ALGORITHM.learning_rate * shape))


def _run(shape: Array, walkers: int, rng: np.random.Generator) -> Ensemble:
    start = np.zeros((walkers, 2))
    return run_sgd(_equation(shape), ALGORITHM, start, steps=BETWEEN * SEEN, rng=rng, save_every=BETWEEN)


def _turning(run: Ensemble, lag: int) -> Array:
    """The mean of w(t + s) x w(t) of each walker over pairs so many looks apart, over the size of the noise."""
    seen = run.positions[FORGOTTEN:]
    before, after = seen[: len(seen) - lag], seen[lag:]
    turned: Array = after[..., 0] * before[..., 1] - after[..., 1] * before[..., 0]
    return np.asarray(turned.mean(axis=0) / SIZE)


def _expected(delay: float) -> float:
    slow, fast = np.diag(CURVATURES)
    return TURNING * float(np.exp(-slow * delay) - np.exp(-fast * delay))


def _from_gibbs(run: Ensemble) -> DistanceOf:
    """The distance of the last positions to the nearest Gibbs measure, of any temperature."""
    grid = Grid([-one for one in HALF], HALF, (30, 30))
    return DistanceOf(run.histogram(grid), nearest_gibbs(run, LOSS, grid).density)


def _fokker_planck(shape: Array, cells: int) -> FokkerPlanck:
    grid = Grid([-one for one in HALF], HALF, (cells, cells))
    return FokkerPlanck(langevin_limit(_equation(shape), ALGORITHM), grid)


def _produced(shape: Array, cells: int) -> Computed:
    equation = _fokker_planck(shape, cells)
    return Computed(equation.entropy_production(equation.stationary()))


def _picture(runs: dict[str, Ensemble], cells: int) -> Picture:
    equation = _fokker_planck(ACROSS, cells)
    law = equation.stationary()
    current = np.where((law.values > SEEN_FROM * law.values.max())[..., np.newaxis], equation.current(law), 0.0)
    points = np.stack(np.meshgrid(*law.grid.axes, indexing="ij"), axis=-1)
    plane = Plane(
        Axis("$w_1$"),
        Axis("$w_2$"),
        x_centres=law.grid.axes[0],
        y_centres=law.grid.axes[1],
        values=law.values,
        title="density and current",
        contours=LOSS.value(points),
        arrows=np.moveaxis(current, -1, 0),
    )
    lags = range(1, 20, 2)
    delays = np.array(lags) * BETWEEN * ALGORITHM.learning_rate
    fine = np.linspace(0.0, delays[-1])
    found = {label: np.array([_turning(run, lag) for lag in lags]) for label, run in runs.items()}
    errors = {label: 3 * one.std(axis=1) / one.shape[1] ** 0.5 for label, one in found.items()}
    measured, control = runs
    turning = Panel(
        Axis(r"delay $s$ in time $\eta k$"),
        Axis(r"$\mathrm{E}[w_{t+s} \times w_t]/\epsilon$"),
        [
            Series.predicted("$0.3\\,(e^{-s} - e^{-3s})$", fine, [_expected(one) for one in fine]),
            Series.measured(f"SGD, {measured}", delays, found[measured].mean(axis=1), errors[measured]),
            Series.control(f"SGD, {control}", delays, found[control].mean(axis=1), errors[control]),
        ],
        "turning of walkers",
    )
    return Picture([plane, turning], r"Quadratic loss with the noise $D/\epsilon = [[1, .6], [.6, 1]]$")
