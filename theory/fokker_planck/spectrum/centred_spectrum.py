"""Eigenvalues of an equation whose drift rules or whose noise misses a direction, by central differences."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from theory.base.arrays import Array, Booleans, Integers
from theory.base.errors import InputError
from theory.base.rounding import LEAST_NORMAL, NOT_ZERO
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import Centred, Edges, build_generator, carrying_drift
from theory.fokker_planck.lattice import Operator
from theory.laws import Grid
from theory.laws.neighbours import along_axis
from theory.markov import Spectrum
from theory.markov.framed import Complexes, Framed, framed, framed_matrix
from theory.markov.similar import law_weights
from theory.markov.slow_modes import scaled_modes, unframed

NEAREST_NEIGHBOURS = Centred(longest_step=1)
SPARE = 2  # modes beyond the asked ones, so that no pair is cut
LEAST_RATIO = 1e-12  # ratio of the sizes of eigenvalues in one quotient: rounding below
PAIRED = 1e-6  # of the largest eigenvalue
ORDER = 6  # of the differences whose quotient is taken
SAFETY_OF_STEPS = 4.0  # times the relative step to the central differences: share of that step that is the error


def centred_spectrum(
    equation: Equation, grid: Grid, k: int, rate: float, *, damped: bool, least: int | None = None
) -> Spectrum:
    """The k eigenvalues nearest to 0, of fourth order, with errors.

    Left and right eigenvectors of the centred flux, of second order, in the frame of the fitted law, and between
    them Rayleigh's quotient with differences of sixth order: errors of the vectors come in as products. Where
    noise misses a direction modes that alternate between cells would hardly decay; `damped` adds rates `rate`
    along the axes, a diffusion of second order in the spacing that the quotient leaves out, and they decay four
    times as fast as that.

    At least `least` eigenvalues, k by default: a cluster at the end is left out whole.

    The error is that of rounding, and of each step from second order four times the share that the largest is of
    the eigenvalues: products of errors of the vectors.

    Raises
    ------
    InputError
        If the iteration does not settle, or nothing but rounding is left of an eigenvalue.
    NoStationaryDensity
        If the fitted law exceeds the range of floating point numbers.

    References
    ----------
    Parlett (1974), "The Rayleigh quotient iteration and some generalizations for nonnormal matrices".
    """
    positions = np.stack(np.unravel_index(np.arange(grid.size), grid.shape), axis=-1)
    logs = law_weights(build_generator(equation, grid), positions)
    edges = NEAREST_NEIGHBOURS.edges(equation, grid)
    if damped:
        edges = edges.joined(_damping(grid, rate))
    matrix = framed_matrix(edges.generator(), logs, symmetric=False)
    found = framed(matrix, k + SPARE, rate, symmetric=False)
    moving = _whole(
        np.flatnonzero(_paired(found.eigenvalues) & (np.arange(len(found.eigenvalues)) > 0)), found, least or k
    )
    right, left = (np.linalg.qr(vectors[:, moving])[0] for vectors in (found.right, found.left))
    weights = np.exp((logs - logs.max()) / 2)
    operator = Operator(grid, equation.tensor(grid.centers), carrying_drift(equation, grid), ORDER)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        carried = np.stack([_applied(operator, weights * mode, grid) for mode in right.T], axis=1)
        carried /= np.maximum(weights, LEAST_NORMAL)[:, None]
    gram = left.conj().T @ right
    quotient = np.linalg.solve(gram, left.conj().T @ carried)
    values, turns = np.linalg.eig(quotient)
    if not np.abs(values).min(initial=np.inf) > LEAST_RATIO * np.abs(values).max(initial=0.0):
        raise InputError(
            f"central differences must resolve the modes, got eigenvalues of sizes {np.abs(values).min():.3g} to "
            f"{np.abs(values).max():.3g}; refine the grid"
        )
    order = np.argsort(np.abs(values), kind="stable")[: k - 1]
    plain = found.eigenvalues[moving]
    nearest = linear_sum_assignment(np.abs(values[:, None] - plain) ** 2)[1]
    steps = np.abs(values - plain[nearest])
    share = min(1.0, SAFETY_OF_STEPS * float(steps.max(initial=0.0) / np.abs(values).max(initial=NOT_ZERO)))
    rounding = found.rounding[moving][nearest]
    values = np.where(np.abs(values.imag) <= rounding, values.real, values)[order]
    errors = (rounding + share * steps)[order]
    modes = np.concatenate([found.right[:, :1], right @ turns[:, order]], axis=1)
    return Spectrum(np.append(0, values), scaled_modes(unframed(modes, logs)), np.append(0, errors))


def _whole(moving: Integers, found: Framed, least: int) -> Integers:
    """The modes up to the widest gap beyond `least`: left and right ones of a cluster that is cut do not fit."""
    sizes = np.abs(found.eigenvalues[moving])
    first = max(least - 1, 1)
    if len(moving) <= first:
        return moving
    gaps = sizes[first:] / np.maximum(sizes[first - 1 : -1], NOT_ZERO)
    return moving[: first + int(np.argmax(gaps))]


def _paired(values: Complexes) -> Booleans:
    """Whether the conjugate of each is among them: the last one may have lost its own."""
    distances = np.abs(values.conj()[:, None] - values).min(axis=1)
    return np.asarray(distances <= PAIRED * np.abs(values).max())


def _applied(operator: Operator, mode: Complexes, grid: Grid) -> Complexes:
    """The rate at which masses change."""
    parts = [operator.residual(part.reshape(grid.shape)).ravel() for part in (mode.real, mode.imag)]
    return np.asarray(parts[0] + 1j * parts[1])


def _damping(grid: Grid, rate: float) -> Edges:
    """Equal rates both ways between neighbours along every axis."""
    pairs = [along_axis(grid, axis) for axis in range(grid.dim)]
    sources, targets, steps = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    rates: Array = np.full(len(sources), rate)
    return Edges(grid, sources, targets, steps, rates, rates)
