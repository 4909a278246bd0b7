"""An algorithm on a model with its data, checked against each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from simulate.contract import check_sampling
from simulate.data import DataSet
from simulate.noise import LabelNoise, SubsampledNoise, second_batch, subsampled_scale
from simulate.preconditioner import InverseNoise, is_field, matrix_of
from simulate.rules import ShippedRule
from simulate.sampling import SAMPLINGS, DataSampling, Fresh, WithoutReplacement, WithReplacement
from simulate.sgd import SGD
from theory.base.arguments.answers import is_ours
from theory.base.arrays import Array
from theory.base.contracts import require_dimension
from theory.base.errors import InputError, require
from theory.laws import Grid
from theory.laws.walkers import torus_of
from theory.models import DatasetModel, NoisyGradient, ProductModel, on_data
from theory.models.model import AnyModel, is_batch_model
from theory.tensors import Constant
from theory.tensors.minibatch import AnyNoisyModel, covariance_of


@dataclass(frozen=True, eq=False)
class Problem:
    """What all walkers of a run share.

    Parameters
    ----------
    model, sgd, data
        As those of `run_sgd`.
    domain
        Whose periodic axes wrap positions.

    Raises
    ------
    InputError
        If they do not fit each other.
    """

    model: AnyModel
    sgd: SGD
    data: DataSet | None = None
    domain: Grid | None = None
    torus: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _check_kind(self.model)
        require_dimension("model", self.model)
        matrix_of(self.sgd.preconditioner, self.model.dim)
        if isinstance(self.model, ProductModel | DatasetModel):
            _check_examples(self.model, self.sgd, self.data)
        else:
            _check_noisy(type(self.model).__name__, self.sgd, self.data)
        if self.inverse is not None and is_batch_model(self.model):
            known = isinstance(self.model, AnyNoisyModel)
            require(known, "InverseNoise() needs a model with `gradient_covariance`, got one without; give it one")
        if second_batch(self.sgd.noises):
            independent = isinstance(self.sgd.sampling, Fresh | WithReplacement)
            require(
                independent,
                f"SVAG needs independent batches, got {type(self.sgd.sampling).__name__}; take WithReplacement()",
            )
        torus = torus_of(self.domain, self.model.dim)
        require(
            not isinstance(self.model, ProductModel | DatasetModel) or not torus[1].any(),
            "a periodic `domain` needs a NoisyGradient; other models live on the whole space",
        )
        decaying = [repr(rule) for rule in self.sgd.rules if isinstance(rule, ShippedRule) and rule.decay]
        require(
            not torus[1].any() or not decaying,
            f"weight decay pulls to 0, of which a circle has many, got {', '.join(decaying)}; leave one out",
        )
        object.__setattr__(self, "torus", torus)

    @cached_property
    def examples(self) -> tuple[Array, Array]:
        """Inputs (N, m) and labels (N,) for compiled loops; none where data are fresh."""
        if self.data is None:
            return np.zeros((0, 0)), np.zeros(0)
        return self.data.x.copy(), self.data.y.copy()

    @cached_property
    def noisy(self) -> AnyModel:
        """The model whose C(w) the batches have: that of the data set where there is one."""
        if self.data is None or not isinstance(self.model, ProductModel):
            return self.model
        return on_data(self.model, self.data.x, self.data.y)

    @property
    def example_model(self) -> DatasetModel:
        """The model as one of examples, whose gradient is known at data of any kind."""
        if isinstance(self.noisy, DatasetModel):
            return self.noisy
        assert isinstance(self.model, ProductModel)
        return on_data(self.model, np.zeros((1, self.model.outputs)), np.zeros(1))

    def covariance(self, points: Array) -> Array:
        """C(w) of the batches at points (n, d), shape (n, d, d)."""
        model = self.noisy
        assert isinstance(model, AnyNoisyModel)
        return covariance_of(model).tensor(points)

    @property
    def has_own_source(self) -> bool:
        """Whether gradients come from a model or a sampling of the user's own."""
        return is_batch_model(self.model) or not isinstance(self.sgd.sampling, SAMPLINGS)

    @property
    def has_own_preconditioner(self) -> bool:
        """Whether the preconditioner is the user's own."""
        return is_field(self.sgd.preconditioner)

    @property
    def needs_python(self) -> bool:
        """Whether a part is the user's own, or follows the noise, so that no compiled loop has it."""
        own = any(not is_ours(one) for one in (*self.sgd.noises, *self.sgd.rules))
        noises = self.sgd.noises
        follows = (self.inverse is not None and not self.is_steady) or subsampled_scale(noises) > 0
        own = own or second_batch(noises) != 0
        return self.has_own_source or self.has_own_preconditioner or own or follows

    @property
    def orders(self) -> int:
        """Examples in each walker's order; 0 where they are drawn with replacement or fresh."""
        if not isinstance(self.sgd.sampling, WithoutReplacement):
            return 0
        return _number(self.model, self.data)

    @property
    def inverse(self) -> InverseNoise | None:
        """The preconditioner that follows the noise, where there is one."""
        return self.sgd.preconditioner if isinstance(self.sgd.preconditioner, InverseNoise) else None

    @property
    def is_steady(self) -> bool:
        """Whether `inverse` is the same matrix everywhere, but for the size of the batch."""
        constant = isinstance(self.model, NoisyGradient) and isinstance(self.model.example_covariance, Constant)
        return self.inverse is not None and constant

    def check_steps(self, steps: int) -> None:
        """Refuse more steps than the epochs of sampling without replacement hold.

        Raises
        ------
        InputError
            If they hold fewer.
        """
        sampling = self.sgd.sampling
        if not isinstance(sampling, WithoutReplacement) or sampling.epochs is None:
            return
        number, used, epochs = _number(self.model, self.data), 0, 0
        _, batches = self.sgd.plan(0, max(int(steps), 0))
        for step, batch in enumerate(batches.tolist()):
            require(
                epochs < sampling.epochs,
                f"{sampling.epochs} epochs of {number} examples hold {step} steps, got {steps}; take fewer steps, "
                "or WithoutReplacement() without a limit",
            )
            used += batch
            if used >= number:
                epochs, used = epochs + 1, 0


