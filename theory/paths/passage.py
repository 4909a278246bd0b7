"""First passage times of paths, noted while they run."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Unpack

import numpy as np

from theory.base.arguments import require_known
from theory.base.arrays import Array, ArrayLike, Booleans, flagged
from theory.base.errors import require
from theory.base.progress import progress_bar
from theory.equations.contract import try_equation
from theory.laws.walkers import BLOCK, DIVERGED, Stepper, checked_positions, spawn_streams
from theory.paths.arrivals import Arrivals
from theory.paths.euler import EulerMaruyama
from theory.paths.leaps import refuse_leaps
from theory.paths.own import begun, walking_of, whole_scheme
from theory.paths.sample import SideOptions, setting_of
from theory.paths.scheme import PathEquation, PathStep, Scheme
from theory.paths.target import HalfSpace, Outside, Target
from theory.tensors.hessian import refuse_indefinite

LOOK = 64  # steps between two looks at who has arrived


class PassageOptions(SideOptions, total=False):
    """Those of `SideOptions`, and where a passage is seen.

    Parameters
    ----------
    between
        False looks at the ends of steps only.
    """

    between: bool


def first_passage_times(
    sde: PathEquation,
    start: ArrayLike,
    target: Target,
    *,
    dt: float,
    steps: int,
    rng: np.random.Generator,
    scheme: Scheme | PathStep = EulerMaruyama(),  # noqa: B008 - frozen
    **options: Unpack[PassageOptions],
) -> Arrivals:
    """First times at which walkers from `start` (walkers, d) are in `target`, of weak order 1 for half-spaces.

    Paths are not stored, and walkers that have arrived make room. For `HalfSpace` and `Outside` the Brownian
    bridge of every step decides whether the path was there between its ends, and when; looking at the ends alone
    has weak order 1/2. Of Brownian motion times to a half-space are exact.

    Parameters
    ----------
    target
        `HalfSpace(level)`, `Outside(lower, upper)`, or any function from points (n, d) to flags (n,), of which
        only the ends of steps are looked at.
    scheme
        Of those with increments of their own (`LeimkuhlerMatthews`, `BAOAB`) only the ends are looked at;
        `AlphaStable` divides steps near an end; `Sdeint` is refused.
    between
        False looks at the ends of steps only.
    dt, steps, rng, domain, sides, threads, progress
        As in `sample_paths`.

    Raises
    ------
    InputError
        As `sample_paths`, or if the target does not fit.

    References
    ----------
    Gobet (2000), Weak approximation of killed diffusion using Euler schemes.
    """
    require_known("first_passage_times", options, PassageOptions)
    threads = options.get("threads")
    positions = checked_positions(start, sde.dim)
    try_equation(sde, positions)
    require(steps >= 0 and steps % 1 == 0, f"`steps` must be a whole number, not negative, got {steps}")
    require(threads is None or threads >= 1, f"`threads` must be at least 1, got {threads}")
    ends = _target_array(target, sde.dim, options.get("between", True))
    scheme = whole_scheme(scheme)
    setting = setting_of(sde, dt, scheme, options.get("domain"), options.get("sides"), target=ends)
    begin = begun(scheme, sde, setting, positions)
    refuse_leaps(sde, positions, *_ends_reached(target, positions))
    streams = spawn_streams(rng, len(positions))
    interrupted = threading.Event()

    def follow(index: int) -> tuple[Array, int]:
        w = np.ascontiguousarray(positions[index * BLOCK : (index + 1) * BLOCK].T)

        def goes_on(steps: int) -> bool:
            count(steps * w.shape[1])
            return not interrupted.is_set()

        return _follow(begin, w, streams[index], target, int(steps), goes_on)

    with (
        progress_bar(len(positions) * int(steps), options.get("progress")) as count,
        ThreadPoolExecutor(threads or os.cpu_count()) as pool,
    ):
        try:
            found = list(pool.map(follow, range(len(streams))))
        finally:
            interrupted.set()
    times = np.concatenate([part for part, _ in found])
    diverged = sum(number for _, number in found)
    if diverged:
        refuse_indefinite(sde.diffusion, positions, *_ends_reached(target, positions))
    return Arrivals(times * dt, steps * dt, diverged)


def _ends_reached(target: Target, positions: Array) -> list[Array]:
    """Where walkers that have arrived may stand, one place for each end."""
    places = []
    for end in target.ends if isinstance(target, HalfSpace | Outside) else ():
        place = positions.mean(axis=0, keepdims=True)
        place[:, target.axis] = end  # type: ignore[union-attr]
        places.append(place)
    return places


def _follow(
    begin: Callable[[Array, np.random.Generator], Stepper],
    w: Array,
    stream: np.random.Generator,
    target: Target,
    steps: int,
    goes_on: Callable[[int], bool],
) -> tuple[Array, int]:
    """Times in steps of a block at w (d, n), and how many diverged; `goes_on` counts steps and may say no."""
    times = np.where(_holds(target, w), 0.0, np.nan)
    index = np.flatnonzero(np.isnan(times))  # who is still followed
    w = np.ascontiguousarray(w[:, index])
    memory: tuple[Array, ...] = ()
    look = LOOK if isinstance(target, HalfSpace | Outside) else 1
    walking = walking_of(begin(w, stream))
    done = 0
    while done < steps and len(index):
        some = min(look, steps - done)
        if not goes_on(some):
            break
        walking(some)
        done += some
        if look > 1:
            now = walking.walk.arrival
        else:
            waiting = np.isnan(times[index])
            now = np.where(waiting & _holds(target, w), float(done), np.nan)
        fresh = np.isnan(times[index]) & ~np.isnan(now)
        times[index[fresh]] = now[fresh]
        left = np.isnan(times[index])
        left &= (np.abs(w) < DIVERGED).all(axis=0)
        if 2 * np.count_nonzero(left) <= len(index):
            memory = tuple(np.ascontiguousarray(array[..., left]) for array in walking.memory)
            w, index = np.ascontiguousarray(w[:, left]), index[left]
            if not len(index):
                break
            walking = walking_of(begin(w, stream))
            for array, before in zip(walking.memory, memory, strict=True):
                array[...] = before
            walking.walk.clock[0] = done
    goes_on(steps - done)
    lost = np.isnan(times)
    # followed to the end: those not in `index` either arrived or diverged
    lost[index] &= ~(np.abs(w) < DIVERGED).all(axis=0)
    return times, int(np.count_nonzero(lost))


def _holds(target: Target, w: Array) -> Booleans:
    """Whether finite walkers at w (d, n) are in the target, shape (n,)."""
    points = w.T
    finite = (np.abs(points) < DIVERGED).all(axis=1)
    with np.errstate(all="ignore"):
        flags = flagged(target, points, "target")
    return flags & finite


def _target_array(target: Target, dim: int, between: bool) -> Array | None:
    """`PathBlock.target`, or None for a function."""
    if not isinstance(target, HalfSpace | Outside):
        require(callable(target), f"`target` must be HalfSpace, Outside or a function of points, got {target!r}")
        return None
    require(0 <= target.axis < dim, f"the target's `axis` must be 0 to {dim - 1}, got {target.axis}")
    lower, upper = target.ends
    require(lower < upper, f"the target needs lower < upper, got {lower} and {upper}")
    return np.array([target.axis, lower, upper, float(between)])
