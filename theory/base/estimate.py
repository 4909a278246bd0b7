"""A number with its error."""

from __future__ import annotations

from collections.abc import Iterator

from theory.base.errors import require


class Estimate(float):
    """A number with its estimated error, in the same units: a float in every sum, and `error` beside it.

    `error` is a standard error where the number comes from random samples, else an estimate of what the method
    leaves open, and NaN where nobody can tell. `value, error = estimate` takes the two apart.

    Raises
    ------
    InputError
        If the error is negative.
    """

    error: float

    def __new__(cls, value: float, error: float) -> Estimate:
        """The number `value` with the error `error`, in the same units."""
        require(not error < 0, f"`error` must not be negative, got {error}")  # NaN: nobody can tell
        number = super().__new__(cls, value)
        number.error = float(error)
        return number

    def __iter__(self) -> Iterator[float]:
        """The number and its error."""
        yield float(self)
        yield self.error

    def __getitem__(self, index: int) -> float:
        """The number at 0 and its error at 1."""
        return (float(self), self.error)[index]

    def __repr__(self) -> str:
        return f"{float(self):.10g} +- {self.error:.2g}"

    def __reduce__(self) -> tuple[type[Estimate], tuple[float, float]]:
        return Estimate, (float(self), self.error)
