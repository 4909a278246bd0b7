"""How the noise of an equation differs from that of one temperature, over the law of SGD."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from compare.report.report import Report
from theory.base.absent import Absent
from theory.base.shares import percent
from theory.fokker_planck import FokkerPlanck
from theory.laws import Density, Histogram

UNEVEN = 0.05  # relative change of the noise, or of its eigenvalues, that is worth telling
LEAST_CURRENT = 1e-3  # entropy produced while the law spreads once, below which a current is none


@dataclass(frozen=True)
class NoiseShape:
    """What is told of the noise: `kind`, the words, and the numbers."""

    kind: str
    words: str
    numbers: Mapping[str, float]


def noise_shape(report: Report, law: Density) -> NoiseShape:
    """The eigenvalues of D over SGD's law, how much it changes there, and the entropy that `law` produces.

    `law` is the equation's stationary one on the cells it was computed on.
    """
    study, seen = report.study, report.laws["sgd"].law
    assert isinstance(seen, Histogram)
    assert not isinstance(study.equation, Absent)
    weights = seen.probabilities.ravel() / seen.probabilities.sum()
    tensors = study.equation.tensor(study.grid.centers).reshape(len(weights), study.grid.dim, study.grid.dim)
    mean = np.einsum("n,nij->ij", weights, tensors)
    temperatures = np.linalg.eigvalsh(mean)
    power = float((mean**2).sum())
    change = float(np.sqrt(weights @ ((tensors - mean) ** 2).sum(axis=(1, 2)) / power)) if power > 0 else 0.0
    numbers = {f"temperature{k}": float(one) for k, one in enumerate(temperatures)} | {"change": change}
    kind, parts = "uneven noise", []
    if temperatures[-1] - temperatures[0] > UNEVEN * temperatures[-1]:
        kind = "two temperatures"
        parts.append(f"has the temperatures {' and '.join(f'{x:.3g}' for x in temperatures)} along its axes")
    if change > UNEVEN:
        parts.append(f"changes with w, by {percent(change)} over SGD's law")
    if study.sgd.preconditioner is not None:
        parts.append("is not in proportion to the preconditioner")
    if study.grid.dim > 1:
        produced = FokkerPlanck(study.equation, law.grid).entropy_production(law)
        numbers["entropy_production"] = float(produced)
        spreading = float(np.trace(mean) / np.trace(law.moments.covariance))
        if produced > max(produced.error, LEAST_CURRENT * spreading):
            kind = "current"
            parts.append(f"drives a current (entropy production {produced:.2g} +- {produced.error:.1g})")
    return NoiseShape(kind, f"the noise {' and '.join(parts) or 'is not of one temperature'}", numbers)
