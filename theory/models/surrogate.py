"""Models with their noise replaced by a normal one."""

from __future__ import annotations

from theory.models.noisy_gradient import NoisyGradient
from theory.tensors.minibatch import AnyNoisyModel, covariance_of


def gaussian_surrogate(model: AnyNoisyModel) -> NoisyGradient:
    """The model whose examples have normal gradients, of the same mean and the same covariance C(w).

    Raises
    ------
    InputError
        If the covariance of the model is not of its dimension.
    """
    return NoisyGradient(model, covariance_of(model))
