"""A way of the user's own to find the stationary loss, and what it must give."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from compare.slope.method import Method, SlopeMethod, StationaryLoss
from simulate.sgd import SGD
from theory.base.arguments.answers import inner_of, is_ours
from theory.base.arguments.numbers import MISFIT, number
from theory.base.arguments.words import shown
from theory.base.contracts import Part
from theory.base.errors import InputError, require
from theory.base.estimate import Estimate
from theory.fokker_planck import NoStationaryDensity
from theory.laws import Grid
from theory.models import Model
from theory.points import LossMinimum


@dataclass(frozen=True)
class OwnMethod:
    """A `SlopeMethod` as a `Method`, its answers checked."""

    inner: SlopeMethod
    statistical: bool
    jumps: bool
    words: str
    search_grid: Grid | None

    def measure(
        self, model: Model, sgd: SGD, minimum: LossMinimum, rng: np.random.Generator | None
    ) -> StationaryLoss:
        """The stationary loss of `sgd`.

        Raises
        ------
        InputError
            If the method gives none that keeps its contract.
        NoStationaryDensity
            As the method itself.
        """
        part = Part.of("method", self.inner)
        try:
            found = part.call("measure", model, sgd, minimum, rng)
        except InputError as refusal:
            if isinstance(refusal.__cause__, NoStationaryDensity):
                raise refusal.__cause__ from None
            raise
        loss = StationaryLoss(sgd.learning_rate, found) if isinstance(found, Estimate) else found
        part.require(
            isinstance(loss, StationaryLoss),
            f"`measure` must give a StationaryLoss or an Estimate, got {shown(found)}; give its error too",
        )
        excess, error = number(loss.excess), number(getattr(loss.excess, "error", None))
        fits = excess is not MISFIT and error is not MISFIT and math.isfinite(excess) and 0 < error < math.inf
        part.require(
            fits, f"`measure` must give a finite loss with a positive error, got {shown(loss.excess)}; mend it"
        )
        part.require(
            loss.learning_rate == sgd.learning_rate,
            f"`measure` must find the loss at the rate {sgd.learning_rate:g}, got {loss.learning_rate:g}",
        )
        return loss


def whole_method(method: Method | SlopeMethod) -> Method:
    """`method` where it is one of these packages, else an `OwnMethod` around it.

    Raises
    ------
    InputError
        If it is no method, or an attribute has the wrong type.
    """
    inner = inner_of(method)
    if is_ours(inner) and isinstance(inner, Method):
        return inner
    fits = isinstance(inner, SlopeMethod) and not isinstance(inner, type) and not is_ours(inner)
    require(
        fits,
        "`method` must be BySampling(), ByFormula(), ByTransitionOperator(grid) or ByFokkerPlanck(grid), or have "
        f"`statistical`, `jumps` and `measure`, got {shown(inner)}",
    )
    part = Part.of("method", inner)
    for name in ("statistical", "jumps"):
        flag = part.attribute(name)
        part.require(
            isinstance(flag, bool | np.bool_), f"`{name}` must be True or False, got {shown(flag)}; set it"
        )
    words = part.attribute("words") if part.has("words") else f"by {type(inner).__name__}"
    part.require(
        isinstance(words, str) and "\n" not in words,
        f"`words` must be text in one line, got {shown(words)}; say what comes after 'the loss'",
    )
    grid = part.attribute("search_grid") if part.has("search_grid") else None
    part.require(
        grid is None or isinstance(grid, Grid), f"`search_grid` must be a Grid or None, got {shown(grid)}"
    )
    return OwnMethod(inner, bool(inner.statistical), bool(inner.jumps), words, grid)
