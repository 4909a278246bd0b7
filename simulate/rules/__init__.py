"""Step rules: what a step of SGD makes of the gradient of its batch, from clipping to Adam and to samplers.

Never holds where that gradient comes from, or a continuous-time limit.
"""

from simulate.rules.adaptive import Adam, AdamW, Lion, RMSprop
from simulate.rules.clipping import ClipByNorm, ClipByValue, Sign, WeightDecay
from simulate.rules.contract import check_rule
from simulate.rules.followed import Followed
from simulate.rules.linear import added_heat, kept_slope
from simulate.rules.order import Rule, kept_velocity, require_order
from simulate.rules.rule import ShippedRule, StepRule
from simulate.rules.samplers import PreconditionedLangevin, StochasticHamiltonian, StochasticLangevin

__all__ = [
    "Adam",
    "AdamW",
    "ClipByNorm",
    "ClipByValue",
    "Followed",
    "Lion",
    "PreconditionedLangevin",
    "RMSprop",
    "Rule",
    "ShippedRule",
    "Sign",
    "StepRule",
    "StochasticHamiltonian",
    "StochasticLangevin",
    "WeightDecay",
    "added_heat",
    "check_rule",
    "kept_slope",
    "kept_velocity",
    "require_order",
]
