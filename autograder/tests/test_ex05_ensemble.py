"""What the checks of 05_ensemble promise: false alarms, power, and one name for one mistake."""

import numpy as np
import pytest

from dropgrade.checks import ensemble_draws, run
from dropgrade.checks.ensemble_draws import ALPHA, SAMPLES, all_four, one_unit
from dropgrade.checks.statistics import at_least, at_most, false_alarm, limits, pmf
from dropgrade.reference import ensemble

RIGHT = {
    name: getattr(ensemble, name)
    for name in ("all_masks", "chances", "members", "scaled", "arithmetic", "geometric", "sampled")
}


def failed(**replaced):
    """Diagnoses of the failed checks of the reference with some functions replaced."""
    report = run("05_ensemble", RIGHT | replaced, seed=1)
    return {c["id"]: c["diagnosis"] for c in report["checks"] if not c["passed"]}


@pytest.mark.parametrize("q", [0.8, 0.8**4])
def test_counts_stray_as_seldom_as_stated(q):
    """A right answer's counts leave their limits with a chance of at most ALPHA."""
    assert 0 < false_alarm(SAMPLES, q, *limits(SAMPLES, q, ALPHA)) <= ALPHA


@pytest.mark.parametrize("rate", [0.74, 0.86])
def test_six_points_are_seen(rate):
    """A keep rate that is 6 points off strays in the count of four units, in 999 of 1,000 runs."""
    low, high = limits(SAMPLES, 0.8**4, ALPHA)
    seen = at_most(low - 1, SAMPLES, rate**4) + at_least(high + 1, SAMPLES, rate**4)
    assert seen > 0.999


def test_shared_luck_is_seen():
    """Units that share their luck in pairs are all kept too often, and that shows practically always."""
    assert at_least(limits(SAMPLES, 0.8**4, ALPHA)[1] + 1, SAMPLES, 0.8**2) > 1 - 1e-12


def test_the_steep_networks_say_zero_or_one():
    """Class 0 wins exactly where the unit drawn by lot, or all four units, are kept."""
    x, layers = one_unit(np.random.default_rng(1))
    keep = ensemble.all_masks(5)
    said = ensemble.members(x, layers, keep, 0.2)[:, 0]
    unit = int(np.flatnonzero(layers[0][0][:, 0])[0])
    np.testing.assert_allclose(said, keep[:, unit], atol=1e-12)
    keep = ensemble.all_masks(4)
    said = ensemble.members(*all_four(), keep, 0.2)[:, 0]
    np.testing.assert_allclose(said, keep.all(axis=1), atol=1e-12)


def test_same_estimate_from_two_seeds_is_practically_impossible():
    """Equal estimates need equal counts of each of ten units, which has a chance below the stated one."""
    assert (pmf(300, 0.5) ** 2).sum() ** 10 < 1e-12


def test_a_slip_in_members_is_not_held_against_sampled():
    """An unscaled member fails where members are judged, and not in the checks of sampled."""

    def members(x, layers, keep, p):
        return ensemble.members(x, layers, keep, 0.0)

    def sampled(x, layers, p, samples, rng):
        keep = rng.random((samples, ensemble.units(layers))) >= p
        return members(x, layers, keep, p).mean(axis=0)

    found = failed(members=members, sampled=sampled)
    assert set(found) == {
        "members_one_layer",
        "members_all_layers",
        "one_layer_is_exact",
        "two_layers_differ",
    }
    assert set(found.values()) == {"no_rescale"}


def test_a_slip_in_chances_is_named_where_the_pieces_meet():
    """The identity blames the piece that breaks it."""
    found = failed(chances=lambda keep, p: ensemble.chances(~keep, p))
    assert found["one_layer_is_exact"] == found["two_layers_differ"] == "keep_drop_swapped"


@pytest.mark.parametrize("rubbish", [None, "0.5", 3.0, np.ones(3), [[1], [1, 2]], {"a": 1}, np.nan])
def test_rubbish_is_read_as_such(rubbish):
    """Whatever comes back, each check of that function fails with a message, and none crashes."""
    report = run("05_ensemble", {name: lambda *_: rubbish for name in RIGHT}, seed=2)
    told = [c for c in report["checks"] if not c["passed"]]
    assert {c["id"] for c in report["checks"]} - {c["id"] for c in told} <= {"quiet", "inputs_unchanged"}
    assert not any("could not be judged" in c["message"] for c in told)


def test_separated_networks_tell_the_wrong_ideas_apart():
    """In the network chosen for the estimate each wrong idea is more than 0.02 away from the right mean."""
    rng = np.random.default_rng(3)
    for _ in range(10):
        x, layers = ensemble_draws.separated(rng, 0.7)
        keep = ensemble.all_masks(ensemble.units(layers))
        table = ensemble.members(x, layers, keep, 0.7)
        right = ensemble.chances(keep, 0.7) @ table
        wrong = ensemble_draws.wrong_samples(x, layers, 0.7, table)
        assert min(ensemble.total_variation(right, w) for w in wrong.values()) > 0.02
