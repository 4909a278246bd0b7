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
    NoiseSpectrum,
    SharpnessHistory,
    SpectralDensity,
    batch_sharpness,
    covariance_operator,
    covariance_trace,
    extreme_eigenvalues,
    fisher_operator,
    hessian_operator,
    newton_decrement,
    noise_spectrum,
    operator_trace,
    sharpness_along,
    spectral_density,
)

__all__ = [
    "CovarianceComparison",
    "DiscreteLabels",
    "Eigenvalues",
    "InformationMatrices",
    "NoiseSpectrum",
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
    "newton_decrement",
    "noise_spectrum",
    "operator_trace",
    "sharpness_along",
    "spectral_density",
]
