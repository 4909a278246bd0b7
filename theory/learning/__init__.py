"""Singular learning theory: learning coefficients, exact and measured, free energies and volumes.

Never holds a law of SGD or of its limit: what is here is true of the loss and its prior.
"""

from theory.learning.annealing import Annealing
from theory.learning.coefficient import LearningCoefficient, product_of, sum_of
from theory.learning.energies import asymptotic_free_energy, free_energy, mean_energy, posterior_mass
from theory.learning.exact import learning_coefficient
from theory.learning.extrapolation import Extrapolation, extrapolate, extrapolate_logarithmic
from theory.learning.hamiltonian import HMC
from theory.learning.ladder import Ladder
from theory.learning.likelihood_ratio import LikelihoodRatio
from theory.learning.linear_network import linear_network_coefficient
from theory.learning.local_coefficient import LocalLearningCoefficient
from theory.learning.measures import sample_gibbs, sample_posterior
from theory.learning.normal_prior import NormalPrior
from theory.learning.numerical import energy_coefficient, volume, volume_coefficient, wbic
from theory.learning.nuts import NUTS
from theory.learning.preconditioned import PreconditionedSGLD
from theory.learning.samplers import MALA, SGLD
from theory.learning.sampling import local_learning_coefficient
from theory.learning.target import Localization
from theory.learning.unadjusted import UnadjustedLangevin
from theory.learning.undecided import UndecidedCoefficient
from theory.learning.zeros import zero_is_isolated

__all__ = [
    "HMC",
    "MALA",
    "NUTS",
    "SGLD",
    "Annealing",
    "Extrapolation",
    "Ladder",
    "LearningCoefficient",
    "LikelihoodRatio",
    "LocalLearningCoefficient",
    "Localization",
    "NormalPrior",
    "PreconditionedSGLD",
    "UnadjustedLangevin",
    "UndecidedCoefficient",
    "asymptotic_free_energy",
    "energy_coefficient",
    "extrapolate",
    "extrapolate_logarithmic",
    "free_energy",
    "learning_coefficient",
    "linear_network_coefficient",
    "local_learning_coefficient",
    "mean_energy",
    "posterior_mass",
    "product_of",
    "sample_gibbs",
    "sample_posterior",
    "sum_of",
    "volume",
    "volume_coefficient",
    "wbic",
    "zero_is_isolated",
]
