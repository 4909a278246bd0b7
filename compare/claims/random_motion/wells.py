"""Crossing wells on a torus, SGD with isotropic noise in them, and how often their walkers are at the crossing."""

from __future__ import annotations

import numpy as np

from compare.claims import Sampled
from simulate import SGD, run_sgd
from theory import Ensemble, Estimate, Grid, Isotropic, NoisyGradient, SymbolicLandscape, gibbs
from theory.base.arrays import Array, Booleans

TORUS = Grid((-1.0, -1.0), (1.0, 1.0), (60, 60), periodic=True)
FINE = TORUS.refined(3)
WELLS = "100*min(x**2, y**2)"  # at temperature 1


def well(formula: str) -> SymbolicLandscape:
    """The landscape of a formula in x and y."""
    return SymbolicLandscape(formula, ("x", "y"))


def anywhere(walkers: int, rng: np.random.Generator) -> Array:
    """Positions evenly over the torus (walkers, 2)."""
    return rng.uniform(-1, 1, (walkers, 2))


def at_crossing(positions: Array, half_width: float) -> Booleans:
    """Which of `positions` (..., 2), wrapped on the torus, lie in the box about the crossing."""
    return np.asarray((np.abs(TORUS.wrap(positions)) < half_width).all(axis=-1))


def share(ensemble: Ensemble, half_width: float, since: float = 0.0) -> Sampled:
    """The share of time that walkers spend at the crossing after the time `since`, each walker one sample."""
    kept = ensemble.positions[ensemble.times > since]
    each = at_crossing(kept, half_width).mean(axis=0)
    return Sampled(Estimate(each.mean(), each.std(ddof=1) / len(each) ** 0.5))


def gibbs_samples(landscape: SymbolicLandscape, count: int, rng: np.random.Generator) -> Array:
    """Points (count, 2) of the Gibbs law at temperature 1, to the cells of the fine grid."""
    chances = gibbs(landscape, 1.0, FINE).probabilities.ravel()
    return np.asarray(FINE.centers.reshape(-1, 2)[rng.choice(FINE.size, count, p=chances)])


def isotropic_sgd(
    landscape: SymbolicLandscape,
    sgd: SGD,
    temperature: float,
    start: Array,
    *,
    steps: int,
    every: int,
    rng: np.random.Generator,
) -> Ensemble:
    """SGD from `start` on the torus whose noise is that of a Langevin equation at `temperature`."""
    rate = sgd.learning_rate / (1 - sgd.momentum)
    model = NoisyGradient(landscape, Isotropic(2 * sgd.batch_size * temperature / rate, 2))
    return run_sgd(model, sgd, start, steps=steps, save_every=every, rng=rng, domain=TORUS)
