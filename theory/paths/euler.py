"""Euler's schemes: plain, and tamed for coefficients that grow faster than linearly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.kernels import kernel
from theory.equations import Langevin
from theory.laws.walkers import Begin, Stepper
from theory.models import ExampleDiffusion
from theory.paths.block import PathBlock, draw, finish
from theory.paths.scheme import PathEquation, Setting, Walking, coefficients
from theory.tensors.protocol import PushingField


@kernel
def euler_step(walk: PathBlock, dt: float, spread: float) -> None:
    """W + b dt + g dW."""
    w, field = walk.w, walk.field
    for axis in range(w.shape[0]):
        for i in range(w.shape[1]):
            w[axis, i] += dt * field[axis, i]
    diffuse(walk, spread)


@kernel
def diffuse(walk: PathBlock, spread: float) -> None:
    """W + g dW."""
    w, field, noise = walk.w, walk.field, walk.noise
    dim, walkers = w.shape
    channels = noise.shape[0]
    for axis in range(dim):
        for channel in range(channels):
            row = dim + axis * channels + channel
            for i in range(walkers):
                w[axis, i] += spread * field[row, i] * noise[channel, i]


@kernel
def euler_loop(
    field: Any, stream: np.random.Generator, walk: PathBlock, steps: int, dt: float, spread: float, joined: int
) -> None:
    """Euler-Maruyama."""
    for _ in range(steps):
        draw(stream, walk, joined)
        field(walk.w, walk.field)
        euler_step(walk, dt, spread)
        finish(stream, walk, dt)


@kernel
def square_norms(field: Array, first: int, last: int, squares: Array) -> None:
    """Sum of the squares of the rows from `first` up to `last`, for each walker."""
    squares[:] = 0.0
    for row in range(first, last):
        for i in range(squares.shape[0]):
            squares[i] += field[row, i] * field[row, i]


@kernel
def tame_drift(walk: PathBlock, squares: Array, dt: float, length: float) -> None:
    """Divide the drift by 1 + dt |b| / length."""
    dim, walkers = walk.w.shape
    square_norms(walk.field, 0, dim, squares)
    for i in range(walkers):
        squares[i] = 1 / (1 + dt * np.sqrt(squares[i]) / length)
    for row in range(dim):
        for i in range(walkers):
            walk.field[row, i] *= squares[i]


@kernel
def tame_noise(walk: PathBlock, squares: Array, dt: float, length: float) -> None:
    """Divide the factor by (1 + dt |g|^2 / length^2)^(1/2)."""
    dim, walkers = walk.w.shape
    last = dim * (1 + walk.noise.shape[0])
    square_norms(walk.field, dim, last, squares)
    for i in range(walkers):
        squares[i] = 1 / np.sqrt(1 + dt * squares[i] / (length * length))
    for row in range(dim, last):
        for i in range(walkers):
            walk.field[row, i] *= squares[i]


@kernel
def tamed_loop(
    field: Any,
    stream: np.random.Generator,
    walk: PathBlock,
    squares: Array,
    steps: int,
    dt: float,
    spread: float,
    joined: int,
    length: float,
) -> None:
    """Tamed Euler."""
    for _ in range(steps):
        draw(stream, walk, joined)
        field(walk.w, walk.field)
        tame_drift(walk, squares, dt, length)
        tame_noise(walk, squares, dt, length)
        euler_step(walk, dt, spread)
        finish(stream, walk, dt)


@dataclass(frozen=True)
class EulerMaruyama:
    """w <- w + b dt + sqrt(2 D) dW with the Ito drift b: strong order 1/2, weak order 1.

    Where D is constant the strong order is 1. It is a map in discrete time: where dt times the curvature
    exceeds 2 it leaves minima that the equation never leaves, so compare two step sizes.

    References
    ----------
    Kloeden & Platen (1992), Numerical Solution of Stochastic Differential Equations, section 10.2.
    """

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 1.0
    joins: ClassVar[bool] = True

    def prepare(self, sde: PathEquation, setting: Setting) -> Begin:
        """See `Scheme`: compiled where the equation is a formula, through NumPy otherwise."""
        if isinstance(sde.diffusion, PushingField):
            return _pushed(sde, sde.diffusion, setting)
        field = coefficients(sde)
        dt, spread, joined = setting.dt, setting.spread, setting.joined
        loud = math.sqrt(2 * dt / joined)

        def begin(w: Array, stream: np.random.Generator) -> Stepper:
            walk = setting.walk(w, field.rows, field.channels)

            def fast(steps: int) -> None:
                euler_loop(field.kernel, stream, walk, steps, dt, spread, joined)

            def plain(steps: int) -> None:
                for _ in range(steps):
                    draw(stream, walk, joined)
                    with np.errstate(over="ignore", invalid="ignore"):  # diverged walkers are counted, not hidden
                        points = w.T
                        root = sde.diffusion.root(points)
                        walk.field[sde.dim :] = math.sqrt(2) * root.reshape(len(points), -1).T
                        push = np.einsum("nik,nk->ni", root, walk.noise.T)
                        w[:] = (points + dt * sde.drift(points) + loud * push).T
                    finish(stream, walk, dt)

            return Walking(fast if field.compiled else plain, (), walk)

        return begin


def _pushed(sde: PathEquation, field: PushingField, setting: Setting) -> Begin:
    """Euler-Maruyama where the field applies its factor itself; arrivals are seen at the ends of steps."""
    dt, loud = setting.dt, math.sqrt(2 * setting.dt / setting.joined)
    plain = isinstance(sde, Langevin) and sde.extra_drift is None and not sde.share

    def stride(points: Array, normals: Array) -> Array:
        if plain and isinstance(field, ExampleDiffusion) and sde.landscape is field.model:
            return field.stride(points, normals, dt, loud)
        return dt * sde.drift(points) + loud * field.push(points, normals)

    def begin(w: Array, stream: np.random.Generator) -> Stepper:
        walk = setting.walk(w, 0, field.channels, between=False)

        def advance(steps: int) -> None:
            for _ in range(steps):
                draw(stream, walk, setting.joined)
                with np.errstate(over="ignore", invalid="ignore"):  # diverged walkers are counted, not hidden
                    points = w.T
                    w[:] = (points + stride(points, walk.noise.T)).T
                finish(stream, walk, dt)

        return Walking(advance, (), walk)

    return begin


@dataclass(frozen=True)
class TamedEuler:
    """Euler's step made safe for polynomial growth: strong order 1/2, weak order 1, and no path diverges.

    w <- w + b dt / (1 + dt |b| / length) + g dW / (1 + dt |g|^2 / length^2)^(1/2) with g = sqrt(2 D): changes of
    relative order dt leave the orders as they are, while no drift step is longer than `length` and no noise step
    has a larger standard deviation. Where Euler-Maruyama overshoots ever further, these walkers come back.

    Parameters
    ----------
    length
        Longest step, in the units of w: of the size of the region that matters.

    Raises
    ------
    InputError
        If `length` is not positive and finite.

    References
    ----------
    Hutzenthaler, Jentzen & Kloeden (2012), Strong convergence of an explicit numerical method for SDEs with
    nonglobally Lipschitz continuous coefficients; Sabanis (2016), Euler approximations with varying coefficients.
    """

    length: float = 1.0

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 1.0
    joins: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require(
            math.isfinite(self.length) and self.length > 0,
            f"`length` must be positive and finite, got {self.length}",
        )

    def prepare(self, sde: PathEquation, setting: Setting) -> Begin:
        """See `Scheme`: every equation fits."""
        field = coefficients(sde)
        loop = field.loop(tamed_loop)
        dt, spread, joined = setting.dt, setting.spread, setting.joined

        def begin(w: Array, stream: np.random.Generator) -> Stepper:
            walk = setting.walk(w, field.rows, field.channels)
            squares = np.empty(w.shape[1])

            def advance(steps: int) -> None:
                loop(field.kernel, stream, walk, squares, steps, dt, spread, joined, self.length)

            return Walking(advance, (), walk)

        return begin
