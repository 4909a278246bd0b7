"""Coverage of the eigenvalues and traces of `theory.noise.spectra`: matrices, and Hessians by differences."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import LinearOperator, aslinearoperator
from sweep import print_rows

from theory import CallableLandscape
from theory.noise import extreme_eigenvalues, hessian_operator, operator_trace

NUMBER = 4  # eigenvalues of each problem
ERRORS = 3.3  # standard errors: 99.9 %


def turn(rng, dim):
    return np.linalg.qr(rng.standard_normal((dim, dim)))[0]


def compared(found, exact):
    return [
        (abs(value - truth), error) for value, truth, error in zip(found.values, exact, found.error, strict=True)
    ]


def matrices(rng):
    """Spectra over ten decades, with eigenvalues that are multiple or nearly so at the end that is asked for."""
    dim, end = int(rng.integers(8, 60)), str(rng.choice(["largest", "smallest"]))
    sign = 1 if end == "largest" else -1
    spectrum = sign * 10 ** rng.uniform(-7, 3) * rng.standard_normal(dim) ** int(rng.integers(1, 5))
    top = sign * np.abs(spectrum).max() * rng.uniform(1, 2)
    spectrum[: int(rng.integers(1, 4))] = top
    spectrum[3] = top * (1 - 10 ** rng.uniform(-12, -2))
    basis = turn(rng, dim)
    matrix = basis * spectrum @ basis.T
    found = extreme_eigenvalues(aslinearoperator((matrix + matrix.T) / 2), NUMBER, rng=rng, end=end)
    return compared(found, sign * np.sort(sign * spectrum)[::-1][:NUMBER])


def single(rng):
    """Products in single precision, of matrices of any size up to 1e25."""
    dim = int(rng.integers(8, 60))
    basis, spectrum = turn(rng, dim), 10 ** rng.uniform(-25, 25) * rng.standard_normal(dim)
    matrix = basis * spectrum @ basis.T
    matrix = ((matrix + matrix.T) / 2).astype(np.float32)
    exact = np.linalg.eigvalsh(matrix.astype(np.float64))[::-1][:NUMBER]
    unit = np.abs(exact).max()  # misses below 1e-13 of it are rounding
    operator = LinearOperator((dim, dim), matvec=lambda v: matrix @ v.astype(np.float32), dtype=np.float32)
    found = extreme_eigenvalues(operator, NUMBER, rng=rng)
    return [(miss / unit, error / unit) for miss, error in compared(found, exact)]


def huge(rng):
    """Spectra whose squares overflow or underflow."""
    dim, size = int(rng.integers(8, 60)), 10 ** (rng.choice([-1, 1]) * rng.uniform(160, 290))
    basis, spectrum = turn(rng, dim), rng.standard_normal(dim)
    matrix = basis * spectrum @ basis.T
    found = extreme_eigenvalues(aslinearoperator(size * (matrix + matrix.T) / 2), NUMBER, rng=rng)
    exact = np.sort(spectrum)[::-1][:NUMBER]
    return [(abs(v / size - x), e / size) for v, x, e in zip(found.values, exact, found.error, strict=True)]


def differences(rng):
    """The Hessian of a sum of hyperbolic cosines along turned axes, known by its gradient alone."""
    dim = int(rng.integers(6, 40))
    axes, rates = turn(rng, dim), 10 ** rng.uniform(-1.5, 0.5, dim)
    landscape = CallableLandscape(
        lambda w: np.cosh(rates * (w @ axes)).sum(-1),
        lambda w: (rates * np.sinh(rates * (w @ axes))) @ axes.T,
        dim=dim,
    )
    at = rng.standard_normal(dim)
    exact = np.sort(rates**2 * np.cosh(rates * (at @ axes)))[::-1][:NUMBER]
    return compared(extreme_eigenvalues(hessian_operator(landscape, at), NUMBER, rng=rng), exact)


def traces(rng):
    """Of symmetric matrices, by probes."""
    dim = int(rng.integers(4, 60))
    matrix = rng.standard_normal((dim, dim))
    found = operator_trace(aslinearoperator(matrix + matrix.T), int(rng.integers(64, 256)), rng=rng)
    return [(abs(found - 2 * np.trace(matrix)), ERRORS * found.error)]


KINDS = {
    "eigenvalues, multiple and nearly so": matrices,
    "eigenvalues in single precision, of any size": single,
    "eigenvalues of 1e-290 to 1e-160 and 1e160 to 1e290": huge,
    "eigenvalues of Hessians by differences of the gradient": differences,
    "traces by 64 to 256 probes, 3.3 standard errors": traces,
}

if __name__ == "__main__":
    print_rows(KINDS)
