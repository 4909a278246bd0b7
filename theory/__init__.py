"""What theory predicts of SGD, in continuous time.

Conventions, for the whole package:

- w has shape (..., d); values (...), gradients (..., d), tensors (..., d, d), vectorised over the leading axes.
- SGD: w <- w - eta g_B(w), time t = eta k after k steps. C(w) is the covariance of **one** example's gradient,
  that of a batch is C / B, and the diffusion tensor of the limit is D(w) = eta C(w) / (2 B).
- The Langevin equation is dw = -grad L dt + sqrt(2 D) dW, read as **Ito** unless an object says otherwise;
  SGD's limit is Ito. Heavy-ball momentum mu replaces eta by eta / (1 - mu) in time and in D.
- Gibbs at temperature T is exp(-L/T)/Z; isotropic C = s^2 I gives T = eta s^2 / (2 B).
- One example's loss is loss_scale (y - f)^2, by default 1/2; work with the plain mean square has loss_scale = 1.
- `Density.values` times the cell volume sum to 1. They are values at the cell centres, or averages over the cells
  as counts are: `Density.cell_averages` says which; `Density.probabilities` are the masses of the cells in both.
- Every argument is checked by its annotation: a mistake of the user is an `InputError` of one line, a call that
  misses an argument a `CallError`, which is one; an answer that does not exist is a `NoStationaryDensity`.

What is used most is here; more of each kind is in its room: `theory.learning`, `theory.points`, `theory.manifold`,
`theory.formulas`, `theory.noise`, `theory.tensors`, `theory.models`, `theory.paths`, `theory.fokker_planck`.
"""

from theory.base.arguments import check_faces
from theory.base.errors import InputError, MomentWarning
from theory.base.estimate import Estimate
from theory.base.moved import forward_moved_modules
from theory.equations.gibbs_measure import gibbs, posterior
from theory.equations.langevin import AntiIto, Ito, Langevin, Stratonovich, langevin_limit
from theory.equations.underdamped import Underdamped
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
    detailed_balance,
    drift_parts,
)
from theory.formulas.escape import (
    EscapeRate,
    RateRange,
    SaddlePassage,
    kramers_rate,
    langevin_escape_rate,
    mori_rate,
    saddle_passage_time,
    sgd_saddle_passage_time,
    underdamped_escape_rate,
    xie_rate,
)
from theory.formulas.mean_square import mean_square_stability_edge
from theory.formulas.modified import exact_embedding, modified_loss
from theory.formulas.optimal_rate import full_preconditioner, optimal_learning_rate
from theory.formulas.quadratic import (
    gaussian,
    linear_regression_covariance,
    sgd_covariance,
    stationary_covariance,
    underdamped_covariance,
)
from theory.formulas.stationary_laws import stationary_law
from theory.landscapes import CallableLandscape, Landscape, SymbolicLandscape, TabulatedLandscape
from theory.laws.density import Density
from theory.laws.ensemble import Checkpoint, Ensemble, Moments
from theory.laws.field import Field
from theory.laws.grid import Grid
from theory.laws.histogram import Histogram
from theory.learning import (
    MALA,
    SGLD,
    LearningCoefficient,
    Localization,
    LocalLearningCoefficient,
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
    sum_of,
    volume,
    volume_coefficient,
    wbic,
)
from theory.manifold import OnManifold, SlowDynamics, slow_limit, slow_path
from theory.models import (
    DatasetModel,
    LinearRegression,
    NoisyGradient,
    ProductModel,
    gaussian_surrogate,
    logistic_regression,
    on_data,
    tail_index,
    two_layer_network,
)
from theory.noise.fisher import fisher_matrix
from theory.noise.proportionality import judge_proportionality, line
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
    Platen,
    Sdeint,
    TamedEuler,
    first_passage_times,
    sample_paths,
)
from theory.points.collapse import CollapseExponent, collapse_exponent
from theory.points.critical import CriticalPoint, critical_points, learning_coefficient_by_splitting
from theory.points.degenerate import DegeneratePoint, find_degenerate_points
from theory.points.minima import Minimum, find_minima
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
)

