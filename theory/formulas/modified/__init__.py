"""Continuous-time equations that follow the discrete algorithm more closely than the first-order limit.

Never holds the discrete algorithm, or a path of these equations.
"""

from theory.formulas.modified.embedding import exact_embedding
from theory.formulas.modified.loss import modified_loss
from theory.formulas.modified.ornstein_uhlenbeck import OrnsteinUhlenbeck

__all__ = ["OrnsteinUhlenbeck", "exact_embedding", "modified_loss"]
