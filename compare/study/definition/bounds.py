"""Between what a number of a study may lie."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Bounds:
    """From `least` to `most`, without the ends where `above` and `below` say so."""

    least: float = -math.inf
    most: float = math.inf
    above: bool = False
    below: bool = False

    def __contains__(self, number: float) -> bool:
        low = self.least < number if self.above else self.least <= number
        return low and (number < self.most if self.below else number <= self.most)

    @property
    def closed(self) -> bool:
        """Whether there are two ends."""
        return self.least > -math.inf and self.most < math.inf

    def __str__(self) -> str:
        """As in "number in [0, 1)"; nothing where every number will do."""
        if self.closed:
            return f"in {'(' if self.above else '['}{self.least:g}, {self.most:g}{')' if self.below else ']'}"
        return "" if self.least == -math.inf else f"{'>' if self.above else '≥'} {self.least:g}"

    def schema(self) -> dict[str, Any]:
        """The bounds in the words of JSON Schema."""
        found: dict[str, Any] = {}
        if self.least > -math.inf:
            found["exclusiveMinimum" if self.above else "minimum"] = self.least
        if self.most < math.inf:
            found["exclusiveMaximum" if self.below else "maximum"] = self.most
        return found


ANY = Bounds()
POSITIVE = Bounds(0, above=True)
NOT_NEGATIVE = Bounds(0)
