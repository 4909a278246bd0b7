"""Rules without memory: clipping, weight decay and the sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulate.rules.rule import (
    CLIP_NORM,
    CLIP_VALUE,
    DECAY,
    SIGN,
    Row,
    ShippedRule,
    as_floats,
    require_not_negative,
    require_positive,
)


@dataclass(frozen=True, repr=False)
class ClipByValue(ShippedRule):
    """Every component of the gradient of a batch is cut to [-limit, limit], as `clip_grad_value_` of PyTorch.

    Raises
    ------
    InputError
        If `limit` is not positive and finite.
    """

    limit: float

    def __post_init__(self) -> None:
        require_positive(self.limit, "limit")
        as_floats(self, "limit")

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the compiled loop does."""
        return ((CLIP_VALUE, self.limit, 0.0, 0.0),)


@dataclass(frozen=True, repr=False)
class ClipByNorm(ShippedRule):
    """g min(1, limit / |g|): a gradient that is longer than `limit` becomes as long, as in `optax`.

    `clip_grad_norm_` of PyTorch divides by |g| + 1e-6 instead.

    Raises
    ------
    InputError
        If `limit` is not positive and finite.

    References
    ----------
    Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks.
    """

    limit: float

    def __post_init__(self) -> None:
        require_positive(self.limit, "limit")
        as_floats(self, "limit")

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the compiled loop does."""
        return ((CLIP_NORM, self.limit, 0.0, 0.0),)


@dataclass(frozen=True, repr=False)
class WeightDecay(ShippedRule):
    """`rate` times w is added to what passes: before another rule coupled, after it decoupled.

    Alone it is descent on L + rate |w|^2 / 2. With momentum the velocity keeps it, as in `torch.optim.SGD`; with
    Nesterov's w is the place ahead.

    Raises
    ------
    InputError
        If `rate` is negative or not finite.

    References
    ----------
    Loshchilov & Hutter (2019), Decoupled weight decay regularization.
    """

    rate: float

    def __post_init__(self) -> None:
        require_not_negative(self.rate, "rate")
        as_floats(self, "rate")

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the compiled loop does."""
        return ((DECAY, self.rate, 0.0, 0.0),)


@dataclass(frozen=True, repr=False)
class Sign(ShippedRule):
    """The sign of every component, 0 where that is 0: signSGD.

    References
    ----------
    Bernstein, Wang, Azizzadenesheli & Anandkumar (2018), signSGD: compressed optimisation for non-convex problems.
    """

    rescales: ClassVar[bool] = True

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the compiled loop does."""
        return ((SIGN, 0.0, 0.0, 0.0),)
