"""The faces of the packages complete: what is public is in `dir`, before it is loaded."""

import importlib
import rlcompleter
import subprocess
import sys

import pytest

FRESH = """
import {package}
names = dir({package})
assert set({package}.__all__) <= set(names), sorted(set({package}.__all__) - set(names))
assert all(hasattr({package}, name) for name in {package}.__all__)
"""


@pytest.mark.parametrize("package", ["theory", "simulate", "compare"])
def test_dir_holds_all_public_names(package):
    face = importlib.import_module(package)
    assert len(face.__all__) > 20
    assert set(face.__all__) <= set(dir(face))
    assert dir(face) == sorted(set(dir(face)))


def test_a_fresh_interpreter_completes_what_is_loaded_late():
    subprocess.run([sys.executable, "-c", FRESH.format(package="compare")], check=True)


@pytest.mark.parametrize(
    ("text", "whole"),
    [("compare.loss_s", "compare.loss_slope("), ("compare.Noise", "compare.NoiseAgainstHessian(")],
)
def test_the_tab_key_completes(text, whole):
    completer = rlcompleter.Completer({"compare": importlib.import_module("compare")})
    assert completer.complete(text, 0) == whole


def test_a_name_that_is_none_is_an_error():
    compare = importlib.import_module("compare")
    with pytest.raises(AttributeError, match="has no attribute 'loss_slop'"):
        _ = compare.loss_slop
