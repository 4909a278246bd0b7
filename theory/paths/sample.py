"""Sample paths of a Langevin equation."""

from __future__ import annotations

import math
from typing import Unpack

import numpy as np

from theory.base.arguments import require_known
from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.equations.contract import try_equation
from theory.laws import Checkpoint, Ensemble, Grid, Reflecting
from theory.laws.options import DomainOptions, RunOptions
from theory.laws.walkers import checked_positions, run_walkers
from theory.paths.domain import domain_of
from theory.paths.euler import EulerMaruyama
from theory.paths.leaps import refuse_leaps
from theory.paths.own import begun, whole_scheme
from theory.paths.scheme import PathEquation, PathStep, Scheme, Setting
from theory.tensors.hessian import refuse_indefinite, true_reason


class SideOptions(DomainOptions, total=False):
    """Those of `DomainOptions`, and what happens at the ends.

    Parameters
    ----------
    sides
        With `Reflecting()` paths are mirrored at the ends of `domain` that are not periodic; without, those axes
        are open.
    """

    sides: Reflecting | None


class PathOptions(SideOptions, RunOptions, total=False):
    """Those of `SideOptions` and `RunOptions`, and the increments.

    Parameters
    ----------
    join
        Every increment is the sum of so many, those of a run with the same seed and the step dt / join.
    """

    join: int


def sample_paths(
    sde: PathEquation,
    start: ArrayLike | Checkpoint,
    *,
    dt: float,
    steps: int,
    rng: np.random.Generator | None = None,
    scheme: Scheme | PathStep = EulerMaruyama(),  # noqa: B008 - frozen
    save_every: int | None = None,
    **options: Unpack[PathOptions],
) -> Ensemble:
    """Independent paths of `sde` from `start` (walkers, d), as an `Ensemble` in time units.

    Parameters
    ----------
    sde
        A `Langevin` equation, or an `Underdamped` one, whose positions are (q, p).
    start
        Positions, or the `Ensemble.checkpoint` of an earlier run with the same equation, scheme and `dt`: the two
        runs then are one, bit for bit, and there is no `rng`.
    dt, steps
        Step size and number of steps.
    scheme
        `EulerMaruyama()`, `TamedEuler()`, `Milstein()`, `Heun()`, `Platen()`, `LeimkuhlerMatthews()`, `BAOAB()`,
        `AlphaStable(alpha, scale)`, `Sdeint(name)`, or one of the user's own: a `PathStep` or a `Scheme`.
    save_every, grid
        Observations every so many steps; with a grid they are streamed into counts and moments.
    domain, sides
        Positions are wrapped along the periodic axes of `domain` after every step; with `Reflecting()` they are
        mirrored at its other ends (symmetrised Euler, weak order 1), without `sides` those axes are open.
    join
        Every increment is the sum of so many, those of a run with the same seed and the step dt / join: both
        follow one Brownian motion, so that their difference is the error of the step.
    threads
        Blocks of walkers at the same time; the result does not depend on it.
    progress
        True shows a bar on stderr and False none; by default one appears in a terminal after two seconds.

    Raises
    ------
    InputError
        If numbers are out of range, shapes do not fit, the scheme does not fit the equation, all diverge, or the
        noise jumps where walkers are and the reading is not Ito's.

    References
    ----------
    Bossy, Gobet & Talay (2004), A symmetrized Euler scheme for an efficient approximation of reflected diffusions.
    """
    require_known("sample_paths", options, PathOptions)
    scheme = whole_scheme(scheme)
    setting = setting_of(sde, dt, scheme, options.get("domain"), options.get("sides"), options.get("join", 1))
    positions = checked_positions(start, sde.dim)
    try_equation(sde, positions)
    begin = begun(scheme, sde, setting, positions)
    with true_reason(sde.diffusion, positions):
        ensemble = run_walkers(
            lambda w, stream, block: begin(w, stream),
            start,
            dim=sde.dim,
            steps=steps,
            time_step=dt,
            rng=rng,
            save_every=save_every,
            grid=options.get("grid"),
            threads=options.get("threads"),
            progress=options.get("progress"),
            remedy=f"reduce `dt` (now {dt:g})",
        )
    if ensemble.diverged:
        refuse_indefinite(sde.diffusion, positions, ensemble.final)
    refuse_leaps(sde, positions, ensemble.final)
    return ensemble


def setting_of(
    sde: PathEquation,
    dt: float,
    scheme: Scheme,
    domain: Grid | None,
    sides: Reflecting | None,
    join: int = 1,
    target: Array | None = None,
) -> Setting:
    """What all blocks share, after its checks.

    Raises
    ------
    InputError
        If a number is out of range, or the equation, the scheme and the domain do not fit.
    """
    require(isinstance(sde, PathEquation), f"`sde` must be a Langevin or an Underdamped equation, got {sde!r}")
    require(isinstance(scheme, Scheme), f"`scheme` must be a scheme such as EulerMaruyama(), got {scheme!r}")
    require(math.isfinite(dt) and dt > 0, f"`dt` must be positive and finite, got {dt}")
    require(join >= 1 and join % 1 == 0, f"`join` must be a whole number, at least 1, got {join}")
    require(
        join == 1 or scheme.joins,
        f"increments of {type(scheme).__name__} cannot be joined; take `join` = 1 or EulerMaruyama()",
    )
    return Setting(float(dt), int(join), domain_of(domain, sides, sde), target)
