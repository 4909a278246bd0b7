"""Objects show themselves: by a call that makes an equal one, or by their numbers in one line."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from instances import CLASSES, instances
from sources import FACES

import simulate
import theory
from theory import CallableLandscape, Constant, Estimate, Isotropic, Langevin, SymbolicLandscape
from theory.base.showing import argument, as_call, place, span, told

LONGEST = 600
# Answers, data and what holds functions: their lines cannot rebuild them, so they tell their numbers.
TELLING = {
    "Arrivals": ("walkers=12", "arrived=", "horizon="),
    "BatchCount": ("number=", "way=", "followed="),
    "CallableLandscape": ("dim=",),
    "Checkpoint": ("walkers=12", "steps=", "time="),
    "CoupledSensitivity": ("value=", "+-", "walkers="),
    "CovarianceComparison": ("constant=", "angle="),
    "CriticalLocus": ("minimum at", "loss"),
    "CriticalSet": ("dimension=1", "= 0"),
    "DataOperator": ("SGD(", "Grid(", "batches="),
    "DataSet": ("examples=",),
    "DatasetModel": ("examples=", "dim="),
    "SharpnessHistory": ("times=", "largest=", "batch=", "edge="),
    "SpectralDensity": ("dim=", "probes=", "steps=", "range="),
    "SubspaceComparison": ("constant=", "cosine=", "share=", "overlap="),
    "Eigenvalues": ("values=[", "error="),
    "Ladder": ("levels=", "islands="),
    "LikelihoodRatio": ("examples=", "at ["),
    "SurvivalCurve": ("times=", "share=", "error="),
    "Density": ("Grid(", "peak="),
    "DensityClass": ("Grid(", "peak="),
    "Directions": ("number=", "dim="),
    "DistanceTo": ("points=", "dim="),
    "Draws": ("chains=", "draws=", "dim=", "rhat=", "effective_size="),
    "DriftParts": ("reversible=", "irreversible="),
    "Elimination": ("states=",),
    "Ensemble": ("walkers=", "dim=", "times=0", "diverged=0"),
    "Field": ("Grid(", "values=", "error="),
    "FirstEvent": ("walkers=12", "steps=", "happened=", "diverged="),
    "FokkerPlanck": ("sde=Langevin(", "Grid(", "boundary=("),
    "Histogram": ("Grid(", "walkers=", "outside=", "diverged="),
    "InformationMatrices": ("fisher=", "empirical=", "hessian="),
    "LimitLaw": ("Grid(", "weights="),
    "LocalLearningCoefficient": ("value=", "+-", "rhat="),
    "LossMinimum": ("position=", "loss=", "gradient_covariance="),
    "LossPowerLaw": ("exponent=",),
    "MassClass": ("Grid(", "peak="),
    "Moments": ("walkers=", "mean=[", "covariance=[["),
    "Network": ("framework=", "examples=", "dim="),
    "NearestGibbs": ("temperature=", "+-", "peak="),
    "OrnsteinUhlenbeck": ("drift_matrix=[[", "diffusion="),
    "PassageTime": ("Grid(", "mean=", "+-", "standard_deviation="),
    "PointMass": ("position=", "reason="),
    "PosteriorMatch": ("rate=", "divergence="),
    "ProductOnData": ("ProductModel(", "examples="),
    "Proportionality": ("holds=", "constant=", "misfit="),
    "QuasiStationary": ("rate=", "+-", "peak="),
    "RuleOperator": ("ProductModel(", "SGD(", "Grid("),
    "SlowPath": ("times=", "end=", "model_error="),
    "SlowDynamics": ("ProductModel(", "at=("),
    "Spectrum": ("eigenvalues=", "error="),
    "Splitting": ("rank=", "order="),
    "Estimate": ("+-",),
    "Survival": ("walkers=", "inside="),
    "SymbolicTensor": ("root=", "variables="),
    "TabulatedLandscape": ("Grid(", "values="),
    "Transformed": ("field=Isotropic(", "matrix="),
    "TransitionOperator": ("ProductModel(", "SGD(", "Grid("),
    "GoodnessOfFit": ("p_value=", "walkers=", "parts="),
    "StudentisedMeans": ("number=", "mean=", "error="),
    "Visits": ("walks=", "mean=", "error="),
    "Walk": ("cells=", "rates="),
    "WeightedGraph": ("sites=", "edges="),
}
NAMES = {
    **{name: value for face in FACES for name, value in vars(__import__(face, fromlist=["x"])).items()},
    "Fraction": Fraction,
    "Kind": theory.points.Kind,
}


def rebuilt(text):
    return eval(text, dict(NAMES))


def names_functions(one):
    """Whether a function, or an object that only tells, is part of it."""
    return any(f"{name}(" in repr(one) for name in TELLING) or "lambda" in repr(one)


def test_every_public_class_is_looked_at():
    assert len(CLASSES) > 90
    assert sorted(CLASSES.keys() - instances().keys()) == [], "add an instance of each to instances.py"
    assert sorted(TELLING.keys() - CLASSES.keys()) == []


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_reprs_rebuild_or_tell(name):
    for one in instances()[name]:
        text = repr(one)
        assert not re.search(r"\b0x[0-9a-f]{4}|<locals>|\n|  ", text), text
        assert len(text) <= LONGEST, text
        if name in TELLING:
            assert [fact for fact in TELLING[name] if fact not in text] == [], text
        elif not names_functions(one):
            again = rebuilt(text)
            assert type(again) is type(one)
            assert again == one, text
            assert hash(again) == hash(one)


def test_values_that_differ_are_not_equal():
    pairs = [
        (Constant([[1.0]]), Constant([[1.0 + 1e-15]])),
        (Isotropic(1.0, 1), Constant([[1.0]])),
        (Isotropic(1.0, 1), Isotropic(1.0, 2)),
        (SymbolicLandscape("w"), SymbolicLandscape("w", ["w", "x"])),
        (theory.ProductModel("w"), theory.ProductModel("w", noise_std=2.0)),
        (theory.ProductModel("w"), theory.ProductModel("w").q),
        (theory.LinearRegression([[1.0]]), theory.ProductModel("w")),
        (theory.LinearRegression([[1.0]]), theory.LinearRegression([[2.0]])),
        (simulate.SGD(0.1, 4), simulate.SGD(0.1, 4, simulate.Nesterov(0.0))),
    ]
    for one, other in pairs:
        assert one != other
        assert repr(one) != repr(other)
    assert theory.Minibatch(theory.ProductModel("w"), 0.1, 2) == theory.Minibatch(theory.ProductModel("w"), 0.1, 2)


class Mine:
    """A landscape of the user's without a repr."""

    dim = 1

    def value(self, w):
        return np.asarray(w)[..., 0] ** 2

    def gradient(self, w):
        return 2 * np.asarray(w)

    def hessian(self, w):
        return 2 * np.ones((*np.shape(w), 1))


