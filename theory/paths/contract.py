"""What a scheme of the user's own must give."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from theory.base.arrays import Array, ArrayLike
from theory.base.contracts import Kept, Part
from theory.base.errors import require
from theory.base.trials import trial_points
from theory.paths.domain import domain_of
from theory.paths.scheme import PathEquation, PathStep, Scheme, Setting

COPIES: Final = 16  # of a walker, which noise must part


def check_scheme(
    scheme: Scheme | PathStep, sde: PathEquation, points: ArrayLike | None = None, *, dt: float = 1e-3
) -> Kept:
    """What a scheme keeps of its contract on `sde`: finite places, of the walkers' shape, from the stream alone.

    Parameters
    ----------
    points
        From where a step of the time `dt` is tried, shape (n, d); by default from four places around 0.

    Raises
    ------
    InputError
        If it does not keep it, in one line with its name.
    """
    require(0 < dt < np.inf, f"`dt` must be positive and finite, got {dt}")
    where, _ = trial_points(sde.dim, points)
    part = Part.of("scheme", scheme)
    if isinstance(scheme, Scheme):
        try_block(part, sde, where, Setting(dt, 1, domain_of(None, None, sde)))
    else:
        try_step(part, sde, where, dt)
    return Kept(part.name, ("a step gives finite places, of the walkers' shape, from its stream alone",))


def moved_by(part: Part, sde: PathEquation, points: Array, dt: float, stream: np.random.Generator) -> Array:
    """Where a `PathStep` leads from points (n, d), which it must leave as they are."""

    def step(w: Array) -> Any:
        return part.value.step(sde, w, dt, stream)

    return part.numbers("step", points, (points.shape[1],), function=step)


def try_step(part: Part, sde: PathEquation, where: Array, dt: float) -> None:
    """Refuse a `PathStep` whose step from points (n, d) breaks its contract.

    Raises
    ------
    InputError
        As `check_scheme`.
    """
    moved = part.reproducible("step", lambda rng: moved_by(part, sde, where, dt, rng))
    _require_finite(part, "step", where, moved)
    copies = np.tile(where[:1], (COPIES, 1))
    ends = moved_by(part, sde, copies, dt, part.stream())
    noisy = bool(np.abs(sde.tensor(where[:1])).max() > 0) and not np.array_equal(ends, copies)
    part.require(
        not noisy or bool((ends != ends[0]).any()),
        f"`step` must give each walker noise of its own, got one place for {COPIES} walkers; draw numbers (n, d)",
    )


def try_block(part: Part, sde: PathEquation, where: Array, setting: Setting) -> None:
    """Refuse a `Scheme` whose block from points (n, d) breaks its contract.

    Raises
    ------
    InputError
        As `check_scheme`.
    """
    for name in ("strong_order", "weak_order", "joins"):
        part.attribute(name)

    def run(rng: np.random.Generator) -> Array:
        begin = part.call("prepare", sde, setting)
        part.require(callable(begin), f"`prepare` must give a function, got {type(begin).__name__}; see `Scheme`")
        w = np.array(where.T, order="C")
        advance = part.guarded("prepare", lambda: begin(w, rng))
        part.require(
            callable(advance), f"what begins a block must give a function of a number of steps, got {advance!r}"
        )
        part.guarded("prepare", lambda: advance(1))
        part.require(w.shape == where.T.shape, f"a step must keep the shape {where.T.shape}, got {w.shape}")
        return w.T

    moved = part.reproducible("prepare", run)
    _require_finite(part, "prepare", where, moved)
    with np.errstate(all="ignore"):
        driven = np.abs(sde.drift(where)).max(initial=0.0) + np.abs(sde.tensor(where)).max(initial=0.0)
    part.require(
        driven == 0 or not np.array_equal(moved, where),
        "a step must advance the positions w (d, n) in place, it leaves them; write w[:] = ...",
    )


def _require_finite(part: Part, name: str, where: Array, moved: Array) -> None:
    bad = np.flatnonzero(~np.isfinite(moved).all(axis=1))
    if len(bad):
        part.refuse(
            f"`{name}` must lead to finite places, got {moved[bad[0]].tolist()} from w = "
            f"{where[bad[0]].tolist()}; mend it there, or reduce `dt`"
        )
