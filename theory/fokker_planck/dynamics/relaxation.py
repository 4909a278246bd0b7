"""The spectrum of an equation, with the errors of its meshes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment

from theory.arrays import Booleans, Integers
from theory.equation import Equation
from theory.fokker_planck.dynamics.fitted_laws import with_end
from theory.fokker_planck.dynamics.refinement import Answer, ladder, ratios_of
from theory.fokker_planck.dynamics.spectrum import SPARE, Complexes, Spectrum, spectrum
from theory.fokker_planck.dynamics.walk import walk_until
from theory.grid import Grid

LEAST = 1e-290  # stands in for the eigenvalue 0
ROUNDING = 2e-8  # relative error of an eigenvalue that the iteration leaves
MATCHED = 4  # more modes on coarser meshes, so that each finds its own


def relaxation_spectrum(equation: Equation, grid: Grid, open_sides: Booleans, k: int) -> Spectrum:
    """The k eigenvalues nearest 0, of fourth order where meshes converge, with errors; modes are of this grid.

    The error is infinite where an eigenvalue follows the mesh, as rates over points do that walkers never pass.

    Raises
    ------
    InputError
        As `spectrum`.
    """
    grids = ladder(grid)
    levels: list[Complexes] = []
    own = _spectrum_on(equation, grid, open_sides, k)
    for mesh in grids:
        wider = min(k + MATCHED, mesh.size - SPARE - 2) if levels else k
        if wider < k:
            break
        found = (
            own if mesh == grid and not levels else _spectrum_on(equation, mesh, open_sides, wider)
        ).eigenvalues
        levels.append(found[_matched(levels[-1], found)] if levels else found)
    values, errors = levels[0].copy(), np.zeros(k)
    ratios = ratios_of(grids[: len(levels)])
    for mode in np.flatnonzero(values):
        logs = [np.log(-level[mode]) if level[mode] != 0 else np.nan for level in levels]
        changes = tuple(np.array(a - b) for a, b in pairwise(logs))
        value, error = Answer(np.array(logs[0]), changes, ratios).extrapolated(None)
        values[mode] = -np.exp(value)
        errors[mode] = abs(values[mode]) * max(float(error), ROUNDING)
    return Spectrum(values, own.modes[:, _matched(values, own.eigenvalues)], errors)


def _matched(values: Complexes, others: Complexes) -> Integers:
    """For each eigenvalue the index of its own among `others`: the least sum of squares in logarithms.

    Squares keep the order of those that a mesh moves together.
    """
    logs = [np.log(np.where(one == 0, LEAST, -one)) for one in (values, others)]
    return np.asarray(linear_sum_assignment(np.abs(logs[0][:, None] - logs[1]) ** 2)[1])


def _spectrum_on(equation: Equation, grid: Grid, open_sides: Booleans, k: int) -> Spectrum:
    walk = walk_until(equation, grid, open_sides)
    if not walk.exits.any():
        return spectrum(walk.generator, walk.positions, k)
    generator, positions = with_end(walk)
    found = spectrum(generator, positions, k + 1)
    others = np.flatnonzero(found.eigenvalues != 0)[:k]
    modes = found.modes[:-1, others]
    return Spectrum(found.eigenvalues[others], modes / np.abs(modes).sum(axis=0))
