"""Coverage of SGD's exact laws with step rules and schedules: lattices of signs, normal laws, every batch.

    python benchmarks/sweeps/rule_laws.py [PART OF A KIND] [SEED] [MEMBERS]

Signs move walkers on a lattice, by chances of the normal law. Steps that are linear in w, their memory
and their noise keep a normal law about an even start. With few batches all their sequences are followed from many
places of a start, by rules written anew here; heat is followed on Hermite's nodes, that of the last step in full.
On a slope gradients do not hang on w, and laws under rules over a root are integrals over them.
"""

from __future__ import annotations

import numpy as np
from data_laws import Pairs, distance, even
from scipy.stats import norm
from sweep import print_rows

from simulate import (
    SGD,
    BatchGrowth,
    ClipByNorm,
    ClipByValue,
    Cosine,
    Exponential,
    GaussianNoise,
    Lion,
    Nesterov,
    PreconditionedLangevin,
    RMSprop,
    Sign,
    Step,
    StochasticHamiltonian,
    StochasticLangevin,
    WeightDecay,
    WithReplacement,
    transition_operator,
)
from theory import DatasetModel, Grid, Isotropic, NoisyGradient, SymbolicLandscape

GAUSS = np.polynomial.legendre.leggauss(8)
HERMITE = np.polynomial.hermite_e.hermegauss(16)
LEAST = 1e-10  # share of a place that is followed
PLACES, WALKERS = 1000, 4_000_000  # places of a start that normal laws are about, and all that are followed


def schedule_of(rng: np.random.Generator) -> tuple:
    """None, one, or two schedules."""
    some = [Step(int(rng.integers(1, 6)), 0.3), Cosine(12, 0.1), Exponential(10, 0.2), BatchGrowth(4, 2.0, 8.0)]
    return tuple(some[k] for k in rng.choice(4, int(rng.integers(0, 3)), replace=False))


def signs(rng: np.random.Generator) -> Pairs:
    """signSGD, with decay before the sign, on wells, bowls and |w|."""
    shape = str(rng.choice(["w**2/2", "(w**2-1)**2/4", "abs(w)", "w**2/2 + abs(w - 0.3)"]))
    decay, noise, batch = float(rng.choice([0.0, 0.3])), rng.uniform(0.3, 2.0), int(rng.integers(1, 9))
    model = NoisyGradient(SymbolicLandscape(shape), Isotropic(noise**2, 1))
    rate, steps, grid = rng.uniform(0.05, 0.3), int(rng.integers(1, 60)), Grid(-4, 4, int(rng.integers(20, 90)))
    sgd = SGD(rate, batch, rule=(WeightDecay(decay), Sign()) if decay else Sign())
    low, high = grid.size // 3, grid.size - grid.size // 3
    law = transition_operator(model, sgd, grid).evolve(even(grid, low, high), steps)[0]
    edges = grid.edges[0]
    cuts = np.unique(np.concatenate([[0.0, rate], np.mod(np.concatenate([edges, [0.0, 0.3]]), rate)]))
    half = np.diff(cuts)[:, None] / 2
    offsets, area = (cuts[:-1, None] + half * (1 + GAUSS[0])).ravel(), (half * GAUSS[1]).ravel()
    rungs = np.arange(int(-4.4 / rate) - 1, int(4.4 / rate) + 2)
    w = offsets[:, None] + rate * rungs
    down = norm.cdf((model.gradient(w.reshape(-1, 1)).reshape(w.shape) + decay * w) * np.sqrt(batch) / noise)
    mass = area[:, None] * ((w > edges[low]) & (w < edges[high])) / (edges[high] - edges[low])
    for _ in range(steps):
        mass = np.roll(mass * down, -1, axis=1) + np.roll(mass * (1 - down), 1, axis=1)
    cells = np.bincount(
        np.clip(np.searchsorted(edges, w.ravel()) - 1, 0, grid.size - 1), mass.ravel(), minlength=grid.size
    )
    return [(distance(law, cells), law.error)]


