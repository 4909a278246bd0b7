"""Models: landscapes that know the noise of their gradients."""

from theory.models.noisy_gradient import NoisyGradient
from theory.models.product import ProductModel

__all__ = ["NoisyGradient", "ProductModel"]
