"""Frameworks that tests compare with, imported by the first test that asks: to collect the others takes none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Framework:
    """A module by its name; a test that asks for a part of it is skipped where it is not installed."""

    module: str

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # pytest looks so at all that stands in a file
            raise AttributeError(name)
        return getattr(pytest.importorskip(self.module), name)
