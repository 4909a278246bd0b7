"""Step rules as their limit sees them: what is made of the gradient of a batch, in order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from theory.base.contracts import Part
from theory.equations.algorithm import Algorithm, NoLimitEquation, option

SHAPES = ("Sign", "ClipByValue", "ClipByNorm", "RMSprop", "Adam", "AdamW", "Lion", "PreconditionedLangevin")
SAMPLERS = ("StochasticLangevin", "PreconditionedLangevin", "StochasticHamiltonian")


@dataclass(frozen=True)
class ReadRules:
    """Weight decay before and after the one rule that is not linear, and the temperature of what samples.

    Parameters
    ----------
    before, after
        Rates of weight decay, coupled and decoupled.
    shape
        The rule that is not linear, or None.
    temperature
        Of the noise that a sampler adds, 0 without.
    """

    before: float = 0.0
    shape: Any = None
    after: float = 0.0
    temperature: float = 0.0

    @property
    def kind(self) -> str:
        """Name of the rule that is not linear, "" without."""
        return "" if self.shape is None else type(self.shape).__name__

    @property
    def remembers(self) -> bool:
        """Whether that rule keeps averages, with which the equation lives on a larger space."""
        return self.kind in ("RMSprop", "Adam", "AdamW", "Lion", "PreconditionedLangevin")


def read_rules(sgd: Algorithm, dim: int) -> ReadRules | None:
    """The rules of `sgd` in the dimension d, or None where it has none.

    Raises
    ------
    NoLimitEquation
        If nobody knows the limit of one of them, of two together, of one with a preconditioner, or of averages
        before a sampler.
    """
    rules = option(sgd, "rules", ())
    if not rules:
        return None
    if (given := option(sgd, "preconditioner", None)) is not None:
        raise NoLimitEquation(
            "a limit is known of a step rule or of a preconditioner", f"{rules} and {given!r}", "take one of them"
        )
    before, after, shape, temperature = 0.0, 0.0, None, 0.0
    for rule in rules:
        kind = "" if hasattr(rule, "update") else type(rule).__name__
        if kind in SAMPLERS:
            temperature += float(rule.temperature)
        if kind == "WeightDecay":
            before, after = (before + rule.rate, after) if shape is None else (before, after + rule.rate)
        elif kind in SHAPES and shape is None:
            shape, after = rule, after + getattr(rule, "weight_decay", 0.0)
        elif kind in SHAPES:
            raise NoLimitEquation(
                "a limit is known of one rule that is not linear, beside weight decay", f"{shape!r} and {rule!r}",
                "take one of them",
            )  # fmt: skip
        elif kind not in SAMPLERS:
            raise NoLimitEquation(
                "the limit of a step rule of one's own is not known", repr(rule),
                "write it as a Langevin equation, or take a rule that ships",
            )  # fmt: skip
    found = ReadRules(before, shape, after, temperature)
    if found.remembers and temperature and rules[-1] is not shape:
        raise NoLimitEquation(
            "a sampler needs a gradient, which averages are not", f"{shape!r} and {rules[-1]!r}",
            "take PreconditionedLangevin(temperature) alone",
        )  # fmt: skip
    if found.kind == "ClipByNorm" and dim > 1:
        raise NoLimitEquation(
            "clipping by the norm has a mean in closed form in one dimension only", f"{shape!r} in {dim}",
            "take ClipByValue",
        )  # fmt: skip
    return found


def require_normal_noise(sgd: Algorithm) -> None:
    """Require that what is added to gradients is normal, before a rule that is not linear.

    Noise of the user's own is where it says so by an attribute `normal`, as models do.

    Raises
    ------
    NoLimitEquation
        If it is not, or nobody says so.
    """
    noises = [Part.of("noise", one) for one in option(sgd, "noises", ())]
    other = [
        one.value
        for one in noises
        if math.isfinite(getattr(one.value, "tail_index", math.inf))
        or not (one.ours or (one.has("normal") and one.attribute("normal") is True))
    ]
    if other:
        raise NoLimitEquation(
            "a rule that is not linear needs noise that is normal", ", ".join(map(repr, other)),
            "take GaussianNoise of the same size, or say by an attribute `normal` = True that it is",
        )  # fmt: skip
