"""The exact transition operator of SGD with fresh data.

Never holds walkers, or a matrix of another equation than SGD's step.
"""

from simulate.transition.operator import Evolution, TransitionOperator, transition_operator

__all__ = ["Evolution", "TransitionOperator", "transition_operator"]
