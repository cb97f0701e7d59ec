"""The pure part of the widgets, run in V8, against the shared vectors and the NumPy reference."""

import itertools
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from dropgrade.reference import ensemble, numpy_ops, philox, structured, vectors

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "book/_ext"))

import widgets  # noqa: E402 (the site's extensions are files, not a package)

VECTORS = json.loads((Path(__file__).parent / "data/philox.json").read_text("utf-8"))
SEEDS = (0, 1, 7, 2**32 - 1)


def call(function: str, *arguments: object) -> object:
    """What `dropoutWidgets.function(...arguments)` returns, through JSON."""
    js = widgets.engine()
    given = ", ".join(json.dumps(argument) for argument in arguments)
    return json.loads(js.eval(f"JSON.stringify(dropoutWidgets.{function}({given}))"))


def spread(n: int, seed: int, offset: int = 0) -> np.ndarray:
    """The widgets' numbers of mean 0 and variance 1: float64 (n,)."""
    return ((2.0 * philox.words(n, seed, offset) + 1) / 2**32 - 1) * np.sqrt(3)


def test_philox_gives_the_blocks():
    """Every block of the shared vectors, Random123's known answers among them."""
    for block in VECTORS["blocks"]:
        counter, key, words = (
            [int(word, 16) for word in block[name]] for name in ("counter", "key", "words")
        )
        assert call("philox4x32", counter, key) == words, block


def test_philox_gives_the_streams():
    """Seeds and offsets up to 2**64 - 1, handed over as text where a double would round them."""
    for stream in VECTORS["streams"]:
        found = call("words", 10, stream["seed"], stream["offset"])
        assert [f"{word:08x}" for word in found] == stream["words"], stream


def test_philox_gives_the_masks():
    """Every mask and threshold of the shared vectors: dropped iff word < round(p * 2**32)."""
    for case in VECTORS["masks"]:
        found = call("keepMask", case["n"], case["p"], case["seed"], case["offset"])
        assert np.array_equal(np.array(found, dtype=bool), vectors.unpack(case["keep"], case["n"])), case
        assert call("threshold", case["p"]) == int(case["threshold"])


@pytest.mark.parametrize("seed", SEEDS)
def test_words_are_the_references(seed):
    """4,001 words, so that the last block is not full."""
    assert call("words", 4001, seed, 2**32 - 3) == philox.words(4001, seed, 2**32 - 3).tolist()
    assert np.array_equal(call("spread", 1000, seed, 5), spread(1000, seed, 5))


def test_thresholds_round_halves_to_even():
    """As Python's round does, at the ends and where p * 2**32 ends in one half."""
    halves = [(k + 0.5) / 2**32 for k in (0, 1, 2, 3, 10**9, 10**9 + 1)]
    for p in (0.0, 1.0, 0.1, 0.3, 0.95, 2**-40, *halves):
        assert call("threshold", p) == philox.threshold(p), p


@pytest.mark.parametrize(
    ("function", "arguments", "said"),
    [
        ("threshold", (1.5,), "p must be in [0, 1], got 1.5"),
        ("keepMask", (4, -0.1, 0), "p must be in [0, 1]"),
        ("words", (-1, 0), "n must be a whole number"),
        ("words", (4, 0, "18446744073709551616"), "offset must be in [0, 2**64)"),
    ],
)
def test_what_the_contract_forbids_is_refused(function, arguments, said):
    """By name, rule and value."""
    with pytest.raises(widgets.JSEvalException, match=re.escape(said)):
        call(function, *arguments)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("p", [0, 0.3, 0.5, 0.95, 1])
def test_masks_share_draws_as_their_names_say(seed, p):
    """Units by entry, channels by row, time steps by column, branches with a rate for each block."""
    found = {
        shape: np.array(call("mask.mask", shape, p, seed))
        for shape in ("units", "channels", "steps", "branches")
    }
    assert np.array_equal(found["units"], numpy_ops.keep_mask_seeded((8, 16), p, seed))
    assert np.array_equal(found["channels"], np.tile(numpy_ops.keep_mask_seeded((8, 1), p, seed), (1, 16)))
    assert np.array_equal(found["steps"], np.tile(numpy_ops.keep_mask_seeded((1, 16), p, seed), (8, 1)))
    rates = structured.path_rates(16, p)
    assert call("mask.rates", "branches", p) == pytest.approx(rates, rel=1e-15)
    limits = [philox.threshold(rate) for rate in rates]
    assert np.array_equal(found["branches"], philox.words(128, seed).reshape(8, 16) >= limits)


