"""The learning rate up to which SGD on linear regression keeps a variance."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from theory.base.errors import InputError, require
from theory.models import LinearRegression, ProductModel

FLAT_CURVATURE = 1e-13  # of the largest curvature: what rounding leaves of a flat direction
SHARE_ERROR, RELATIVE = 1e-15, 1e-14  # of the share of the pole that is the edge


def mean_square_stability_edge(model: ProductModel, batch_size: int) -> float:
    """The learning rate at and above which SGD for affine q with fresh Gaussian data has no stationary variance.

    With the eigenvalues a_j of the Hessian 2 s J'J it is the only root eta of

        (eta / B) sum_j a_j / (2 - eta (1 + 1/B) a_j) = 1

    below 2 / ((1 + 1/B) max a): there the map of second moments S -> E[(1 - eta H_B) S (1 - eta H_B)] has the
    eigenvalue 1 (Brent, to rounding). For d = 1 it is 2 / (a (1 + 2/B)), smaller than the 2 / a of the mean, and
    the sum couples all directions: in many dimensions tr H / B counts and not the sharpness alone. Directions
    without curvature have no part in it. Above the edge walkers may still have a law, with a tail index below 2
    (`tail_index`).

    Raises
    ------
    InputError
        If q is not affine in w, has no curvature, or the batch size is no whole number from 1.

    References
    ----------
    Ziyin, Liu, Mori & Ueda (2022), Strength of minibatch noise in SGD; Jain et al. (2018), Parallelizing
    stochastic gradient descent for least squares regression.
    """
    require(
        batch_size >= 1 and batch_size % 1 == 0,
        f"`batch_size` must be a whole number, at least 1, got {batch_size}",
    )
    if not isinstance(model, ProductModel):
        raise InputError(f"the edge of mean-square stability needs a ProductModel, got {type(model).__name__}")
    if not isinstance(model, LinearRegression):
        for formula in model.scaled_q:
            require(
                all(formula.diff(a, b) == 0 for a in model.variables for b in model.variables),
                f"the edge of mean-square stability needs q affine in w, got {formula}",
            )
    curvatures = np.linalg.eigvalsh(model.hessian(np.zeros(model.dim)))
    largest = float(curvatures[-1])
    require(largest > 0, "the edge of mean-square stability needs curvature, q does not depend on w")
    ratios = curvatures[curvatures > FLAT_CURVATURE * largest] / largest

    def excess(fraction: float) -> float:
        """The condition times 1 - fraction, which keeps it finite: the rate is `fraction` of the pole."""
        rates = 2 * fraction / (1 + 1 / batch_size) * ratios
        return float((rates * (1 - fraction) / (1 - fraction * ratios)).sum() / (2 * batch_size)) - (1 - fraction)

    # At the pole the largest curvature alone has the finite limit 1 / (B + 1).
    top = np.count_nonzero(ratios == 1)
    edge = brentq(
        lambda f: excess(f) if f < 1 else top / (batch_size + 1), 0.0, 1.0, xtol=SHARE_ERROR, rtol=RELATIVE
    )
    return float(edge) * 2 / ((1 + 1 / batch_size) * largest)
