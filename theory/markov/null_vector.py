"""The stationary vector of a conservative matrix whose off-diagonal entries may be negative."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from theory.base.arrays import Array
from theory.laws import NoStationaryDensity

SHIFT = 1e-13  # relative to the largest rate: above rounding, and starts agree after one iteration
MOST_ITERATIONS = 6
PANEL = 2  # columns that are factorised together: a quarter faster than the default on matrices of the plane
AGREEMENT = 1e-8  # of the vectors that two starts lead to, in total variation
REMEDY = "refine the grid, whose fitted flux keeps the weights of deep wells"


class SignedNullVector:
    """The null vector of a matrix whose columns sum to 0, and solves with that matrix on what sums to 0.

    Inverse iteration on one sparse LU factorisation (minimum degree), from two starts: where they lead to two
    vectors, wells are so nearly separated that subtraction has lost their weights. The error is a rounding error
    of the largest entry, so that small entries have no relative accuracy.

    Parameters
    ----------
    generator
        The matrix; off-diagonal entries may have either sign.

    Raises
    ------
    NoStationaryDensity
        If the matrix cannot be factorised, the iteration does not settle, or the two vectors differ.

    References
    ----------
    Ipsen (1997), "Computing an eigenvector with inverse iteration".
    """

    vector: Array  # with sum 1, shape (states,); entries may be negative

    def __init__(self, generator: sparse.csc_array) -> None:
        states = generator.shape[0]
        scale = float(np.abs(generator.diagonal()).max())
        shifted = generator.copy()
        shifted.setdiag(generator.diagonal() - SHIFT * scale)
        try:
            self._factors = splu(
                shifted,
                permc_spec="MMD_AT_PLUS_A",
                diag_pivot_thresh=0.0,
                panel_size=PANEL,
                options={"SymmetricMode": True},
            )
        except RuntimeError as error:
            raise NoStationaryDensity(f"the centred flux gives a singular matrix ({error}); {REMEDY}") from error
        vectors = np.full((states, 2), 1 / states)
        vectors[:, 1] = 0
        vectors[states // 2, 1] = 1
        gap = np.inf
        for _ in range(MOST_ITERATIONS):
            vectors = np.asarray(self._factors.solve(vectors))
            with np.errstate(invalid="ignore", divide="ignore"):
                vectors = vectors / vectors.sum(axis=0)
            gap = float(np.abs(vectors[:, 0] - vectors[:, 1]).sum()) / 2
            if gap < AGREEMENT:
                break
        if not gap < AGREEMENT:
            raise NoStationaryDensity(
                f"the centred flux does not settle on one law: two starts differ by {gap:.2g} in total variation; "
                f"{REMEDY}"
            )
        last: Array = np.asarray(self._factors.solve(vectors[:, 0]))  # to rounding, as `solve` needs it
        self.vector = last / last.sum()

    def solve(self, source: Array) -> Array:
        """The x of sum 0 that the matrix takes to `source`, which sums to 0, but for the shift."""
        x: Array = np.asarray(self._factors.solve(source))
        return np.asarray(x - self.vector * x.sum())
