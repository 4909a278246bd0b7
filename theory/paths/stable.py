"""Jumps: paths driven by alpha-stable noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from theory.arrays import Array
from theory.errors import require
from theory.kernels import kernel
from theory.paths.euler import euler_step, tame_drift
from theory.paths.scheme import PathEquation, Setting, Walking, coefficients, require_first_order
from theory.paths.walk import Walk, draw, finish
from theory.walkers import Begin, Stepper


@kernel
def stable_number(stream: np.random.Generator, alpha: float) -> float:
    """A symmetric stable number, E exp(i k x) = exp(-|k|^alpha), by Chambers, Mallows & Stuck (1976)."""
    angle = np.pi * (stream.random() - 0.5)
    if alpha == 1.0:
        return float(np.tan(angle))
    wait = stream.standard_exponential()
    quotient = math.cos((1 - alpha) * angle) / (wait * math.cos(angle))
    return float(math.sin(alpha * angle) / math.cos(angle) * quotient ** ((1 - alpha) / alpha))


@kernel
def jump(stream: np.random.Generator, walk: Walk, alpha: float, size: float) -> None:
    """Add independent stable numbers times `size` to all components."""
    for axis in range(walk.w.shape[0]):
        for i in range(walk.w.shape[1]):
            walk.w[axis, i] += size * stable_number(stream, alpha)


@kernel
def stable_loop(
    field: Any,
    stream: np.random.Generator,
    walk: Walk,
    squares: Array,
    steps: int,
    dt: float,
    spread: float,
    alpha: float,
    size: float,
    length: float,
) -> None:
    """Euler's step with tamed drift and stable jumps."""
    for _ in range(steps):
        draw(stream, walk, 1)
        field(walk.w, walk.field)
        tame_drift(walk, squares, dt, length)
        euler_step(walk, dt, spread)
        jump(stream, walk, alpha, size)
        finish(stream, walk, dt)


@dataclass(frozen=True)
class AlphaStable:
    """dw = b dt + sqrt(2 D) dW + scale dL with L of independent symmetric alpha-stable components: weak order 1.

    L has E exp(i k L_t) = exp(-t |k|^alpha): alpha = 2 is Gaussian with D = scale^2, alpha = 1 is Cauchy; below 2
    there are no moments of order alpha and above. For jumps alone take D = `Constant` zero of the dimension. Steps
    of the drift are tamed to `length`, since a long jump may land where it is steep. Barriers are crossed by
    single jumps: mean times to leave a basin grow as scale^-alpha, whatever its height.

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
    length: float = 1.0

    strong_order: ClassVar[float] = math.nan  # paths have no second moment to measure it by
    weak_order: ClassVar[float] = 1.0
    joins: ClassVar[bool] = False

    def __post_init__(self) -> None:
        require(0 < self.alpha <= 2, f"`alpha` must be above 0 and at most 2, got {self.alpha}")
        for name in ("scale", "length"):
            number = getattr(self, name)
            require(math.isfinite(number) and number > 0, f"`{name}` must be positive and finite, got {number}")

    def prepare(self, sde: PathEquation, setting: Setting) -> Begin:
        """See `Scheme`: every Langevin equation fits."""
        field = coefficients(require_first_order(sde, self))
        loop = field.loop(stable_loop)
        dt, spread = setting.dt, setting.spread
        size = self.scale * dt ** (1 / self.alpha)

        def begin(w: Array, stream: np.random.Generator) -> Stepper:
            walk = setting.walk(w, field.rows, field.channels, between=False)
            squares = np.empty(w.shape[1])

            def advance(steps: int) -> None:
                loop(field.kernel, stream, walk, squares, steps, dt, spread, self.alpha, size, self.length)

            return Walking(advance, (), walk)

        return begin
