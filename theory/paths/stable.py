"""Jumps: paths driven by alpha-stable noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from theory.arrays import Array
from theory.errors import InputError, require
from theory.kernels import kernel
from theory.langevin import Langevin
from theory.paths.euler import euler_step, tame_drift
from theory.paths.followed import Follower, followed_loop
from theory.paths.jumps import draw_jumps, jump, watch
from theory.paths.scheme import PathEquation, Setting, Walking, coefficients, require_first_order
from theory.paths.walk import Walk, finish
from theory.walkers import Begin, Stepper

FAR, FARTHER = 1e28, 1e30  # distances between which growth is read
LINEAR = 1.05  # power of the distance up to which a drift needs no care


@kernel
def stable_loop(
    field: Any,
    stream: np.random.Generator,
    walk: Walk,
    jumps: Array,
    squares: Array,
    steps: int,
    joined: int,
    dt: float,
    spread: float,
    alpha: float,
    size: float,
    length: float,
    watched: bool,
) -> None:
    """Euler's step, its drift tamed where the length is finite, and stable jumps."""
    for _ in range(steps):
        draw_jumps(stream, walk, jumps, joined, alpha)
        field(walk.w, walk.field)
        if length < np.inf:
            tame_drift(walk, squares, dt, length)
        euler_step(walk, dt, spread)
        jump(walk, jumps, size)
        if watched:
            watch(stream, walk, jumps, dt, spread, alpha, size)
        finish(stream, walk, dt)


@dataclass(frozen=True)
class AlphaStable:
    """dw = b dt + sqrt(2 D) dW + scale dL with L of independent symmetric alpha-stable components: weak order 1.

    L has E exp(i k L_t) = exp(-t |k|^alpha): alpha = 2 is Gaussian with D = scale^2, alpha = 1 is Cauchy; below 2
    there are no moments of order alpha and above. For jumps alone take D = `Constant` zero of the dimension.
    Barriers are crossed by single jumps: mean times to leave a basin grow as scale^-alpha, whatever its height.

    Where the drift grows at most linearly far away its steps are Euler's. Where it grows faster a long jump lands
    where it is steep, and it is followed in so many shorter steps (Heun's) that none changes it by more than half.
    The law is off by a term of first order in `dt` either way: compare two runs with `join`. First passages of
    `HalfSpace` and `Outside` are seen within steps: near an end a step is divided, without change of its law,
    until its jumps hardly reach the end.

    Parameters
    ----------
    alpha, scale
        As above.
    length
        Tames the drift instead, everywhere: no step of it is longer than this. By default it is not tamed.

    Raises
    ------
    InputError
        If alpha is not in (0, 2], or `scale` or `length` is not positive and finite.

    References
    ----------
    Imkeller & Pavlyukevich (2006), First exit times of SDEs driven by stable Lévy processes; Şimşekli, Sagun &
    Gürbüzbalaban (2019), A tail-index analysis of stochastic gradient noise in deep neural networks.
    """

    alpha: float
    scale: float
    length: float | None = None

    strong_order: ClassVar[float] = math.nan  # paths have no second moment to measure it by
    weak_order: ClassVar[float] = 1.0
    joins: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require(0 < self.alpha <= 2, f"`alpha` must be above 0 and at most 2, got {self.alpha}")
        for name in ("scale", "length"):
            number = getattr(self, name)
            require(
                (number is None and name == "length") or (math.isfinite(number) and number > 0),
                f"`{name}` must be positive and finite, got {number}",
            )

    def prepare(self, sde: PathEquation, setting: Setting) -> Begin:
        """See `Scheme`: every Langevin equation fits.

        Raises
        ------
        InputError
            If the equation or the setting is not one of this scheme.
        """
        langevin = require_first_order(sde, self)
        field = coefficients(langevin)
        dt, spread, joined, alpha = setting.dt, setting.spread, setting.joined, self.alpha
        size, length = self.scale * (dt / joined) ** (1 / alpha), self.length or math.inf
        followed = self.length is None and grows(langevin)
        loop = field.loop(followed_loop if followed else stable_loop)
        watched = setting.target is not None and bool(setting.target[3])

        def begin(w: Array, stream: np.random.Generator) -> Stepper:
            walk = setting.walk(w, field.rows, field.channels, between=False)
            jumps, squares, follower = np.empty_like(w), np.empty(w.shape[1]), Follower.of(walk.field, w)
            numbers = (joined, dt, spread, alpha, size)

            def advance(steps: int) -> None:
                with np.errstate(all="ignore"):  # diverged walkers are counted, not hidden
                    if followed:
                        loop(field.kernel, stream, walk, jumps, follower, steps, *numbers, watched)
                    else:
                        loop(field.kernel, stream, walk, jumps, squares, steps, *numbers, length, watched)

            return Walking(advance, (), walk)

        return begin


def grows(sde: Langevin) -> bool:
    """Whether the drift grows faster than linearly far away, along the axes or in scattered directions."""
    ways = np.vstack([np.eye(sde.dim), np.random.default_rng(0).normal(size=(8, sde.dim))])
    ways = np.vstack([ways, -ways])
    try:
        with np.errstate(all="ignore"):
            near, far = (np.linalg.norm(sde.drift(distance * ways), axis=-1) for distance in (FAR, FARTHER))
    except InputError:  # a table, which ends
        return True
    with np.errstate(all="ignore"):
        power = np.log(far / near) / math.log(FARTHER / FAR)
    bounded = (far == 0) | (power <= LINEAR)
    return not bool(np.all(bounded & np.isfinite(far)))