@pytest.mark.parametrize("shape", ["units", "channels", "steps", "branches"])
@pytest.mark.parametrize("p", [0, 0.3, 1])
def test_counts_of_a_mask(shape, p):
    """Draws, drops, their mean and deviation, and the mean of the scaled mask."""
    found, keep = call("mask.counts", shape, p, 3), np.array(call("mask.mask", shape, p, 3))
    rates = structured.path_rates(16, p) if shape == "branches" else np.full(16, p)
    draws = {"units": 128, "branches": 128, "channels": 8, "steps": 16}[shape]
    each = 128 / draws
    assert (found["draws"], found["dropped"]) == (draws, (~keep).sum())
    assert found["droppedDraws"] == (~keep).sum() / each
    assert found["mean"] == pytest.approx(rates.mean() * draws, abs=1e-12)
    assert found["deviation"] == pytest.approx(np.sqrt((rates * (1 - rates)).mean() * draws), abs=1e-12)
    scaled = np.divide(keep, 1 - rates, out=np.zeros((8, 16)), where=keep & (rates < 1))
    assert found["average"] == pytest.approx(scaled.mean(), abs=1e-12)


@pytest.mark.parametrize("p", [0.05, 0.3, 0.5, 0.9])
def test_running_means_are_those_of_the_reference(p):
    """Inverted scaling gives dropout_forward_seeded of ones; the other scales change the factor alone."""
    ones = numpy_ops.dropout_forward_seeded(np.ones(4096), p, 5, offset=4096)
    found = np.array(call("average.outputs", "inverted", p, 5, 1))
    assert found == pytest.approx(ones, rel=1e-15)
    means = np.cumsum(ones) / np.arange(1, 4097)
    assert np.allclose(call("average.runningMeans", found.tolist()), means, rtol=1e-12, atol=0)
    for scale, factor in (("inverted", 1 / (1 - p)), ("none", 1.0), ("swapped", 1 / p)):
        moments = call("average.moments", scale, p)
        assert moments["mean"] == pytest.approx(factor * (1 - p), rel=1e-14)
        assert moments["variance"] == pytest.approx(factor**2 * p * (1 - p), rel=1e-14)
        drawn = np.array(call("average.outputs", scale, p, 5, 2))
        assert set(np.unique(drawn)) == {0, factor} or drawn.std() == 0


