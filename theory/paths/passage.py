"""First passage times of paths, noted while they run."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from theory.base.arrays import Array, ArrayLike, Booleans, flagged
from theory.base.errors import require
from theory.laws.boundary import Reflecting
from theory.laws.grid import Grid
from theory.laws.walkers import BLOCK, DIVERGED, Stepper, checked_positions, spawn_streams
from theory.paths.euler import EulerMaruyama
from theory.paths.leaps import refuse_leaps
from theory.paths.sample import setting_of
from theory.paths.scheme import PathEquation, Scheme, Walking
from theory.tensors.hessian import refuse_indefinite

LOOK = 64  # steps between two looks at who has arrived


@dataclass(frozen=True)
class HalfSpace:
    """Points whose component `axis` has reached `level`, from below or, with `above` False, from above.

    Raises
    ------
    InputError
        If the level is not finite or the axis negative.
    """

    level: float
    axis: int = 0
    above: bool = True

    def __post_init__(self) -> None:
        require(math.isfinite(self.level), f"`level` must be finite, got {self.level}")
        require(self.axis >= 0, f"`axis` must not be negative, got {self.axis}")

    def __call__(self, w: ArrayLike) -> Booleans:
        """Whether each of w (..., d) is there."""
        x = np.asarray(w)[..., self.axis]
        return np.asarray(x >= self.level if self.above else x <= self.level)

    @property
    def ends(self) -> tuple[float, float]:
        """Where walkers arrive, below and above."""
        return (-math.inf, self.level) if self.above else (self.level, math.inf)


@dataclass(frozen=True)
class Outside:
    """Points whose component `axis` does not lie between `lower` and `upper`.

    Raises
    ------
    InputError
        If not lower < upper, or the axis is negative.
    """

    lower: float
    upper: float
    axis: int = 0

    def __post_init__(self) -> None:
        require(self.lower < self.upper, f"the target needs lower < upper, got {self.lower} and {self.upper}")
        require(self.axis >= 0, f"`axis` must not be negative, got {self.axis}")

    def __call__(self, w: ArrayLike) -> Booleans:
        """Whether each of w (..., d) is there."""
        x = np.asarray(w)[..., self.axis]
        return np.asarray((x <= self.lower) | (x >= self.upper))

    @property
    def ends(self) -> tuple[float, float]:
        """Where walkers arrive, below and above."""
        return self.lower, self.upper


Target = HalfSpace | Outside | Callable[[Array], Booleans]


@dataclass(frozen=True, eq=False)
class Arrivals:
    """When walkers first reached a target; nobody is dropped.

    Parameters
    ----------
    times
        Shape (walkers,); NaN for those that have not arrived by `horizon` or diverged before.
    horizon
        Time of the last step.
    diverged
        Number of walkers whose position is no longer finite.
    """

    times: Array = field(repr=False)
    horizon: float
    diverged: int

    @property
    def arrived(self) -> int:
        """Number of walkers that have arrived."""
        return int(np.isfinite(self.times).sum())

    @property
    def waiting(self) -> int:
        """Number of walkers that are still on their way."""
        return len(self.times) - self.arrived - self.diverged

    @property
    def mean(self) -> tuple[float, float]:
        """Mean time and its standard error.

        Raises
        ------
        InputError
            If somebody has not arrived: the mean of the others is too short.
        """
        require(
            self.arrived == len(self.times),
            f"a mean needs all walkers to arrive, got {self.waiting} of {len(self.times)} still on their way and "
            f"{self.diverged} diverged; raise `steps`, or take `rate`",
        )
        return float(self.times.mean()), float(self.times.std() / math.sqrt(len(self.times)))

    @property
    def rate(self) -> tuple[float, float]:
        """Arrivals per time at risk and its standard error: maximum likelihood of a censored exponential law.

        Raises
        ------
        InputError
            If walkers diverged: nobody knows how long they were at risk.
        """
        require(self.diverged == 0, f"a rate needs walkers that do not diverge, got {self.diverged}; reduce `dt`")
        risk = float(np.where(np.isnan(self.times), self.horizon, self.times).sum())
        return (self.arrived / risk, math.sqrt(self.arrived) / risk) if risk > 0 else (math.inf, math.nan)


def first_passage_times(
    sde: PathEquation,
    start: ArrayLike,
    target: Target,
    *,
    dt: float,
    steps: int,
    rng: np.random.Generator,
    scheme: Scheme = EulerMaruyama(),  # noqa: B008 - frozen
    between: bool = True,
    domain: Grid | None = None,
    sides: Reflecting | None = None,
    threads: int | None = None,
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
    dt, steps, rng, domain, sides, threads
        As in `sample_paths`.

    Raises
    ------
    InputError
        As `sample_paths`, or if the target does not fit.

    References
    ----------
    Gobet (2000), Weak approximation of killed diffusion using Euler schemes.
    """
    positions = checked_positions(start, sde.dim)
    require(steps >= 0 and steps % 1 == 0, f"`steps` must be a whole number, not negative, got {steps}")
    require(threads is None or threads >= 1, f"`threads` must be at least 1, got {threads}")
    ends = _target_array(target, sde.dim, between)
    begin = scheme.prepare(sde, setting_of(sde, dt, scheme, domain, sides, target=ends))
    refuse_leaps(sde, positions, *_ends_reached(target, positions))
    streams = spawn_streams(rng, len(positions))
    interrupted = threading.Event()

    def follow(index: int) -> tuple[Array, int]:
        w = np.ascontiguousarray(positions[index * BLOCK : (index + 1) * BLOCK].T)
        return _follow(begin, w, streams[index], target, int(steps), interrupted)

    with (
        tqdm(total=len(positions), unit="walker", delay=2, disable=None, leave=False) as bar,
        ThreadPoolExecutor(threads or os.cpu_count()) as pool,
    ):
        found = []
        try:
            for times, diverged in pool.map(follow, range(len(streams))):
                found.append((times, diverged))
                bar.update(len(times))
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
    interrupted: threading.Event,
) -> tuple[Array, int]:
    """Times in steps of a block at w (d, n), and how many diverged."""
    times = np.where(_holds(target, w), 0.0, np.nan)
    index = np.flatnonzero(np.isnan(times))  # who is still followed
    w = np.ascontiguousarray(w[:, index])
    memory: tuple[Array, ...] = ()
    look = LOOK if isinstance(target, HalfSpace | Outside) else 1
    walking = begin(w, stream)
    assert isinstance(walking, Walking)
    done = 0
    while done < steps and len(index) and not interrupted.is_set():
        some = min(look, steps - done)
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
            walking = begin(w, stream)
            assert isinstance(walking, Walking)
            for array, before in zip(walking.memory, memory, strict=True):
                array[...] = before
            walking.walk.clock[0] = done
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
    """`Walk.target`, or None for a function."""
    if not isinstance(target, HalfSpace | Outside):
        require(callable(target), f"`target` must be HalfSpace, Outside or a function of points, got {target!r}")
        return None
    require(0 <= target.axis < dim, f"the target's `axis` must be 0 to {dim - 1}, got {target.axis}")
    lower, upper = target.ends
    require(lower < upper, f"the target needs lower < upper, got {lower} and {upper}")
    return np.array([target.axis, lower, upper, float(between)])
