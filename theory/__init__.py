"""What theory predicts of SGD, in continuous time.

Conventions, for the whole package:

- w has shape (..., d); values (...), gradients (..., d), tensors (..., d, d), vectorised over the leading axes.
- SGD: w <- w - eta g_B(w), time t = eta k after k steps. C(w) is the covariance of **one** example's gradient,
  that of a batch is C / B, and the diffusion tensor of the limit is D(w) = eta C(w) / (2 B). Names say whose:
  `gradient_covariance` and `example_covariance` are one example's, `batch_...` a batch's, `input_...` the inputs'.
- The Langevin equation is dw = -grad L dt + sqrt(2 D) dW, read as **Ito** unless an object says otherwise;
  SGD's limit is Ito. Heavy-ball momentum mu replaces eta by eta / (1 - mu) in time and in D.
- Gibbs at temperature T is exp(-L/T)/Z; isotropic C = s^2 I gives T = eta s^2 / (2 B).
- Scales: `learning_rate` eta, `momentum` mu, `batch_size` B, `temperature` in units of L, `examples` n, `beta`,
  `confidence`. Time is in units of eta k, lengths in those of w, an `error` in those of what it belongs to.
- One example's loss is loss_scale (y - f)^2, by default 1/2; work with the plain mean square has loss_scale = 1.
- `Density.values` times the cell volume sum to 1. They are values at the cell centres, or averages over the cells
  as counts are: `Density.cell_averages` says which; `Density.probabilities` are the masses of the cells in both.
- A number with an error is an `Estimate`: a float with an `error`, standard where samples made it, else what the
  method leaves open, NaN where nobody can tell; `value, error = estimate`. Values on a grid are a `Field`, with an
  error each; other arrays have an array of errors beside them, `x` and `x_error`.
- Arguments come as object, grid, numbers; randomness and options by keyword. Laws of a number, such as
  `gibbs(landscape, temperature, grid)`, have it before the grid.
- Every argument is checked by its annotation: a mistake of the user is an `InputError` of one line, a call that
  misses an argument a `CallError`, which is one; an answer that does not exist is a `NoStationaryDensity`.

What is used most is here; more of each kind is in its room, of which the README has a map.
Never holds a step of SGD, a plot, or the name of a file.
"""

from theory.base import Estimate, InputError, MomentWarning
from theory.base.arguments import check_faces
from theory.base.moved import MOVED, forward_moved_modules
from theory.equations import (
    AntiIto,
    Interpretation,
    Ito,
    Langevin,
    Stratonovich,
    Underdamped,
    check_interpretation,
    gibbs,
    langevin_limit,
    posterior,
)
from theory.fokker_planck import (
    Absorbing,
    Balance,
    DensityClass,
    DriftParts,
    FokkerPlanck,
    LimitLaw,
    NoStationaryDensity,
    PassageTime,
    Periodic,
    PointMass,
    QuasiStationary,
    Reflecting,
    SurvivalCurve,
    detailed_balance,
    drift_parts,
)
from theory.formulas import (
    EscapeRate,
    RateRange,
    SaddlePassage,
    exact_embedding,
    full_preconditioner,
    gaussian,
    kramers_rate,
    langevin_escape_rate,
    linear_regression_covariance,
    mean_square_stability_edge,
    modified_loss,
    mori_rate,
    optimal_learning_rate,
    saddle_passage_time,
    sgd_covariance,
    sgd_saddle_passage_time,
    stationary_covariance,
    stationary_law,
    underdamped_covariance,
    underdamped_escape_rate,
    xie_rate,
)
from theory.landscapes import (
    CallableLandscape,
    Landscape,
    SymbolicLandscape,
    TabulatedLandscape,
    check_landscape,
    sharpest_directions,
)
from theory.laws import (
    Checkpoint,
    Density,
    Directions,
    DistanceTo,
    Draws,
    Ensemble,
    Field,
    Grid,
    Histogram,
    Moments,
    project,
    sample_grid,
)
from theory.learning import (
    HMC,
    MALA,
    NUTS,
    SGLD,
    Annealing,
    LearningCoefficient,
    LikelihoodRatio,
    Localization,
    LocalLearningCoefficient,
    NormalPrior,
    PreconditionedSGLD,
    UndecidedCoefficient,
    asymptotic_free_energy,
    energy_coefficient,
    free_energy,
    learning_coefficient,
    linear_network_coefficient,
    local_learning_coefficient,
    mean_energy,
    posterior_mass,
    product_of,
    sample_gibbs,
    sample_posterior,
    sum_of,
    volume,
    volume_coefficient,
    wbic,
)
from theory.manifold import OnManifold, SlowDynamics, slow_limit, slow_path
from theory.models import (
    BatchModel,
    DatasetModel,
    ExampleDiffusion,
    LinearRegression,
    NoisyGradient,
    ProductModel,
    check_model,
    diagonal_linear_network,
    from_jax,
    from_torch,
    gaussian_surrogate,
    logistic_regression,
    on_data,
    tail_index,
    two_layer_network,
    with_weight_decay,
)
from theory.noise import fisher_matrix, judge_proportionality, line
from theory.paths import (
    BAOAB,
    AlphaStable,
    Arrivals,
    EulerMaruyama,
    HalfSpace,
    Heun,
    LeimkuhlerMatthews,
    Milstein,
    Outside,
    PathStep,
    Platen,
    Sdeint,
    TamedEuler,
    check_scheme,
    first_passage_times,
    sample_paths,
)
from theory.points import (
    CollapseExponent,
    CriticalPoint,
    DegeneratePoint,
    Minimum,
    collapse_exponent,
    critical_points,
    find_degenerate_points,
    find_minima,
    learning_coefficient_by_splitting,
)
from theory.tensors import (
    AbsoluteEigenvalues,
    Constant,
    HessianProportional,
    Isotropic,
    LossProportional,
    Minibatch,
    PositivePart,
    Refuse,
    Scaled,
    SmoothAbsolute,
    SymbolicTensor,
    TensorField,
    check_tensor_field,
)