def normal_laws(rng: np.random.Generator) -> Pairs:
    """SGLD, added noise, decay and schedules on a bowl: a normal law about what is left of the start."""
    h, c, batch = rng.uniform(0.3, 2.0), rng.uniform(0.2, 3.0), int(rng.integers(1, 9))
    heat, added, decay = rng.choice([0.0, 0.1, 0.4]), rng.choice([0.0, 0.5]), rng.choice([0.0, 0.4])
    rules = ((WeightDecay(decay),) if decay else ()) + ((StochasticLangevin(heat),) if heat else ())
    noise = GaussianNoise(float(added)) if added else ()
    sgd = SGD(rng.uniform(0.05, 0.5), batch, rule=rules, noise=noise, schedule=schedule_of(rng))
    model = NoisyGradient(SymbolicLandscape(f"{h}*w**2/2"), Isotropic(c, 1))
    grid, steps = Grid(-4.5, 4.5, int(rng.integers(24, 100))), int(rng.integers(1, 40))
    low, high = int(0.38 * grid.size), int(0.6 * grid.size)
    law = transition_operator(model, sgd, grid).evolve(even(grid, low, high), steps)[0]
    left, variance = 1.0, 0.0
    for rate, size in zip(*sgd.plan(0, steps), strict=True):
        keeps = 1 - rate * (h + decay)
        left, variance = left * keeps, keeps**2 * variance + rate**2 * (c / size + added**2) + 2 * rate * heat
    edges = grid.edges[0]
    places = np.linspace(edges[low], edges[high], PLACES + 1)
    middles = left * (places[1:] + places[:-1]) / 2
    cells = np.diff(norm.cdf(edges[:, None], middles, np.sqrt(variance)).mean(axis=1))
    return [(distance(law, cells), law.error)]


def with_velocity(rng: np.random.Generator) -> Pairs:
    """Nesterov's momentum, heavy ball with added noise, SGHMC, and schedules: the law of w after some steps."""
    h, c, batch, mu = rng.uniform(0.3, 1.5), rng.uniform(0.5, 2.0), int(rng.integers(1, 5)), rng.uniform(0.3, 0.85)
    way, rate, steps = int(rng.integers(3)), rng.uniform(0.05, 0.25), int(rng.integers(2, 20))
    added = float(rng.choice([0.0, 0.5])) if way != 2 else 0.0
    heat = rng.uniform(0.05, 0.4) if way == 2 else 0.0
    added = 0.5 if way == 1 else added
    options = (
        {"rule": StochasticHamiltonian(1 - mu, heat)}
        if way == 2
        else {"momentum": Nesterov(mu) if way == 0 else mu}
    )
    sgd = SGD(rate, batch, noise=GaussianNoise(added) if added else (), schedule=schedule_of(rng), **options)
    model = NoisyGradient(SymbolicLandscape(f"{h}*w**2/2"), Isotropic(c, 1))
    grid = Grid((-4.0, -2.0), (4.0, 2.0), (int(rng.integers(24, 50)), int(rng.integers(16, 40))))
    line = Grid(-4.0, 4.0, grid.cells[0])
    low, high = int(0.4 * line.size), int(0.6 * line.size)
    law = transition_operator(model, sgd, grid).evolve(even(line, low, high), steps)[0]
    left, spread = np.array([1.0, 0.0]), np.zeros((2, 2))
    for eta, size in zip(*sgd.plan(0, steps), strict=True):
        ahead = mu if way == 0 else 0.0
        velocity = np.array([-eta * h, mu - eta * h * ahead])
        step = np.stack([velocity, velocity])
        step[0, 0] += 1.0
        noise = eta**2 * (c / size + added**2) + 2 * (1 - mu) * eta * heat
        left, spread = step @ left, step @ spread @ step.T + noise
    edges = line.edges[0]
    places = np.linspace(edges[low], edges[high], PLACES + 1)
    middles = left[0] * (places[1:] + places[:-1]) / 2
    cells = np.diff(norm.cdf(edges[:, None], middles, np.sqrt(spread[0, 0])).mean(axis=1))
    return [(distance(law.marginal(0), cells), law.error)]