@pytest.mark.parametrize(("p", "seed"), [(0.5, 1), (0.3, 8), (0.9, 2)])
def test_the_gradient_check_is_the_references(p, seed):
    """Derivative, quotients of both kinds and the formula; the frozen ones up to rounding over the step."""
    q, limit = 1 - p, philox.threshold(p)
    x, c = spread(16, seed), spread(16, seed, 100)
    keep = philox.words(16, seed, 200) >= limit
    keep[0] = True
    exact = c[0] * numpy_ops.dropout_backward(1 - np.tanh(x / q) ** 2, keep, p)[0]
    assert call("gradient.derivative", call("gradient.problem", p, seed), p) == pytest.approx(
        exact, rel=1e-12
    )
    rows = call("gradient.check", p, seed)
    steps = 10.0 ** np.arange(-9, -0.9, 0.5)
    assert [row["step"] for row in rows] == pytest.approx(steps, rel=1e-14)
    drawn = (philox.words(17 * 32 * 2 * 16, seed, 1000) >= limit).reshape(17, 32, 2, 16)

    def loss(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
        return np.where(mask, c * np.tanh(values / q), 0).sum(axis=-1)

    for row, step, pairs in zip(rows, steps, drawn, strict=True):
        nudge = step * (np.arange(16) == 0)
        frozen = abs((loss(x + nudge, keep) - loss(x - nudge, keep)) / (2 * step) - exact)
        redrawn = (loss(x + nudge, pairs[:, 0]) - loss(x - nudge, pairs[:, 1])) / (2 * step) - exact
        variances = [p * q * np.sum(c**2 * np.tanh(moved / q) ** 2) for moved in (x + nudge, x - nudge)]
        assert row["frozen"] == pytest.approx(frozen, rel=1e-6, abs=2e-15 * np.abs(c).sum() / step)
        assert row["redrawn"] == pytest.approx(np.sqrt(np.mean(redrawn**2)), rel=1e-9)
        assert row["formula"] == pytest.approx(np.sqrt(sum(variances)) / (2 * step), rel=1e-9)


def network(layers: str, seed: int) -> tuple[np.ndarray, ensemble.Layers]:
    """The network of the ensemble widgets, from the reference's words."""
    sizes = {"one": (8, 3), "two": (4, 4, 3)}[layers]
    found = []
    for number, (inputs, outputs) in enumerate(itertools.pairwise(sizes), start=1):
        W = spread(inputs * outputs, seed, 100 * number).reshape(inputs, outputs) * np.sqrt(2 / inputs)
        found.append((W, spread(outputs, seed, 100 * number + 50) / 2))
    return spread(sizes[0], seed), found


@pytest.mark.parametrize("layers", ["one", "two"])
@pytest.mark.parametrize(("p", "seed"), [(0.5, 6), (0.2, 1), (0.95, 3)])
def test_the_ensemble_is_the_references(layers, p, seed):
    """All 256 members, their chances, one pass and both means; what a bar holds; what sampling gives."""
    x, net = network(layers, seed)
    keep = ensemble.all_masks(8)
    probs, weights = ensemble.members(x, net, keep, p), ensemble.chances(keep, p)
    found = call("ensemble.averages", layers, p, seed)
    assert np.array_equal(call("ensemble.allMasks", 8), keep)
    near = {"rtol": 1e-10, "atol": 1e-13}
    assert np.allclose(found["probs"], probs, **near) and np.allclose(found["weights"], weights, **near)
    assert np.allclose(found["onePass"], ensemble.scaled(x, net), **near)
    assert np.allclose(found["geometric"], ensemble.geometric(probs, weights), **near)
    assert np.allclose(found["arithmetic"], ensemble.arithmetic(probs, weights), **near)
    top = int(np.argmax(found["onePass"]))
    bins = np.histogram(probs[:, top], bins=20, range=(0, 1), weights=weights)[0]
    assert np.allclose(call("ensemble.histogram", found, top), bins, **near)
    drawn = numpy_ops.keep_mask_seeded((4096, 8), p, seed, offset=1000)
    samples = ensemble.members(x, net, drawn, p)[:, top]
    assert np.allclose(call("sampling.sampled", found, top, p, seed), samples, **near)
    deviation = np.sqrt(weights @ (probs[:, top] - weights @ probs[:, top]) ** 2)
    assert call("sampling.deviation", found, top) == pytest.approx(deviation, rel=1e-9)


def test_one_layer_makes_the_geometric_mean_one_pass():
    """To 1e-12 for 20 networks; with a hidden layer none agrees."""
    for seed in range(20):
        gaps = {}
        for layers in ("one", "two"):
            found = call("ensemble.averages", layers, 0.4, seed)
            gaps[layers] = call("ensemble.apart", found["geometric"], found["onePass"])
        assert gaps["one"] < 1e-12 < 1e-4 < gaps["two"], seed


@pytest.mark.parametrize("kind", ["white", "relu", "common"])
@pytest.mark.parametrize(("p", "seed"), [(0.5, 2), (0, 1), (0.9, 5)])
def test_the_variance_shift_is_the_references(kind, p, seed):
    """The formula by structured.variance_shift, the measurement by dropout_forward_seeded."""

    def bells(n: int, offset: int) -> np.ndarray:
        return spread(4 * n, seed, offset).reshape(n, 4).sum(axis=1) / 2

    x = bells(1024 * 8, 0).reshape(1024, 8)
    if kind == "relu":
        x = np.maximum(x, 0)
    elif kind == "common":
        x = (x + bells(1024, 8500)[:, None]) / np.sqrt(2)
    w = np.abs(spread(32, seed, 9800)).reshape(8, 4)
    layer = call("shift.layer", kind, seed)
    assert np.allclose(layer["x"], x, rtol=1e-13, atol=1e-15) and np.array_equal(layer["w"], w)
    found = call("shift.shift", call("shift.parts", layer), p)
    assert np.allclose(found, structured.variance_shift(x, w, p), rtol=1e-10)
    dropped = numpy_ops.dropout_forward_seeded(x, p, seed, offset=10000)
    measured = (x @ w).var(axis=0) / (dropped @ w).var(axis=0)
    assert np.allclose(call("shift.measured", layer, p, seed), measured, rtol=1e-10)
