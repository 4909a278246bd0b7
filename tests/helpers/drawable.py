"""A small result of every class that `draw` has a picture for, really computed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from network_studies import network

import compare
import simulate
import theory
from simulate import SGD
from theory import Constant, Density, FokkerPlanck, Grid, Isotropic, Langevin, NoisyGradient, SymbolicLandscape
from theory.base.arrays import Array, Booleans
from theory.laws import Ensemble, LimitLaw
from theory.manifold import SlowPath
from theory.noise import compare_covariance

LINE, PLANE, SPACE = (
    Grid(-2.2, 2.2, 60),
    Grid((-2.0, -1.5), (2.0, 1.5), (32, 24)),
    Grid((-2.0,) * 3, (2.0,) * 3, (12,) * 3),
)
WELLS, BOWL = SymbolicLandscape("(w**2 - 1)**2/4 + w/10"), SymbolicLandscape("(x**2 - 1)**2/2 + y**2")
NOISY = NoisyGradient(WELLS, Isotropic(1.0, 1))
SLOPES = {
    "name": "slope",
    "model": {"q": "w - 1/2"},
    "sgd": {"learning_rate": 0.1, "batch_size": 4},
    "loss_slope": {"rates": [0.02, 0.04, 0.08], "methods": ["formula"]},
}

MAPPED = {
    "name": "a well",
    "model": {"landscape": "w**2/2"},
    "sgd": {"learning_rate": 0.1, "batch_size": 4, "steps": 300, "walkers": 1000},
    "start": {"normal": {"mean": [0.0], "std": [0.2]}},
    "noise": {"kind": "gradient", "std": 1.0},
    "grid": {"lower": [-3.0], "upper": [3.0], "cells": [120]},
}


def left(w: Array) -> Booleans:
    return np.asarray(w[..., 0] < 0)


def right(w: Array) -> Booleans:
    return np.asarray(w[..., 0] > 1)


@cache
def equation() -> FokkerPlanck:
    return FokkerPlanck(Langevin(WELLS, Isotropic(0.1, 1)), LINE)


@cache
def turning() -> FokkerPlanck:
    """On the plane, with a current."""
    return FokkerPlanck(Langevin(BOWL, Constant(np.array([[0.3, 0.1], [0.1, 0.1]]))), PLANE)


@cache
def start() -> Density:
    return Density.normalised(LINE, np.exp(-(((LINE.axes[0] + 1) / 0.3) ** 2)))


@cache
def walkers() -> Ensemble:
    places = np.random.default_rng(1).uniform(-1.5, 1.5, (400, 1))
    return simulate.run_sgd(
        NOISY, SGD(0.2, 1), places, steps=40, rng=np.random.default_rng(2), save_every=5, threads=1
    )


def limit_law() -> LimitLaw:
    point = theory.PointMass((1.2,), "no noise")
    return LimitLaw(LINE, (point, theory.DensityClass(start(), "(-2, 0)")), (0.3, 0.7))


def slow_path() -> SlowPath:
    times = np.linspace(0, 5, 30)
    places = np.stack([np.exp(-times), 1 + times / 10], axis=-1)
    return SlowPath(times, places, np.full(30, 1e-3), 0.02 * times)


def noises() -> Any:
    model = theory.ProductModel("w - 1/2")
    places = np.full((400, 1), 0.5)
    grid = Grid(-1.0, 2.0, 60)
    run = simulate.run_sgd(model, SGD(0.1, 4), places, steps=80, rng=np.random.default_rng(3), threads=1)
    return compare.noise_against_hessian(model, SGD(0.1, 4), run, grid)


def local_coefficient() -> theory.LocalLearningCoefficient:
    tempered, energy, slope = (
        theory.Estimate(0.44, 0.02),
        theory.Estimate(0.47, 0.02),
        theory.Estimate(0.01, 0.005),
    )
    return theory.LocalLearningCoefficient(
        0.5, 0.02, 0.01, 7.0, tempered, energy, slope, None, 0, 1.01, 900.0, 0.6, 1e-3
    )


def finite_slopes() -> Any:
    ones = [
        compare.FiniteRateSlope(
            rate, {"operator": theory.Estimate(rate, 0.002), "sampling": theory.Estimate(rate, 0.01)}
        )
        for rate in (0.05, 0.1, 0.2)
    ]
    return compare.FiniteRateSlopes("learning_rate", tuple(ones), 0.95)


RESULTS: dict[str, Callable[[], Any]] = {
    "Density": lambda: equation().stationary(),
    "Density of samples": lambda: walkers().histogram(LINE.coarsened(2)).survivors,
    "Density of the plane": lambda: turning().stationary(),
    "Density of space": lambda: theory.gibbs(SymbolicLandscape("x**2 + 2*y**2 + (z - 1)**2/2"), 0.2, SPACE),
    "Histogram": lambda: walkers().histogram(Grid(-1.2, 1.2, 24)),
    "Histogram of the plane": lambda: theory.Histogram.from_samples(
        np.random.default_rng(4).normal(size=(500, 2)) / 2, PLANE.coarsened(2)
    ),
    "Histogram of space": lambda: theory.Histogram.from_samples(
        np.random.default_rng(5).normal(size=(500, 3)) / 2, SPACE
    ),
    "QuasiStationary": lambda: equation().quasi_stationary(left),
    "NearestGibbs": lambda: compare.nearest_gibbs(equation().stationary(), WELLS),
    "LimitLaw": limit_law,
    "Evolution": lambda: simulate.transition_operator(NOISY, SGD(0.2, 1), LINE).evolve(start(), [1, 5, 30]),
    "Field": lambda: equation().committor(right, left),
    "Field of the plane": lambda: turning().mean_first_passage_time(right).mean,
    "PassageTime": lambda: equation().mean_first_passage_time(right),
    "PassageTime of the plane": lambda: turning().mean_first_passage_time(right),
    "Current": lambda: equation().current(start()),
    "Current of the plane": lambda: turning().current(turning().stationary()),
    "Ensemble": walkers,
    "Ensemble at one time": lambda: Ensemble.from_samples(walkers().final),
    "SurvivalCurve": lambda: equation().survival(start(), np.linspace(0, 40, 20), right),
    "Survival": lambda: simulate.survival(
        simulate.run_sgd(
            NOISY, SGD(0.4, 1), np.full((400, 1), -1.0), steps=60, rng=np.random.default_rng(6), save_every=2,
            grid=Grid(-3.0, 0.0, 10), threads=1,
        )
    ),
    "FirstEvent": lambda: simulate.first_exit(
        NOISY, SGD(0.4, 1), np.full((400, 1), -1.0), left, steps=60, rng=np.random.default_rng(7), threads=1
    ),
    "Arrivals": lambda: theory.first_passage_times(
        equation().sde, np.full((200, 1), -1.0), theory.HalfSpace(0.0), dt=0.05, steps=400,
        rng=np.random.default_rng(8), threads=1,
    ),
    "SlowPath": slow_path,
    "Comparison": lambda: compare.compare_laws(
        walkers(), {"fokker_planck": equation().stationary(), "gibbs": theory.gibbs(WELLS, 0.2, LINE)}
    ),
    "NoiseAgainstHessian": noises,
    "LossSlope": lambda: compare.loss_slope(
        theory.LinearRegression(1.0), SGD(0.1, 4), [0.02, 0.04, 0.08], method=compare.ByFormula()
    ),
    "LossSlopes": lambda: compare.run_slopes(compare.read_slope_study(SLOPES), threads=1),
    "FiniteRateSlopes": finite_slopes,
    "Spectrum": lambda: equation().spectrum(5),
    "Spectrum of the plane": lambda: turning().spectrum(5),
    "LocalLearningCoefficient": local_coefficient,
    "Visits": lambda: simulate.occupation(
        simulate.rings(2, 6), steps=100, walks=200, rng=np.random.default_rng(9)
    ),
    "CovarianceComparison": lambda: compare_covariance(
        theory.ProductModel("x*y"), np.linspace((0.0, 0.1), (1.0, 1.0), 12)
    ),
    "NetworkReport": lambda: compare.run_network_study(compare.read_network_study(network()), threads=1),
    "ValidityMap": lambda: compare.validity_map(
        compare.read_study(MAPPED), settled=True, refine=0, workers=1, learning_rate=[0.1, 2.5], batch_size=[1, 4]
    ),
}  # fmt: skip


@cache
def result(name: str) -> Any:
    """The result of this name, computed once."""
    return RESULTS[name]()
