"""Models, data and seeds that the tests of SGD share."""

from __future__ import annotations

import numpy as np

from simulate import DataSet, draw_data
from theory import ProductModel, SymbolicLandscape

H = np.array([[2, 0.5], [0.5, 1]])
C = np.array([[1, 0.3], [0.3, 2]])
QUADRATIC = SymbolicLandscape("x**2 + x*y/2 + y**2/2")
CUBIC = ProductModel("(w + 1)*(w - 1)**2", noise_std=0.7, loss_scale=1.0)
VECTOR = ProductModel(["x", "x*y", "y - 1"], noise_std=0.5, input_std=(1, 2, 0.5), loss_scale=0.8)


def seeded(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def data_for(model: ProductModel, examples: int, seed: int = 10) -> DataSet:
    return draw_data(model, examples, seeded(seed))
