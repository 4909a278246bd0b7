"""Milstein's scheme."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.kernels import kernel
from theory.equations import Langevin
from theory.landscapes.compiled import CompiledField
from theory.landscapes.function import central_differences
from theory.laws.walkers import Begin, Stepper
from theory.paths.block import PathBlock, draw, finish
from theory.paths.euler import euler_step
from theory.paths.noise import along, columns_of, commutes
from theory.paths.scheme import (
    Coefficients,
    PathEquation,
    Setting,
    Walking,
    coefficients,
    once,
    require_first_order,
)
from theory.tensors import Constant


@kernel
def milstein_correction(walk: PathBlock, dt: float, spread: float) -> None:
    """Add sum_(j < k) L^j g^k dW_j dW_k + sum_j L^j g^j (dW_j^2 - dt) / 2."""
    w, field, noise = walk.w, walk.field, walk.noise
    dim, walkers = w.shape
    channels = noise.shape[0]
    row = dim * (1 + channels)
    for k in range(channels):
        for j in range(k + 1):
            for axis in range(dim):
                for i in range(walkers):
                    product = spread * spread * noise[j, i] * noise[k, i]
                    if j == k:
                        product = 0.5 * (product - dt)
                    w[axis, i] += field[row, i] * product
                row += 1


@kernel
def milstein_loop(
    field: Any, stream: np.random.Generator, walk: PathBlock, steps: int, dt: float, spread: float, joined: int
) -> None:
    """Milstein's scheme for noise that commutes. Rows: drift, factor, then L^j g^k for k and j <= k."""
    for _ in range(steps):
        draw(stream, walk, joined)
        field(walk.w, walk.field)
        euler_step(walk, dt, spread)
        milstein_correction(walk, dt, spread)
        finish(stream, walk, dt)


@dataclass(frozen=True)
class Milstein:
    """Euler-Maruyama with the second term of the noise's expansion: strong order 1, weak order 1.

    For noise whose channels commute, L^j g^k = L^k g^j with L^j = sum_i g_ij d_i, so that products of increments
    are enough: diagonal noise, one channel (SGD's limit for scalar q), constant noise. Formulas are tested for it;
    of Python functions only noise of one channel or constant noise is accepted, its derivative by fourth-order
    differences.

    Raises
    ------
    InputError
        Where the noise does not commute, or nobody can tell.

    References
    ----------
    Kloeden & Platen (1992), Numerical Solution of Stochastic Differential Equations, section 10.3.
    """

    strong_order: ClassVar[float] = 1.0
    weak_order: ClassVar[float] = 1.0
    joins: ClassVar[bool] = True

    def prepare(self, sde: PathEquation, setting: Setting) -> Begin:
        """See `Scheme`.

        Raises
        ------
        InputError
            If the equation or the setting is not one of this scheme.
        """
        field = once(sde, "_milstein", lambda: _with_correction(require_first_order(sde, self)))
        loop = field.loop(milstein_loop)
        dt, spread, joined = setting.dt, setting.spread, setting.joined

        def begin(w: Array, stream: np.random.Generator) -> Stepper:
            walk = setting.walk(w, field.rows, field.channels)

            def advance(steps: int) -> None:
                loop(field.kernel, stream, walk, steps, dt, spread, joined)

            return Walking(advance, (), walk)

        return begin


def _with_correction(sde: Langevin) -> Coefficients:
    """Drift, factor and the derivatives of the factor along itself."""
    whole = coefficients(sde)
    pairs = whole.channels * (whole.channels + 1) // 2
    rows = whole.rows + pairs * sde.dim
    if sde.compiled is not None:
        require(
            commutes(sde),
            "Milstein() needs noise that commutes (L^j g^k = L^k g^j), and this does not; take "
            "EulerMaruyama() (strong order 1/2) or Platen() (weak order 2)",
        )
        variables, columns = sde.compiled.variables, columns_of(sde)
        extra = [e for k, b in enumerate(columns) for a in columns[: k + 1] for e in along(a, b, variables)]
        return whole.with_rows(CompiledField((*sde.compiled.expressions, *extra), variables).kernel, rows)
    constant = isinstance(sde.diffusion, Constant)
    require(
        constant or whole.channels <= 1,
        "Milstein() needs noise that commutes, which cannot be seen of Python functions with several channels; "
        "give formulas, or take EulerMaruyama() or Platen()",
    )

    def factor(points: Array) -> Array:
        return math.sqrt(2) * sde.diffusion.root(points)

    def evaluate(w: Array, out: Array) -> None:
        whole.kernel(w, out[: whole.rows])
        out[whole.rows :] = 0.0
        if not constant:  # one channel
            with np.errstate(all="ignore"):
                slope = central_differences(factor, w.T)
                out[whole.rows :] = np.einsum("nikl,nlk->in", slope, factor(w.T))

    return whole.with_rows(evaluate, rows)
