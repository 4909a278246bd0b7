"""What functions and classes of the user's give is checked where it is used, and what they raise stays theirs."""

from __future__ import annotations

import datetime
import math
import pickle
from types import SimpleNamespace

import numpy as np
import pytest
import sympy
import xarray as xr

from compare import ByFokkerPlanck, loss_slope
from simulate import SGD, first_exit, run_sgd, transition_operator
from theory import (
    CallableLandscape,
    DatasetModel,
    FokkerPlanck,
    Grid,
    InputError,
    Isotropic,
    Langevin,
    LinearRegression,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    find_minima,
    free_energy,
    gibbs,
    judge_proportionality,
    posterior_mass,
    sample_paths,
    two_layer_network,
    volume,
)

GRID, START = Grid(-2.0, 2.0, 24), np.linspace(-1, 1, 6)[:, None]
WELL, NOISE = SymbolicLandscape("w**2/2"), Isotropic(0.3, 1)
LAW = gibbs(WELL, 1.0, GRID)
WRONG = {
    "None": lambda w: None,
    "text": lambda w: "a",
    "a number": lambda w: 1.0,
    "another shape": lambda w: np.zeros((*w.shape, 2, 5)),
    "complex": lambda w: np.full(w.shape[:-1], 1j),
    "objects": lambda w: np.full(w.shape[:-1], None),
    "text of numbers": lambda w: np.full(w.shape[:-1], "1.0"),
    "a generator": lambda w: (x for x in (1.0,)),
    "dates": lambda w: np.full(w.shape[:-1], np.datetime64("2020")),
    "masked": lambda w: np.ma.masked_all(w.shape[:-1]),
    "a data set": lambda w: xr.Dataset(),
}


class Bowl:
    """A landscape of the user's own, some of whose methods are spoilt."""

    dim = 1

    def __init__(self, **spoilt):
        self.spoilt, self.calls = spoilt, 0

    def _given(self, name, w, right):
        self.calls += 1
        return self.spoilt[name](w) if name in self.spoilt else right

    def value(self, w):
        return self._given("value", w, w[..., 0] ** 2 / 2)

    def gradient(self, w):
        return self._given("gradient", w, w)

    def hessian(self, w):
        return self._given("hessian", w, np.ones((*w.shape, 1)))


class Noise:
    """A tensor field of the user's own."""

    dim = 1

    def __init__(self, **spoilt):
        self.spoilt = spoilt

    def tensor(self, w):
        return self.spoilt.get("tensor", lambda w: np.full((*w.shape, 1), 0.3))(w)

    def root(self, w):
        return self.spoilt.get("root", lambda w: np.full((*w.shape, 1), 0.3**0.5))(w)

    def divergence(self, w):
        return np.zeros_like(w)

    def root_expressions(self, variables):
        return None


def paths(sde):
    return sample_paths(sde, START, dt=0.01, steps=2, rng=np.random.default_rng(1))


def data(loss, gradient):
    return DatasetModel(np.ones((3, 1)), np.ones(3), loss, gradient, 1)


