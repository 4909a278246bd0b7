"""The landscape of a sharp and a flat minimum, q = (w + w0) (w - w0)^2, and how fast SGD leaves the sharp one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from compare.claims import Sampled
from simulate import SGD, DataSet, Survival, run_sgd, survival
from theory import Estimate, Grid, ProductModel
from theory.base.arrays import Array

__all__ = ["SETTLED", "W0", "cubic", "left_of_barrier", "spread"]

W0 = 1.8  # of figure 1
SETTLED = 3  # steps, after which the fraction left decays at one rate
FAR = 1e6  # beyond which no walker is counted
CHANCE = 0.01  # that one more data set has its rate beyond the interval


@cache  # a model of its own for each data set would be compiled anew
def cubic(w0: float = W0) -> ProductModel:
    """The model in the source's convention, plain mean square; its barrier is at -w0/3."""
    return ProductModel(f"(w + {w0})*(w - {w0})**2", loss_scale=1.0)


def left_of_barrier(
    w0: float, sgd: SGD, start: Array, steps: int, rng: np.random.Generator, *, data: DataSet | None = None
) -> Survival:
    """Walkers left of the barrier at every step, from `start` (walkers, 1); diverged ones are counted apart."""
    basin = Grid(-FAR, -w0 / 3, 1)
    return survival(run_sgd(cubic(w0), sgd, start, steps=steps, rng=rng, data=data, save_every=1, grid=basin))


def spread(rates: Sequence[float] | Array, chance: float = CHANCE) -> tuple[float, float]:
    """Where one more data set has its rate but for `chance`, by Student's law of `rates` (n,)."""
    found = np.asarray(rates, dtype=np.float64)
    error = float(found.std(ddof=1)) * (1 + 1 / len(found)) ** 0.5
    return Sampled(Estimate(float(found.mean()), error), len(found) - 1).interval(1 - chance)