__all__ = [
    "BAOAB", "HMC", "MALA", "NUTS", "SGLD", "AbsoluteEigenvalues", "Absorbing", "AlphaStable", "Annealing",
    "AntiIto", "Arrivals", "Balance", "BatchModel", "CallableLandscape", "Checkpoint", "CollapseExponent",
    "Constant", "CriticalPoint",
    "DatasetModel", "DegeneratePoint", "Density", "DensityClass", "Directions", "DistanceTo", "Draws",
    "DriftParts", "Ensemble", "EscapeRate", "Estimate", "EulerMaruyama", "ExampleDiffusion", "Field",
    "FokkerPlanck", "Grid", "HalfSpace", "HessianProportional", "Heun", "Histogram", "InputError",
    "Interpretation", "Isotropic", "Ito", "Landscape", "Langevin", "LearningCoefficient", "LeimkuhlerMatthews",
    "LikelihoodRatio",
    "LimitLaw", "LinearRegression", "LocalLearningCoefficient", "Localization", "LossProportional", "Milstein",
    "Minibatch", "Minimum", "MomentWarning", "Moments", "NoStationaryDensity", "NoisyGradient", "NormalPrior",
    "OnManifold", "Outside", "PassageTime", "PathStep", "Periodic", "Platen", "PointMass", "PositivePart",
    "PreconditionedSGLD",
    "ProductModel", "QuasiStationary", "RateRange", "Reflecting", "Refuse", "SaddlePassage", "Scaled", "Sdeint",
    "SlowDynamics", "SmoothAbsolute", "Stratonovich", "SurvivalCurve", "SymbolicLandscape", "SymbolicTensor",
    "TabulatedLandscape", "TamedEuler", "TensorField", "UndecidedCoefficient", "Underdamped",
    "asymptotic_free_energy", "check_interpretation", "check_landscape", "check_model", "check_scheme",
    "check_tensor_field", "collapse_exponent", "critical_points", "detailed_balance", "diagonal_linear_network",
    "drift_parts", "energy_coefficient", "exact_embedding", "find_degenerate_points", "find_minima",
    "first_passage_times", "fisher_matrix", "free_energy", "from_jax", "from_torch", "full_preconditioner",
    "gaussian", "gaussian_surrogate", "gibbs", "judge_proportionality", "kramers_rate", "langevin_escape_rate",
    "langevin_limit", "learning_coefficient", "learning_coefficient_by_splitting", "line",
    "linear_network_coefficient", "linear_regression_covariance", "local_learning_coefficient",
    "logistic_regression", "mean_energy", "mean_square_stability_edge", "modified_loss", "mori_rate", "on_data",
    "optimal_learning_rate", "posterior", "posterior_mass", "product_of", "project", "saddle_passage_time",
    "sample_gibbs", "sample_grid", "sample_paths", "sample_posterior", "sgd_covariance", "sgd_saddle_passage_time",
    "sharpest_directions", "slow_limit", "slow_path", "stationary_covariance", "stationary_law", "sum_of",
    "tail_index", "two_layer_network", "underdamped_covariance", "underdamped_escape_rate", "volume",
    "volume_coefficient", "wbic", "with_weight_decay", "xie_rate",
]  # fmt: skip

# After the imports of all: functions and classes that other faces show are the same objects.
_rooms = "laws landscapes tensors models equations noise paths learning manifold points fokker_planck formulas"
check_faces("theory", *(f"theory.{room}" for room in _rooms.split()), *MOVED.values())
forward_moved_modules()
