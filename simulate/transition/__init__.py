"""The exact transition operator of SGD with fresh data."""

from simulate.transition.operator import Evolution, TransitionOperator, transition_operator

__all__ = ["Evolution", "TransitionOperator", "transition_operator"]
