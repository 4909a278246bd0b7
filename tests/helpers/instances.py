"""An instance of every public class of theory and simulate, most of them made by the right calls."""

from __future__ import annotations

import importlib
import inspect
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from call_objects import BOWL, DENSITY, ENSEMBLE, GRID, NOISY, WELL, WELLS
from right_calls import CALLS
from sources import FACES

import simulate
import theory
from theory import markov

DEPTH = 3


def public_classes() -> dict[str, type]:
    """The classes that the faces show, by name, without exceptions, protocols and enumerations."""
    found: dict[str, type] = {}
    for face in FACES:
        module = importlib.import_module(face)
        for name in module.__all__:
            value = getattr(module, name)
            plain = inspect.isclass(value) and not issubclass(value, BaseException | Enum)
            if plain and not getattr(value, "_is_protocol", False) and value is not simulate.Schedule:
                found[name] = value
    return found


@cache
def instances() -> dict[str, list[Any]]:
    """Instances by the name of their class; made once, and not before a test asks: to make them takes long."""
    found: dict[str, list[Any]] = {}
    for call in CALLS:
        _gather(call(), found)
        for given in call.arguments.values():
            _gather(given, found)
    for one in _others():
        _gather(one, found)
    return found


def _gather(value: Any, found: dict[str, list[Any]], depth: int = 0) -> None:
    if type(value).__module__.partition(".")[0] in ("theory", "simulate"):
        mine = found.setdefault(type(value).__name__, [])
        if any(one is value for one in mine):
            return
        mine.append(value)
        if depth < DEPTH and hasattr(value, "__dict__"):
            for part in list(vars(value).values()):
                _gather(part, found, depth + 1)
    if isinstance(value, tuple | list) and not hasattr(value, "_fields"):
        for part in value[:5]:
            _gather(part, found, depth + 1)


def _others() -> list[Any]:
    """What no right call makes or takes."""
    equation = theory.FokkerPlanck(theory.Langevin(WELLS, theory.Isotropic(0.3, 1)), GRID)
    plane = theory.FokkerPlanck(
        theory.Langevin(BOWL, theory.Constant(np.array([[0.3, 0.1], [0.1, 0.2]]))),
        theory.Grid((-2, -2), (2, 2), (12, 10), (False, False)),
        (theory.Reflecting(), (theory.Absorbing(), theory.Reflecting())),
    )
    cone = theory.Langevin(
        theory.SymbolicLandscape("w**2/2"), theory.LossProportional(theory.SymbolicLandscape("w**2/2"), 0.1)
    )
    chain = markov.walk_on(_three_states(), np.arange(3)[:, None], [np.array([False, False, True])])
    return [
        *(cls() for cls in (theory.Ito, theory.Stratonovich, theory.AntiIto, theory.Absorbing, theory.Periodic)),
        *(cls() for cls in (theory.BAOAB, theory.Heun, theory.Milstein, theory.Platen, theory.OnManifold)),
        *(cls() for cls in (theory.EulerMaruyama, theory.LeimkuhlerMatthews, theory.AbsoluteEigenvalues)),
        theory.TamedEuler(0.5),
        theory.HessianProportional(WELLS, 0.1, theory.SmoothAbsolute(0.2)),
        simulate.Nesterov(0.9),
        simulate.Fresh(input_degrees=5.0),
        simulate.WithReplacement(),
        simulate.WithoutReplacement(),
        simulate.SGD(
            0.1,
            4,
            simulate.Nesterov(0.5),
            (0.5, 0.25),
            (simulate.Step((2, 3), 0.5), simulate.BatchGrowth(4)),
            simulate.WithoutReplacement(2),
            simulate.GaussianNoise(0.1),
        ),
        simulate.SGD(0.1, 4, preconditioner=((0.5, 0.1), (0.1, 0.25))),
        *(cls() for cls in (simulate.Sign, simulate.RMSprop, simulate.Adam, simulate.AdamW, simulate.Lion)),
        *(cls(0.5) for cls in (simulate.ClipByValue, simulate.ClipByNorm, simulate.WeightDecay)),
        *(cls(0.1) for cls in (simulate.StochasticLangevin, simulate.PreconditionedLangevin)),
        simulate.StochasticHamiltonian(0.1, 0.5),
        simulate.SGD(0.1, 4, rule=(simulate.ClipByNorm(1.0), simulate.Adam(0.8), simulate.WeightDecay(0.01))),
        theory.Constant(np.array([[1 / 3, 0.1], [0.1, 2 / 7]])),
        theory.Isotropic(1 / 3, 2),
        theory.Grid((0, -1), (1, 1), (4, 6), (True, False)),
        theory.LinearRegression([[2.0, 1 / 3], [1 / 3, 1.0]], 0.5, 1.0),
        theory.ProductModel(["x*y", "x + 0.1"], ["x", "y"], 0.5, [1.0, 0.3]),
        theory.SymbolicLandscape("min(x, 0.1*y)**2 + exp(-y)"),
        theory.LearningCoefficient(Fraction(1, 3), 2),
        theory.PointMass((0.5,), "nothing moves there"),
        theory.laws.MassClass(DENSITY, "(-2, 2)", 0.01, 0.63),
        theory.LimitLaw(
            GRID, (theory.PointMass((0.5,), "silence"), theory.DensityClass(DENSITY, "(-2, 2)")), (0.25, 0.75)
        ),
        theory.CallableLandscape(lambda w: (w**2).sum(axis=-1), dim=2, scale=0.5),
        theory.Langevin(WELL, theory.Isotropic(0.1, 1), theory.AntiIto(), lambda w: np.zeros(np.shape(w))),
        theory.langevin_limit(NOISY, simulate.SGD(0.1, 4, rule=simulate.RMSprop(0.9))),
        theory.tensors.TensorSum((theory.Isotropic(0.1, 1), theory.Constant(np.array([[0.2]])))),
        theory.tensors.Transformed(theory.Isotropic(0.1, 1), _ones),
        theory.TabulatedLandscape(GRID, WELL.value(GRID.centers)).error,
        theory.Field(GRID, WELL.value(GRID.centers), np.full(GRID.shape, 1e-3)),
        *theory.find_degenerate_points(cone, -1.0, 1.0),
        *theory.critical_points(theory.SymbolicLandscape("(x**2 + y**2 - 1)**2")).sets,
        plane,
        equation,
        equation.mean_first_passage_time(lambda w: w[..., 0] > 1.5),
        equation.spectrum(3),
        ENSEMBLE.checkpoint,
        theory.points.locate_minimum(theory.ProductModel("w - 1/2"), [0.4]),
        theory.points.locate_large_minimum(_BOWL_OF_DATA, [0.0, 0.0], rng=np.random.default_rng(1)),
        theory.learning.extrapolation.Extrapolation(theory.Estimate(0.5, 0.1), "a line", 1, 0.3),
        chain,
        chain.elimination,
    ]


_INPUTS = np.random.default_rng(2).standard_normal((20, 2))
_BOWL_OF_DATA = theory.with_weight_decay(theory.logistic_regression(_INPUTS, np.arange(20) % 2 * 1.0), 0.1)


def _ones(w: Any) -> Any:
    return np.ones((*w.shape, 1))


def _three_states() -> Any:
    from scipy.sparse import csc_array

    return csc_array(np.array([[-1.0, 0.5, 0.0], [1.0, -1.0, 2.0], [0.0, 0.5, -2.0]]))


CLASSES = public_classes()