USES = {
    "the prior of gibbs": lambda f: gibbs(WELL, 1.0, GRID, log_prior=f),
    "the prior of free_energy": lambda f: free_energy(WELL, 10.0, GRID, log_prior=f),
    "where of posterior_mass": lambda f: posterior_mass(WELL, 10.0, GRID, f),
    "where of mass": LAW.mass,
    "the extra drift on a grid": lambda f: FokkerPlanck(Langevin(WELL, NOISE, extra_drift=f), GRID).stationary(),
    "the extra drift of paths": lambda f: paths(Langevin(WELL, NOISE, extra_drift=f)),
    "the target": lambda f: FokkerPlanck(Langevin(WELL, NOISE), GRID).mean_first_passage_time(f),
    "the path": lambda f: judge_proportionality(ProductModel("x*y"), f),
    "the grid of a rate": lambda f: loss_slope(
        LinearRegression([[1.0]]), SGD(0.1, 4), [0.02, 0.04, 0.08], method=ByFokkerPlanck(lambda rate: f(START))
    ),
    "the value of a class": lambda f: gibbs(Bowl(value=f), 1.0, GRID),
    "the gradient of a class": lambda f: paths(Langevin(Bowl(gradient=f), NOISE)),
    "the gradient of a class on a grid": lambda f: FokkerPlanck(
        Langevin(Bowl(gradient=f), NOISE), GRID
    ).stationary(),
    "the gradient of a class in SGD": lambda f: run_sgd(
        NoisyGradient(Bowl(gradient=f), NOISE), SGD(0.1, 4), START, steps=2, rng=np.random.default_rng(1)
    ),
    "the gradient of a class in the operator": lambda f: transition_operator(
        NoisyGradient(Bowl(gradient=f), NOISE), SGD(0.1, 4), GRID
    ).stationary(),
    "the tensor of a class": lambda f: FokkerPlanck(Langevin(WELL, Noise(tensor=f)), GRID).stationary(),
    "the minimum of a class": lambda f: find_minima(Bowl(gradient=f), GRID),
    "the loss of examples": lambda f: data(lambda w, x, y: f(w), lambda w, x, y: w + 0 * x),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("use", USES)
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
def test_what_a_function_gives_is_refused_in_one_line(use, wrong):
    with pytest.raises(InputError, match=r"must|needs") as refused:
        USES[use](WRONG[wrong])
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400


def test_a_root_may_have_any_number_of_channels_but_no_other_shape():
    two = paths(Langevin(WELL, Noise(root=lambda w: np.full((*w.shape, 2), 0.15**0.5))))
    assert np.isfinite(two.final).all()  # the control
    with pytest.raises(InputError, match=r"`Noise`: `root` must map .* to shape \(4, 1, channels\), got \(4,\)"):
        paths(Langevin(WELL, Noise(root=lambda w: np.zeros(w.shape[:-1]))))


def test_an_object_of_the_users_is_what_it_was():
    mine = Bowl()
    sde = Langevin(mine, NOISE)
    assert sde.landscape == mine
    assert isinstance(sde.landscape, Bowl)
    assert sde.landscape.value(START) == pytest.approx(START[:, 0] ** 2 / 2)
    assert mine.calls == sde.landscape.calls == 1  # its own state, not that of a copy
    assert Langevin(mine, NOISE).landscape is sde.landscape
    assert repr(sde.landscape) == repr(mine)
    assert isinstance(pickle.loads(pickle.dumps(sde.landscape)), Bowl)
    assert Langevin(mine, NOISE) != Langevin(Bowl(), NOISE)  # the control
    assert Langevin(WELL, NOISE).landscape is WELL


@pytest.mark.parametrize(
    ("function", "kind"),
    [(lambda w: math.exp(w), TypeError), (lambda w: 1.0 if w[..., 0] < 0 else 0.0, ValueError)],
)
def test_what_a_function_raises_comes_with_a_note_of_what_it_was_given(function, kind):
    for use in ("the prior of gibbs", "where of mass", "the value of a class"):
        with pytest.raises(kind) as raised:
            USES[use](function)
        assert "vectorise it" in raised.value.__notes__[0]


class Fails:
    """What fails in its own way whatever it is asked."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __repr__(self):
        raise ValueError("no text")


class NoArray:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no array")


STRANGE = [
    np.timedelta64(1, "s"), bytearray(b"1"), memoryview(b"1"), np.array(True), np.True_, Fails(), NoArray(),
    sympy.nan, sympy.zoo, sympy.I, datetime.timedelta(1), SimpleNamespace(dim=1),
]  # fmt: skip


@pytest.mark.parametrize("wrong", STRANGE, ids=lambda value: type(value).__name__)
def test_strange_values_are_refused(wrong):
    for call in (
        lambda: Grid(wrong, 1.0, 4),
        lambda: Grid(0.0, 1.0, wrong),
        lambda: SymbolicLandscape(wrong),
        lambda: ProductModel(wrong),
        lambda: ProductModel("w", input_std=wrong),
        lambda: WELL.value(wrong),
        lambda: gibbs(wrong, 1.0, GRID),
        lambda: gibbs(WELL, wrong, GRID),
        lambda: Langevin(WELL, wrong),
    ):
        with pytest.raises(InputError) as refused:
            call()
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ProductModel("w", noise_std=-5e-324), "not negative"),
        (lambda: two_layer_network(np.zeros((3, 0)), np.zeros(3)), r"`x` must have shape \(N, m\)"),
        (lambda: find_minima(WELL, GRID, np.zeros((3, 0))), "`starts` must have shape"),
        (lambda: find_minima(CallableLandscape(lambda w: w[..., 0] * np.nan, dim=1), GRID), "it is nowhere"),
        (lambda: volume(WELL, GRID, np.zeros((2, 3)) + 0.1), "`levels` must be positive and finite, a number or"),
        (lambda: LAW.expect(lambda w: w[..., 0] * np.nan), "must have an expectation, got NaN"),
        (lambda: FokkerPlanck(Langevin(WELL, NOISE), GRID).evolve(LAW, np.ones((1, 2))), "`times` must be a list"),
        (lambda: free_energy(WELL, 10.0, GRID, log_prior=lambda w: w[..., 0] + np.inf), r"below \+inf"),
        (lambda: CallableLandscape(lambda w: w[..., 0], dim=2).gradient(START), "last axis of length 2"),
    ],
)
def test_shapes_and_values_that_slipped_through(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_a_message_is_one_short_line_whatever_the_value():
    run, rng = "w" * 100_000 + " <", np.random.default_rng(1)
    with pytest.raises(InputError, match=r"^region 'w+ \.\.\. w+ <' does not parse; write it like") as long:
        first_exit(ProductModel("w"), SGD(0.1, 4), START, run, steps=2, rng=rng)
    assert len(str(long.value)) < 1000


def test_no_times_have_no_laws():
    equation = FokkerPlanck(Langevin(WELL, NOISE), GRID)
    assert equation.evolve(LAW, []) == ()
    assert [len(part) for part in equation.survival(LAW, [], lambda w: w[..., 0] > 1)] == [0, 0]
