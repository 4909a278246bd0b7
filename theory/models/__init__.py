"""Models: landscapes that know the noise of their gradients.

Never holds a step of SGD, or a law.
"""

from theory.models.contract import check_model
from theory.models.dataset_model import DatasetModel, logistic_regression, on_data, two_layer_network
from theory.models.linear_regression import LinearRegression, tail_index
from theory.models.model import FreshModel, Model
from theory.models.noisy_gradient import NoisyGradient
from theory.models.product import ProductModel
from theory.models.protocol import BatchModel
from theory.models.surrogate import gaussian_surrogate

__all__ = [
    "BatchModel",
    "DatasetModel",
    "FreshModel",
    "LinearRegression",
    "Model",
    "NoisyGradient",
    "ProductModel",
    "check_model",
    "gaussian_surrogate",
    "logistic_regression",
    "on_data",
    "tail_index",
    "two_layer_network",
]
