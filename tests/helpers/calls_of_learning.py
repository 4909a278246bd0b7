"""Right calls of theory: landscapes, learning, escape and slow motion."""

from __future__ import annotations

from call_objects import (
    COEFFICIENT,
    CROSS,
    DATA,
    GRID,
    MODEL,
    SGD,
    WELL,
    WELLS,
    Call,
    inside,
    rng,
)

import theory
from theory import Isotropic, Langevin, LearningCoefficient, ProductModel, Underdamped

CALLS = [
    # landscapes and learning
    Call(theory.find_minima, {"landscape": WELLS, "grid": GRID, "starts": [[0.9]]}, {"starts": "empty"}),
    Call(
        theory.points.lowest_minimum,
        {"landscape": WELLS, "starts": [[0.9], [-0.8]], "rng": rng(), "spread": 1.0},
    ),
    Call(theory.points.descent_basin, {"landscape": WELLS, "grid": GRID, "at": [0.9]}),
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
            "progress": False,
        },
        {"burn_in": "zero"},
    ),
    Call(theory.Annealing, {"particles": 8, "islands": 8, "moves": 1, "leaps": 2, "reach": 1e9}),
    Call(theory.learning.UnadjustedLangevin, {"step_size": 0.1, "preconditioned": True}),
    Call(theory.LikelihoodRatio, {"model": DATA, "at": [0.1]}),
    Call(theory.learning.Ladder, {"inverse_temperatures": [1.0, 3.0], "energies": [[0.1, 0.2], [0.2, 0.3]]}),
    Call(
        theory.PreconditionedSGLD,
        {"step_size": 0.1, "batch_size": 2, "smoothing": 0.9, "damping": 0.1},
        {"batch_size": "none", "smoothing": "zero"},
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
]
