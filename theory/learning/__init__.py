"""Singular learning theory: learning coefficients, exact and measured, free energies and volumes."""

from theory.learning.coefficient import LearningCoefficient, product_of, sum_of
from theory.learning.exact import learning_coefficient
from theory.learning.free_energy import asymptotic_free_energy, free_energy, mean_energy, posterior_mass
from theory.learning.numerical import energy_coefficient, volume, volume_coefficient, wbic

__all__ = [
    "LearningCoefficient",
    "asymptotic_free_energy",
    "energy_coefficient",
    "free_energy",
    "learning_coefficient",
    "mean_energy",
    "posterior_mass",
    "product_of",
    "sum_of",
    "volume",
    "volume_coefficient",
    "wbic",
]
