"""A law on a line from its averages over the cells: the values at the centres whose integrals these are."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from theory.base.arrays import Array
from theory.laws.cell_masses import gauss_order
from theory.laws.grid import Grid
from theory.laws.local_fit import LocalFit

DEGREE = 6  # of the polynomials of log p
MOST_NEWTON_STEPS = 60  # of Newton's method
LOGARITHMS_SETTLED = 1e-11  # of the logarithms of the masses
LARGEST_STEP = 30.0  # of a logarithm
SHORTENED = 12  # times that a step that does not help is divided by four
FAINT = 1e-280  # of the largest mass: cells below keep none


def centre_values(grid: Grid, masses: Array) -> Array | None:
    """Values at the centres of a line whose `CellMasses` are `masses` (cells,), up to a factor.

    By Newton's method on the logarithms of the integrals of exp of local polynomials of degree 6: exact for normal
    laws, also narrower than a cell and cut by walls. None where it does not settle, as of ragged laws.
    """
    held = masses > FAINT * masses.max()
    targets = np.log(masses[held] / masses.max())
    logs = np.full(masses.shape, -np.inf)
    logs[held] = targets
    order = gauss_order(grid, logs)
    places, weights = np.polynomial.legendre.leggauss(order)
    fit = LocalFit(logs, grid.periodic, DEGREE)
    rules = [fit.matrix(float(place) / 2)[held][:, held] for place in places]
    found, step, best = targets, np.zeros_like(targets), np.inf
    for _ in range(MOST_NEWTON_STEPS):
        for _ in range(SHORTENED):
            shares, missed = _integrals(rules, weights / 2, found + step)
            missed = missed - targets
            worst = float(np.abs(missed).max())
            if worst < best:
                break
            step = step / 4
        else:
            return None
        found, best = found + step, worst
        if worst <= LOGARITHMS_SETTLED:
            values = np.zeros(masses.shape)
            values[held] = np.exp(found - found.max())
            return values
        slope = sum(sparse.diags_array(shares[:, q]) @ rule for q, rule in enumerate(rules))
        try:
            step = -splu(sparse.csc_array(slope)).solve(missed)
        except RuntimeError:  # singular
            return None
        step = step * min(1.0, LARGEST_STEP / max(float(np.abs(step).max()), LARGEST_STEP))
    return None


def _integrals(rules: list[sparse.csr_array], weights: Array, logs: Array) -> tuple[Array, Array]:
    """Share of every node in the integral of exp over its cell, (cells, nodes), and the logarithm of that."""
    with np.errstate(over="ignore", invalid="ignore"):
        inside = np.stack([rule @ logs for rule in rules], axis=1)
        top = inside.max(axis=1, keepdims=True)
        terms = np.exp(inside - top) * weights
        total = terms.sum(axis=1, keepdims=True)
        return terms / total, (np.log(total) + top)[:, 0]
