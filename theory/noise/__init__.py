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
    SubspaceComparison,
    compare_covariance,
    compare_in_subspace,
    judge_proportionality,
    line,
)
from theory.noise.spectra import (
    Eigenvalues,
    SharpnessHistory,
    SpectralDensity,
    batch_sharpness,
    covariance_operator,
    covariance_trace,
    extreme_eigenvalues,
    fisher_operator,
    hessian_operator,
    operator_trace,
    sharpness_along,
    spectral_density,
)

__all__ = [
    "CovarianceComparison",
    "DiscreteLabels",
    "Eigenvalues",
    "InformationMatrices",
    "NormalLabels",
    "Proportionality",
    "Reason",
    "SharpnessHistory",
    "SpectralDensity",
    "SubspaceComparison",
    "batch_sharpness",
    "compare_covariance",
    "compare_in_subspace",
    "covariance_operator",
    "covariance_trace",
    "extreme_eigenvalues",
    "fisher_matrix",
    "fisher_operator",
    "hessian_operator",
    "information_matrices",
    "judge_proportionality",
    "line",
    "operator_trace",
    "sharpness_along",
    "spectral_density",
]
