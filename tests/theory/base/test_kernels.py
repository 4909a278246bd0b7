"""Machine code on disk is that of the sources as they stand."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys

import pytest
from repository import ROOT
from sources import TREES

from theory.base.kernels import kernel, key

CALLER = """
from simulate.callee import callee
from theory.base.kernels import kernel

@kernel
def caller(x):
    return 10 * callee(x)
"""
CALLEE = """
from simulate.plain import SHIFT
from theory.base.kernels import kernel

@kernel
def callee(x):
    return x + SHIFT
"""
ASK = "from theory.caller import caller; print(caller(2.0), sum(caller.stats.cache_hits.values()))"


def write(path, text):
    """Write a source of another length, since Python itself goes by the second and the length."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


@pytest.fixture
def tree(tmp_path):
    """A small copy of the packages: a loop that calls a loop of a second file with a constant of a third."""
    for package in ("theory", "simulate"):
        write(tmp_path / package / "__init__.py", "")
    write(tmp_path / "theory" / "base" / "__init__.py", "")
    for name in ("kernels.py", "errors.py", "packages.py"):
        shutil.copy(ROOT / "theory" / "base" / name, tmp_path / "theory" / "base")
    write(tmp_path / "theory" / "caller.py", CALLER)
    write(tmp_path / "simulate" / "callee.py", CALLEE)
    write(tmp_path / "simulate" / "plain.py", "SHIFT = 1.0")
    return tmp_path


def ask(tree, **environment):
    clean = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=tree, env=clean | environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    value, hits = done.stdout.split()
    return float(value), int(hits)


def test_an_edited_callee_is_seen_by_its_callers_in_other_files(tree):
    assert ask(tree) == (30.0, 0)
    assert ask(tree, PYTHONHASHSEED="7") == (30.0, 1)  # the control: unchanged sources are not compiled again
    write(tree / "simulate" / "callee.py", CALLEE.replace("x + SHIFT", "x - SHIFT  # edited"))
    assert ask(tree) == (10.0, 0)
    write(tree / "simulate" / "plain.py", "SHIFT = 2.00")
    assert ask(tree) == (0.0, 0)
    kept = {path.name.split("-")[0] for path in tree.rglob("*.nbi")}
    assert kept == {"caller.caller", "callee.callee"}
    assert len(list(tree.rglob("*.nbi"))) == 2  # machine code of earlier sources is gone


def test_a_spoilt_cache_is_compiled_again(tree):
    ask(tree)
    for path in tree.rglob("*.nb?"):
        path.write_bytes(path.read_bytes()[:40])
    assert ask(tree) == (30.0, 0)
    assert ask(tree) == (30.0, 1)


def test_no_folder_that_can_be_written(tree):
    for package in ("theory", "simulate"):
        write(tree / package / "__pycache__", "a file in the way")
    assert ask(tree, HOME="/dev/null", XDG_CACHE_HOME="/dev/null/cache") == (30.0, 0)


def test_the_key_knows_what_a_loop_is_compiled_from():
    scale, shape = 2.0, (1, 2)

    def plain(x):
        return x * scale

    def other(x):
        return x * shape[0]

    def inner(x):
        return callee(x)

    callee = kernel(plain)
    before = key(inner)
    callee = kernel(plain, fastmath=True)
    assert key(inner) != before
    callee = kernel(other)
    assert len({before, key(inner), key(plain), key(other)}) == 4
    before = key(other)
    shape = (2, 2)
    assert key(other) != before
    shape = (1, 2)
    assert key(other) == before


def test_a_number_that_stands_in_the_source_is_compiled_as_any_other():
    @kernel
    def power(x, number):
        found = 1.0
        for _ in range(number):
            found *= x
        return found

    @kernel
    def both(x, number):
        return power(x, 2) + power(x, number=number)

    assert both(3.0, 1) == 12.0
    assert len(power.signatures) == 1


def test_loops_are_compiled_by_one_decorator():
    compilers = {"njit", "jit", "vectorize", "guvectorize"}
    users = []
    for module, tree in TREES.items():
        nodes = list(ast.walk(tree))
        names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        names |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
        if names & compilers:
            users.append(module)
    own = [
        "learning.nuts",
        "models.networks.jax_network",
        "models.networks.traces",
    ]  # compile theirs
    assert users == ["theory.base.kernels", *(f"theory.{name}" for name in own)]
