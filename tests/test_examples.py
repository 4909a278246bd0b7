"""The examples: short, pages of the gallery, and each number what a formula says."""

from __future__ import annotations

import re

import numpy as np
import pytest
from example_files import EXAMPLES, misplaced, path_of, printed, run

from theory import Estimate

SIGMAS = 5.0


def off(found: Estimate, exact: float) -> float:
    """By how many standard errors an estimate is off."""
    return abs(float(found) - exact) / found.error


def test_there_are_twelve_and_they_are_pages() -> None:
    assert len(EXAMPLES) >= 12
    assert [name for name in EXAMPLES if misplaced(path_of(name).read_text("utf-8"))] == []


def test_a_script_that_is_no_page_is_seen() -> None:
    assert misplaced('"""Title"""\n1\n2\n') == ["no title", "no cells"]
    assert misplaced('"""\nTitle\n=====\n"""\n# %%\n' + "1\n" * 60) == ["sixty lines or more"]


def test_every_example_is_tested() -> None:
    tests = {name.removeprefix("test_") for name in globals()}
    assert set(EXAMPLES) <= tests


def test_anisotropic_noise_breaks_gibbs() -> None:
    found = run("anisotropic_noise_breaks_gibbs")
    comparison, produced = found["comparison"], found["produced"]
    assert comparison.agrees("gaussian")
    assert comparison.agrees("fokker_planck")
    assert comparison.verdict("gibbs") == "differs"
    distance = comparison.distances["gibbs"]["total_variation"]
    assert distance.low < 0.19 < distance.high
    assert abs(produced - 9 / 16) < produced.error < 1e-3


def test_kramers_is_late() -> None:
    found = run("kramers_is_late")
    exact, short = found["exact"], found["short"]
    assert exact[0] == pytest.approx(66.269, rel=1e-4)
    assert exact[1] == pytest.approx(729.67, rel=1e-4)
    assert short[0] == pytest.approx(0.18, abs=0.005)
    assert exact[-1] > 1e22
    assert short[-1] == pytest.approx(0.0076, abs=0.0005)


def test_escape_from_a_sharp_minimum() -> None:
    found = run("escape_from_a_sharp_minimum")
    mean, spread, published = found["mean"], found["spread"], found["published"]
    assert max(abs(said - mean[rate]) / spread[rate] for rate, said in published.items()) < 3
    assert abs(published[0.006] - mean[0.012]) / spread[0.012] > 3  # the control


def test_adam_against_sgd() -> None:
    found = run("adam_against_sgd")
    assert found["left"] == {"SGD": 0.0, "Adam": found["began"]}
    assert off(found["measured"], found["variance"]) < SIGMAS
    plain = float(found["noise"][0, 0]) * found["rate"] / 2 / found["model"].hessian(found["sharp"])[0, 0]
    assert off(found["measured"], plain) > SIGMAS  # the control: SGD's limit at the same rate


def test_a_network_through_its_sharpest_direction() -> None:
    found = run("a_network_through_its_sharpest_direction")
    assert found["comparison"].agrees("SGD")
    assert found["comparison"].verdict("Langevin") == "differs"
    assert abs(found["variance"] / found["of_sgd"] - 1) < 5 * (2 / found["draws"].effective_size) ** 0.5
    assert found["variance"] / found["of_langevin"] > 1.4  # the control


def test_parts_of_ones_own() -> None:
    comparison = run("parts_of_ones_own")["comparison"]
    assert {name: comparison.verdict(name) for name in comparison.names} == {
        "gibbs": "differs",
        "stratified": "agrees",
        "independent": "differs",
    }
    distances = [one for named in comparison.distances.values() for one in named.values()]
    assert all(one.grid_error_known for one in distances)


def test_collapse_onto_a_degenerate_point() -> None:
    found = run("collapse_onto_a_degenerate_point")
    assert found["limit"] == pytest.approx(-5.184e-4)
    assert off(found["measured"], found["exponent"].discrete) < SIGMAS
    assert found["measured"].error < 2e-5
    assert off(found["measured"], 0.8 * found["limit"]) > SIGMAS  # the control


def test_two_temperatures() -> None:
    found = run("two_temperatures")
    law, exact = found["law"], found["exact"]
    assert (np.abs(np.diag(law.covariance) - exact) < np.diag(law.covariance_error)).all()
    assert (np.diag(law.covariance_error) < 0.005 * exact).all()
    assert found["normal"].low == 0
    assert found["distance"].low > 0.1
    low, high = sorted(found["temperatures"])
    assert low < float(found["nearest"].temperature) < high


def test_loss_slope_is_the_learning_coefficient() -> None:
    slopes = run("loss_slope_is_the_learning_coefficient")["slopes"]
    for power, slope in slopes.items():
        prediction = 1 / (power * 2 * 4)  # lambda = 1 / power, batch size 4
        assert slope.verdict == "agrees"
        assert abs(slope.slope - prediction) < slope.slope.error < 0.02 * prediction
    assert abs(slopes[4].slope - 1 / 16) > 100 * slopes[4].slope.error  # the control: a regular minimum


