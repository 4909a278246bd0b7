"""The stationary vector of a conservative matrix whose off-diagonal entries may be negative."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from theory.arrays import Array
from theory.fokker_planck.laws import NoStationaryDensity

SHIFT = 1e-11  # relative to the largest rate
MOST_ITERATIONS = 6
AGREEMENT = 1e-8  # of the vectors that two starts lead to, in total variation


def signed_null_vector(generator: sparse.csc_array) -> Array:
    """The null vector with sum 1 of a matrix whose columns sum to 0, shape (states,); entries may be negative.

    Inverse iteration on one sparse LU factorisation (minimum degree), from two starts: where they lead to two
    vectors, wells are so nearly separated that subtraction has lost their weights. The error is a rounding error
    of the largest entry, so that small entries have no relative accuracy.

    Raises
    ------
    NoStationaryDensity
        If the matrix cannot be factorised, the iteration does not settle, or the two vectors differ.

    References
    ----------
    Ipsen (1997), "Computing an eigenvector with inverse iteration".
    """
    states = generator.shape[0]
    scale = float(np.abs(generator.diagonal()).max())
    shifted = (generator - SHIFT * scale * sparse.eye_array(states)).tocsc()
    try:
        factors = splu(shifted, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    except RuntimeError as error:
        raise NoStationaryDensity(f"the centred flux gives a singular matrix ({error}); {REMEDY}") from error
    vectors = np.full((states, 2), 1 / states)
    vectors[:, 1] = 0
    vectors[states // 2, 1] = 1
    for _ in range(MOST_ITERATIONS):
        before, vectors = vectors, np.asarray(factors.solve(vectors))
        with np.errstate(invalid="ignore", divide="ignore"):
            vectors = vectors / vectors.sum(axis=0)
        change = float(np.abs(vectors - before).sum(axis=0).max()) / 2
        if change < AGREEMENT:
            break
    gap = float(np.abs(vectors[:, 0] - vectors[:, 1]).sum()) / 2
    if not (change < AGREEMENT and gap < AGREEMENT):
        raise NoStationaryDensity(
            f"the centred flux does not settle on one law: it still moves by {change:.2g}, and two starts differ "
            f"by {gap:.2g} in total variation; {REMEDY}"
        )
    return np.asarray(vectors[:, 0])


REMEDY = "take ExponentiallyFitted(), which keeps the weights of deep wells, or refine the grid"
