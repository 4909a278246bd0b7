"""Old names of modules lead to the new ones, and say so."""

from __future__ import annotations

import importlib
import sys

import pytest

from theory.base.moved import MOVED


@pytest.mark.parametrize(("old", "home"), MOVED.items())
def test_an_old_name_is_the_module_at_its_new_place_with_a_warning(old, home, monkeypatch):
    monkeypatch.delitem(sys.modules, old, raising=False)
    with pytest.warns(DeprecationWarning, match=f"`{old}` is `{home}` now"):
        module = importlib.import_module(old)
    assert module is importlib.import_module(home)
    assert module.__spec__.name == home


def test_a_name_that_never_was_is_not_found():
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("theory.never")
