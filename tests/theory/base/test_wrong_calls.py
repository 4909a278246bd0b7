"""Every wrong call ends in an `InputError` of one line, and no right one does."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from right_calls import CALLS, GRID, WELL
from wrong_calls import spoilt

import compare
import simulate
import theory
from theory import CallableLandscape, Density, Grid, InputError, Isotropic, Langevin, gaussian
from theory.base.errors import CallError

FACES = (theory, simulate, compare)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_wrong_calls_are_refused(call):
    call()  # the control
    accepted = []
    for label, change in spoilt(call):
        try:
            call(**change)
        except InputError as error:
            if "\n" in str(error) or not str(error):
                accepted.append(f"{label}: {error!r}")
        except Exception as error:
            accepted.append(f"{label}: {error!r}")
        else:
            accepted.append(f"{label}: accepted")
    assert accepted == []


def test_there_are_enough_of_them():
    assert sum(1 for call in CALLS for _ in spoilt(call)) > 5000


def test_every_public_function_is_tried():
    tried = {inspect.unwrap(getattr(call.function, "__func__", call.function)) for call in CALLS}
    missing = {
        name
        for face in FACES
        for name in face.__all__
        if inspect.isfunction(value := getattr(face, name)) and inspect.unwrap(value) not in tried
    }
    missing -= {"draw"}  # one function for each class; `tests/compare/figures/test_draw.py` tries them
    missing -= {"open_sweep"}  # of a folder that a sweep has made; `tests/compare/sweeps/test_store.py` tries it
    missing -= {"from_torch"}  # of an extra; `tests/theory/models/test_refused_networks.py` tries it
    assert missing == set(), "add a right call of each to right_calls.py"


class Mine:
    """A landscape of the user's own."""

    dim = 1

    def value(self, w):
        return (np.asarray(w) ** 2).sum(axis=-1) / 2

    def gradient(self, w):
        return np.asarray(w)

    def hessian(self, w):
        return np.ones((*np.shape(w), 1))


class Half:
    """What forgot its Hessian."""

    dim, value, gradient = 1, Mine.value, Mine.gradient


class Halved:
    """A schedule."""

    def rate(self, steps):
        return 0.5 + 0 * steps


def test_classes_of_the_user_are_landscapes_if_they_have_the_methods():
    assert Langevin(Mine(), Isotropic(0.1, 1)).drift([[2.0]]) == -2
    with pytest.raises(InputError, match=r"`landscape` must be a Landscape, got .*; it has no `hessian`"):
        Langevin(Half(), Isotropic(0.1, 1))
    with pytest.raises(InputError, match=r"got the class Mine; give one of its instances, Mine\(...\)"):
        Langevin(Mine, Isotropic(0.1, 1))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: simulate.run_sgd(Mine(), simulate.SGD(0.1, 4), [[0.5]], steps=2, rng=np.random.default_rng(1)),
        lambda: simulate.run_sgd(Mine, simulate.SGD(0.1, 4), np.random.default_rng(1), steps=2),
        lambda: Langevin(Half(), Isotropic(0.1, 1)),
        lambda: theory.langevin_limit(theory.ProductModel("w"), simulate.SGD(0.1, 4, schedule=Halved())),
        lambda: theory.SymbolicLandscape(Mine()),
    ],
)
def test_messages_hold_no_addresses(wrong):
    assert " at 0x" in repr(Mine())  # control
    with pytest.raises(InputError) as refused:
        wrong()
    assert "0x" not in str(refused.value)


@pytest.mark.parametrize(
    "right",
    [
        lambda: Grid(np.float32(-1), np.array(1), np.int8(4)),
        lambda: Grid([-1], (1,), np.array([4.0]), [True]),
        lambda: Isotropic(1, 1.0),
        lambda: Isotropic(np.array(0.5), np.int64(1)),
        lambda: simulate.SGD(1, np.float64(4)),
        lambda: WELL.value([[1], [2]]),
        lambda: WELL.value(np.ones((2, 1), dtype=np.int8)),
        lambda: Density(GRID, [1 / 4] * 24),
        lambda: simulate.run_sgd(
            theory.ProductModel("w"), simulate.SGD(0.1, 4), [0.5, 1], steps=2.0, rng=np.random.default_rng(1)
        ),
    ],
)
def test_numbers_of_other_types_are_taken(right):
    right()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Grid((), (), ()), "a grid needs at least one axis"),
        (lambda: theory.Outside(1, 0), "the target needs lower < upper, got 1 and 0"),
        (lambda: CallableLandscape(3, dim=1), "`value` must be a function, got 3"),
        (lambda: CallableLandscape(lambda: 0, dim=1), "it must take 1 argument"),
        (lambda: simulate.Step(at=(5, 3), factor=0.5), r"must be steps that ascend from 0 on, got \(5, 3\)"),
        (lambda: gaussian([100.0], [[0.1]], GRID), "`mean` must lie in the box"),
        (
            lambda: simulate.SGD(0.1, 10**30),
            "`batch_size` must be .*, got 1000.*; at most 922337203685",
        ),
        (lambda: simulate.SGD(0.1, 4, preconditioner=np.eye), "`preconditioner` must be"),
        (
            lambda: compare.compare_laws(theory.gibbs(WELL, 1, GRID), [1]),
            "`predictions` must be a mapping from text",
        ),
    ],
)
def test_wrong_calls_of_two_parts(wrong, message):
    with pytest.raises(InputError, match=message):
        wrong()


def test_arguments_that_miss_or_are_of_no_such_name():
    with pytest.raises(
        CallError, match=r"missing 1 required .* 'dim'; it is called as CallableLandscape\(value, "
    ):
        CallableLandscape(np.sum)
    with pytest.raises(CallError, match="unexpected keyword argument 'cell'"):
        Grid(0, 1, cell=3)
    with pytest.raises(CallError, match="takes"):
        theory.gibbs(WELL, 1.0, GRID, None, 3, 4)
    assert issubclass(CallError, TypeError)


def test_an_error_inside_a_function_of_the_user_is_the_users():
    def broken(w):
        raise TypeError("mine")

    with pytest.raises(TypeError, match=r"^mine$"):
        theory.gibbs(CallableLandscape(broken, dim=1), 1.0, GRID)
