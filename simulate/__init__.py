"""What the discrete algorithm really does: SGD in its variants, with fresh data or a fixed data set.

Every argument is checked by its annotation: a mistake is an `InputError` of one line.

Never holds a continuous-time limit, or a plot.
"""

from simulate.contract import check_noise, check_preconditioner, check_sampling, check_schedule
from simulate.data import DataSet, draw_data
from simulate.events import FirstEvent, first_exit, first_hit
from simulate.momentum import Nesterov
from simulate.noise import SVAG, AddedNoise, GaussianNoise, LabelNoise, StableNoise, StudentNoise, SubsampledNoise
from simulate.preconditioner import InverseNoise, PreconditionerField
from simulate.rules import (
    Adam,
    AdamW,
    ClipByNorm,
    ClipByValue,
    Lion,
    PreconditionedLangevin,
    RMSprop,
    Sign,
    StepRule,
    StochasticHamiltonian,
    StochasticLangevin,
    WeightDecay,
    check_rule,
)
from simulate.run import run_sgd
from simulate.sampling import DataSampling, ExampleSampling, Fresh, WithoutReplacement, WithReplacement
from simulate.schedule import BatchGrowth, BatchSchedule, Cosine, Exponential, Linear, RateSchedule, Schedule, Step
from simulate.sensitivity import CoupledSensitivity, coupled_sensitivity, transition_sensitivity
from simulate.sgd import SGD
from simulate.stability import StepStability, UnstableStepWarning, step_stability, warn_if_unstable
from simulate.survival_curve import Survival, survival
from simulate.transition import BatchCount, DataOperator, RuleOperator, TransitionOperator, transition_operator
from simulate.transverse import transverse_exponent
from simulate.walks import Visits, WeightedGraph, excursions, occupation, rings
from theory.base.arguments import check_faces

__all__ = [
    "SGD",
    "SVAG",
    "Adam",
    "AdamW",
    "AddedNoise",
    "BatchCount",
    "BatchGrowth",
    "BatchSchedule",
    "ClipByNorm",
    "ClipByValue",
    "Cosine",
    "CoupledSensitivity",
    "DataOperator",
    "DataSampling",
    "DataSet",
    "ExampleSampling",
    "Exponential",
    "FirstEvent",
    "Fresh",
    "GaussianNoise",
    "InverseNoise",
    "LabelNoise",
    "Linear",
    "Lion",
    "Nesterov",
    "PreconditionedLangevin",
    "PreconditionerField",
    "RMSprop",
    "RateSchedule",
    "RuleOperator",
    "Schedule",
    "Sign",
    "StableNoise",
    "Step",
    "StepRule",
    "StepStability",
    "StochasticHamiltonian",
    "StochasticLangevin",
    "StudentNoise",
    "SubsampledNoise",
    "Survival",
    "TransitionOperator",
    "UnstableStepWarning",
    "Visits",
    "WeightDecay",
    "WeightedGraph",
    "WithReplacement",
    "WithoutReplacement",
    "check_noise",
    "check_preconditioner",
    "check_rule",
    "check_sampling",
    "check_schedule",
    "coupled_sensitivity",
    "draw_data",
    "excursions",
    "first_exit",
    "first_hit",
    "occupation",
    "rings",
    "run_sgd",
    "step_stability",
    "survival",
    "transition_operator",
    "transition_sensitivity",
    "transverse_exponent",
    "warn_if_unstable",
]

check_faces("simulate", "simulate.transition", "simulate.sensitivity")
