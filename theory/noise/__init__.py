"""What gradient noise is beside the curvature: Fisher matrices, whether C is proportional to the Hessian, spectra.

Never holds a diffusion tensor: those are in `theory.tensors`.
"""

from theory.noise.fisher import (
    DiscreteLabels,
    InformationMatrices,
    NormalLabels,
    fisher_matrix,
    information_matrices,
)
from theory.noise.proportionality import (
    CovarianceComparison,
    Proportionality,
    Reason,
    compare_covariance,
    judge_proportionality,
    line,
)
from theory.noise.spectra import (
    Eigenvalues,
    covariance_operator,
    covariance_trace,
    extreme_eigenvalues,
    hessian_operator,
    operator_trace,
)

__all__ = [
    "CovarianceComparison",
    "DiscreteLabels",
    "Eigenvalues",
    "InformationMatrices",
    "NormalLabels",
    "Proportionality",
    "Reason",
    "compare_covariance",
    "covariance_operator",
    "covariance_trace",
    "extreme_eigenvalues",
    "fisher_matrix",
    "hessian_operator",
    "information_matrices",
    "judge_proportionality",
    "line",
    "operator_trace",
]
