"""Right calls of theory: nouns, laws, grids and paths."""

from __future__ import annotations

import numpy as np
from call_objects import (
    DATA,
    DENSITY,
    ENSEMBLE,
    EQUATION,
    FREE,
    GRID,
    HISTOGRAM,
    MODEL,
    REGRESSION,
    SDE,
    SGD,
    START,
    WELL,
    WELLS,
    Call,
    X,
    inside,
    rng,
    value,
)
from networks import INNER, OUTER, loss_in_jax
from networks import X as X_OF_NETWORK
from networks import Y as Y_OF_NETWORK

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
    LinearRegression,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    Underdamped,
)

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
    Call(
        LinearRegression, {"input_covariance": [[1.0]], "noise_std": 1.0, "loss_scale": 0.5}, {"noise_std": "zero"}
    ),
    Call(theory.models.ProductOnData, {"model": MODEL, "x": [1.0, 2.0], "y": [0.5, 1.5]}),
    Call(NoisyGradient, {"landscape": WELL, "example_covariance": Constant(np.array([[1.0]]))}),
    Call(
        DatasetModel,
        {"x": DATA.x, "y": DATA.y, "loss": DATA.loss, "example_gradient": DATA.example_gradient, "dim": 1},
    ),
    Call(
        theory.from_jax,
        {
            "loss": loss_in_jax,
            "parameters": {"a": OUTER, "b": INNER},
            "x": X_OF_NETWORK[:6],
            "y": Y_OF_NETWORK[:6],
            "dtype": "float64",
            "device": "cpu",
        },
        {"y": FREE},
    ),
    Call(theory.on_data, {"model": MODEL, "x": X, "y": X[:, 0]}),
    Call(theory.logistic_regression, {"x": X, "y": (X[:, 0] > 0) * 1.0}),
    Call(theory.two_layer_network, {"x": X, "y": X[:, 0], "hidden": 1}),
    Call(theory.models.nearest_copy, {"model": DATA, "w": [0.5], "to": [1.0]}),
    Call(theory.diagonal_linear_network, {"x": X, "y": X[:, 0]}),
    Call(theory.with_weight_decay, {"model": DATA, "rate": 0.1}, {"rate": "zero"}),
    Call(theory.tail_index, {"learning_rate": 0.1, "batch_size": 2, "curvature": 1.0}),
    Call(theory.gaussian_surrogate, {"model": MODEL}, {"model": "dimension"}),
    Call(Isotropic, {"temperature": 0.1, "dim": 1}, {"temperature": "zero"}),
    Call(Constant, {"matrix": [[1.0]]}),
    Call(Constant(np.array([[1.0]])).tensor, {"w": START}, {"w": "nan infinite empty"}),
    Call(
        theory.HessianProportional,
        {"landscape": WELL, "scale": 0.1, "indefinite": theory.Refuse()},
        {"landscape": "dimension", "scale": "zero"},
    ),
    Call(theory.SmoothAbsolute, {"width": 0.1}, {"width": "zero"}),
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
            "progress": False,
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
            "progress": False,
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
]
