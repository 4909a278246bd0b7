"""Jumps: paths driven by alpha-stable noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.kernels import kernel
from theory.base.showing import as_call
from theory.laws.walkers import Begin, Stepper
from theory.paths.block import PathBlock, finish
from theory.paths.euler import euler_step, tame_drift
from theory.paths.followed import Follower, followed_loop
from theory.paths.jumps import Leaps, draw_jumps, jump, watch
from theory.paths.scheme import PathEquation, Setting, Walking, coefficients, require_first_order


@kernel
def tamed_jump_loop(
    field: Any,
    stream: np.random.Generator,
    walk: PathBlock,
    jumps: Array,
    follower: Follower,
    steps: int,
    leaps: Leaps,
    length: float,
) -> None:
    """Euler's step, its drift tamed, and stable jumps."""
    for _ in range(steps):
        draw_jumps(stream, walk, jumps, follower.moments, leaps)
        field(walk.w, walk.field)
        tame_drift(walk, follower.spans, leaps.dt, length)
        euler_step(walk, leaps.dt, leaps.spread)
        jump(walk, jumps, leaps.size)
        if leaps.watched:
            watch(stream, walk, jumps, leaps)
        finish(stream, walk, leaps.dt)


@dataclass(frozen=True)
class AlphaStable:
    """dw = b dt + sqrt(2 D) dW + scale dL with L of independent symmetric alpha-stable components: weak order 1.

    L has E exp(i k L_t) = exp(-t |k|^alpha): alpha = 2 is Gaussian with D = scale^2, alpha = 1 is Cauchy; below 2
    there are no moments of order alpha and above. For jumps alone take D = `Constant` zero of the dimension.
    Barriers are crossed by single jumps: mean times to leave a basin grow as scale^-alpha, whatever its height.

    The jumps of a step are made at one uniform moment of it, the drift being followed before and after by Heun's
    steps, so many that none changes it by more than half. So a single long jump is exact, also into a steep drift,
    and the law is off by a term of second order in `dt`, where D varies of first order; a comparison of two runs
    with `join` shows it. First passages of `HalfSpace` and `Outside` are seen within steps: near an end a step is
    divided, without change of its law, until its jumps hardly reach the end. The drift is then followed in one
    piece before the jumps, of first order; free exits are at most .7 % late at steps of a fifth of their time.

    Parameters
    ----------
    alpha, scale
        As above.
    length
        Tames the drift of Euler's steps instead, everywhere: none is longer than this. By default it is not tamed.

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

    def __repr__(self) -> str:
        return as_call(self)

    def prepare(self, sde: PathEquation, setting: Setting) -> Begin:
        """See `Scheme`: every Langevin equation fits.

        Raises
        ------
        InputError
            If the equation or the setting is not one of this scheme.
        """
        field = coefficients(require_first_order(sde, self))
        size = self.scale * (setting.dt / setting.joined) ** (1 / self.alpha)
        watched = setting.target is not None and bool(setting.target[3])
        leaps = Leaps(setting.dt, setting.joined, setting.spread, float(self.alpha), size, watched)
        followed, tamed = field.loop(followed_loop), field.loop(tamed_jump_loop)

        def begin(w: Array, stream: np.random.Generator) -> Stepper:
            walk = setting.walk(w, field.rows, field.channels, between=False)
            jumps, follower = np.empty_like(w), Follower.of(walk.field, w)

            def advance(steps: int) -> None:
                with np.errstate(all="ignore"):  # diverged walkers are counted, not hidden
                    if self.length is None:
                        followed(field.kernel, stream, walk, jumps, follower, steps, leaps)
                    else:
                        tamed(field.kernel, stream, walk, jumps, follower, steps, leaps, float(self.length))

            return Walking(advance, (), walk)

        return begin
