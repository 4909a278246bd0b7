"""Models: landscapes that know the noise of their gradients."""

from theory.models.dataset_model import DatasetModel, logistic_regression, on_data, two_layer_network
from theory.models.linear_regression import LinearRegression, tail_index
from theory.models.noisy_gradient import NoisyGradient
from theory.models.product import ProductModel
from theory.models.surrogate import gaussian_surrogate

__all__ = [
    "DatasetModel",
    "LinearRegression",
    "NoisyGradient",
    "ProductModel",
    "gaussian_surrogate",
    "logistic_regression",
    "on_data",
    "tail_index",
    "two_layer_network",
]
