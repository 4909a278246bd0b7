"""Why a law does not exist at a point, as a code that maps show and words that people read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from theory.base.errors import InputError
from theory.laws import DensityClass, NoStationaryDensity, PointMass


class Code(Enum):
    """Kinds of reasons; the value is what a legend says."""

    DIVERGES = "SGD diverges"
    COLLAPSE = "collapses onto a point"
    CLASSES = "not unique: several classes"
    WALLS = "leaves every window"
    TAIL = "infinite variance: no window holds it"
    UNRESOLVED = "beyond the limit of cells"
    EQUATION = "no limit equation"
    NOT_ASKED = "not asked for"
    OTHER = "no density"


# How the transition operator begins a refusal that carries neither classes nor a density.
LEAVES, SEVERAL = "walkers must stay on the grid", "the stationary law must be unique"


@dataclass(frozen=True)
class NoLaw:
    """A code with its words on one line; `remedy` is 'finer' or 'wider' where another grid may help.

    `leak` is the share of the walkers that leaves the window in a step, where that is the reason.
    """

    code: Code
    words: str
    remedy: str = ""
    leak: float = 0.0

    def __str__(self) -> str:
        return f"{self.code.name.lower()}: {self.words}"

    @staticmethod
    def of(refusal: NoStationaryDensity) -> NoLaw:
        """What the refusal of a law says: by its classes, or by the density that it carries."""
        words = " ".join(refusal.reason.split())
        points = [one for one in refusal.classes if isinstance(one, PointMass)]
        densities = [one for one in refusal.classes if isinstance(one, DensityClass)]
        if points and not densities and len(points) == 1:
            return NoLaw(Code.COLLAPSE, words)
        if len(refusal.classes) > 1:
            return NoLaw(Code.COLLAPSE if not densities else Code.CLASSES, words)
        if refusal.classes:
            return NoLaw(Code.OTHER, words)
        if words.startswith(LEAVES):
            return NoLaw(Code.WALLS, words, "wider", refusal.leak)
        if words.startswith(SEVERAL):
            return NoLaw(Code.CLASSES, words)
        return NoLaw(Code.UNRESOLVED, words, "finer")

    @staticmethod
    def told(error: InputError, code: Code = Code.OTHER) -> NoLaw:
        """An error on one line."""
        return NoLaw(code, " ".join(str(error).split()))


def code_of(text: str) -> Code | None:
    """The code that begins the text of a `NoLaw`; None of an empty one, where the law exists."""
    name = text.partition(":")[0].upper()
    return Code[name] if text else None
