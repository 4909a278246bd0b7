"""Rules that average gradients or their squares: RMSprop, Adam, AdamW and Lion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulate.rules.rule import (
    ADAM,
    DECAY,
    LION,
    RMSPROP,
    Row,
    ShippedRule,
    as_floats,
    require_not_negative,
    require_positive,
    require_share,
)
from theory.base.errors import require


@dataclass(frozen=True, repr=False)
class RMSprop(ShippedRule):
    """g / (sqrt(v) + epsilon) with v <- beta v + (1 - beta) g^2 from v = 0, component by component.

    As `torch.optim.RMSprop` with its `alpha` for `beta`, epsilon outside the root; `optax` has it inside.

    Raises
    ------
    InputError
        If `beta` does not lie in [0, 1), or `epsilon` is not positive and finite.

    References
    ----------
    Tieleman & Hinton (2012), Lecture 6.5 of Neural networks for machine learning.
    """

    beta: float = 0.99
    epsilon: float = 1e-8

    rescales: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_share(self.beta, "beta")
        require_positive(self.epsilon, "epsilon")
        as_floats(self, "beta", "epsilon")

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the compiled loop does."""
        return ((RMSPROP, self.beta, self.epsilon, 0.0),)


@dataclass(frozen=True, repr=False)
class Adam(ShippedRule):
    """m' / (sqrt(v') + epsilon) with m' = m / (1 - beta1^t), v' = v / (1 - beta2^t) at the t-th step, t from 1.

    m <- beta1 m + (1 - beta1) g and v <- beta2 v + (1 - beta2) g^2, both from 0; as `torch.optim.Adam`.

    Raises
    ------
    InputError
        If a beta does not lie in [0, 1), `epsilon` is not positive and finite, or beta1^2 is not below beta2: then
        |m| / sqrt(v) has no bound.

    References
    ----------
    Kingma & Ba (2015), Adam: a method for stochastic optimization, algorithm 1.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    has_momentum: ClassVar[bool] = True
    rescales: ClassVar[bool] = True

    def __post_init__(self) -> None:
        _check_adam(self, "beta1", "beta2", "epsilon")

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the compiled loop does."""
        return ((ADAM, self.beta1, self.beta2, self.epsilon),)


@dataclass(frozen=True, repr=False)
class AdamW(ShippedRule):
    """What `Adam` makes of the gradient with beta1, beta2 and epsilon, plus `weight_decay` times w.

    That is decoupled weight decay, as `torch.optim.AdamW` has it.

    Raises
    ------
    InputError
        As `Adam`, or if `weight_decay` is negative or not finite.

    References
    ----------
    Loshchilov & Hutter (2019), Decoupled weight decay regularization.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.01

    has_momentum: ClassVar[bool] = True
    rescales: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_not_negative(self.weight_decay, "weight_decay")
        _check_adam(self, "beta1", "beta2", "epsilon", "weight_decay")

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the compiled loop does."""
        return (ADAM, self.beta1, self.beta2, self.epsilon), (DECAY, self.weight_decay, 0.0, 0.0)


@dataclass(frozen=True, repr=False)
class Lion(ShippedRule):
    """sign(beta1 m + (1 - beta1) g), and then m <- beta2 m + (1 - beta2) g from m = 0.

    Its weight decay is `WeightDecay` after it.

    Raises
    ------
    InputError
        If a beta does not lie in [0, 1).

    References
    ----------
    Chen et al. (2023), Symbolic discovery of optimization algorithms, algorithm 2, arXiv:2302.06675.
    """

    beta1: float = 0.9
    beta2: float = 0.99

    has_momentum: ClassVar[bool] = True
    rescales: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_share(self.beta1, "beta1")
        require_share(self.beta2, "beta2")
        as_floats(self, "beta1", "beta2")

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the compiled loop does."""
        return ((LION, self.beta1, self.beta2, 0.0),)


def _check_adam(rule: Adam | AdamW, *names: str) -> None:
    require_share(rule.beta1, "beta1")
    require_share(rule.beta2, "beta2")
    require_positive(rule.epsilon, "epsilon")
    require(
        rule.beta1 == 0 or rule.beta1**2 < rule.beta2,
        "`beta1` squared must be below `beta2`, else the second moment forgets what the first still knows and "
        f"steps have no bound, got {rule.beta1} and {rule.beta2}; raise `beta2`",
    )
    as_floats(rule, *names)