def every_batch(rng: np.random.Generator) -> Pairs:
    """Rules on two or three examples of a well or a bowl: every sequence of batches, from a thousand places."""
    examples, rate = int(rng.integers(2, 4)), rng.uniform(0.03, 0.2)
    x, y = rng.uniform(0.5, 1.5, examples), rng.normal(size=examples)
    well = bool(rng.random() < 0.5)

    def gradient(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return x * (w**3 - w if well else w) - y[..., None]

    model = DatasetModel(x, y, lambda w, x, y: w[..., 0] ** 2 * x[..., 0], gradient, 1)
    kind, steps = str(rng.choice(["sign", "clip", "norm", "rmsprop", "lion"])), int(rng.integers(1, 7))
    limit, beta, second = rng.uniform(0.2, 1.0), rng.uniform(0.5, 0.95), rng.uniform(0.5, 0.99)
    rule, axis = {
        "sign": (Sign(), None),
        "clip": (ClipByValue(limit), None),
        "norm": (ClipByNorm(limit), None),
        "rmsprop": (RMSprop(beta), (-0.2, 8.0)),
        "lion": (Lion(beta, second), (-4.0, 4.0)),
    }[kind]
    sgd = SGD(rate, 1, rule=rule, sampling=WithReplacement(), schedule=schedule_of(rng)[:1])
    line = Grid(-3.0, 3.0, int(rng.integers(20, 60)))
    grid = line if axis is None else Grid((-3.0, axis[0]), (3.0, axis[1]), (line.size, int(rng.integers(24, 60))))
    if any(isinstance(one, BatchGrowth) for one in sgd.schedules):
        sgd = SGD(rate, 1, rule=rule, sampling=WithReplacement())
    low, high = line.size // 3, line.size - line.size // 3
    law = transition_operator(model, sgd, grid).evolve(even(line, low, high), steps)[0]
    edges = line.edges[0]
    places = WALKERS // examples**steps
    w = edges[low] + (np.arange(places) + 0.5) / places * (edges[high] - edges[low])
    memory = np.zeros(places)
    for eta in sgd.plan(0, steps)[0]:
        g = (x[:, None] * (w**3 - w if well else w) - y[:, None]).ravel()
        w, memory = np.tile(w, examples), np.tile(memory, examples)
        if kind == "rmsprop":
            memory = beta * memory + (1 - beta) * g**2
            push = g / (np.sqrt(memory) + 1e-8)
        elif kind == "lion":
            push, memory = np.sign(beta * memory + (1 - beta) * g), second * memory + (1 - second) * g
        else:
            push = np.sign(g) if kind == "sign" else np.clip(g, -limit, limit)
        w = w - eta * push
    cells = np.histogram(w, edges)[0]
    return [(distance(law if axis is None else law.marginal(0), cells), law.error)]


def preconditioned(rng: np.random.Generator) -> Pairs:
    """The law of pSGLD on two examples: every sequence of batches and of Hermite's parts of the heat."""
    steps, rate = int(rng.integers(1, 4)), rng.uniform(0.02, 0.1)
    heat, beta, epsilon = rng.uniform(0.05, 0.3), rng.uniform(0.5, 0.95), rng.uniform(0.1, 0.5)
    x, y = rng.uniform(0.5, 1.5, 2), rng.normal(size=2)

    def gradient(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return x * w - y[..., None]

    model = DatasetModel(x, y, lambda w, x, y: w[..., 0] ** 2 * x[..., 0], gradient, 1)
    sgd = SGD(rate, 1, rule=PreconditionedLangevin(heat, beta, epsilon), sampling=WithReplacement())
    line = Grid(-4.0, 4.0, int(rng.integers(30, 60)))
    grid = Grid((-4.0, -0.2), (4.0, 6.0), (line.size, int(rng.integers(24, 60))))
    low, high = line.size // 3, line.size - line.size // 3
    law = transition_operator(model, sgd, grid).evolve(even(line, low, high), steps)[0]
    edges, count = line.edges[0], 20
    panels = np.linspace(edges[low], edges[high], count + 1)
    half = np.diff(panels)[:, None] / 2
    w = (panels[:-1, None] + half * (1 + GAUSS[0])).ravel()
    mass = np.tile(GAUSS[1], count) / (2 * count)
    memory = np.zeros_like(w)
    for step in range(steps):
        g = (x[:, None] * w - y[:, None]).ravel()
        w, memory, mass = np.tile(w, 2), np.tile(memory, 2), np.tile(mass, 2) / 2
        memory = beta * memory + (1 - beta) * g**2
        scale = 1 / (np.sqrt(memory) + epsilon)
        w, spread = w - rate * scale * g, np.sqrt(2 * rate * heat * scale)
        if step + 1 < steps:
            w = (w[:, None] + spread[:, None] * HERMITE[0]).ravel()
            mass = (mass[:, None] * HERMITE[1] / HERMITE[1].sum()).ravel()
            memory = np.repeat(memory, len(HERMITE[0]))
            kept = mass > LEAST
            w, memory, mass = w[kept], memory[kept], mass[kept]
    cells = np.zeros(line.size)
    for some in np.array_split(np.arange(len(w)), max(1, len(w) // 20_000)):
        cells += mass[some] @ np.diff(norm.cdf(edges, w[some, None], spread[some, None]), axis=1)
    return [(distance(law.marginal(0), cells / cells.sum()), law.error)]


def over_a_root(rng: np.random.Generator) -> Pairs:
    """RMSprop and pSGLD on a slope, from rest: integrals over the gradients of one or two steps."""
    slope, std, rate = rng.normal(0, 0.5), rng.uniform(0.2, 1.0), rng.uniform(0.02, 0.1)
    beta, epsilon, steps = rng.uniform(0.5, 0.97), float(10 ** rng.uniform(-5, -1)), int(rng.integers(1, 3))
    heat = float(rng.choice([0.0, rng.uniform(0.02, 0.2)]))
    rule = PreconditionedLangevin(heat, beta, epsilon) if heat else RMSprop(beta, epsilon)
    model = NoisyGradient(SymbolicLandscape(f"{slope}*w"), Isotropic(4 * std**2, 1))
    line = Grid(-4.0, 4.0, int(rng.integers(30, 70)))
    grid = Grid((-4.0, -0.1), (4.0, abs(slope) + 8 * std), (line.size, int(rng.integers(20, 50))))
    low, high = line.size // 3, line.size - line.size // 3
    found = transition_operator(model, SGD(rate, 4, rule=rule), grid).evolve(even(line, low, high), steps)
    far = (9 * std + abs(slope)) * 0.5 ** np.arange(14.0)
    faces = np.concatenate([-far, [0.0], far[::-1]])
    half = np.diff(faces)[:, None] / 2
    g, held = (faces[:-1, None] + half * (1 + GAUSS[0])).ravel(), (half * GAUSS[1]).ravel()
    chances = held * norm.pdf(g, slope, std)
    square = (1 - beta) * g**2
    scale = 1 / (np.sqrt(square) + epsilon)
    way, variance, mass = -rate * scale * g, 2 * rate * heat * scale, chances
    if steps == 2:
        scale = 1 / (np.sqrt(beta * square[:, None] + square).ravel() + epsilon)
        way = np.repeat(way, len(g)) - rate * scale * np.tile(g, len(g))
        variance = np.repeat(variance, len(g)) + 2 * rate * heat * scale
        mass = np.outer(chances, chances).ravel()
    edges, spread = line.edges[0], np.sqrt(variance)
    risen = np.zeros(len(edges))
    for k, edge in enumerate(edges):
        for end, sign in ((edges[low], 1), (edges[high], -1)):
            x = edge - way - end
            some = x * norm.cdf(x / spread) + spread * norm.pdf(x / spread) if heat else np.maximum(x, 0.0)
            risen[k] += sign * (some @ mass)
    cells = np.diff(risen) / (edges[high] - edges[low])
    left = max(1 - cells.sum(), float(found.outside[0]))  # who came back is in no law
    return [(distance(found[0].marginal(0), cells / cells.sum()), found[0].error + left)]


KINDS = {
    "SGD's law with rules, signs on a lattice": signs,
    "SGD's law with rules, normal laws, schedules and added noise": normal_laws,
    "SGD's law with rules, a velocity with added noise and schedules": with_velocity,
    "SGD's law with rules, every sequence of batches": every_batch,
    "SGD's law with rules, pSGLD": preconditioned,
    "SGD's law with rules, over a root from rest": over_a_root,
}

if __name__ == "__main__":
    print_rows(KINDS, rounding={"SGD's law with rules, every sequence of batches": 1e-4})
