"""Models: landscapes that know the noise of their gradients.

Never holds a step of SGD, or a law.
"""

from theory.models.contract import check_model
from theory.models.copies import nearest_copy
from theory.models.dataset_model import DatasetModel
from theory.models.example_diffusion import ExampleDiffusion
from theory.models.example_traces import covariance_traces
from theory.models.known_losses import (
    diagonal_linear_network,
    logistic_regression,
    on_data,
    two_layer_network,
    with_weight_decay,
)
from theory.models.linear_regression import LinearRegression, tail_index
from theory.models.model import FreshModel, Model
from theory.models.networks import Network, from_jax, from_torch
from theory.models.noisy_gradient import NoisyGradient
from theory.models.product import ProductModel
from theory.models.product_on_data import ProductOnData
from theory.models.protocol import BatchModel
from theory.models.surrogate import gaussian_surrogate

__all__ = [
    "BatchModel",
    "DatasetModel",
    "ExampleDiffusion",
    "FreshModel",
    "LinearRegression",
    "Model",
    "Network",
    "NoisyGradient",
    "ProductModel",
    "ProductOnData",
    "check_model",
    "covariance_traces",
    "diagonal_linear_network",
    "from_jax",
    "from_torch",
    "gaussian_surrogate",
    "logistic_regression",
    "nearest_copy",
    "on_data",
    "tail_index",
    "two_layer_network",
    "with_weight_decay",
]
