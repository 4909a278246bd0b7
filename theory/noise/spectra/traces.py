"""Traces of operators."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import LinearOperator

from theory.base.arrays import ArrayLike
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.models import DatasetModel, covariance_traces
from theory.noise.spectra.operators import place_of


def operator_trace(operator: LinearOperator, probes: int = 64, *, rng: np.random.Generator) -> Estimate:
    """The trace of a square operator, with its standard error over independent probes.

    The mean of z' A z over vectors z of random signs, exact where A is diagonal.

    Parameters
    ----------
    operator
        Of shape (d, d).
    probes
        How many vectors.

    Raises
    ------
    InputError
        If the operator is not square or not finite, or there are less than two probes.

    References
    ----------
    Hutchinson (1990), Commun. Stat. Simul. Comput. 19, 433.
    """
    dim = operator.shape[0]
    require(operator.shape == (dim, dim), f"`operator` must be square, got shape {operator.shape}")
    require(probes >= 2 and probes % 1 == 0, f"`probes` must be a whole number of at least 2, got {probes}")
    found = np.empty(probes)
    for k in range(probes):
        signs = rng.choice([-1.0, 1.0], dim)
        found[k] = signs @ operator.matvec(signs)
    require(
        bool(np.isfinite(found).all()), "the operator must have finite products, it has not; take another point"
    )
    unit = float(np.abs(found).max()) or 1.0  # whose square is a number
    return Estimate(found.mean(), (found / unit).std(ddof=1) / np.sqrt(probes) * unit)


def covariance_trace(model: DatasetModel, at: ArrayLike) -> float:
    """The trace of the covariance C of one example's gradient at a point, as `covariance_traces` finds it.

    Parameters
    ----------
    model
        A data set or a network.
    at
        The point, shape (d,).

    Raises
    ------
    InputError
        If the point does not fit, or a gradient is not finite.
    """
    found = float(covariance_traces(model, place_of(at, model.dim)))
    require(bool(np.isfinite(found)), "the gradients at `at` must be finite, they are not; take another point")
    return found
