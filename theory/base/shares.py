"""Shares of a whole in words: none is printed as nothing or as all unless it is."""

from __future__ import annotations

CLOSE = 0.05  # of a share or of what it leaves: what rounding may change
MOST = 17  # digits of a float


def percent(share: float, digits: int = 2) -> str:
    """'95%', '99.99%': as many digits as keep both the share and what it leaves to a twentieth."""
    return _shown(share, 100.0, digits) + "%"


def fraction(share: float, digits: int = 3) -> str:
    """The same as a number between 0 and 1: '0.417', '0.9999', '1e-07'."""
    return _shown(share, 1.0, digits)


def _shown(share: float, whole: float, digits: int) -> str:
    for more in range(digits, MOST + 1):
        text = f"{whole * share:.{more}g}"
        told = float(text) / whole
        if "e+" not in text and all(abs(a - b) <= CLOSE * a for a, b in ((share, told), (1 - share, 1 - told))):
            return text
    return f"{whole * share!r}"
