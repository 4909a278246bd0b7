"""Models with their noise replaced by a normal one."""

from __future__ import annotations

from theory.models.noisy_gradient import NoisyGradient
from theory.tensors.minibatch import NoisyModel


def gaussian_surrogate(model: NoisyModel) -> NoisyGradient:
    """The model whose examples have normal gradients, of the same mean and the same covariance C(w)."""
    return NoisyGradient(model, model.covariance)
