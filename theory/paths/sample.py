"""Sample paths of a Langevin equation."""

from __future__ import annotations

import math

import numpy as np

from theory.arrays import Array, ArrayLike
from theory.ensemble import Ensemble
from theory.errors import require
from theory.grid import Grid
from theory.langevin import Langevin
from theory.paths.schemes import EulerMaruyama, Scheme
from theory.walkers import Stepper, run_walkers, torus_of


def sample_paths(
    sde: Langevin,
    start: ArrayLike,
    *,
    dt: float,
    steps: int,
    rng: np.random.Generator,
    scheme: Scheme = EulerMaruyama(),  # noqa: B008 - frozen
    save_every: int | None = None,
    grid: Grid | None = None,
    domain: Grid | None = None,
    threads: int | None = None,
) -> Ensemble:
    """Independent paths of `sde` from `start` (walkers, d), as an `Ensemble` in time units.

    Parameters
    ----------
    dt, steps
        Step size and number of steps.
    scheme
        `EulerMaruyama()` or `Sdeint(name)`, which share increments for one seed and one saved observation.
    save_every, grid
        Observations every so many steps; with a grid they are streamed into counts and moments.
    domain
        Positions are wrapped along the periodic axes of this grid after every step.
    threads
        Blocks of walkers at the same time; the result does not depend on it.

    Raises
    ------
    InputError
        If numbers are out of range, shapes do not fit, the scheme does not fit the equation, or all diverge.
    """
    require(math.isfinite(dt) and dt > 0, f"`dt` must be positive and finite, got {dt}")
    torus = torus_of(domain, sde.dim)

    def begin(w: Array, stream: np.random.Generator) -> Stepper:
        return scheme.begin(sde, w, float(dt), stream, torus)

    return run_walkers(
        begin,
        start,
        dim=sde.dim,
        steps=steps,
        time_step=dt,
        rng=rng,
        save_every=save_every,
        grid=grid,
        threads=threads,
        remedy=f"reduce `dt` (now {dt:g})",
    )
