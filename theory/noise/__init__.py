"""What gradient noise is beside the curvature: Fisher matrices, and whether C is proportional to the Hessian.

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

__all__ = [
    "CovarianceComparison",
    "DiscreteLabels",
    "InformationMatrices",
    "NormalLabels",
    "Proportionality",
    "Reason",
    "compare_covariance",
    "fisher_matrix",
    "information_matrices",
    "judge_proportionality",
    "line",
]
