"""Coverage of slopes of the stationary loss that have a formula, against tr C / (4 B (1 - momentum)).

python benchmarks/sweeps/loss_slope.py [PART OF A KIND] [SEED] [MEMBERS]
"""

from __future__ import annotations

import numpy as np
import sympy
from sweep import print_rows

from compare import ByFormula, loss_slope
from simulate import SGD
from theory import Constant, LinearRegression, NoisyGradient, SymbolicLandscape
from theory.base.arrays import Array

Pairs = list[tuple[float, float]]
EDGES = (0.5, 0.7, 0.97)  # rates over the stable ones: nothing about 0 shows in them


def by_formula(rng: np.random.Generator) -> Pairs:
    """Regressions and quadratic losses in 1 to 4 dimensions, curvatures of 1e-4 to 1e3, momentum up to .9."""
    dim, batch = int(rng.integers(1, 5)), int(rng.integers(1, 50))
    momentum = float(rng.choice([0.0, 0.0, 0.5, 0.9]))
    roots = rng.normal(size=(2, dim, dim))
    hessian = roots[0] @ roots[0].T * 10 ** rng.uniform(-3, 3) / dim + 10 ** rng.uniform(-4, -1) * np.eye(dim)
    noise = roots[1] @ roots[1].T
    rates = np.array(EDGES) * float(rng.choice([1.0, 1.0, 1e-3]))
    if momentum == 0 and rng.random() < 0.5:  # for unit noise of labels C is the Hessian
        rates /= np.linalg.eigvalsh(hessian)[-1] + np.trace(hessian) / batch
        return _found(LinearRegression(hessian), SGD(0.1, batch), rates, hessian)
    variables = sympy.symbols(f"x:{dim}")
    bowl = sum(
        sympy.Float(hessian[i, j], 17) / 2 * variables[i] * variables[j] for i in range(dim) for j in range(dim)
    )
    model = NoisyGradient(SymbolicLandscape(bowl, [str(one) for one in variables]), Constant(noise))
    rates *= 2 * (1 + momentum) / np.linalg.eigvalsh(hessian)[-1]
    return _found(model, SGD(0.1, batch, momentum=momentum), rates, noise)


def _found(model: LinearRegression | NoisyGradient, sgd: SGD, rates: Array, noise: Array) -> Pairs:
    found = loss_slope(model, sgd, rates, method=ByFormula(), minimum=np.zeros(model.dim)).slope
    truth = float(np.trace(noise)) / (4 * sgd.batch_size * (1 - sgd.momentum))
    return [(abs(found - truth) / truth, found.error / truth)]


if __name__ == "__main__":
    print_rows({"slope of the loss by formula": by_formula}, rounding=1e-16)