def test_local_learning_coefficient() -> None:
    found = run("local_learning_coefficient")
    assert [float(one) for one in found["exact"].values()] == [1, 0.5, 0.75, 0.5]
    for name, one in found["found"].items():
        assert abs(one.value - found["exact"][name]) < SIGMAS * one.error + one.bias, name
        assert one.error < 0.05
    regular = found["found"]["regular"]
    assert abs(regular.value - 0.75) > SIGMAS * regular.error + regular.bias  # the control


def test_heavy_tails() -> None:
    found = run("heavy_tails")
    assert found["alpha"] == pytest.approx(1.091, abs=5e-4)
    assert off(found["hill"], found["alpha"]) < SIGMAS < off(found["hill"], found["limit"])
    assert found["exact"] == pytest.approx(0.1 / (4 * (2 - 0.1 * 1.5)))
    assert off(found["variance"], found["exact"]) < SIGMAS < off(found["variance"], 0.1 / 8)


def test_kinetic_stationary_law() -> None:
    found = run("kinetic_stationary_law")
    assert found["distance"].low == 0
    assert found["distance"].value < found["law"].error + found["exact"].error < 1e-3
    assert abs(found["off"]) < SIGMAS
    assert abs(found["sample"].mean() - found["well"].value([0.0])) > 0.1


def test_first_passages_in_the_loop() -> None:
    found = run("first_passages_in_the_loop")
    for (between, dt), time in found["times"].items():
        assert (off(time, found["exact"]) < SIGMAS) == between, (between, dt)
    first, *_, last = found["late"]
    assert first / last == pytest.approx(2, abs=0.4)  # order 1/2 over two halvings


def test_a_data_set_of_ones_own() -> None:
    found = run("a_data_set_of_ones_own")
    variances, errors = np.diag(found["found"]), found["error"]
    predicted = np.diag(found["predicted"])
    assert (
        np.abs(variances - predicted) < SIGMAS * errors + 0.1 * predicted
    ).all()  # a loss that is not quadratic
    assert found["model"].gradient(found["minimum"]) == pytest.approx(0, abs=1e-10)
    assert (np.abs(variances - predicted / 2) > SIGMAS * errors).all()  # the control


def test_where_the_limit_holds() -> None:
    data = run("where_the_limit_holds")["data"]
    assert data.excess.dims == ("learning_rate", "batch_size")
    exact = 1 / (1 - data.learning_rate * (1 + 2 / data.batch_size) / 2)
    assert (abs(data.excess - exact) < data.error).all()
    assert (data.error < 0.2 * (exact - 1)).all()


def numbers(text: str) -> list[float]:
    """All numbers in a text."""
    return [float(word) for word in re.findall(r"-?\d+\.?\d*(?:e[-+]?\d+)?", text)]


def test_the_tour() -> None:
    said = printed("tour")
    verdicts = dict(re.findall(r"^(\w+) .* (agrees|differs)$", said, re.MULTILINE))
    assert verdicts == {"exact": "agrees", "fokker_planck": "differs", "gibbs": "differs"}
    limit, nearest, _ = numbers(said.partition("temperature ")[2].splitlines()[0])
    assert limit == 0.5 / (2 * 4)
    assert nearest == pytest.approx(0.5 / (4 * (2 - 0.5 * 2.287)), rel=0.1)  # at the deeper minimum


def test_the_sharp_minimum() -> None:
    said = printed("sharp_minimum")
    rate, spread = numbers(said.splitlines()[0])
    assert abs(0.163 - rate) < 3 * spread
    gone, product, _ = numbers(said.splitlines()[1])
    assert gone > 90
    assert product == pytest.approx(0.01 * 2 * 3.6**4, abs=0.01)
    assert numbers(said.splitlines()[2])[0] == 100
    shares = [float(share) for share in re.findall(r"([\d.]+)%", said.splitlines()[3])]
    assert shares[0] > 50 > 1 >= shares[-1]


def test_the_loss_slope() -> None:
    said = printed("loss_slope").splitlines()
    assert said[0].startswith("agrees 0.0625 +-")
    assert numbers(said[1])[0] == pytest.approx(1 / 32, rel=1e-4)
    fractions = [re.search(r"lambda = (\S+), multiplicity (\d)", line).groups() for line in said[2:5]]
    assert fractions == [("1/2", "2"), ("1/4", "1"), ("1/5", "1")]
    assert [numbers(line)[1] for line in said[6:]] == pytest.approx([0.2021, 0.1474, 0.0887], abs=1e-4)


def test_a_network_of_jax() -> None:
    pytest.importorskip("jax")
    found = run("a_network_of_jax")
    excess = Estimate(found["found"], found["error"])
    assert off(excess, found["predicted"]) < SIGMAS
    assert excess.error < 0.03 * found["predicted"]
    assert off(excess, 1.3 * found["predicted"]) > SIGMAS  # the control


def test_a_law_without_a_density() -> None:
    found = run("a_law_without_a_density")
    cantor, uniform, limit = found["cantor"], found["uniform"], found["limit"]
    assert cantor.dimension == pytest.approx(np.log(2) / np.log(3), abs=1e-6)
    assert uniform.mass(lambda w: w[..., 0] < 0) == pytest.approx(0.5, abs=1e-9)
    gap = cantor.law.mass(lambda w: np.abs(w[..., 0]) < 0.3)  # within the middle third
    assert gap == pytest.approx(0.0, abs=gap.error)
    assert limit.weights == pytest.approx((0.25, 0.75), abs=1e-6)
