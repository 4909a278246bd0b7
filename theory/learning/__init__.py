"""Singular learning theory: learning coefficients, exact and measured, free energies and volumes."""

from theory.learning.coefficient import LearningCoefficient, product_of, sum_of
from theory.learning.energies import asymptotic_free_energy, free_energy, mean_energy, posterior_mass
from theory.learning.exact import learning_coefficient
from theory.learning.linear_network import linear_network_coefficient
from theory.learning.numerical import energy_coefficient, volume, volume_coefficient, wbic
from theory.learning.samplers import MALA, SGLD
from theory.learning.sampling import LocalLearningCoefficient, local_learning_coefficient
from theory.learning.target import Localization
from theory.learning.undecided import UndecidedCoefficient

__all__ = [
    "MALA",
    "SGLD",
    "LearningCoefficient",
    "LocalLearningCoefficient",
    "Localization",
    "UndecidedCoefficient",
    "asymptotic_free_energy",
    "energy_coefficient",
    "free_energy",
    "learning_coefficient",
    "linear_network_coefficient",
    "local_learning_coefficient",
    "mean_energy",
    "posterior_mass",
    "product_of",
    "sum_of",
    "volume",
    "volume_coefficient",
    "wbic",
]
