"""What theory predicts of SGD, in continuous time.

Conventions, for the whole package:

- w has shape (..., d); values (...), gradients (..., d), tensors (..., d, d), vectorised over the leading axes.
- SGD: w <- w - eta g_B(w), time t = eta k after k steps. C(w) is the covariance of **one** example's gradient,
  that of a batch is C / B, and the diffusion tensor of the limit is D(w) = eta C(w) / (2 B).
- The Langevin equation is dw = -grad L dt + sqrt(2 D) dW, read as **Ito** unless an object says otherwise;
  SGD's limit is Ito. Heavy-ball momentum mu replaces eta by eta / (1 - mu) in time and in D.
- Gibbs at temperature T is exp(-L/T)/Z; isotropic C = s^2 I gives T = eta s^2 / (2 B).
- One example's loss is loss_scale (y - f)^2, by default 1/2; work with the plain mean square has loss_scale = 1.
- `Density.values` are values at the cell centres, times the cell volume summing to 1. Counts of walkers are cell
  averages: to compare, compute on `grid.refined(k)` and `coarsen(k)`.
- A mistake of the user is an `InputError`; an answer that does not exist is a `NoStationaryDensity`.
"""

from theory.degenerate import DegeneratePoint, find_degenerate_points
from theory.density import Density
from theory.ensemble import Checkpoint, Ensemble, Moments
from theory.errors import InputError
from theory.escape import EscapeRate, RateRange, kramers_rate, langevin_escape_rate, mori_rate, xie_rate
from theory.field import Estimate, Field
from theory.fokker_planck import (
    Absorbing,
    DensityClass,
    FokkerPlanck,
    LimitLaw,
    NoStationaryDensity,
    PassageTime,
    Periodic,
    PointMass,
    QuasiStationary,
    Reflecting,
)
from theory.gaussian import gaussian, linear_regression_covariance, sgd_covariance, stationary_covariance
from theory.gibbs import gibbs, posterior
from theory.grid import Grid
from theory.histogram import Histogram
from theory.landscapes import CallableLandscape, Landscape, SymbolicLandscape
from theory.langevin import AntiIto, Ito, Langevin, Stratonovich, langevin_limit
from theory.learning import (
    LearningCoefficient,
    asymptotic_free_energy,
    energy_coefficient,
    free_energy,
    learning_coefficient,
    mean_energy,
    posterior_mass,
    product_of,
    sum_of,
    volume,
    volume_coefficient,
    wbic,
)
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
from theory.stability import Minimum, find_minima
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
    SymbolicTensor,
    TensorField,
)
from theory.underdamped import Underdamped

__all__ = [
    "BAOAB",
    "AbsoluteEigenvalues",
    "Absorbing",
    "AlphaStable",
    "AntiIto",
    "Arrivals",
    "CallableLandscape",
    "Checkpoint",
    "Constant",
    "DatasetModel",
    "DegeneratePoint",
    "Density",
    "DensityClass",
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
    "LossProportional",
    "Milstein",
    "Minibatch",
    "Minimum",
    "Moments",
    "NoStationaryDensity",
    "NoisyGradient",
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
    "Scaled",
    "Sdeint",
    "Stratonovich",
    "SymbolicLandscape",
    "SymbolicTensor",
    "TamedEuler",
    "TensorField",
    "Underdamped",
    "asymptotic_free_energy",
    "energy_coefficient",
    "find_degenerate_points",
    "find_minima",
    "first_passage_times",
    "free_energy",
    "gaussian",
    "gaussian_surrogate",
    "gibbs",
    "kramers_rate",
    "langevin_escape_rate",
    "langevin_limit",
    "learning_coefficient",
    "linear_regression_covariance",
    "logistic_regression",
    "mean_energy",
    "mori_rate",
    "on_data",
    "posterior",
    "posterior_mass",
    "product_of",
    "sample_paths",
    "sgd_covariance",
    "stationary_covariance",
    "sum_of",
    "tail_index",
    "two_layer_network",
    "volume",
    "volume_coefficient",
    "wbic",
    "xie_rate",
]
