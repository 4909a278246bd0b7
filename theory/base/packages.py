"""The packages that are ours: what comes from elsewhere is the user's or a library's."""

from __future__ import annotations

from typing import Final

OURS: Final = ("theory", "simulate", "compare")


def module_is_ours(name: object) -> bool:
    """Whether the module of this name belongs to them; None, which objects without a module have, does not."""
    return str(name).partition(".")[0] in OURS
