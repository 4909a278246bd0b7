"""What the algorithms run on."""

from __future__ import annotations

from typing import TypeAlias, TypeGuard

from theory.base.arguments.answers import inner_of, is_ours
from theory.models.dataset_model import DatasetModel
from theory.models.noisy_gradient import NoisyGradient
from theory.models.product import ProductModel
from theory.models.protocol import BatchModel

FreshModel: TypeAlias = ProductModel | NoisyGradient  # with new data, or new noise, at every step
Model: TypeAlias = FreshModel | DatasetModel
AnyModel: TypeAlias = Model | BatchModel


def is_batch_model(model: object) -> TypeGuard[BatchModel]:
    """Whether it is a model of the user's own that draws its batch gradients."""
    return isinstance(model, BatchModel) and not is_ours(inner_of(model))
