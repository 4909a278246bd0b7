"""Coverage of `Annealing`: learning coefficients of formulas, and of data with a true parameter."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numba import njit
from sweep import print_rows

from theory import SymbolicLandscape, learning_coefficient, two_layer_network
from theory.landscapes.function import central_differences
from theory.learning import Annealing, LikelihoodRatio, linear_network_coefficient, local_learning_coefficient

EXAMPLES = 2000  # that the localization is for
PLACES = 8  # of inputs, each with its labels: where they are more, the ratios cost more and say the same
TWO_UNITS = 2 / 3  # Aoyagi & Watanabe (2005): (h + i^2 + i)/(4 i + 2) of h units, i the largest with i^2 <= h
WIDE = (((3, 2, 3), 1), ((3, 3, 3), 0), ((3, 3, 3), 1), ((4, 2, 4), 1))  # widths and rank: 12 to 18 parameters
REDUCED_RANK = ((2, 1, 2), (1, 2, 2), (2, 2, 2), (2, 2, 3), (3, 2, 3))


class LinearRatio:
    """`LikelihoodRatio` at w* of y = W_L ... W_1 x + noise, in one pass, x (N, inputs) and noise (N, outputs)."""

    def __init__(self, widths, at, x, noise):
        self.widths, self.x, self.noise, self.dim = tuple(widths), x, noise, len(at)
        self.truth = product(factors(at, self.widths))

    def value(self, w):
        """K, shape (...)."""
        return self.value_and_gradient(np.reshape(w, (-1, self.dim)))[0].reshape(np.shape(w)[:-1])

    def gradient(self, w):
        """Its gradient, shape (..., d)."""
        return self.value_and_gradient(np.reshape(w, (-1, self.dim)))[1].reshape(np.shape(w))

    def hessian(self, w):
        """Its Hessian, shape (..., d, d)."""
        raw = central_differences(self.gradient, np.asarray(w))
        return (raw + raw.swapaxes(-1, -2)) / 2

    def value_and_gradient(self, points):
        """Both at points (n, d)."""
        values, slopes = np.empty(len(points)), np.empty((len(points), self.dim))
        fill(np.ascontiguousarray(points), np.array(self.widths), self.truth, self.x, self.noise, values, slopes)
        return values, slopes


@njit(cache=True)
def fill(points, widths, truth, x, noise, values, slopes):
    """K and its slope at each point: products up to each factor, ratios of all examples, products from above."""
    layers, most = len(widths) - 1, widths.max()
    below, above, other = np.zeros((layers + 1, most, most)), np.zeros((most, most)), np.zeros((most, most))
    inputs, outputs = widths[0], widths[-1]
    away = np.zeros(outputs)
    for p in range(len(points)):
        w, begin = points[p], 0
        below[0] = np.eye(most)
        for k in range(layers):
            for i in range(widths[k + 1]):
                for j in range(inputs):
                    found = 0.0
                    for s in range(widths[k]):
                        found += w[begin + i * widths[k] + s] * below[k, s, j]
                    below[k + 1, i, j] = found
            begin += widths[k] * widths[k + 1]
        value, above[:] = 0.0, 0.0
        for n in range(len(x)):
            ratio = 0.0
            for i in range(outputs):
                found = 0.0
                for j in range(inputs):
                    found += (below[layers, i, j] - truth[i, j]) * x[n, j]
                away[i] = found
                ratio += found * (found / 2 - noise[n, i])
            value += ratio**2
            for i in range(outputs):
                for j in range(inputs):
                    above[i, j] += ratio * (away[i] - noise[n, i]) * x[n, j] / len(x)
        values[p] = value / len(x) / 2
        for k in range(layers - 1, -1, -1):
            begin -= widths[k] * widths[k + 1]
            for i in range(widths[k + 1]):
                for s in range(widths[k]):
                    found = 0.0
                    for j in range(inputs):
                        found += above[i, j] * below[k, s, j]
                    slopes[p, begin + i * widths[k] + s] = found
            for s in range(widths[k]):
                for j in range(inputs):
                    found = 0.0
                    for i in range(widths[k + 1]):
                        found += w[begin + i * widths[k] + s] * above[i, j]
                    other[s, j] = found
            above[: widths[k]] = other[: widths[k]]


def factors(w, widths):
    """W_1 ... W_L of w (..., d)."""
    found, begin = [], 0
    for inner, outer in pairwise(widths):
        found.append(w[..., begin : begin + inner * outer].reshape(*w.shape[:-1], outer, inner))
        begin += inner * outer
    return found


def product(matrices):
    """W_L ... W_1."""
    whole = matrices[0]
    for matrix in matrices[1:]:
        whole = matrix @ whole
    return whole


def linear(rng, widths, rank):
    """A linear network at the worst parameter of a true product of that rank: model, w*, coefficient."""
    turns = [np.linalg.qr(rng.standard_normal((n, n)))[0] for n in widths]
    cores = [np.eye(outer, inner) * (np.arange(inner) < rank) for inner, outer in pairwise(widths)]
    matrices = [turns[k + 1] @ core @ turns[k].T for k, core in enumerate(cores)]
    places = max(PLACES, 3 + widths[0] * widths[-1])
    x = rng.standard_normal((places, widths[0]))
    at = np.concatenate([matrix.ravel() for matrix in matrices])
    ratio = LinearRatio(widths, at, x, rng.standard_normal((places, widths[-1])))
    return ratio, at, float(linear_network_coefficient(widths, rank).value)


def tanh(rng, units):
    """Tanh units without bias, true function 0."""
    x, y = rng.standard_normal((PLACES, 1)), rng.standard_normal(PLACES)
    model = two_layer_network(x, y, units)
    at = np.zeros(model.dim)
    return LikelihoodRatio(model, at), at, 0.5 if units == 1 else TWO_UNITS


def reduced_rank(rng):
    """Two factors, of rank 0 or 1."""
    widths = REDUCED_RANK[rng.integers(len(REDUCED_RANK))]
    return linear(rng, widths, int(rng.integers(2)))


def deep(rng):
    """Three factors of widths 1 to 3, of rank 0 or 1."""
    return linear(rng, [int(n) for n in rng.integers(1, 4, 4)], int(rng.integers(2)))


def wide(rng):
    """Two factors of 12 to 18 parameters, lambda from 3.5 to 5."""
    return linear(rng, *WIDE[rng.integers(len(WIDE))])


def narrow(rng):
    """Two or three factors of width 1, rank 0."""
    return linear(rng, [1] * int(rng.integers(3, 5)), 0)


def formula(rng):
    """A sum or a product of even powers at random scales, in two variables, at its minimum."""
    first, second = (2 * int(k) for k in rng.integers(1, 4, 2))
    joined = str(rng.choice(["+", "*"]))
    scales = 10 ** rng.uniform(-1, 1, 2)
    landscape = SymbolicLandscape(f"{scales[0]:.3g}*x**{first} {joined} {scales[1]:.3g}*y**{second}", ("x", "y"))
    return landscape, np.zeros(2), float(learning_coefficient(landscape, (0, 0)).value)


def measured(problem):
    """A member of a sweep: the miss and the half width of the interval."""

    def member(rng):
        landscape, at, exact = problem(rng)
        examples = int(10 ** rng.uniform(2.5, 4)) if isinstance(landscape, SymbolicLandscape) else EXAMPLES
        found = local_learning_coefficient(landscape, at, examples, rng=rng, sampler=Annealing(), progress=False)
        low, high = found.interval()
        return [(abs(float(found.value) - exact), (high - low) / 2)]

    return member


KINDS = {
    "learning coefficients of sums and products of powers": (measured(formula), 100),
    "of a tanh unit on data": (measured(lambda rng: tanh(rng, 1)), 30),
    "of two tanh units on data": (measured(lambda rng: tanh(rng, 2)), 30),
    "of linear networks of width 1 on data": (measured(narrow), 30),
    "of reduced-rank regression on data": (measured(reduced_rank), 30),
    "of three factors of widths 1 to 3 on data": (measured(deep), 30),
    "of reduced-rank regression of 12 to 18 parameters on data": (measured(wide), 20),
}

if __name__ == "__main__":
    print_rows(KINDS)
