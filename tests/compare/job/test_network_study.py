"""Studies of networks: laws against formulas, verdicts, refusals in one line, and what ships."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from network_studies import DIAGONAL, LOGISTIC, SMALL, changed, network, network_studies

from compare.job import NetworkInterrupted, run_network_study
from compare.report import NETWORK_LAWS, NetworkReport, network_summary
from compare.stages import view_laws
from compare.study import (
    ChainPlan,
    NetworkStudy,
    load_network_study,
    load_study,
    read_network_study,
    read_slope_study,
)
from simulate import SGD, Sign, WithoutReplacement, WithReplacement
from theory import DatasetModel, Draws, InputError, sgd_covariance
from theory.base.absent import Absent

RNG = np.random.default_rng(5)
X = RNG.standard_normal((50, 2)) * [1.0, 0.6]
LINEAR = DatasetModel(
    X,
    X @ [1.0, -1.0] + RNG.standard_normal(50),
    lambda w, x, y: ((w * x).sum(axis=-1) - y) ** 2 / 2,
    lambda w, x, y: ((w * x).sum(axis=-1) - y)[..., None] * x,
    2,
)
HESSIAN = X.T @ X / 50
CURVATURES, VECTORS = np.linalg.eigh(HESSIAN)
RATE, BATCH = 0.9, 25


@cache
def linear() -> NetworkReport:
    """Linear regression, whose noise hardly depends on w: every law is known."""
    study = NetworkStudy(
        "regression", 1, LINEAR, SGD(RATE, BATCH, sampling=WithReplacement()), 600, 40, 100, 10,
        ("loss", "sharpest"), 8, temperature=0.02, beta=1.0, chains=ChainPlan(12, 400, 100, 1), searches=2,
    )  # fmt: skip
    return run_network_study(study, threads=1)


@cache
def small() -> NetworkReport:
    return run_network_study(SMALL, threads=1)


def spread(law: str) -> tuple[np.ndarray, np.ndarray]:
    """Variances along the two sharpest directions, with their standard errors."""
    seen = linear().views["sharpest"].found[law]
    variance = seen.all.var(axis=0)
    return variance, variance * np.sqrt(2 / seen.effective_size)


def expected(law: str) -> np.ndarray:
    """The same by formulas, the sharpest direction first."""
    noise = LINEAR.gradient_covariance(np.array(linear().minimum.position)) / BATCH
    if law in ("gibbs", "posterior"):
        return (0.02 if law == "gibbs" else 1 / 50) / CURVATURES[::-1]
    rotated = VECTORS.T @ noise @ VECTORS
    if law == "langevin":
        return (RATE * np.diag(rotated) / (2 * CURVATURES))[::-1]
    return np.diag(sgd_covariance(np.diag(CURVATURES), rotated, RATE))[::-1]


@pytest.mark.parametrize("law", NETWORK_LAWS)
def test_every_law_has_the_variance_of_its_formula(law: str) -> None:
    variance, error = spread(law)
    slack = 0.04 if law in ("sgd", "normal_noise", "langevin") else 0.0  # noise grows with the distance, steps are
    assert (np.abs(variance - expected(law)) < 5 * error + slack * expected(law)).all()
    other = "langevin" if law in ("sgd", "normal_noise") else "sgd"
    assert (np.abs(variance - expected(other)) > 5 * error + slack * expected(law)).any()  # control


def test_the_verdict_names_what_differs_and_what_does_not() -> None:
    normal, langevin, *rest = linear().sentences
    assert "no difference in sharpest, where 0." in normal
    assert "differs in sharpest by 0." in langevin
    assert rest[-1] == "All 8 intervals of total variation hold together with 95%."
    told = network_summary(linear())
    assert all(sentence in told for sentence in linear().sentences)
    assert "distance of SGD's law from each, through sharpest" in told
    assert "temperature of Gibbs 0.02, given" in told
    assert linear().complete


def test_the_same_seed_gives_the_same_numbers_on_any_threads() -> None:
    other = run_network_study(SMALL, threads=2)
    assert other.sentences == small().sentences
    for law, found in small().laws.items():
        if isinstance(found, Draws):
            np.testing.assert_array_equal(found.positions, other.laws[law].positions)  # type: ignore[union-attr]
    reseeded = SMALL.resized(seed=3, walkers=None, steps=None)
    assert not np.array_equal(reseeded.model.x, SMALL.model.x)
    assert SMALL.resized(seed=None, walkers=20, steps=None).walkers == 20


def test_laws_that_do_not_exist_say_why() -> None:
    assert small().laws["posterior"] == Absent("the study has no [posterior]")
    assert "Posterior: no law, the study has no [posterior]." in small().sentences
    ruled = replace(SMALL, sgd=SGD(0.01, 5, sampling=WithReplacement(), rule=Sign()), steps=100, burn_in=40)
    found = run_network_study(ruled, threads=1)
    assert "step rule, whose equation has no noise" in found.status("langevin")
    assert "whose noise has no one temperature; give `temperature` in [gibbs]" in found.status("gibbs")
    assert found.status("normal_noise") == "ok"


def test_epochs_have_the_noise_of_batches_without_replacement() -> None:
    ordered = replace(SMALL, sgd=SGD(0.2, 20, 0.5, sampling=WithoutReplacement()), steps=60, burn_in=30)
    found = run_network_study(ordered, threads=1)
    assert found.status("normal_noise") == found.status("langevin") == "ok"


def test_chains_that_have_not_mixed_are_no_law() -> None:
    hasty = run_network_study(replace(SMALL, steps=SMALL.burn_in + 4 * SMALL.every), threads=1)
    assert isinstance(hasty.views["distance"].comparison, Absent)
    assert "do not agree, R-hat" in hasty.sentences[0] or "are worth" in hasty.sentences[0]


def judged(positions: np.ndarray) -> str:
    """What stands for the comparison of SGD's draws (draws, chains) of one number with no law."""
    report = NetworkReport(SMALL, linear().minimum, dict.fromkeys(NETWORK_LAWS, Absent("not asked")))
    report.laws["sgd"] = Draws(positions[..., None])
    view_laws(report, {"loss": lambda w: w[..., 0]}, 0.95)
    return str(report.views["loss"].comparison)


