"""How messages speak of values and kinds, and what they advise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from theory.base.errors import in_one_line

LONGEST_VALUE = 60  # characters of a value in a message
REMEDIES = {
    "Generator": "write numpy.random.default_rng(seed)",
    "Landscape": 'take SymbolicLandscape("w**2/2") or CallableLandscape(value, dim=1)',
    "NoisyModel": "it must know the covariance of its gradient: take a ProductModel or "
    "NoisyGradient(landscape, covariance)",
    "TensorField": "take Isotropic(temperature, dim) or Constant(matrix)",
    "Grid": "take Grid(lower, upper, cells)",
    "Density": "count walkers on a grid: ensemble.histogram(grid) or Histogram.from_samples(points, grid)",
    "Langevin": "take Langevin(landscape, diffusion)",
    "Underdamped": "take Underdamped(landscape, friction, temperature)",
    "NoisyGradient": "NoisyGradient(landscape, covariance) gives a landscape its noise",
    "Method": "take ByFormula(), BySampling(), ByFokkerPlanck(grid) or ByTransitionOperator(grid)",
    "Scheme": "take a scheme such as EulerMaruyama()",
    "Schedule": "take a Schedule such as Step(at, factor) or Linear(steps, final)",
    "ShippedRule": "take a step rule such as Adam()",
    "LabelNoise": "take a noise such as GaussianNoise(std)",
    "InverseNoise": "take a positive number, d positive numbers, a matrix or InverseNoise()",
    "SGD": "take SGD(learning_rate, batch_size)",
}


def shown(value: object) -> str:
    """A value in a message: one short line, whatever it is."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, np.ndarray) and value.ndim:
        kind = "a masked array" if isinstance(value, np.ma.MaskedArray) else "an array"
        return f"{kind} of shape {value.shape} and type {value.dtype}"
    if isinstance(value, Sequence | Mapping) and len(value) == 0:
        return f"an empty {type(value).__name__}"
    text = in_one_line(repr_of(value))
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def repr_of(value: object) -> str:
    """`repr(value)`, or what every object has where one of the user's fails to show itself."""
    try:
        return repr(value)
    except Exception:
        return object.__repr__(value)


def article(name: str) -> str:
    """`name` with "a" or "an"."""
    return f"{'an' if name[:1] in 'AEIOUaeio' else 'a'} {name}"


def plural(words: str) -> str:
    """What several values of a kind are called."""
    singular, _, rest = words.removeprefix("a ").removeprefix("an ").partition(" or ")
    several = singular if singular == "text" or " of " in singular else f"{singular}s"
    return f"{several} or {plural(rest)}" if rest else several


def instance_of(value: object) -> str:
    """What to say of a class where one of its instances is wanted."""
    return f"give one of its instances, {value.__name__}(...)" if isinstance(value, type) else ""
