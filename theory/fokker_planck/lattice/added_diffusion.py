"""The diffusion that a grid adds to an equation whose noise misses a direction, and what the law owes to it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from theory.base.arrays import Array
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import Edges, build_generator, symmetric_eigenvalues, unfitted_drift, widening
from theory.laws import Density, Grid, NoStationaryDensity
from theory.laws.neighbours import along_axis
from theory.markov import recurrent_classes, stationary_vector

LARGEST_MOVE = 0.1  # total variation by which twice the numerical diffusion may move a law
LARGEST_SHARE = 1.0  # numerical diffusion over the noise where the law lives
LARGEST_ROUGHNESS = 0.25  # total variation between a law and itself one cell on: a deviation of 1.6 cells
REMEDY = "sample paths, refine the grid, or add noise in every direction"


@dataclass(frozen=True, eq=False)
class NumericalDiffusion:
    """What the fitted flux adds to the diffusion tensor on a grid, along each axis: zero where D has full rank.

    Parameters
    ----------
    grid
        The grid.
    upwinding
        |r_i| h_i / 2 with r the part of b - div D outside the range of D, shape (*grid.shape, d).
    widening
        What keeps the stencils of a turned D without full rank short, shape (*grid.shape, d).
    noise
        The largest eigenvalue of D in each cell, shape `grid.shape`.
    """

    grid: Grid
    upwinding: Array = field(repr=False)
    widening: Array = field(repr=False)
    noise: Array = field(repr=False)

    @property
    def along_axes(self) -> Array:
        """The diagonal of the added tensor, shape (*grid.shape, d)."""
        return self.upwinding + self.widening

    @property
    def tensor(self) -> Array:
        """The added tensor, shape (*grid.shape, d, d)."""
        return self.along_axes[..., None] * np.eye(self.grid.dim)

    @property
    def relative(self) -> float:
        """The largest added diffusion over the largest eigenvalue of D, both on the whole grid."""
        return _ratio(self.along_axes.max(), self.noise.max())

    def share(self, law: Density) -> float:
        """The mean added diffusion under `law`, along its largest axis, over the mean largest eigenvalue of D."""
        added = np.tensordot(law.probabilities, self.along_axes, axes=self.grid.dim)
        return _ratio(added.max(), (law.probabilities * self.noise).sum())


def _ratio(added: float, noise: float) -> float:
    if added == 0:
        return 0.0
    return float(added / noise) if noise > 0 else np.inf


def numerical_diffusion(equation: Equation, grid: Grid) -> NumericalDiffusion:
    """The diffusion that the fitted flux adds on `grid`; exactly 0 for equations of full rank.

    Raises
    ------
    InputError
        If a coefficient is not valid on the grid.
    """
    tensor = equation.tensor(grid.centers)
    added = widening(tensor, grid)
    upwinding = np.abs(unfitted_drift(equation, grid)) * grid.spacing / 2
    noise = symmetric_eigenvalues(tensor)[..., -1]
    return NumericalDiffusion(grid, upwinding, added, noise)


def doubling_edges(added: NumericalDiffusion) -> Edges:
    """Edges along the axes that carry the numerical diffusion once more, as div(A p) with the added tensor A."""
    grid = added.grid
    rates = (added.along_axes / grid.spacing**2).reshape(grid.size, grid.dim)
    pairs = [along_axis(grid, axis) for axis in range(grid.dim)]
    sources, targets, steps = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    axes = np.argmax(steps, axis=1)
    return Edges(grid, sources, targets, steps, rates[sources, axes], rates[targets, axes])


def numerical_move(equation: Equation, law: Density) -> float:
    """Total variation between the `law` of the fitted flux and that with twice the numerical diffusion.

    To first order in the spacing this is the error that numerical diffusion makes in the law; 0 without any.

    Raises
    ------
    InputError
        If a coefficient is not valid on the grid.
    NoStationaryDensity
        If the other law is not unique, or exceeds the range of floating point numbers.
    """
    added = numerical_diffusion(equation, law.grid)
    if not added.along_axes.any():
        return 0.0
    generator = build_generator(equation, law.grid) + doubling_edges(added).generator()
    doubled = single_law(sparse.csc_array(generator), law.grid)
    return float(np.abs(law.probabilities - doubled.probabilities).sum() / 2)


def refuse_numerical_law(equation: Equation, law: Density) -> float:
    """`numerical_move` of a law of the fitted flux that is wider than the cells and not made by them.

    Raises
    ------
    NoStationaryDensity
        If the law differs by more than 1/4 in total variation from itself one cell on, or by more than 1/10 from
        the law with twice the numerical diffusion (across a line on which walkers collect, where numerical
        diffusion alone gives the width, it is 1/6), or if that exceeds the noise where the law lives.
        ``error.density`` holds the law.
    """
    size = " x ".join(map(str, law.grid.cells))
    rough = max(float(np.abs(np.diff(law.probabilities, axis=axis)).sum() / 2) for axis in range(law.grid.dim))
    if rough > LARGEST_ROUGHNESS:
        raise NoStationaryDensity(
            "where the noise misses a direction the density must be wider than the cells, got one on "
            f"{size} cells that differs by {rough:.2g} in total variation from itself one cell on, at most "
            f"{LARGEST_ROUGHNESS:g}: walkers collect on a curve or a point, or cells are too wide; {REMEDY}",
            density=law,
        )
    moved, share = numerical_move(equation, law), numerical_diffusion(equation, law.grid).share(law)
    if moved > LARGEST_MOVE or share > LARGEST_SHARE:
        raise NoStationaryDensity(
            f"where the noise misses a direction the density must not be made of numerical diffusion, got one on "
            f"{size} cells where that is {share:.2g} of the noise, at most {LARGEST_SHARE:g}, and twice as much "
            f"would move the density by {moved:.2g} in total variation, at most {LARGEST_MOVE:g}; {REMEDY}",
            density=law,
        )
    return moved


def single_law(generator: sparse.csc_array, grid: Grid) -> Density:
    """The law of the only recurrent class of a rate matrix.

    Raises
    ------
    NoStationaryDensity
        If there are several, or the law exceeds the range of floating point numbers.
    """
    classes = recurrent_classes(generator)
    if len(classes) > 1:
        raise NoStationaryDensity(f"the stationary law is not unique: {len(classes)} recurrent classes")
    states = classes[0]
    cells = np.stack(np.unravel_index(states, grid.shape), axis=-1)
    values = np.zeros(grid.size)
    values[states] = stationary_vector(generator[:, states].tocsr()[states].tocsc(), cells)
    return Density.normalised(grid, values.reshape(grid.shape))
