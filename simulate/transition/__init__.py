"""The exact transition operator of SGD, with fresh data or those of a fixed set.

Never holds walkers, or a matrix of another equation than SGD's step.
"""

from simulate.transition.choice import transition_operator
from simulate.transition.choices import BatchCount
from simulate.transition.data_operator import DataOperator
from simulate.transition.evolution import Evolution
from simulate.transition.operator import TransitionOperator
from simulate.transition.rule_operator import RuleOperator

__all__ = ["BatchCount", "DataOperator", "Evolution", "RuleOperator", "TransitionOperator", "transition_operator"]
