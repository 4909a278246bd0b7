"""What a sampler of a law in many dimensions is given: minus the logarithm of its density."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from theory.base.arrays import Array, ArrayLike, evaluated
from theory.base.contracts import Part
from theory.base.errors import InputError
from theory.base.traced import Traced
from theory.landscapes import CallableLandscape, Landscape
from theory.learning.normal_prior import NormalPrior
from theory.models import DatasetModel

LogPrior = Callable[[Array], ArrayLike]
PotentialFunction = Callable[[Array], tuple[Array, Array]]  # w (n, d) to the potential (n,) and its slope (n, d)


@dataclass(frozen=True, eq=False)
class Potential:
    """scale L(w) less the logarithm of a prior, with its gradient.

    Parameters
    ----------
    landscape
        L.
    scale
        1/T, or n beta.
    log_prior
        A function w (..., d) to (...), whose `gradient` is taken where it has one, else differences; None is flat.
    """

    landscape: Landscape | DatasetModel = field(repr=False)
    scale: float
    log_prior: LogPrior | None = None

    @property
    def dim(self) -> int:
        """Dimension d."""
        return int(self.landscape.dim)

    def __call__(self, w: Array) -> tuple[Array, Array]:
        """The potential and its gradient at w (n, d), shapes (n,) and (n, d); not finite where it is infinite."""
        with np.errstate(all="ignore"):  # what is not finite is rejected
            value = self.scale * np.asarray(self.landscape.value(w))
            slope = self.scale * np.asarray(self.landscape.gradient(w))
            if self.log_prior is not None:
                value = value - evaluated(self.log_prior, w, "log_prior")
                slope = slope - self._prior_slope(w)
        return value, slope

    def traced(self) -> Traced:
        """The same of one point, for JAX.

        Raises
        ------
        InputError
            If the loss is neither a formula nor a network of JAX.
        """
        way = getattr(self.landscape, "traced", None)
        if way is None:
            raise InputError(
                "NUTS needs a loss that JAX can trace, a formula or a network of `from_jax`, got "
                f"{type(self.landscape).__name__}; take HMC()"
            )
        loss: Traced = way()
        prior: Any = self.log_prior
        if isinstance(prior, NormalPrior):
            prior = prior.of_point

        def function(w: Any) -> Any:
            value = self.scale * loss.function(w)
            return value if prior is None else value - prior(w)

        return Traced(function, loss.setting)

    def _prior_slope(self, w: Array) -> Array:
        prior: Any = self.log_prior
        if getattr(prior, "gradient", None) is not None:
            return Part.of("prior", prior).numbers("gradient", w, (self.dim,))
        return CallableLandscape(prior, dim=self.dim).gradient(w)
