"""The noise of a batch's gradient, before rules change it."""

from __future__ import annotations

from dataclasses import dataclass

from theory.landscapes import Landscape
from theory.tensors import FactoredField


@dataclass(frozen=True)
class BatchNoise:
    """A model, its loss without noise around it, the covariance of a batch's gradient, and the time of a step.

    Parameters
    ----------
    model, bare
        The model, and the landscape that it is or holds.
    covariance
        Of the gradient of a batch with all that is added to it.
    step
        Time h of a step.
    exactly
        The batch size where the batches' law is known beyond its covariance: of a `ProductModel` of one output.
    """

    model: Landscape
    bare: Landscape
    covariance: FactoredField
    step: float
    exactly: int | None = None
