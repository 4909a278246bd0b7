"""Rules that sample: stochastic gradient Langevin dynamics, preconditioned, and with a velocity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulate.rules.rule import (
    HEAT,
    SCALED_HEAT,
    Row,
    ShippedRule,
    as_floats,
    require_not_negative,
    require_positive,
    require_share,
)
from theory.base.errors import require


@dataclass(frozen=True, repr=False)
class StochasticLangevin(ShippedRule):
    """SGLD: w <- w - eta g_B + N(0, 2 eta temperature I), whose noise is that of `temperature` beside the batch's.

    Of a posterior exp(-n L_n) it is that of Welling & Teh at temperature 1 / n and eta = n epsilon / 2, with their
    step epsilon; their falling steps are a schedule.

    Raises
    ------
    InputError
        If `temperature` is negative or not finite.

    References
    ----------
    Welling & Teh (2011), Bayesian learning via stochastic gradient Langevin dynamics.
    """

    temperature: float

    samples: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_not_negative(self.temperature, "temperature")
        as_floats(self, "temperature")

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the compiled loop does."""
        return ((HEAT, self.temperature, 0.0, 0.0),)


@dataclass(frozen=True, repr=False)
class PreconditionedLangevin(ShippedRule):
    """pSGLD: w <- w - eta G g_B + N(0, 2 eta temperature G) with G = 1 / (sqrt(v) + epsilon), by components.

    v <- beta v + (1 - beta) g_B^2 from v = 0, as `RMSprop`. The published drift has a term Gamma = div G more,
    which its authors leave out in their experiments and which is left out here: the law that is kept for small
    rates is not exactly that of the temperature.

    Raises
    ------
    InputError
        If `temperature` is negative or not finite, `beta` does not lie in [0, 1), or `epsilon` is not positive and
        finite.

    References
    ----------
    Li, Chen, Carlson & Carin (2016), Preconditioned stochastic gradient Langevin dynamics for deep neural
    networks, algorithm 1, arXiv:1512.07666.
    """

    temperature: float
    beta: float = 0.99
    epsilon: float = 1e-5

    rescales: ClassVar[bool] = True
    samples: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_not_negative(self.temperature, "temperature")
        require_share(self.beta, "beta")
        require_positive(self.epsilon, "epsilon")
        as_floats(self, "temperature", "beta", "epsilon")

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the compiled loop does."""
        return ((SCALED_HEAT, self.temperature, self.beta, self.epsilon),)


@dataclass(frozen=True, repr=False)
class StochasticHamiltonian(ShippedRule):
    """SGHMC: v <- (1 - friction) v - eta g_B + N(0, 2 friction eta temperature I), and w <- w + v.

    Equation 15 of the source, with its alpha for `friction` and nothing taken off for the noise of the batches
    (beta = 0): without temperature it is heavy-ball SGD of momentum 1 - friction. The time of a step is
    eta / friction.

    Raises
    ------
    InputError
        If `friction` does not lie in (0, 1], or `temperature` is negative or not finite.

    References
    ----------
    Chen, Fox & Guestrin (2014), Stochastic gradient Hamiltonian Monte Carlo, arXiv:1402.4102.
    """

    friction: float
    temperature: float

    has_momentum: ClassVar[bool] = True
    samples: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require(0 < self.friction <= 1, f"`friction` must lie in (0, 1], got {self.friction}")
        require_not_negative(self.temperature, "temperature")
        as_floats(self, "friction", "temperature")

    @property
    def momentum(self) -> float:
        """The share of the velocity that a step keeps."""
        return 1.0 - self.friction

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the compiled loop does: the noise; the velocity is that of momentum."""
        return ((HEAT, self.friction * self.temperature, 0.0, 0.0),)
