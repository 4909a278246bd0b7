"""Right calls of the rooms beside the faces, and methods."""

from __future__ import annotations

import numpy as np
from call_objects import (
    COUNTED,
    CROSS,
    DATA,
    DENSITY,
    EMBEDDED,
    FREE,
    GRID,
    HISTOGRAM,
    HYPERBOLA,
    MODEL,
    NOISY,
    REGRESSION,
    SDE,
    SLOW,
    START,
    STUDY,
    WELL,
    Call,
    rng,
)
from scipy.sparse.linalg import aslinearoperator

import compare
import simulate
import theory
from theory import Isotropic, Langevin, ProductModel, SymbolicLandscape, formulas, laws, manifold, noise
from theory.equations import EnlargedLangevin
from theory.formulas import loss_power_law, optimal_rate
from theory.noise import fisher, proportionality
from theory.points import collapse, critical

ON_LINE = theory.models.ProductOnData(ProductModel("w"), [1.0, 2.0], [0.5, 1.5])
SIGNS = simulate.SGD(0.1, 4, rule=simulate.Sign())
AVERAGING = simulate.SGD(0.1, 4, rule=simulate.RMSprop(0.9))
OPERATOR = aslinearoperator(np.diag([1.0, 2.0, 5.0]))
SPECTRUM = noise.spectral_density(OPERATOR, 4, 3, rng=rng())
PLANAR = theory.two_layer_network(np.linspace(-1, 1, 6)[:, None], np.linspace(0, 1, 6), 1)
NOISE = noise.noise_spectrum(PLANAR, [0.2, 0.1], 2, 2, rng=rng())
SPATIAL = theory.two_layer_network(np.linspace(-1, 1, 6)[:, None], np.linspace(0, 1, 6), 2)
SEEN = theory.Ensemble.from_samples([[[0.2, 0.1], [0.3, 0.4]]], [0.0])
ENLARGED = theory.langevin_limit(NOISY, AVERAGING)
assert isinstance(ENLARGED, EnlargedLangevin)

CALLS = [
    # rooms beside the faces, and methods
    Call(fisher.information_matrices, {"model": MODEL, "w": [0.2], "labels": None}),
    Call(fisher.DiscreteLabels, {"values": (0.0, 1.0)}),
    Call(noise.hessian_operator, {"landscape": MODEL, "at": [0.2]}),
    Call(noise.covariance_operator, {"model": DATA, "at": [0.2]}),
    Call(noise.covariance_trace, {"model": DATA, "at": [0.2]}),
    Call(theory.models.covariance_traces, {"model": DATA, "w": [[0.2]]}),
    Call(noise.noise_spectrum, {"model": PLANAR, "at": [0.2, 0.1], "probes": 2, "steps": 2, "rng": rng()}),
    Call(NOISE.mean_at_most, {"function": np.square, "level": 0.9}),
    Call(noise.newton_decrement, {"operator": OPERATOR, "gradient": np.ones(3), "shift": 0.1}, {"shift": FREE}),
    Call(noise.operator_trace, {"operator": OPERATOR, "probes": 4, "rng": rng()}),
    Call(noise.extreme_eigenvalues, {"operator": OPERATOR, "number": 1, "rng": rng(), "end": "smallest"}),
    Call(noise.spectral_density, {"operator": OPERATOR, "probes": 4, "steps": 3, "rng": rng()}),
    Call(SPECTRUM.mass, {"lower": 0.0, "upper": 3.0}, {"lower": FREE, "upper": "infinite"}),
    Call(SPECTRUM.number, {"lower": 0.0, "upper": 3.0, "level": 0.9}, {"lower": FREE, "upper": "infinite"}),
    Call(SPECTRUM.ends, {"level": 0.9}),
    Call(SPECTRUM.cumulative, {"at": [1.0, 3.0]}, {"at": FREE}),
    Call(SPECTRUM.mean, {"function": np.square}),
    Call(SPECTRUM.on_grid, {"grid": GRID}),
    Call(
        noise.batch_sharpness,
        {
            "model": PLANAR,
            "at": [0.2, 0.1],
            "batch_size": 2,
            "batches": 4,
            "rng": rng(),
            "with_replacement": False,
        },
    ),
    Call(
        noise.sharpness_along,
        {
            "model": PLANAR,
            "run": SEEN,
            "learning_rate": 0.1,
            "batch_size": 2,
            "rng": rng(),
            "batches": 4,
            "with_replacement": False,
        },
        {"learning_rate": "list"},
    ),
    Call(
        noise.fisher_operator,
        {"model": PLANAR, "at": [0.2, 0.1], "labels": fisher.NormalLabels(1.0)},
    ),
    Call(noise.compare_in_subspace, {"model": SPATIAL, "at": [0.2, 0.1, 0.3, 0.5], "number": 1, "rng": rng()}),
    Call(
        simulate.transverse_exponent,
        {
            "model": PLANAR,
            "sgd": simulate.SGD(0.1, 1, sampling=simulate.WithReplacement()),
            "start": np.zeros((12, 2)),
            "across": np.eye(2),
            "steps": 3,
            "burn_in": 0,
            "rng": rng(),
        },
        {"burn_in": "zero"},
    ),
    Call(fisher.NormalLabels, {"noise_std": 1.0}),
    Call(laws.hill_index, {"samples": [0.5, 1.0, 2.0, 4.0, 8.0], "largest": 3}),
    Call(formulas.data_regression_covariance, {"model": ON_LINE, "sgd": simulate.SGD(0.1, 4)}),
    Call(ON_LINE.batch_covariance, {"label_std": 0.5, "share": 0.5}, {"label_std": "zero", "share": "zero"}),
    Call(formulas.rule_covariance, {"sgd": SIGNS, "hessian": [[1.0]], "example_covariance": [[1.0]]}),
    Call(formulas.rule_stability_edge, {"sgd": AVERAGING}),
    Call(
        formulas.preconditioned_sharpness,
        {"hessian": [[1.0]], "mean_square": [0.5], "epsilon": 0.1},
        {"epsilon": "zero"},
    ),
    Call(ENLARGED.part, {"y": [[0.1, 1.0]], "name": "v"}, {"y": "nan infinite"}),
    Call(ENLARGED.begin, {"start": START, "memory": None}),
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
        {"drift": 1.0, "batch_noise": 1.0, "learning_rate": 0.1},
        {"drift": FREE, "batch_noise": "zero"},
    ),
    Call(collapse.step_factor, {"model": ProductModel("w", noise_std=1.0), "at": 0.0}, {"at": FREE}),
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
    Call(loss_power_law, {"sde": Langevin(WELL, theory.LossProportional(WELL, 0.1))}),
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
