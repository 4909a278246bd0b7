"""One right call of every public function and class, from which wrong ones are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

import compare
import simulate
import theory
from theory import (
    CallableLandscape,
    Constant,
    DatasetModel,
    Density,
    FokkerPlanck,
    Grid,
    HalfSpace,
    Histogram,
    Isotropic,
    Langevin,
    LearningCoefficient,
    LinearRegression,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    Underdamped,
    collapse,
    critical,
    fisher,
    manifold,
    optimal_rate,
    proportionality,
)


@dataclass(frozen=True)
class Call:
    """A function, arguments that it takes, and what else it takes of them.

    `also` names for an argument the wrong values that are right for it: "negative", "zero", "infinite", "nan",
    "empty", "none", "list".
    """

    function: Any
    arguments: dict[str, Any]
    also: dict[str, str] = field(default_factory=dict)

    @property
    def name(self):
        return getattr(self.function, "__qualname__", repr(self.function))

    def __call__(self, **changes):
        return self.function(**(self.arguments | changes))


def rng():
    return np.random.default_rng(1)


def value(w):
    return (w**2).sum(axis=-1) / 2


def inside(w):
    return w[..., 0] < 0


GRID, PLANE = Grid(-2.0, 2.0, 24), Grid((-2.0, -2.0), (2.0, 2.0), (8, 8))
WELL, WELLS = SymbolicLandscape("w**2/2"), SymbolicLandscape("(w**2 - 1)**2/4")
BOWL = SymbolicLandscape("(x**2 + y**2)/2")
SDE = Langevin(WELLS, Isotropic(0.3, 1))
MODEL, CROSS = ProductModel("w - 1/2"), ProductModel("x*y")
REGRESSION = LinearRegression([[1.0]])
NOISY = NoisyGradient(WELL, Constant([[1.0]]))
SGD = simulate.SGD(0.1, 4)
START = np.linspace(-1, 1, 12)[:, None]
DENSITY = theory.gibbs(WELL, 0.3, GRID)
HISTOGRAM = Histogram.from_samples(START, GRID)
EQUATION = FokkerPlanck(SDE, GRID)
OPERATOR = simulate.transition_operator(MODEL, SGD, GRID)
ENSEMBLE = simulate.run_sgd(MODEL, SGD, START, steps=4, rng=rng(), save_every=1)
COUNTED = simulate.run_sgd(MODEL, SGD, START, steps=4, rng=rng(), save_every=1, grid=GRID)
DATA = theory.on_data(MODEL, np.linspace(1, 2, 6), np.linspace(0, 1, 6))
NOISY_WELLS = NoisyGradient(WELLS, Constant([[1.0]]))
SMALL = simulate.SGD(1e-3, 10)
WELLS_ABOVE = SymbolicLandscape("(w**2 - 1)**2/4 + 1")
SLOW = theory.slow_limit(ProductModel("x*y - 1"), SGD, [1.0, 1.0])
STUDY = {
    "name": "small",
    "seed": 1,
    "model": {"q": "w - 1/2"},
    "sgd": {"learning_rate": 0.1, "batch_size": 4, "steps": 20, "walkers": 200},
    "start": {"uniform": [[-1.0, 1.0]]},
    "noise": {"kind": "minibatch"},
    "grid": {"lower": [-2.0], "upper": [2.0], "cells": [60]},
    "posterior": {"examples": 10},
}
HYPERBOLA = ProductModel("x*y - 1")
EMBEDDED = theory.exact_embedding([[1.0]], [[0.1]], 0.1)
COEFFICIENT = LearningCoefficient(0.5, 1)
X = np.linspace(-1, 1, 6)[:, None]
FREE = "negative zero"

CALLS = [
    # nouns
    Call(
        Grid,
        {"lower": -1.0, "upper": 1.0, "cells": 4, "periodic": False},
        {"lower": FREE + " list", "upper": "zero list", "cells": "list", "periodic": "list"},
    ),
    Call(GRID.refined, {"factor": 3}),
    Call(GRID.coarsened, {"factor": 2}),
    Call(GRID.wrap, {"points": START}, {"points": "nan infinite empty list"}),
    Call(GRID.locate, {"points": START}, {"points": "nan infinite empty"}),
    Call(GRID.count, {"points": START}, {"points": "nan infinite empty"}),
    Call(
        Density,
        {"grid": GRID, "values": DENSITY.values, "error": 0.1, "samples": 10},
        {"error": "zero none infinite", "samples": "none"},
    ),
    Call(
        Density.normalised, {"grid": GRID, "values": DENSITY.values, "error": 0.1}, {"error": "zero none infinite"}
    ),
    Call(
        Density.from_log, {"grid": GRID, "log_values": np.zeros(24), "error": 0.1}, {"error": "zero none infinite"}
    ),
    Call(Density.from_samples, {"points": START, "grid": GRID}),
    Call(DENSITY.expect, {"function": value}),
    Call(DENSITY.marginal, {"axis": 0}, {"axis": FREE}),
    Call(DENSITY.mass, {"where": inside}),
    Call(DENSITY.coarsen, {"factor": 2}),
    Call(
        Histogram,
        {"grid": GRID, "counts": HISTOGRAM.counts, "outside": 1, "diverged": 1},
        {"outside": "zero", "diverged": "zero"},
    ),
    Call(Histogram.from_samples, {"points": START, "grid": GRID}, {"points": "nan infinite"}),
    Call(
        theory.Field,
        {"grid": GRID, "values": np.zeros(24), "error": np.zeros(24)},
        {"values": "nan infinite", "error": "nan infinite"},
    ),
    Call(theory.Field(GRID, np.zeros(24), np.zeros(24)).at, {"w": START}, {"w": "empty shape"}),
    Call(
        theory.Estimate,
        {"value": 1.0, "error": 0.1},
        {"value": FREE + " infinite nan", "error": "zero infinite nan"},
    ),
    Call(ENSEMBLE.density, {"grid": GRID}),
    Call(ENSEMBLE.histogram, {"grid": GRID}),
    # landscapes, models and tensors
    Call(SymbolicLandscape, {"formula": "w**2", "variables": ["w"]}, {"variables": "none"}),
    Call(WELL.value, {"w": START}, {"w": "nan infinite empty"}),
    Call(WELL.gradient, {"w": START}, {"w": "nan infinite empty"}),
    Call(WELL.hessian, {"w": START}, {"w": "nan infinite empty"}),
    Call(CallableLandscape, {"value": value, "gradient": None, "hessian": None, "dim": 1}, {"value": "later"}),
    Call(CallableLandscape(value, dim=1).value, {"w": START}, {"w": "nan infinite empty"}),
    Call(theory.TabulatedLandscape, {"grid": GRID, "values": GRID.axes[0] ** 2}),
    Call(
        ProductModel,
        {"q": "w", "variables": ["w"], "noise_std": 1.0, "input_std": 1.0, "loss_scale": 0.5},
        {"variables": "none", "noise_std": "zero", "swap": "right", "input_std": "list"},
    ),
    Call(MODEL.gradient_covariance, {"w": START}, {"w": "nan infinite empty"}),
    Call(LinearRegression, {"covariance": [[1.0]], "noise_std": 1.0, "loss_scale": 0.5}, {"noise_std": "zero"}),
    Call(NoisyGradient, {"landscape": WELL, "covariance": Constant([[1.0]])}),
    Call(
        DatasetModel,
        {"x": DATA.x, "y": DATA.y, "loss": DATA.loss, "example_gradient": DATA.example_gradient, "dim": 1},
    ),
    Call(theory.on_data, {"model": MODEL, "x": X, "y": X[:, 0]}),
    Call(theory.logistic_regression, {"x": X, "y": (X[:, 0] > 0) * 1.0}),
    Call(theory.two_layer_network, {"x": X, "y": X[:, 0], "hidden": 1}),
    Call(theory.tail_index, {"learning_rate": 0.1, "batch_size": 2, "curvature": 1.0}),
    Call(theory.gaussian_surrogate, {"model": MODEL}, {"model": "dimension"}),
    Call(Isotropic, {"temperature": 0.1, "dim": 1}, {"temperature": "zero"}),
    Call(Constant, {"matrix": [[1.0]]}),
    Call(Constant([[1.0]]).tensor, {"w": START}, {"w": "nan infinite empty"}),
    Call(
        theory.HessianProportional,
        {"landscape": WELL, "scale": 0.1, "indefinite": theory.Refuse()},
        {"landscape": "dimension", "scale": "zero"},
    ),
    Call(theory.LossProportional, {"landscape": WELL, "scale": 0.1}, {"landscape": "dimension", "scale": "zero"}),
    Call(theory.Minibatch, {"model": MODEL, "learning_rate": 0.1, "batch_size": 2}, {"model": "dimension"}),
    Call(theory.Scaled, {"field": Isotropic(0.1, 1), "factor": 2.0}, {"field": "dimension", "factor": "zero"}),
    Call(
        theory.SymbolicTensor,
        {
            "root": theory.SymbolicTensor.__module__ and __import__("sympy").Matrix([[1]]),
            "variables": WELL.variables,
        },
    ),
    Call(
        Langevin,
        {"landscape": WELL, "diffusion": Isotropic(0.1, 1), "interpretation": theory.Ito(), "extra_drift": None},
    ),
    Call(SDE.drift, {"w": START}, {"w": "nan infinite empty"}),
    Call(
        Underdamped,
        {"landscape": WELL, "friction": 1.0, "temperature": 0.1},
        {"landscape": "dimension", "temperature": "zero"},
    ),
    Call(theory.langevin_limit, {"model": MODEL, "sgd": SGD, "order": 1}, {"model": "dimension"}),
    # laws
    Call(theory.gibbs, {"landscape": WELL, "temperature": 0.3, "grid": GRID, "log_prior": None}),
    Call(theory.posterior, {"landscape": WELL, "examples": 10.0, "grid": GRID, "beta": 1.0, "log_prior": None}),
    Call(theory.gaussian, {"mean": [0.0], "covariance": [[0.1]], "grid": GRID}),
    Call(theory.stationary_law, {"sde": SDE, "grid": GRID}),
    Call(theory.stationary_covariance, {"drift_matrix": [[1.0]], "diffusion": [[0.1]]}),
    Call(theory.underdamped_covariance, {"hessian": [[1.0]], "friction": [[1.0]], "momentum_diffusion": [[0.1]]}),
    Call(
        theory.sgd_covariance,
        {"hessian": [[1.0]], "batch_covariance": [[0.1]], "learning_rate": 0.1, "momentum": 0.0},
        {"momentum": "zero negative", "learning_rate": "list"},
    ),
    Call(theory.linear_regression_covariance, {"model": REGRESSION, "learning_rate": 0.1, "batch_size": 2}),
    Call(theory.mean_square_stability_edge, {"model": REGRESSION, "batch_size": 2}, {"model": "dimension"}),
    Call(theory.exact_embedding, {"hessian": [[1.0]], "batch_covariance": [[0.1]], "learning_rate": 0.1}),
    Call(
        theory.modified_loss,
        {"landscape": WELL, "learning_rate": 0.1},
        {"landscape": "dimension", "learning_rate": "zero"},
    ),
    # Fokker-Planck
    Call(FokkerPlanck, {"sde": SDE, "grid": GRID, "boundary": theory.Reflecting()}, {"boundary": "none"}),
    Call(EQUATION.limit_law, {"initial": DENSITY}),
    Call(EQUATION.evolve, {"initial": DENSITY, "times": [0.1]}, {"times": "empty zero"}),
    Call(EQUATION.survival, {"initial": DENSITY, "times": [0.1], "target": inside}, {"times": "empty zero"}),
    Call(EQUATION.spectrum, {"k": 2}),
    Call(EQUATION.mean_first_passage_time, {"target": inside}),
    Call(EQUATION.committor, {"a": lambda w: w[..., 0] < -1, "b": lambda w: w[..., 0] > 1}),
    Call(EQUATION.quasi_stationary, {"basin": inside}),
    Call(EQUATION.escape_rate, {"basin": inside}),
    Call(EQUATION.current, {"density": DENSITY}),
    Call(EQUATION.entropy_production, {"density": DENSITY}),
    Call(
        EQUATION.sensitivity,
        {
            "observable": value,
            "equation_at": lambda t: Langevin(WELLS, Isotropic(t, 1)),
            "parameter": 0.3,
            "step": None,
        },
    ),
    Call(
        theory.detailed_balance,
        {"equation": SDE, "grid": GRID, "values": DENSITY.values, "tolerance": 1e-9},
        {"tolerance": "zero"},
    ),
    Call(theory.drift_parts, {"equation": SDE, "density": DENSITY}),
    Call(
        theory.find_degenerate_points, {"sde": SDE, "lower": -1.0, "upper": 1.0}, {"lower": FREE, "upper": "zero"}
    ),
    # paths
    Call(
        theory.sample_paths,
        {
            "sde": SDE,
            "start": START,
            "dt": 0.01,
            "steps": 3,
            "rng": rng(),
            "scheme": theory.EulerMaruyama(),
            "save_every": 1,
            "grid": GRID,
            "domain": None,
            "sides": None,
            "join": 1,
            "threads": 1,
        },
        {"steps": "zero", "save_every": "none", "grid": "none", "threads": "none"},
    ),
    Call(
        theory.first_passage_times,
        {
            "sde": SDE,
            "start": START,
            "target": HalfSpace(1.5),
            "dt": 0.01,
            "steps": 3,
            "rng": rng(),
            "scheme": theory.EulerMaruyama(),
            "between": True,
            "domain": None,
            "sides": None,
            "threads": 1,
        },
        {"steps": "zero", "threads": "none"},
    ),
    Call(HalfSpace, {"level": 1.0, "axis": 0, "above": True}, {"level": FREE, "axis": "zero"}),
    Call(
        theory.Outside,
        {"lower": -1.0, "upper": 1.0, "axis": 0},
        {"lower": FREE + " infinite", "upper": "zero infinite", "axis": "zero"},
    ),
    Call(
        theory.AlphaStable,
        {"alpha": 1.5, "scale": 1.0, "length": 1.0},
        {"scale": "zero", "length": "none infinite"},
    ),
    Call(theory.TamedEuler, {"length": 1.0}),
    Call(theory.Sdeint, {"name": "itoSRI2"}),
    # landscapes and learning
    Call(theory.find_minima, {"landscape": WELLS, "grid": GRID, "starts": [[0.9]]}, {"starts": "empty"}),
    Call(theory.critical_points, {"landscape": WELLS, "box": [(-2.0, 2.0)]}, {"box": "none"}),
    Call(theory.learning_coefficient, {"landscape": WELL, "at": [0]}),
    Call(theory.learning_coefficient_by_splitting, {"landscape": WELL, "at": [0]}),
    Call(LearningCoefficient, {"value": 0.5, "multiplicity": 1}),
    Call(theory.product_of, {"first": COEFFICIENT, "second": COEFFICIENT}),
    Call(theory.sum_of, {"first": COEFFICIENT, "second": COEFFICIENT}),
    Call(theory.asymptotic_free_energy, {"coefficient": COEFFICIENT, "examples": 100.0}),
    Call(theory.free_energy, {"landscape": WELL, "examples": 100.0, "grid": GRID, "log_prior": None}),
    Call(theory.mean_energy, {"landscape": WELL, "examples": 100.0, "grid": GRID, "log_prior": None}),
    Call(theory.energy_coefficient, {"landscape": WELL, "examples": 100.0, "grid": GRID, "log_prior": None}),
    Call(theory.wbic, {"landscape": WELL, "examples": 100.0, "grid": GRID, "log_prior": None}),
    Call(
        theory.posterior_mass,
        {"landscape": WELL, "examples": 100.0, "grid": GRID, "where": inside, "log_prior": None},
    ),
    Call(theory.volume, {"landscape": WELL, "grid": GRID, "levels": [0.1, 0.2]}, {"levels": "empty"}),
    Call(theory.volume_coefficient, {"landscape": WELL, "grid": GRID, "level": 0.1}),
    Call(
        theory.local_learning_coefficient,
        {
            "landscape": WELL,
            "at": [0.0],
            "examples": 100.0,
            "rng": rng(),
            "sampler": theory.MALA(),
            "beta": None,
            "localization": theory.Localization(),
            "chains": 4,
            "steps": 100,
            "burn_in": 50,
            "save_every": 1,
        },
        {"burn_in": "zero"},
    ),
    Call(theory.MALA, {"step_size": 0.1}, {"step_size": "none"}),
    Call(theory.SGLD, {"step_size": 0.1, "batch_size": 2}, {"batch_size": "none"}),
    Call(
        theory.Localization, {"strength": 1.0, "radius": 2.0}, {"strength": "zero none", "radius": "infinite none"}
    ),
    # escape and slow motion
    Call(
        theory.kramers_rate,
        {"landscape": WELLS, "temperature": 0.02, "minimum": [-1.0], "saddle": [0.0], "learning_rate": 0.01},
        {"learning_rate": "none"},
    ),
    Call(
        theory.langevin_escape_rate,
        {"sde": Langevin(WELLS, Isotropic(0.02, 1)), "minimum": [-1.0], "saddle": [0.0], "learning_rate": 0.01},
        {"learning_rate": "none"},
    ),
    Call(
        theory.underdamped_escape_rate, {"sde": Underdamped(WELLS, 5.0, 0.02), "minimum": [-1.0], "saddle": [0.0]}
    ),
    Call(
        theory.saddle_passage_time,
        {"sde": Langevin(WELLS, Isotropic(1e-4, 1)), "saddle": [0.0], "distance": 0.2, "direction": None},
    ),
    Call(theory.mean_square_stability_edge, {"model": MODEL, "batch_size": 2}, {"model": "dimension"}),
    Call(
        theory.collapse_exponent,
        {
            "model": ProductModel("w**2", noise_std=1.0),
            "at": [0],
            "direction": [1],
            "learning_rate": 0.1,
            "batch_size": 2,
            "momentum": 0.0,
            "rng": rng(),
        },
        {"momentum": "zero", "direction": "none", "rng": "none"},
    ),
    Call(theory.slow_limit, {"model": ProductModel("x*y - 1"), "sgd": SGD, "at": [1.0, 1.0]}),
    Call(theory.fisher_matrix, {"model": MODEL, "w": [0.2], "labels": None}),
    Call(
        theory.optimal_learning_rate,
        {"hessian": [[1.0]], "gradient_covariance": [[1.0]], "batch_size": 2, "examples": 100.0},
    ),
    Call(
        theory.full_preconditioner,
        {"hessian": [[1.0]], "gradient_covariance": [[1.0]], "batch_size": 2, "examples": 100.0},
    ),
    Call(theory.line, {"at": [0.0, 0.0], "direction": [1.0, 1.0]}),
    Call(
        theory.judge_proportionality,
        {"model": CROSS, "path": theory.line((0, 0), (1, 1)), "distance": 0.1, "tolerance": 1e-6},
        {"model": "dimension"},
    ),
    # SGD
    Call(
        simulate.SGD,
        {
            "learning_rate": 0.1,
            "batch_size": 4,
            "momentum": 0.5,
            "preconditioner": None,
            "schedule": simulate.Step(2, 0.5),
            "sampling": simulate.Fresh(),
            "noise": simulate.GaussianNoise(0.1),
        },
        {"momentum": "zero", "schedule": "none empty", "noise": "none empty"},
    ),
    Call(SGD.times, {"steps": [1, 2]}, {"steps": "zero empty shape"}),
    Call(SGD.plan, {"first": 0, "steps": 2}, {"first": "zero", "steps": "zero"}),
    Call(simulate.Step, {"at": (3, 5), "factor": 0.5}, {"at": "zero", "factor": "zero"}),
    Call(simulate.Linear, {"steps": 3, "final": 0.5}, {"final": "zero"}),
    Call(simulate.Cosine, {"steps": 3, "final": 0.5}, {"final": "zero"}),
    Call(simulate.Exponential, {"steps": 3, "final": 0.5}),
    Call(simulate.BatchGrowth, {"every": 3, "factor": 2.0, "largest": 8.0}),
    Call(
        simulate.Fresh,
        {"input_degrees": 5.0, "label_degrees": 5.0},
        {"input_degrees": "infinite", "label_degrees": "infinite"},
    ),
    Call(simulate.WithoutReplacement, {"epochs": 2}, {"epochs": "none"}),
    Call(simulate.GaussianNoise, {"std": 1.0}, {"std": "zero"}),
    Call(simulate.LabelNoise, {"std": 1.0}, {"std": "zero"}),
    Call(simulate.StudentNoise, {"degrees": 3.0, "scale": 1.0}, {"degrees": "infinite", "scale": "zero"}),
    Call(simulate.StableNoise, {"alpha": 1.5, "scale": 1.0, "skew": 0.1}, {"scale": "zero", "skew": FREE}),
    Call(simulate.SubsampledNoise, {"scale": 1.0}, {"scale": "zero"}),
    Call(simulate.InverseNoise, {"damping": 0.1}, {"damping": "zero"}),
    Call(simulate.DataSet, {"x": X, "y": X[:, 0]}),
    Call(simulate.draw_data, {"model": MODEL, "examples": 5, "rng": rng()}, {"model": "dimension"}),
    Call(
        simulate.run_sgd,
        {
            "model": MODEL,
            "sgd": SGD,
            "start": START,
            "steps": 3,
            "rng": rng(),
            "data": None,
            "save_every": 1,
            "grid": GRID,
            "domain": None,
            "threads": 1,
        },
        {"steps": "zero", "save_every": "none", "grid": "none", "threads": "none"},
    ),
    Call(
        simulate.first_exit,
        {
            "model": MODEL,
            "sgd": SGD,
            "start": START,
            "basin": "w < 1.5",
            "steps": 3,
            "rng": rng(),
            "data": None,
            "domain": None,
            "threads": 1,
        },
        {"threads": "none", "steps": "zero"},
    ),
    Call(
        simulate.first_hit,
        {
            "model": MODEL,
            "sgd": SGD,
            "start": START,
            "target": "w > 1.5",
            "steps": 3,
            "rng": rng(),
            "data": None,
            "domain": None,
            "threads": 1,
        },
        {"threads": "none", "steps": "zero"},
    ),
    Call(simulate.survival, {"ensemble": COUNTED, "step": 0.1}),
    Call(simulate.step_stability, {"model": MODEL, "sgd": SGD, "w": [0.5]}),
    Call(simulate.warn_if_unstable, {"model": MODEL, "sgd": SGD, "w": [0.5]}),
    Call(simulate.transition_operator, {"model": MODEL, "sgd": SGD, "grid": GRID}),
    Call(OPERATOR.evolve, {"initial": DENSITY, "steps": 2}, {"steps": "zero list"}),
    Call(OPERATOR.escape_rate, {"basin": lambda w: w[..., 0] < 0.6}),
    Call(OPERATOR.spectrum, {"k": 2}),
    Call(simulate.rings, {"count": 2, "sites": 5}),
    Call(simulate.WeightedGraph, {"weights": [[0.0, 1.0], [1.0, 0.0]]}),
    Call(
        simulate.excursions, {"graph": simulate.rings(2, 5), "site": 0, "walks": 5, "rng": rng()}, {"site": "zero"}
    ),
    Call(
        simulate.occupation,
        {"graph": simulate.rings(2, 5), "steps": 5, "walks": 5, "rng": rng(), "start": 0},
        {"start": "zero none"},
    ),
    # the judge
    Call(compare.total_variation, {"p": HISTOGRAM, "q": DENSITY, "confidence": 0.95}, {"swap": "right"}),
    Call(compare.hellinger, {"p": HISTOGRAM, "q": DENSITY, "confidence": 0.95}, {"swap": "right"}),
    Call(compare.kullback_leibler, {"p": HISTOGRAM, "q": DENSITY, "confidence": 0.95}, {"swap": "right"}),
    Call(compare.wasserstein, {"p": HISTOGRAM, "q": DENSITY, "confidence": 0.95}, {"swap": "right"}),
    Call(
        compare.compare_laws,
        {"observed": HISTOGRAM, "predictions": {"gibbs": DENSITY}, "confidence": 0.95},
        {"predictions": "empty"},
    ),
    Call(
        compare.nearest_gibbs,
        {"observed": HISTOGRAM, "landscape": WELL, "grid": GRID, "refinement": 3},
        {"grid": "none", "refinement": "none"},
    ),
    Call(compare.load_study, {"name_or_path": "regular"}),
    Call(
        compare.BySampling,
        {
            "walkers": 100,
            "steps": 100,
            "burn_in": 100,
            "observations": 10,
            "control_variates": True,
            "threads": None,
        },
        {"burn_in": "zero"},
    ),
    Call(compare.ByFokkerPlanck, {"grid": GRID}, {"grid": "dimension function"}),
    Call(compare.ByTransitionOperator, {"grid": GRID}, {"grid": "dimension function"}),
    Call(
        compare.loss_slope,
        {
            "model": REGRESSION,
            "sgd": SGD,
            "rates": [0.02, 0.04, 0.08],
            "rng": None,
            "method": compare.ByFormula(),
            "minimum": None,
            "power": None,
            "confidence": 0.95,
        },
    ),
    Call(theory.linear_network_coefficient, {"widths": [2, 1, 2], "rank": 0}, {"rank": "zero"}),
    Call(compare.shipped_studies, {}),
    Call(compare.read_study, {"table": STUDY}),
    Call(compare.run_study, {"study": compare.read_study(STUDY), "threads": 1}, {"threads": "none"}),
    Call(
        theory.sgd_saddle_passage_time,
        {"model": NOISY_WELLS, "sgd": SMALL, "saddle": [0.0], "distance": 0.5, "direction": None},
    ),
    Call(
        theory.mori_rate,
        {
            "landscape": WELLS_ABOVE,
            "learning_rate": 0.01,
            "batch_size": 10,
            "minimum": [-1.0],
            "saddle": [0.0],
        },
    ),
    Call(
        theory.xie_rate,
        {
            "landscape": WELLS_ABOVE,
            "learning_rate": 0.01,
            "batch_size": 10,
            "minimum": [-1.0],
            "saddle": [0.0],
        },
    ),
    Call(
        theory.slow_path,
        {"dynamics": SLOW, "start": [1.0, 1.0], "times": [0.0, 0.1]},
    ),
    # rooms beside the faces, and methods
    Call(fisher.information_matrices, {"model": MODEL, "w": [0.2], "labels": None}),
    Call(fisher.DiscreteLabels, {"values": (0.0, 1.0)}),
    Call(fisher.NormalLabels, {"noise_std": 1.0}),
    Call(optimal_rate.normal_divergence, {"covariance": [[1.0]], "reference": [[1.0]], "shift": None}),
    Call(
        optimal_rate.posterior_match,
        {"hessian": [[1.0]], "gradient_covariance": [[1.0]], "batch_size": 2, "examples": 100.0, "rate": 0.01},
        {"rate": "list"},
    ),
    Call(
        optimal_rate.diagonal_preconditioner,
        {
            "hessian": [[1.0]],
            "gradient_covariance": [[1.0]],
            "batch_size": 2,
            "examples": 100.0,
            "optimise": False,
        },
    ),
    Call(
        critical.splitting,
        {"landscape": SymbolicLandscape("x**2 + y**4"), "at": [0, 0], "order": 6},
        {"landscape": "dimension"},
    ),
    Call(critical.local_exponents, {"model": MODEL, "at": [0.5], "direction": [1]}),
    Call(
        collapse.collapse_rate,
        {
            "model": ProductModel("x*y", noise_std=0.0),
            "w": [0.0, 1.0],
            "learning_rate": 0.1,
            "batch_size": 2,
            "momentum": 0.0,
        },
        {"momentum": "zero"},
    ),
    Call(
        collapse.gaussian_collapse_exponent,
        {"drift": 1.0, "noise": 1.0, "learning_rate": 0.1},
        {"drift": FREE, "noise": "zero"},
    ),
    Call(manifold.projection, {"landscape": HYPERBOLA, "w": [1.0, 1.0]}),
    Call(manifold.manifold_point, {"landscape": HYPERBOLA, "w": [1.0, 1.0]}),
    Call(manifold.gradient_flow_limit, {"landscape": HYPERBOLA, "w": [1.0, 1.1]}, {"landscape": "dimension"}),
    *(
        Call(
            function,
            {"model": HYPERBOLA, "w": [1.0, 1.0], "learning_rate": 0.1, "batch_size": 2, "momentum": 0.0},
            {"momentum": "zero"},
        )
        for function in (
            manifold.slow_drift,
            manifold.slow_diffusion,
            manifold.transverse_covariance,
            manifold.label_noise_drift,
        )
    ),
    Call(SLOW.slow_drift, {"w": [1.0, 1.0]}, {"w": "nan infinite empty"}),
    Call(proportionality.compare_covariance, {"model": CROSS, "points": [[1.0, 1.0]]}, {"model": "dimension"}),
    Call(theory.loss_power_law.loss_power_law, {"sde": Langevin(WELL, theory.LossProportional(WELL, 0.1))}),
    Call(EMBEDDED.mean, {"start": [1.0], "time": 1.0}, {"time": "zero"}),
    Call(EMBEDDED.covariance, {"time": 1.0, "start": [[0.1]]}, {"time": "zero", "start": "none"}),
    Call(theory.Minimum((0.0,), 0.0, 1.0).instability, {"learning_rate": 0.1}),
    Call(theory.HessianProportional(WELL, 0.1).tensor, {"w": START}, {"w": "nan infinite empty"}),
    Call(theory.LossProportional(WELL, 0.1).tensor, {"w": START}, {"w": "nan infinite empty"}),
    Call(theory.Scaled(Isotropic(0.1, 1), 2.0).root, {"w": START}, {"w": "nan infinite empty"}),
    Call(SDE.tensor, {"w": START}, {"w": "nan infinite empty"}),
    Call(SDE.divergence, {"w": START}, {"w": "nan infinite empty"}),
    Call(SDE.potential, {"w": START}, {"w": "nan infinite empty"}),
    Call(REGRESSION.value, {"w": START}, {"w": "nan infinite empty"}),
    Call(NOISY.gradient_covariance, {"w": START}, {"w": "nan infinite empty"}),
    Call(DATA.value, {"w": START}, {"w": "nan infinite empty"}),
    Call(MODEL.kl, {"w": START}, {"w": "nan infinite empty"}),
    Call(HISTOGRAM.coarsen, {"factor": 2}),
    Call(simulate.survival(COUNTED, 0.1).rate, {"first": 1, "floor": 1e-3}, {"first": "zero", "floor": "zero"}),
    Call(simulate.survival(COUNTED, 0.1).halves, {"first": 1, "floor": 1e-3}, {"first": "zero", "floor": "zero"}),
    Call(simulate.Step(2, 0.5).rate, {"steps": np.arange(4)}, {"steps": "empty shape"}),
    Call(simulate.BatchGrowth(2).batch, {"steps": np.arange(4)}, {"steps": "empty shape"}),
    Call(
        compare.read_study(STUDY).resized,
        {"seed": 2, "walkers": 50, "steps": 5},
        {"seed": "none zero", "walkers": "none", "steps": "none"},
    ),
    Call(compare.compare_laws(HISTOGRAM, {"gibbs": DENSITY}).verdict, {"name": "gibbs"}),
    Call(compare.compare_laws(HISTOGRAM, {"gibbs": DENSITY}).agrees, {"name": "gibbs"}),
]
