"""What the discrete algorithm really does: SGD on a model, with fresh data or a fixed data set."""

from simulate.data import DataSet, draw_data
from simulate.run import run_sgd
from simulate.sampling import Fresh, WithoutReplacement, WithReplacement
from simulate.sgd import SGD
from simulate.survival import Survival, survival

__all__ = [
    "SGD",
    "DataSet",
    "Fresh",
    "Survival",
    "WithReplacement",
    "WithoutReplacement",
    "draw_data",
    "run_sgd",
    "survival",
]
