"""The examples, as modules."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

from repository import ROOT

EXAMPLES = ROOT / "examples"


def load(name: str) -> ModuleType:
    """The example of this name."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where its dataclasses look for themselves
    spec.loader.exec_module(module)
    return module
