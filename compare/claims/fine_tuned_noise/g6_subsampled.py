"""Noise with the covariance of the gradients needs no covariance matrix, no learning rate and no batch size."""

from __future__ import annotations

import numpy as np

from compare.claims import Computed, Control, Difference, Evidence, Finding, Sampled, claim, equal_to, series_of
from compare.claims.fine_tuned_noise import FINE_TUNED_NOISE
from compare.claims.fine_tuned_noise.one_step import ENTRIES, classified, step_noise, whitened_entries
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, GaussianNoise, SubsampledNoise, WithoutReplacement, WithReplacement
from theory import Estimate
from theory.base.arrays import Array

EXAMPLES = 100
AT = np.array([0.5, 0.5])
SCALE = 0.3
SAME = 0.05  # of the entries of the identity
EXACT = {same: Computed(Estimate(float(same), 0.0)) for same in (True, False)}  # entries of the identity
FULL = WithoutReplacement()  # with batches of all examples


@claim(
    "G6",
    source=FINE_TUNED_NOISE,
    where="noise made on purpose",
    statement="Anisotropic noise with the covariance of the gradients can be added without forming that "
    "covariance, and its size does not hang on learning rate and batch size.",
    prediction="a N^(-1/2) sum z_i (g_i - gbar), z_i ~ N(0, 1), has the covariance a^2 C exactly; on top of "
    "batches of b with replacement the whole is (a^2 + 1/b) C.",
    quick={"walkers": 60_000},
    full={"walkers": 1_000_000},
)
def noise_without_its_covariance(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """One step of SGD with subsampled noise, for two learning rates and two batch sizes."""
    model, noise = classified(EXAMPLES, rng), SubsampledNoise(SCALE)
    example = model.gradient_covariance(AT)
    alike = GaussianNoise(SCALE * float(np.trace(example) / 2) ** 0.5)
    runs = {
        "full batches, rate 0.1": (SGD(0.1, EXAMPLES, sampling=FULL, noise=noise), SCALE**2),
        "full batches, rate 0.001": (SGD(0.001, EXAMPLES, sampling=FULL, noise=noise), SCALE**2),
        "batches of 10, rate 0.1": (SGD(0.1, 10, sampling=WithReplacement(), noise=noise), SCALE**2 + 1 / 10),
        "isotropic noise of the same power": (SGD(0.1, EXAMPLES, sampling=FULL, noise=alike), SCALE**2),
    }
    taken = {name: step_noise(model, sgd, AT, walkers, rng) for name, (sgd, _) in runs.items()}
    seen = {name: whitened_entries(taken[name], share * example) for name, (_, share) in runs.items()}
    *own, isotropic = seen
    found = [
        Finding(f"{name}: {entry}", seen[name][entry], equal_to(float(i == j), margin=SAME))
        for name in own
        for entry, (i, j) in ENTRIES.items()
    ]
    wrong = Finding(isotropic, seen[isotropic]["second variance"], equal_to(1, margin=SAME))
    return Evidence(found, [Control(wrong)], _picture(seen, taken))


def _picture(seen: dict[str, dict[str, Sampled]], taken: dict[str, Array]) -> Picture:
    *own, isotropic = seen
    places = np.arange(len(ENTRIES), dtype=float)
    lines = [Series.predicted("$a^2 C$", places, np.zeros(len(places)))]
    for shift, (name, entries) in enumerate(seen.items()):
        over = [Difference(entries[entry], EXACT[i == j]) for entry, (i, j) in ENTRIES.items()]
        role = Role.CONTROL if name == isotropic else Role.MEASURED
        lines.append(series_of(name, places + 0.1 * (shift - 1), over, role))
    clouds = []
    for name, make in ((own[0], Series.measured), (isotropic, Series.control)):
        few = taken[name][:400]
        clouds.append(make(name, few[:, 0], few[:, 1]))
    return Picture(
        [
            Panel(Axis("", names=("$S_{11}$", "$S_{12}$", "$S_{22}$")), Axis("$S - a^2 C$, whitened"), lines),
            Panel(Axis("first component of the noise"), Axis("second component"), clouds),
        ],
        "Noise made of the gradients themselves, against isotropic noise of the same power.",
    )
