"""A number with its error."""

from __future__ import annotations

from theory.base.errors import require


class Estimate(float):
    """A number with its estimated error: a float in every sum, and `error` beside it."""

    error: float

    def __new__(cls, value: float, error: float) -> Estimate:
        """The number `value` with the error `error`, in the same units."""
        require(not error < 0, f"`error` must not be negative, got {error}")  # NaN: nobody can tell
        number = super().__new__(cls, value)
        number.error = float(error)
        return number

    def __repr__(self) -> str:
        return f"{float(self):.10g} +- {self.error:.2g}"

    def __reduce__(self) -> tuple[type[Estimate], tuple[float, float]]:
        return Estimate, (float(self), self.error)
