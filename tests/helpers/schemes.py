"""Equations with known solutions, and how orders of schemes are measured on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy
from checks import observed_order
from scipy.linalg import expm

from theory import (
    CallableLandscape,
    Constant,
    Interpretation,
    Ito,
    Langevin,
    SymbolicLandscape,
    SymbolicTensor,
    sample_paths,
)
from theory.base.arrays import Array, ArrayLike
from theory.landscapes.compiled import CompiledField

X, Y, U, V = sympy.symbols("x y u v", real=True)
A = np.array([[-1, 0.3], [0.3, -1]])
COMMUTING = [np.array([[0.3, 0.2], [0.2, 0.3]]), np.array([[0.1, 0.4], [0.4, 0.1]])]
CROSSED = [np.array([[0.3, 0.6], [0, 0.2]]), np.array([[0, -0.5], [0.6, 0.1]])]
WIENER = Langevin(SymbolicLandscape("0*w", ["w"]), Constant(np.array(0.5)))
DOUBLE_WELL = SymbolicLandscape("(w**2 - 1)**2/4")


def seeded(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def bare(landscape: Any) -> CallableLandscape:
    """The same landscape with its formula hidden, so that paths run through NumPy."""
    return CallableLandscape(landscape.value, landscape.gradient, landscape.hessian, dim=landscape.dim)


def geometric(volatility: float, reading: Interpretation = Ito()) -> Langevin:  # noqa: B008 - frozen
    """The equation dx = volatility x dW."""
    root = sympy.Matrix([[volatility * X / sympy.sqrt(2)]])
    return Langevin(SymbolicLandscape("0*x", ["x"]), SymbolicTensor(root, (X,)), reading)


def linear(factors: Sequence[Array]) -> Langevin:
    """The equation dx = A x dt + B_1 x dW_1 + B_2 x dW_2 in the plane, with (W_1, W_2) as further components."""
    point = sympy.Matrix([X, Y])
    columns = sympy.Matrix.hstack(*(sympy.Matrix(b) * point for b in factors))
    root = sympy.Matrix.vstack(columns, sympy.eye(2)) / sympy.sqrt(2)
    drift = CompiledField((*(sympy.Matrix(A) * point), sympy.Integer(0), sympy.Integer(0)), (X, Y, U, V))
    flat = SymbolicLandscape("0*x + 0*y + 0*u + 0*v", ["x", "y", "u", "v"])
    return Langevin(flat, SymbolicTensor(root, (X, Y, U, V)), extra_drift=drift)


def root_mean_square(errors: Array) -> float:
    return float(np.sqrt(np.mean(np.sum(np.square(errors), axis=-1))))


def strong_order(
    equation: Any,
    start: ArrayLike,
    exact: Any,
    scheme: Any,
    steps: Sequence[int] = (8, 16, 32, 64),
    walkers: int = 4000,
) -> float:
    """Order of the distance at time 1 from `exact(final, brownian)`, or, without it, from 16 times smaller steps.

    One Brownian motion, seen at different steps, drives every run.
    """
    errors = []
    for k in steps:
        final, fine = (
            sample_paths(
                equation,
                np.tile(start, (walkers, 1)),
                dt=1 / n,
                steps=n,
                rng=seeded(1),
                scheme=scheme,
                join=2048 // n if exact is None else 1,
            ).final
            for n in (k, k if exact else 2048)
        )
        if exact is not None:
            brownian = sample_paths(WIENER, np.zeros(walkers), dt=1 / k, steps=k, rng=seeded(1)).final
            fine = exact(final, brownian)
        errors.append(root_mean_square(final - fine))
    return observed_order(1 / np.array(steps), errors)


def second_moment_map(scheme: Any, equation: Any, dt: float, walkers: int = 20_000) -> Array:
    """The matrix by which one step of `scheme` maps E (x^2, x y, y^2) of a linear equation.

    Hermite polynomials of the increments, of mean zero, take nearly all the noise out of the sample.
    """
    columns = []
    for start in ((1, 0), (0, 1), (1, 1)):
        begin = np.tile([*start, 0.0, 0.0], (walkers, 1))
        end = sample_paths(equation, begin, dt=dt, steps=1, rng=seeded(2), scheme=scheme).final
        u, v = end[:, 2] / np.sqrt(dt), end[:, 3] / np.sqrt(dt)
        hermite = [[np.ones(walkers), z, z**2 - 1, z**3 - 3 * z, z**4 - 6 * z**2 + 3] for z in (u, v)]
        controls = np.stack([hermite[0][i] * hermite[1][j] for i in range(5) for j in range(5 - i)][1:], axis=1)
        squares = np.stack([end[:, 0] ** 2, end[:, 0] * end[:, 1], end[:, 1] ** 2], axis=1)
        fitted = np.linalg.lstsq(np.column_stack([np.ones(walkers), controls]), squares, rcond=None)[0]
        columns.append(fitted[0])
    xx, yy, both = columns
    return np.column_stack([xx, both - xx - yy, yy])


def second_moment_generator(factors: Sequence[Array]) -> Array:
    """The same for the equation: d/dt E (x^2, x y, y^2) is this matrix times them."""
    basis = [np.diag([1, 0]), np.array([[0, 1], [1, 0]]), np.diag([0, 1])]
    rates = [A @ m + m @ A.T + sum(b @ m @ b.T for b in factors) for m in basis]
    return np.column_stack([[r[0, 0], r[0, 1], r[1, 1]] for r in rates])


def weak_order(scheme: Any, factors: Sequence[Array], steps: Sequence[int] = (4, 8, 16)) -> float:
    """Order of the error of all second moments at time 1."""
    equation, exact = linear(factors), expm(second_moment_generator(factors))
    errors = [
        np.linalg.norm(np.linalg.matrix_power(second_moment_map(scheme, equation, 1 / k), k) - exact)
        for k in steps
    ]
    return observed_order(1 / np.array(steps), errors)
