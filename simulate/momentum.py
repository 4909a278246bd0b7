"""Momentum that looks ahead."""

from __future__ import annotations

from typing import ClassVar


class Nesterov(float):
    """Nesterov's momentum: v <- mu v - eta g_B(w + mu v), w <- w + v; the number mu in every formula.

    A plain number is heavy-ball momentum, v <- mu v - eta g_B(w).
    """

    looks_ahead: ClassVar[bool] = True

    def __repr__(self) -> str:
        return f"Nesterov({float(self)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Nesterov) and float(self) == float(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(("Nesterov", float(self)))
