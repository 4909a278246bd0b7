"""The gradient of a batch of b examples has the covariance C/b of one example's; without replacement less."""

from __future__ import annotations

import numpy as np

from compare.claims import Control, Evidence, Finding, Sampled, claim, equal_to, series_of
from compare.claims.fine_tuned_noise import FINE_TUNED_NOISE
from compare.claims.fine_tuned_noise.one_step import ENTRIES, classified, step_noise, whitened_entries
from compare.pictures import Axis, Panel, Picture, Series
from simulate import SGD, WithoutReplacement, WithReplacement

EXAMPLES = 200
BATCHES = (1, 10, 40)
JUDGED = 40
AT = np.array([0.5, 0.5])
SAME = 0.05  # of the entries of the identity; without replacement they fall by 0.2
ORDERS: dict[str, WithReplacement | WithoutReplacement] = {
    "with replacement": WithReplacement(),
    "without replacement": WithoutReplacement(),
}


@claim(
    "G1",
    source=FINE_TUNED_NOISE,
    where="covariance of minibatch noise; lemma 1 of Chaudhari & Soatto",
    statement="The gradient of a batch of b examples drawn with replacement has the covariance D/b, with D that "
    "of one example over the data.",
    prediction="C/b with replacement, (N - b)/((N - 1) b) C without, C = (1/N) sum g g' - gbar gbar'.",
    quick={"walkers": 60_000},
    full={"walkers": 1_000_000},
)
def covariance_of_batches(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """One step of SGD on a data set from one point, over and over: the second moments of what it takes."""
    model = classified(EXAMPLES, rng)
    example = model.gradient_covariance(AT)
    seen: dict[tuple[str, int], dict[str, Sampled]] = {}
    for order, sampling in ORDERS.items():
        for batch in BATCHES:
            noise = step_noise(model, SGD(0.1, batch, sampling=sampling), AT, walkers, rng)
            seen[order, batch] = whitened_entries(noise, example / batch)
    fewer = (EXAMPLES - JUDGED) / (EXAMPLES - 1)
    found = []
    for order, share in (("with replacement", 1.0), ("without replacement", fewer)):
        entries = seen[order, JUDGED]
        found += [
            Finding(f"{name} {order}, over that of C/b", entries[name], equal_to(share * (i == j), margin=SAME))
            for name, (i, j) in ENTRIES.items()
        ]
    wrong = seen["without replacement", JUDGED]["first variance"]
    control = Finding("first variance without replacement taken for C/b", wrong, equal_to(1, margin=SAME))
    return Evidence(found, [Control(control)], _picture(seen))


def _picture(seen: dict[tuple[str, int], dict[str, Sampled]]) -> Picture:
    batches = np.arange(1, EXAMPLES + 1)
    lines = [
        Series.predicted("$C/b$", batches, np.ones(EXAMPLES)),
        Series.predicted("$(C/b)\\,(N - b)/(N - 1)$", batches, (EXAMPLES - batches) / (EXAMPLES - 1)),
    ]
    for order in ORDERS:
        told = [seen[order, batch]["first variance"] for batch in BATCHES]
        lines.append(series_of(f"SGD {order}", BATCHES, told))
    x = Axis("batch size $b$", logarithmic=True)
    y = Axis("variance over that of $C/b$", limits=(0.0, 1.2))
    return Picture([Panel(x, y, lines)], f"Noise of batches from {EXAMPLES} examples, in units of $C/b$.")
