"""Predictions in closed form: escape rates, modified equations, quadratic and power laws, learning rates.

Never holds a grid method: what has no formula is solved in `theory.fokker_planck`.
"""

from theory.formulas.data_regression import data_regression_covariance
from theory.formulas.escape import (
    EscapeRate,
    RateRange,
    SaddlePassage,
    kramers_rate,
    langevin_escape_rate,
    mori_rate,
    saddle_passage_time,
    sgd_saddle_passage_time,
    underdamped_escape_rate,
    xie_rate,
)
from theory.formulas.loss_power import LossPowerLaw, loss_power_law
from theory.formulas.mean_square import mean_square_stability_edge
from theory.formulas.modified import OrnsteinUhlenbeck, exact_embedding, modified_loss
from theory.formulas.optimal_rate import (
    PosteriorMatch,
    diagonal_preconditioner,
    full_preconditioner,
    normal_divergence,
    optimal_learning_rate,
    posterior_match,
)
from theory.formulas.quadratic import (
    gaussian,
    linear_regression_covariance,
    sgd_covariance,
    sgd_joint_covariance,
    stationary_covariance,
    underdamped_covariance,
)
from theory.formulas.stationary_laws import stationary_law
from theory.formulas.step_rules import preconditioned_sharpness, rule_covariance, rule_stability_edge

__all__ = [
    "EscapeRate",
    "LossPowerLaw",
    "OrnsteinUhlenbeck",
    "PosteriorMatch",
    "RateRange",
    "SaddlePassage",
    "data_regression_covariance",
    "diagonal_preconditioner",
    "exact_embedding",
    "full_preconditioner",
    "gaussian",
    "kramers_rate",
    "langevin_escape_rate",
    "linear_regression_covariance",
    "loss_power_law",
    "mean_square_stability_edge",
    "modified_loss",
    "mori_rate",
    "normal_divergence",
    "optimal_learning_rate",
    "posterior_match",
    "preconditioned_sharpness",
    "rule_covariance",
    "rule_stability_edge",
    "saddle_passage_time",
    "sgd_covariance",
    "sgd_joint_covariance",
    "sgd_saddle_passage_time",
    "stationary_covariance",
    "stationary_law",
    "underdamped_covariance",
    "underdamped_escape_rate",
    "xie_rate",
]