def test_parts_of_the_users_have_no_address():
    assert "0x" in repr(Mine())  # control
    for one in (
        Langevin(Mine(), Isotropic(0.1, 1)),
        theory.NoisyGradient(Mine(), Isotropic(0.1, 1)),
        theory.FokkerPlanck(Langevin(Mine(), Isotropic(0.1, 1)), theory.Grid(-1, 1, 20)),
        CallableLandscape(Mine().value, dim=1),
        theory.Minibatch(theory.NoisyGradient(Mine(), Isotropic(0.1, 1)), 0.1, 1),
    ):
        assert "Mine" in repr(one)
        assert "0x" not in repr(one)


class Wound:
    """Shows itself by another object."""

    def __repr__(self):
        return f"Wound({object()!r})"


def test_addresses_of_parts_of_parts_are_left_out():
    assert argument(Wound()) == "Wound(<object object>)"
    assert "0x" not in repr(theory.FokkerPlanck(Langevin(Mine(), Isotropic(0.1, 1)), theory.Grid(0, 1, 9)))


def test_moments_of_a_law_stand_in_a_line():
    law = theory.gaussian([0.0, 0.0], [[0.1, 0.02], [0.02, 0.2]], theory.Grid((-2, -2), (2, 2), (40, 40)))
    text = repr(law.moments)
    assert "covariance=[[0.0999997, 0.0199968]" in text
    assert "\n" not in text


def test_long_parts_are_cut():
    formula = " + ".join(f"w**{power}" for power in range(1, 60))
    text = repr(theory.FokkerPlanck(Langevin(SymbolicLandscape(formula), Isotropic(0.1, 1)), theory.Grid(0, 1, 9)))
    assert len(text) < LONGEST
    assert "Grid(0.0, 1.0, 9)" in text


def test_words_of_a_line():
    assert argument(np.array([[1 / 3]])) == "[[0.3333333333333333]]"
    assert argument((math.inf,)) == "(float('inf'),)"
    assert argument(np.float64(0.5)) == "0.5"
    assert argument(Estimate(0.5, math.nan)) == "Estimate(0.5, float('nan'))"
    assert argument(np.sin) == "sin"
    assert argument(Mine().value).endswith("Mine.value")
    assert told("Name", number=1 / 3, nothing=None, array=np.arange(9)) == (
        "Name(number=0.333333, array=0 to 8 of shape (9,))"
    )
    assert span([np.nan]) == "nan"
    assert place([1 / 3]) == "0.333333"
    assert place([1, 2]) == "(1, 2)"
    assert as_call(simulate.Fresh()) == "Fresh()"
