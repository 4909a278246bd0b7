"""Numbers with as many digits as their errors leave."""

from __future__ import annotations

import math

PLAIN = 6  # digits of a number whose error is not known, and the fewest of a prediction beside one
MOST = 17  # digits of a float
SMALL, LARGE = 1e-4, 1e6  # beyond, powers of ten are written


def last_place(error: float) -> int | None:
    """The power of ten of the second digit of `error`; None where it has none."""
    return _exponent(error) - 1 if math.isfinite(error) and error > 0 else None


def _exponent(number: float) -> int:
    """The power of ten of the first digit once two are written."""
    return int(f"{number:.1e}".partition("e")[2])


def to_place(number: float, place: int | None) -> str:
    """`number` down to the digit of 10^place, or to 6 digits where nothing says it."""
    if place is None or not math.isfinite(number):
        return f"{number:.{PLAIN}g}"
    if number == 0:
        return "0"
    if SMALL <= abs(number) < LARGE and place <= 0:
        return f"{number:.{min(-place, MOST)}f}"
    return f"{number:.{min(max(_exponent(number) - place, 0), MOST - 1)}e}"


def with_error(number: float, error: float) -> str:
    """The number and its error to two digits, both to the same decimal."""
    place = last_place(error)
    told = f"{error:.2g}" if place is None else to_place(error, place)
    return f"{to_place(number, place)} +- {told}"


def interval_to(low: float, high: float, place: int | None) -> str:
    """The ends of an interval to the same decimal."""
    return f"[{to_place(low, place)}, {to_place(high, place)}]"


def beside(number: float, place: int | None) -> str:
    """A number without error beside others down to 10^place: their digits, without zeros at the end."""
    if place is None or not number or not math.isfinite(number):
        return f"{number:.{PLAIN}g}"
    digits = _exponent(number) - place + 1
    return f"{number:.{min(max(digits, PLAIN), MOST - 2)}g}"
