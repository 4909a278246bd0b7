"""The Fisher information of a network as an operator."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import InputError, require
from theory.base.rounding import SINGLE_EPSILON
from theory.models import DatasetModel, Network
from theory.models.slabs import slabs
from theory.noise.fisher import DiscreteLabels, Labels, NormalLabels
from theory.noise.spectra.operators import operator_of, place_of, precision_of

LIKELIHOOD_TOLERANCE = 1e-9  # of probabilities that sum to 1, and of a loss that is a square
OF_SINGLE = 1e3  # the same in single precision, in its last places


def fisher_operator(model: DatasetModel, at: ArrayLike, labels: Labels) -> LinearOperator:
    """E_x E_{y ~ p(y | x, w)} [grad l grad l'] at a point, by its products with vectors: labels are the model's.

    The Fisher information of the conditional model over the inputs of the data. For labels of a softmax or of
    normal noise it is the Gauss-Newton matrix of the loss, too. That the loss is the likelihood that `labels` says
    is checked at the point; weight decay in the loss, or class weights, make it another, which is refused. It is
    not E[grad l grad l'] with the labels of the data, the "empirical" one: that is `covariance_operator` and the
    outer product of the mean gradient.

    Parameters
    ----------
    model
        A data set or a network, whose labels are one number each.
    at
        The point, shape (d,).
    labels
        `DiscreteLabels(values)` of a classifier, all its classes, or `NormalLabels(noise_std)` of a regression.

    Raises
    ------
    InputError
        If the point does not fit, or the loss is not the likelihood of such labels.

    References
    ----------
    Kunstner, Balles & Hennig (2019), Limitations of the empirical Fisher approximation; Martens (2020), New
    insights and perspectives on the natural gradient method.
    """
    place = place_of(at, model.dim)
    require(
        model.y.ndim == 1,
        f"`model` must have one number as the label of an example, got shape {model.y.shape[1:]}",
    )
    if isinstance(labels, DiscreteLabels):
        parts = _discrete(model, place, labels)
    elif isinstance(labels, NormalLabels):
        parts = _normal(model, place, labels)
    else:
        raise InputError(f"`labels` must be DiscreteLabels() or NormalLabels(noise_std), got {labels!r}")
    return operator_of(
        place, lambda vector: np.sum([part @ vector for part in parts], axis=0), precision_of(model)
    )


class _Rows:
    """The sum over examples of weights times J J', J being the sum of shares times gradients by label sets."""

    def __init__(self, models: list[DatasetModel], shares: list[float], place: Array, weights: Array) -> None:
        self.models, self.shares, self.place, self.weights = models, shares, place, weights

    def __matmul__(self, vector: Array) -> Array:
        pairs = list(zip(self.models, self.shares, strict=True))
        slopes = sum(share * _slopes(model, self.place, vector) for model, share in pairs)
        weights = self.weights * slopes
        return np.asarray(sum(share * _weighted(model, self.place, weights) for model, share in pairs))


def _slopes(model: DatasetModel, place: Array, vector: Array) -> Array:
    """Gradients of the examples times a vector, shape (N,)."""
    if isinstance(model, Network):
        return np.asarray(model.evaluation.slopes(place[None], model.everything, vector[None])[0])
    found = np.empty(len(model))
    for part in slabs(len(model), model.dim):
        found[part] = model.example_gradient(place[None, None], model.x[part], model.y[part])[0] @ vector
    return found


def _weighted(model: DatasetModel, place: Array, weights: Array) -> Array:
    """The sum of weights times gradients, shape (d,)."""
    if isinstance(model, Network):
        return model.weighted_gradient(place, weights)
    found = np.zeros(model.dim)
    for part in slabs(len(model), model.dim):
        found += weights[part] @ model.example_gradient(place[None, None], model.x[part], model.y[part])[0]
    return found


def _with_labels(model: DatasetModel, value: float) -> DatasetModel:
    """The model whose every example has this label, of the kind that its labels have."""
    given = np.full(len(model), value, dtype=model.y.dtype)
    if isinstance(model, Network):
        return Network(model.x, given, model.framework)
    return replace(model, y=given)


def _tolerance(model: Any) -> float:
    return LIKELIHOOD_TOLERANCE if precision_of(model) == "float64" else OF_SINGLE * SINGLE_EPSILON


def _losses(model: DatasetModel, place: Array) -> Array:
    return np.asarray(model.loss(place[None], model.x, model.y), dtype=np.float64).reshape(len(model))


def _discrete(model: DatasetModel, place: Array, labels: DiscreteLabels) -> list[_Rows]:
    models = [_with_labels(model, value) for value in labels.values]
    chances = [np.exp(-_losses(one, place)) for one in models]
    off = float(np.abs(sum(chances) - 1).max())
    require(
        off <= _tolerance(model),
        f"the loss must be -log P(y | x, w) for the labels {labels.values}: probabilities sum to 1 only within "
        f"{off:.3g}; name all labels, leave weight decay out of the loss, or take another model",
    )
    number = len(model)
    return [_Rows([one], [1.0], place, chance / number) for one, chance in zip(models, chances, strict=True)]


def _normal(model: DatasetModel, place: Array, labels: NormalLabels) -> list[_Rows]:
    require(model.y.dtype.kind == "f", "normal labels must be floats, got whole numbers; take DiscreteLabels()")
    models = [_with_labels(model, value) for value in (0.0, 1.0, 2.0)]
    losses = np.array([_losses(one, place) for one in models])
    twice = losses[0] - 2 * losses[1] + losses[2]  # 2 loss_scale
    mean = float(twice.mean())
    # the slope in y of loss_scale (y - f)^2 is -2 loss_scale f at y = 0, so that the loss there is loss_scale f^2
    outputs = (losses[0] - losses[1] + mean / 2) / mean if mean > 0 else np.zeros(len(model))
    off = float(max(np.abs(twice - mean).max(), np.abs(losses[0] - mean / 2 * outputs**2).max()))
    require(
        mean > 0 and off <= _tolerance(model) * max(1.0, float(losses.max())),
        f"the loss must be loss_scale (y - f)^2 for normal labels, it is off by {off:.3g}; leave weight decay out "
        "of the loss, or take DiscreteLabels() or another model",
    )
    weights = np.full(len(model), 1 / (len(model) * labels.noise_std**2))
    return [_Rows(models[:2], [1 / mean, -1 / mean], place, weights)]
