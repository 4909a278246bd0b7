"""Spectra of Hessian and gradient covariance in any dimension, from products with vectors alone.

Never holds a matrix (d, d).
"""

from theory.noise.spectra.along import SharpnessHistory, sharpness_along
from theory.noise.spectra.along_noise import NoiseSpectrum, newton_decrement, noise_spectrum
from theory.noise.spectra.batches import batch_sharpness
from theory.noise.spectra.distribution import SpectralDensity, spectral_density
from theory.noise.spectra.eigenvalues import Eigenvalues, extreme_eigenvalues
from theory.noise.spectra.fisher_product import fisher_operator
from theory.noise.spectra.operators import covariance_operator, hessian_operator
from theory.noise.spectra.traces import covariance_trace, operator_trace

__all__ = [
    "Eigenvalues",
    "NoiseSpectrum",
    "SharpnessHistory",
    "SpectralDensity",
    "batch_sharpness",
    "covariance_operator",
    "covariance_trace",
    "extreme_eigenvalues",
    "fisher_operator",
    "hessian_operator",
    "newton_decrement",
    "noise_spectrum",
    "operator_trace",
    "sharpness_along",
    "spectral_density",
]