def test_draws_too_few_or_apart_are_no_law() -> None:
    normal = np.random.default_rng(1).standard_normal((200, 4))
    assert judged(normal) == "none: no law of theory is there to compare SGD with"  # control
    assert "the chains of SGD do not agree, R-hat" in judged(normal + np.arange(4))
    slow = np.sort(np.resize(normal, (24, 4)), axis=0)[np.r_[0:24:2, 23:0:-2]]  # each chain goes up and down
    assert "below 100; raise `burn_in` and `steps`, or walkers" in judged(slow)


def test_an_interruption_keeps_what_was_finished() -> None:
    def tell(line: str) -> None:
        if line.startswith("Langevin"):
            raise KeyboardInterrupt

    with pytest.raises(NetworkInterrupted) as caught:
        run_network_study(SMALL, tell=tell, threads=1)
    assert list(caught.value.report.laws) == ["sgd", "normal_noise"]
    assert not caught.value.report.complete


@pytest.mark.parametrize("name", network_studies())
def test_every_study_that_ships_is_read(name: str) -> None:
    study = load_network_study(name)
    assert 20 <= study.model.dim <= 50
    assert study.beta is not None
    assert network_summary(NetworkReport(study, linear().minimum)).startswith(study.name)


def test_data_of_scikit_learn_are_in_standard_deviations_with_a_one() -> None:
    study = read_network_study(network({**LOGISTIC, "features": 2}))
    assert study.model.x.shape == (150, 3)
    np.testing.assert_allclose(study.model.x.mean(axis=0), [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(study.model.x.std(axis=0), [1, 1, 0], atol=1e-12)
    assert study.model.y.sum() == 50


Refused = list[tuple[dict[str, Any], str]]
REFUSED: Refused = [
    (changed("network", hiden=3), r"a study has no key `hiden` in \[network\]; did you mean 'hidden'\?"),
    (
        changed("network", data="iris"),
        r"no key `data` in \[network\] here; it belongs to kind `logistic",
    ),
    (network({**DIAGONAL, "teacher": 5}), r"`teacher` in \[network\] must be at most `inputs`, got 5 of 3"),
    (network({**LOGISTIC, "features": 9}), r"`features` in \[network\] must be at most those of iris, 4, got 9"),
    (network({**LOGISTIC, "label": 3}), r"`label` in \[network\] must be a class of iris, 0 to 2, got 3"),
    (network({**LOGISTIC, "data": "irs"}), "is 'irs', which is unknown; did you mean 'iris'"),
    (changed("sgd", sampling="fresh"), "is 'fresh', which is unknown"),
    (changed("sgd", sampling="without replacement", batch_size=41), "must be below the 40 examples .* got 41"),
    (changed("sgd", walkers=1), "needs 2 walkers or more and 4 looks"),
    (changed("sgd", steps=70), "4 looks at them after `burn_in`, got 16 and 2; raise `walkers` or `steps`"),
    (changed("observables", every=1, burn_in=0) | {"sgd": {**network()["sgd"], "steps": 10**7}}, "raise `every`"),
    (changed("chains", steps=8, every=4), r"`steps` in \[chains\] must be at least 4 times `every`, got 8 and 4"),
    (
        network({**DIAGONAL, "label_noise": 0.0}, posterior={}),
        "needs `label_noise` > 0 .* or `beta`",
    ),
    (network(grid={}), "a study has no key `grid`"),
    ({"name": "none"}, r"a study of a network needs \[network\], it is missing"),
]


@pytest.mark.parametrize(("table", "words"), REFUSED)
def test_a_wrong_study_is_refused_in_one_line(table: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        read_network_study(table)
    assert "\n" not in str(caught.value)


RUN_IN_VAIN: Refused = [
    (changed("sgd", learning_rate=2.0), "`learning_rate` must be stable at the lowest minimum: times the largest"),
    (network({**LOGISTIC, "label": 0}) | {"network": {**LOGISTIC, "label": 0, "searches": 1}}, "fall for ever"),
]


@pytest.mark.parametrize(("table", "words"), RUN_IN_VAIN)
def test_what_has_no_law_about_a_minimum_is_refused(table: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        run_network_study(read_network_study(table), threads=1)


def test_without_scikit_learn_there_is_a_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(InputError, match=r"scikit-learn, which is not installed; `pip install '.\[sklearn\]'`"):
        read_network_study(network(LOGISTIC))


def test_what_runs_other_studies_refuses_those_of_networks() -> None:
    with pytest.raises(InputError, match=r"a study with \[network\] is for gibbsgap compare"):
        load_study("two-layer-network")
    with pytest.raises(InputError, match=r"a study with \[network\] is for gibbsgap compare"):
        read_slope_study(network())