def _check_kind(model: object) -> None:
    if not isinstance(model, ProductModel | NoisyGradient | DatasetModel) and not is_batch_model(model):
        raise InputError(
            f"SGD needs a ProductModel, a NoisyGradient or a DatasetModel, got {type(model).__name__}; "
            "NoisyGradient(landscape, covariance) makes a model of a bare landscape, or give it a `batch_gradient`"
        )


def _check_noisy(kind: str, sgd: SGD, data: DataSet | None) -> None:
    sampling = sgd.sampling
    if not isinstance(sampling, Fresh) or data is not None:
        raise InputError(f"a {kind} has no examples; take sampling Fresh() and no data")
    of_examples = any(isinstance(noise, LabelNoise | SubsampledNoise) for noise in sgd.noises)
    require(
        not of_examples and sampling.normal,
        f"a {kind} has no examples for label noise, subsampled noise or heavy-tailed data; put its "
        "noise into the covariance, or add GaussianNoise, StudentNoise or StableNoise",
    )


def _check_examples(model: ProductModel | DatasetModel, sgd: SGD, data: DataSet | None) -> None:
    sampling, kind = sgd.sampling, type(sgd.sampling).__name__
    fresh = isinstance(sampling, Fresh) or (isinstance(sampling, DataSampling) and not is_ours(sampling))
    if isinstance(model, DatasetModel):
        require(data is None, "a DatasetModel holds its data; leave `data` out")
        require(
            not isinstance(sampling, Fresh),
            "a DatasetModel has no fresh data; take WithReplacement() or WithoutReplacement()",
        )
        require(
            model.y.dtype.kind == "f" or not any(isinstance(noise, LabelNoise) for noise in sgd.noises),
            f"label noise needs labels that are floats, got {model.y.dtype}; leave it out",
        )
    else:
        wanted, remedy = "needs a", "give `data`, such as draw_data(model, examples, rng)"
        if fresh:
            wanted, remedy = "takes no", "leave `data` out, or take WithReplacement()"
        require(fresh == (data is None), f"sampling {kind}() {wanted} data set; {remedy}")
        if data is None:
            require(
                not any(isinstance(noise, SubsampledNoise) for noise in sgd.noises),
                "subsampled noise needs a data set; give `data` and take WithReplacement()",
            )
            _try_sampling(model, sgd, 1)
            return
        require(
            data.x.shape[1] == model.outputs,
            f"the inputs must have {model.outputs} components as q has, got {data.x.shape[1]}",
        )
    number = _number(model, data)
    _try_sampling(model, sgd, number)
    require(
        not isinstance(sgd.sampling, WithoutReplacement) or sgd.batch_size <= number,
        f"a batch without replacement must fit into the data set of {number}, got {sgd.batch_size}",
    )


def _try_sampling(model: ProductModel | DatasetModel, sgd: SGD, examples: int) -> None:
    """Refuse a sampling of the user's own that breaks its contract on this many examples."""
    if not isinstance(sgd.sampling, SAMPLINGS):
        inputs = model.outputs if isinstance(model, ProductModel) else model.x[0].size
        check_sampling(sgd.sampling, examples=examples, batch_size=sgd.batch_size, inputs=inputs)


def _number(model: AnyModel, data: DataSet | None) -> int:
    """Examples in the data set."""
    return len(data) if data is not None else len(model) if isinstance(model, DatasetModel) else 0
