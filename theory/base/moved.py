"""Modules that stood elsewhere in earlier sources: their old names lead to the new ones, with a warning."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

MOVED = {
    "theory.collapse": "theory.points.collapse",
    "theory.critical": "theory.points.critical",
    "theory.degenerate": "theory.points.degenerate",
    "theory.escape": "theory.formulas.escape",
    "theory.fisher": "theory.noise.fisher",
    "theory.loss_power_law": "theory.formulas.loss_power",
    "theory.modified": "theory.formulas.modified",
    "theory.optimal_rate": "theory.formulas.optimal_rate",
    "theory.proportionality": "theory.noise.proportionality",
}


class _Forwarded(Loader):
    """Loads a moved module as the one that stands in its place."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        home = MOVED[spec.name]
        warnings.warn(f"`{spec.name}` is `{home}` now; import it from there", DeprecationWarning, stacklevel=2)
        module = import_module(home)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec  # it has run at its home and stays what it is


class _Finder(MetaPathFinder):
    """Finds the old names, and nothing else."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(name, _Forwarded()) if name in MOVED else None


def forward_moved_modules() -> None:
    """Let imports of the old names find the new modules."""
    sys.meta_path.append(_Finder())
