"""What happens at the sides of a grid."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reflecting:
    """No flux through the side."""


@dataclass(frozen=True)
class Periodic:
    """The side is joined to the opposite one."""


Boundary = Reflecting | Periodic
