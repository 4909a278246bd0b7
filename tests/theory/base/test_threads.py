"""Same seed, same numbers, to the last byte, however many threads linear algebra may take."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from repository import ROOT
from threadpoolctl import threadpool_info, threadpool_limits

from theory import Density, Grid, SymbolicLandscape, gibbs, sgd_covariance
from theory.base.threads import _has_product, in_one_thread, multiplies, one_thread

RUN = """
import hashlib, os, sys
if sys.argv[1] == "pinned" and hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
import numpy as np

from compare import read_study, run_study
from threadpoolctl import threadpool_info
report = run_study(read_study({
    "name": "small", "seed": 1,
    "model": {"q": ["x - y/2", "y + 3*x/10"]},
    "sgd": {"learning_rate": 0.1, "batch_size": 4, "steps": 10, "walkers": 500},
    "start": {"normal": {"mean": [0.1, 0.0], "std": [0.5, 0.5]}},
    "noise": {"kind": "minibatch"},
    "grid": {"lower": [-3.0, -3.0], "upper": [3.0, 3.0], "cells": [56, 56]},
    "posterior": {"examples": 10},
}))
for name, law in report.laws.items():
    masses = b"" if law.law is None else np.ascontiguousarray(law.law.probabilities).tobytes()
    digest = hashlib.sha256(masses).hexdigest()
    print(name, law.status, law.numbers, digest)
print(report.comparison.table() if report.comparison else "", report.checks)
print(max(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"), file=sys.stderr)
"""


def run(threads, pinned=""):
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    many = {name: str(threads) for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", RUN, pinned],
        cwd=ROOT,
        env=environment | many,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout, int(done.stderr.split()[-1])


def test_a_study_has_the_same_bytes_with_any_number_of_threads():
    (one, first), (two, second) = run(1, "pinned"), run(2)
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    assert (first, second) == (1, min(2, usable))  # the control: the libraries had what was asked, have it again
    assert one == two
    assert "fokker_planck ok" in one


def threads():
    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


def test_the_callers_number_of_threads_comes_back():
    seen = []
    with threadpool_limits(2, user_api="blas"):
        before = threads()
        in_one_thread(lambda: seen.append(threads()))()
        with one_thread, one_thread:
            seen.append(threads())
        with pytest.raises(ZeroDivisionError):
            in_one_thread(lambda: 1 / 0)()
        assert threads() == before
    assert all(set(numbers) == {1} for numbers in seen)


def test_moments_of_a_large_grid_are_the_same():
    law = gibbs(SymbolicLandscape("x**2 + y**2 + x*y"), 0.5, Grid((-4, -4), (4, 4), (300, 301)))
    found = []
    for number in (1, 2):
        with threadpool_limits(number, user_api="blas"):
            found.append((law.mean.tobytes(), law.covariance.tobytes()))
    assert found[0] == found[1]


def test_what_multiplies_is_known_by_name():
    assert multiplies(Density)
    assert multiplies(sgd_covariance)
    assert not multiplies(Grid)
    assert not multiplies(SymbolicLandscape)


@pytest.mark.parametrize(
    ("source", "multiplied"), [("a @ b", True), ("a @= b", True), ("a * b", False), ("a %= b", False)]
)
def test_signs_of_products_are_read_from_code(source, multiplied):
    long = "\n".join(f"x{k} = (a + {k}, b)" for k in range(300))  # arguments of two bytes before it
    assert _has_product(compile(f"{long}\n{source}", "", "exec")) is multiplied
