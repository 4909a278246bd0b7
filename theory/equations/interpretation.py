"""Readings of the noise: where in a step it is evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from theory.base.arguments.numbers import MISFIT, number
from theory.base.contracts import Kept, Part


@runtime_checkable
class Interpretation(Protocol):
    """A reading of the noise: evaluated at the fraction `share` of each step, `share` div D joins the Ito drift.

    A reading of the user's own needs no more than a `share` in [0, 1].
    """

    @property
    def share(self) -> float:
        """Share of div D in the Ito drift, in [0, 1]: 0 is Ito's, 1/2 Stratonovich's, 1 anti-Ito."""
        ...


@dataclass(frozen=True)
class Ito:
    """Noise is evaluated at the start of each step: the limit of SGD, the default."""

    share: ClassVar[float] = 0.0


@dataclass(frozen=True)
class Stratonovich:
    """Noise is evaluated half-way: half of div D joins the Ito drift.

    In 1-D this is Stratonovich's equation. Beyond, his depends on the factor of D and not on D alone; this is the
    half-way reading of the Fokker-Planck flux.
    """

    share: ClassVar[float] = 0.5


@dataclass(frozen=True)
class AntiIto:
    """Noise is evaluated at the end of each step (Haenggi-Klimontovich): div D joins the Ito drift."""

    share: ClassVar[float] = 1.0


def check_interpretation(interpretation: Interpretation) -> Kept:
    """What a reading of the noise keeps of its contract: a `share` in [0, 1] that stays.

    Raises
    ------
    InputError
        If it does not keep it, in one line with its name.
    """
    part = Part.of("reading of the noise", interpretation)
    share, again = part.attribute("share"), part.attribute("share")
    fits = number(share) is not MISFIT and 0 <= share <= 1
    part.require(
        fits, f"`share` must be a number in [0, 1], got {share!r}; 0 is Ito's, 1/2 Stratonovich's and 1 anti-Ito"
    )
    part.require(share == again, f"`share` must stay what it is, got {share!r} and {again!r}; give it one value")
    return Kept(part.name, ("`share` lies in [0, 1]",))