__all__ = [
    "BAOAB",
    "MALA",
    "SGLD",
    "AbsoluteEigenvalues",
    "Absorbing",
    "AlphaStable",
    "AntiIto",
    "Arrivals",
    "Balance",
    "CallableLandscape",
    "Checkpoint",
    "CollapseExponent",
    "Constant",
    "CriticalPoint",
    "DatasetModel",
    "DegeneratePoint",
    "Density",
    "DensityClass",
    "DriftParts",
    "Ensemble",
    "EscapeRate",
    "Estimate",
    "EulerMaruyama",
    "Field",
    "FokkerPlanck",
    "Grid",
    "HalfSpace",
    "HessianProportional",
    "Heun",
    "Histogram",
    "InputError",
    "Isotropic",
    "Ito",
    "Landscape",
    "Langevin",
    "LearningCoefficient",
    "LeimkuhlerMatthews",
    "LimitLaw",
    "LinearRegression",
    "LocalLearningCoefficient",
    "Localization",
    "LossProportional",
    "Milstein",
    "Minibatch",
    "Minimum",
    "MomentWarning",
    "Moments",
    "NoStationaryDensity",
    "NoisyGradient",
    "OnManifold",
    "Outside",
    "PassageTime",
    "Periodic",
    "Platen",
    "PointMass",
    "PositivePart",
    "ProductModel",
    "QuasiStationary",
    "RateRange",
    "Reflecting",
    "Refuse",
    "SaddlePassage",
    "Scaled",
    "Sdeint",
    "SlowDynamics",
    "SmoothAbsolute",
    "Stratonovich",
    "SymbolicLandscape",
    "SymbolicTensor",
    "TabulatedLandscape",
    "TamedEuler",
    "TensorField",
    "UndecidedCoefficient",
    "Underdamped",
    "asymptotic_free_energy",
    "collapse_exponent",
    "critical_points",
    "detailed_balance",
    "drift_parts",
    "energy_coefficient",
    "exact_embedding",
    "find_degenerate_points",
    "find_minima",
    "first_passage_times",
    "fisher_matrix",
    "free_energy",
    "full_preconditioner",
    "gaussian",
    "gaussian_surrogate",
    "gibbs",
    "judge_proportionality",
    "kramers_rate",
    "langevin_escape_rate",
    "langevin_limit",
    "learning_coefficient",
    "learning_coefficient_by_splitting",
    "line",
    "linear_network_coefficient",
    "linear_regression_covariance",
    "local_learning_coefficient",
    "logistic_regression",
    "mean_energy",
    "mean_square_stability_edge",
    "modified_loss",
    "mori_rate",
    "on_data",
    "optimal_learning_rate",
    "posterior",
    "posterior_mass",
    "product_of",
    "saddle_passage_time",
    "sample_paths",
    "sgd_covariance",
    "sgd_saddle_passage_time",
    "slow_limit",
    "slow_path",
    "stationary_covariance",
    "stationary_law",
    "sum_of",
    "tail_index",
    "two_layer_network",
    "underdamped_covariance",
    "underdamped_escape_rate",
    "volume",
    "volume_coefficient",
    "wbic",
    "xie_rate",
]

# After the imports of all: functions and classes that other faces show are the same objects.
check_faces(
    "theory",
    "theory.laws",
    "theory.landscapes",
    "theory.tensors",
    "theory.models",
    "theory.equations",
    "theory.noise",
    "theory.noise.fisher",
    "theory.noise.proportionality",
    "theory.paths",
    "theory.learning",
    "theory.manifold",
    "theory.points",
    "theory.points.collapse",
    "theory.points.critical",
    "theory.points.degenerate",
    "theory.fokker_planck",
    "theory.formulas",
    "theory.formulas.escape",
    "theory.formulas.loss_power",
    "theory.formulas.modified",
    "theory.formulas.optimal_rate",
)
forward_moved_modules()
