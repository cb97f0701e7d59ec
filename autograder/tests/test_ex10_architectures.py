"""What the checks of 10_architectures promise: their power, one name for one mistake, no garbage accepted."""

from functools import partial

import numpy as np
import pytest

from dropgrade.checks import exercise, masks, run
from dropgrade.checks.calling import Called
from dropgrade.checks.patterns import SHAPE
from dropgrade.checks.statistics import agreement, at_least, at_most, limits
from dropgrade.checks.structures import StructuredDrawing
from dropgrade.reference import structured

TASK = exercise("10_architectures")
RIGHT = {name: getattr(structured, name) for name in TASK.functions}
ENTRIES = SHAPE[0] * SHAPE[1]
LAYERS = ("drop_channels", "drop_path", "rnn", "attention")


def failed(**replaced):
    """Diagnoses of the failed checks of the reference with some functions replaced."""
    report = run(TASK.slug, RIGHT | replaced, seed=1)
    return {c["id"]: c["diagnosis"] for c in report["checks"] if not c["passed"]}


def power(n, q, right, alpha):
    """Chance that a count of n trials with chance q strays from the limits of chance `right`."""
    low, high = limits(n, right, alpha)
    return at_most(low - 1, n, q) + at_least(high + 1, n, q)


@pytest.mark.parametrize("p", [0.1, 0.24, 0.76, 0.9])
@pytest.mark.parametrize("by", [-0.035, 0.035])
def test_the_stated_rate_error_is_seen(p, by):
    """A rate 3.5 points off strays in 999 of 1,000 runs, wherever the rates are drawn from."""
    assert power(ENTRIES, 1 - p + by, 1 - p, masks.ALPHA / 2) > 0.999


def test_the_stated_agreement_is_seen():
    """Neighbours that agree 7 points too often stray in 999 of 1,000 runs, at each lag of a row."""
    alpha = masks.ALPHA / 3 / (len(masks.LAGS) + len(masks.FLAT_LAGS) + 1)
    fewest = min(masks.lagged(np.zeros(SHAPE), lag)[0].size for lag in masks.LAGS)
    assert power(fewest, agreement(0.5) + 0.07, agreement(0.5), alpha) > 0.999


@pytest.mark.parametrize("name", LAYERS)
def test_masks_are_read_as_they_were_drawn(name, monkeypatch):
    """What is read off each layer is the very mask that the layer drew."""
    drawn = []

    def noting(shape, p, rng):
        drawn.append(rng.random(shape) >= p)
        return drawn[-1]

    monkeypatch.setattr(structured.numpy_ops, "keep_mask", noting)
    draw = StructuredDrawing({name: Called(name, RIGHT[name])}, name)
    for shape in (SHAPE, (6, 10), (7, 9)):
        seen = draw(shape, 0.3, np.random.default_rng(1))
        np.testing.assert_array_equal(seen, drawn[-1].reshape(shape))


@pytest.mark.parametrize("name", LAYERS)
def test_input_written_over_costs_one_check(name):
    """Spoiling its arguments is seen where it is asked for, and the draws are still judged."""

    def greedy(*arguments):
        result = RIGHT[name](*arguments)
        for value in arguments:
            if isinstance(value, np.ndarray):
                value[...] = 7
        return result.copy() if result is not arguments[0] else np.array(result)

    assert failed(**{name: greedy}).get("inputs_and_dtype_kept") == "input_changed_in_place"
    assert not any(check.endswith("_draws") for check in failed(**{name: greedy}))


@pytest.mark.parametrize(
    "rubbish", [None, "0.5", 3.0, np.ones(3), [[1], [1, 2]], {"a": 1}, np.nan, (1, 2), np.array(["a"])]
)
def test_rubbish_is_read_as_such(rubbish):
    """Whatever comes back, each check fails with a message of its own, and none crashes."""
    report = run(TASK.slug, {name: lambda *_: rubbish for name in RIGHT}, seed=2)
    assert not any(c["passed"] for c in report["checks"])
    assert not any("could not be judged" in c["message"] for c in report["checks"])


@pytest.mark.parametrize("filling", [np.nan, np.inf, 0.0, 1.0, 1e300])
def test_arrays_of_one_value_fail(filling):
    """An array of the right shape with one value everywhere passes for no layer."""

    def flat(name, *arguments):
        return np.full(np.shape(RIGHT[name](*arguments)), filling)

    report = run(TASK.slug, {name: partial(flat, name) for name in RIGHT}, seed=3)
    passed = {c["id"] for c in report["checks"] if c["passed"]}
    assert passed <= {"returns_arrays", "refuses_bad_p", "quiet"}
    assert not any("could not be judged" in c["message"] for c in report["checks"])


def test_plain_dropout_everywhere_is_named_at_each_place():
    """Who drops entry by entry in all four places is told four different things."""

    def entries(x, p, rng):
        return np.where(rng.random(x.shape) >= p, x / max(1 - p, 1e-300), 0)

    def drop_channels(x, p, training, rng):
        return entries(x, p, rng) if training else x

    def drop_path(x, branch, p, training, rng):
        return entries(x + branch, p, rng) if training else x + branch

    def rnn(x, w, u, p, training, rng):
        states = RIGHT["rnn"](x, w, u, p, False, rng)
        return entries(states, p, rng) if training else states

    def attention(q, k, v, p, training, rng):
        y = structured.attention_weights(q, k) @ v
        return entries(y, p, rng) if training else y

    found = failed(drop_channels=drop_channels, drop_path=drop_path, rnn=rnn, attention=attention)
    assert found["channels_share_a_draw"] == "entries_not_channels"
    assert found["branch_dropped_per_example"] == "shortcut_dropped"
    assert found["one_mask_over_time"] == "state_returned_dropped"
    assert found["drops_probabilities"] == "output_not_weights"
