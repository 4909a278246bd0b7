"""Three matrices that are often called the Fisher information, told apart."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, ArrayLike, read_only
from theory.base.errors import InputError, require
from theory.base.rounding import NOT_ZERO
from theory.base.showing import as_call, told
from theory.models import DatasetModel, ProductModel

LIKELIHOOD_TOLERANCE = 1e-9  # of probabilities that sum to 1, and of a loss that is a square
SINGULAR = 1e-12  # of the largest entry: an eigenvalue that is none
OF_LOSSES = 1e-12  # absolute: losses that are 0 but for rounding


@dataclass(frozen=True)
class DiscreteLabels:
    """Labels from `values`, the loss being -log P(y | x, w): classes of a classifier.

    Raises
    ------
    InputError
        If the values are not finite or not different.
    """

    values: tuple[float, ...] = (0.0, 1.0)

    def __post_init__(self) -> None:
        require(
            len(self.values) > 1
            and len(set(self.values)) == len(self.values)
            and bool(np.isfinite(self.values).all()),
            f"`values` must be at least two different labels, all finite, got {self.values}",
        )

    def __repr__(self) -> str:
        return as_call(self)


@dataclass(frozen=True)
class NormalLabels:
    """Labels N(f(x, w), noise_std^2), the loss being loss_scale (y - f)^2, whose scale is found from the loss.

    Raises
    ------
    InputError
        If `noise_std` is not positive and finite.
    """

    noise_std: float = 1.0

    def __post_init__(self) -> None:
        _require_noise(self.noise_std)

    def __repr__(self) -> str:
        return as_call(self)


Labels = DiscreteLabels | NormalLabels


@dataclass(frozen=True, eq=False)
class InformationMatrices:
    """Three matrices (d, d) at one w, all of the negative log-likelihood l of one example.

    They agree at the truth of a well specified model and nowhere else in general; SGD has the noise of the second.

    Parameters
    ----------
    fisher
        E_x E_{y ~ p(y | x, w)} [grad l grad l']: labels are drawn from the **model**.
    empirical
        E_{x, y} [grad l grad l'] with the labels of the **data**, the "empirical Fisher": the covariance of one
        example's gradient plus the outer product of the mean gradient.
    hessian
        E_{x, y} [Hessian of l], the observed information. At any w it is `fisher` if l has a canonical link (as
        logistic regression), also in a badly specified model.

    References
    ----------
    Kunstner, Balles & Hennig (2019), Limitations of the empirical Fisher approximation; White (1982), Maximum
    likelihood estimation of misspecified models.
    """

    fisher: Array = field(repr=False)
    empirical: Array = field(repr=False)
    hessian: Array = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("fisher", "empirical", "hessian"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    def __repr__(self) -> str:
        return told("InformationMatrices", fisher=self.fisher, empirical=self.empirical, hessian=self.hessian)

    @property
    def fisher_gap(self) -> float:
        """|fisher - hessian| / |hessian| in the Frobenius norm."""
        return self._gap(self.fisher)

    @property
    def empirical_gap(self) -> float:
        """|empirical - hessian| / |hessian| in the Frobenius norm: what is wrong with C = H."""
        return self._gap(self.empirical)

    @property
    def sandwich(self) -> Array:
        """hessian^-1 empirical hessian^-1, n times the covariance of the estimate (White, Huber); (d, d).

        Raises
        ------
        InputError
            If the Hessian is singular.
        """
        least = float(np.abs(np.linalg.eigvalsh(self.hessian)).min())
        require(
            least > SINGULAR * np.abs(self.hessian).max(),
            f"the sandwich needs a Hessian with an inverse, got the eigenvalue {least:.3g}",
        )
        half = np.linalg.solve(self.hessian, self.empirical)
        return np.asarray(np.linalg.solve(self.hessian, half.T))

    def _gap(self, matrix: Array) -> float:
        size = float(np.linalg.norm(self.hessian))
        require(size > 0, "a relative gap needs a Hessian other than 0, it is 0")
        return float(np.linalg.norm(matrix - self.hessian)) / size


def information_matrices(
    model: ProductModel | DatasetModel, w: ArrayLike, labels: Labels | None = None
) -> InformationMatrices:
    """Fisher matrix, empirical Fisher matrix and Hessian at w (d,), of one example's negative log-likelihood.

    A `ProductModel` (so `LinearRegression`) has them exactly, over the population: fisher is J'J / noise_std^2,
    and the other two are those of its loss in units of 2 loss_scale noise_std^2. A `DatasetModel` has them over
    its inputs, fisher by summing over the labels that the model may give; that its loss is the likelihood that
    `labels` says is checked at w.

    Parameters
    ----------
    labels
        Of a `DatasetModel`: `DiscreteLabels()` for `logistic_regression`, `NormalLabels(std)` for regression.

    Raises
    ------
    InputError
        If w does not fit, the labels are missing or are not those of the loss, or the noise is zero.
    """
    point = np.asarray(w, dtype=np.float64).reshape(-1)
    require(
        len(point) == model.dim and bool(np.isfinite(point).all()),
        f"`w` must be {model.dim} finite numbers, got {point.tolist()}",
    )
    if isinstance(model, ProductModel):
        require(
            labels is None, f"a ProductModel has normal labels with its own noise_std, got `labels` {labels!r}"
        )
        _require_noise(model.noise_std)
        jacobian = model.scaled_predictor(point)[model.outputs :].reshape(model.outputs, model.dim)
        fisher, unit = jacobian.T @ jacobian / model.noise_std**2, 2 * model.loss_scale * model.noise_std**2
    else:
        require(
            isinstance(model, DatasetModel), f"`model` must be a ProductModel or a DatasetModel, got {model!r}"
        )
        if isinstance(labels, DiscreteLabels):
            fisher, unit = _discrete(model, point, labels), 1.0
        elif isinstance(labels, NormalLabels):
            fisher, unit = _normal(model, point, labels)
        else:
            raise InputError(
                f"`labels` of a DatasetModel must be DiscreteLabels() or NormalLabels(noise_std) of "
                f"theory.noise.fisher, got {labels!r}"
            )
    gradient = model.gradient(point)
    second = model.gradient_covariance(point) + np.outer(gradient, gradient)
    return InformationMatrices(fisher, second / unit**2, model.hessian(point) / unit)


def fisher_matrix(model: ProductModel | DatasetModel, w: ArrayLike, labels: Labels | None = None) -> Array:
    """E[grad l grad l'] with labels drawn from the model at w (d,), shape (d, d): the Fisher information proper.

    For what it is compared with, and for the errors raised, see `information_matrices`.

    Raises
    ------
    InputError
        As `information_matrices`.
    """
    return information_matrices(model, w, labels).fisher


def _discrete(model: DatasetModel, point: Array, labels: DiscreteLabels) -> Array:
    total, fisher = np.zeros(len(model)), np.zeros((model.dim, model.dim))
    for value in labels.values:
        given = np.full(len(model), float(value))
        chance = np.exp(-model.loss(point[None], model.x, given))
        gradient = model.example_gradient(point[None], model.x, given)
        total += chance
        fisher += (chance[:, None] * gradient).T @ gradient / len(model)
    off = float(np.abs(total - 1).max())
    require(
        off <= LIKELIHOOD_TOLERANCE,
        f"the loss must be -log P(y | x, w) for the labels {labels.values}: probabilities sum to 1 only within "
        f"{off:.3g}; name all labels or take another model",
    )
    return fisher


def _normal(model: DatasetModel, point: Array, labels: NormalLabels) -> tuple[Array, float]:
    """The Fisher matrix, and the loss that one unit of log-likelihood is."""
    steps = [np.full(len(model), float(k)) for k in range(3)]
    losses = [model.loss(point[None], model.x, y) for y in steps]
    gradients = [model.example_gradient(point[None], model.x, y) for y in steps]
    bends = losses[0] - 2 * losses[1] + losses[2]  # 2 loss_scale
    twice, slope = float(bends.mean()), gradients[0] - gradients[1]  # 2 loss_scale df/dw
    uneven = max(
        float(np.abs(bends - twice).max() / np.abs(np.array(losses)).max()),
        float(
            np.abs(slope - (gradients[1] - gradients[2])).max() / max(NOT_ZERO, np.abs(np.array(gradients)).max())
        ),
    )
    require(
        twice > 0 and uneven <= LIKELIHOOD_TOLERANCE,
        f"the loss must be loss_scale (y - f)^2 for normal labels, it is off by {uneven:.3g}; take "
        "theory.noise.fisher.DiscreteLabels() or another model",
    )
    # A shift of y must shift the residual and nothing else: the slope in y of the loss is -twice (y - f).
    residual = (losses[0] - losses[1] + twice / 2) / twice  # y - f at y = 0 with the sign turned: f
    require(
        bool(
            np.abs(losses[0] - twice / 2 * residual**2).max()
            <= LIKELIHOOD_TOLERANCE * np.abs(losses[0]).max() + OF_LOSSES
        ),
        "the loss must be loss_scale (y - f)^2 for normal labels, it has another constant; take another model",
    )
    jacobian = slope / twice
    return jacobian.T @ jacobian / (len(model) * labels.noise_std**2), twice * labels.noise_std**2


def _require_noise(noise_std: float) -> None:
    require(
        math.isfinite(noise_std) and noise_std > 0,
        f"a likelihood needs `noise_std` positive and finite, got {noise_std}",
    )
