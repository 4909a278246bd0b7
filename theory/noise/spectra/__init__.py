"""Spectra of Hessian and gradient covariance in any dimension, from products with vectors alone.

Never holds a matrix (d, d).
"""

from theory.noise.spectra.eigenvalues import Eigenvalues, extreme_eigenvalues
from theory.noise.spectra.operators import covariance_operator, hessian_operator
from theory.noise.spectra.traces import covariance_trace, operator_trace

__all__ = [
    "Eigenvalues",
    "covariance_operator",
    "covariance_trace",
    "extreme_eigenvalues",
    "hessian_operator",
    "operator_trace",
]
