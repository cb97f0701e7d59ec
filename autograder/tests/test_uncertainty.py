"""The formulas of uncertainty against independent ones, and the network as plain data."""

import math

import numpy as np
import pytest

from dropgrade.checks import statistics
from dropgrade.checks.uncertain import ALPHA, PASSES, ROWS, UNITS, in_mode
from dropgrade.checks.uncertain_results import known_ece
from dropgrade.digits import load_digits
from dropgrade.reference import small_nets, uncertainty


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def small_batch(rng):
    """An untrained network with two hidden layers, and a batch for it."""
    return small_nets.new_net((6, 8, 7, 4), 0.3, rng), rng.normal(size=(20, 6)), rng.integers(4, size=20)


def test_slopes_are_the_slopes_of_the_loss(rng):
    """Gradients equal central differences of the training loss with the masks frozen."""
    net, x, labels = small_batch(rng)

    def loss():
        masks, y = np.random.default_rng(5), x
        for layer in net:
            y = small_nets.run_layer(layer, y, True, masks)
        return uncertainty.nll(uncertainty.softmax(y), labels)

    found = small_nets.slopes(net, x, labels, np.random.default_rng(5))
    arrays = [layer[name] for layer in net for name in ("weight", "bias", "gamma", "beta") if name in layer]
    for gradient, array in zip(found, arrays, strict=True):
        place = tuple(int(rng.integers(n)) for n in array.shape)
        before, step = array[place], 1e-6
        array[place] = before + step
        up = loss()
        array[place] = before - step
        down = loss()
        array[place] = before
        assert gradient[place] == pytest.approx((up - down) / (2 * step), abs=1e-8)


def test_layers_agree_with_torch(rng):
    """Batch normalisation has PyTorch's output in both modes, and its stored mean after a training pass."""
    torch = pytest.importorskip("torch")
    theirs = torch.nn.BatchNorm1d(5, dtype=torch.float64)
    ours = small_nets.new_net((3, 5, 2), 0.0, rng)[1]
    x = rng.normal(2, 3, (40, 5))
    assert np.allclose(small_nets.run_layer(ours, x, True, rng), theirs(torch.from_numpy(x)).detach().numpy())
    assert np.allclose(ours["mean"], theirs.running_mean.numpy())
    theirs.running_var = torch.from_numpy(ours["var"])  # PyTorch stores the variance over n - 1
    theirs.eval()
    assert np.allclose(
        small_nets.run_layer(ours, x, False, rng), theirs(torch.from_numpy(x)).detach().numpy()
    )


def test_unknown_layer_is_refused(rng):
    """The message names the kinds there are."""
    with pytest.raises(ValueError, match="kind must be dense, relu, batchnorm or dropout, got 'conv'"):
        small_nets.run_layer({"kind": "conv"}, np.ones((2, 3)), True, rng)


def test_network_learns_the_digits():
    """Far fewer errors on new digits than guessing makes, in less than three seconds of CPU."""
    digits = load_digits()
    net = small_nets.train_net(digits.train_images, digits.train_labels, seed=1)
    logits = in_mode(net, digits.test_images, False)
    assert np.mean(logits.argmax(axis=1) != digits.test_labels) < 0.15


def test_quarter_turns_are_exact():
    """Turning by 90 degrees moves pixels as NumPy does; by 360 it changes nothing beyond rounding."""
    images = load_digits().test_images[:5]
    turned = small_nets.rotate(images, 90).reshape(-1, 14, 14)
    assert np.allclose(turned, np.rot90(images.reshape(-1, 14, 14), axes=(1, 2)), atol=1e-6)
    assert np.allclose(small_nets.rotate(images, 360), images, atol=1e-6)
    assert small_nets.rotate(images, 33).dtype == images.dtype


def test_only_dropout_is_in_training_mode(rng):
    """At p = 0 the passes equal evaluation; at p = 0.3 they differ, and stored statistics stay."""
    net, x, _ = small_batch(rng)
    net[1]["mean"] += 1
    passes = uncertainty.mc_logits(net, x, 3, rng)
    assert not np.array_equal(passes[0], passes[1]) and np.all(net[1]["mean"] == 1)
    still = [layer | {"p": 0.0} if "p" in layer else layer for layer in net]
    assert np.allclose(uncertainty.mc_logits(still, x, 3, rng), in_mode(net, x, False))


def test_entropies_agree_with_a_plain_loop(rng):
    """Total entropy and information equal sums over single probabilities."""
    logits = rng.normal(0, 2, (4, 3, 5))
    total, information = uncertainty.uncertainty(logits)
    probs = uncertainty.softmax(logits)
    for row in range(3):
        mean = [math.fsum(probs[:, row, c]) / 4 for c in range(5)]
        entropy = -math.fsum(q * math.log(q) for q in mean)
        gap = (
            math.fsum(p * math.log(p / q) for one in probs[:, row] for p, q in zip(one, mean, strict=True))
            / 4
        )
        assert total[row] == pytest.approx(entropy, abs=1e-12)
        assert information[row] == pytest.approx(gap, abs=1e-12)


def test_average_is_no_worse_than_the_passes(rng):
    """By Jensen's inequality the loss of the average is at most the average loss."""
    logits, labels = rng.normal(0, 2, (6, 40, 5)), rng.integers(5, size=40)
    losses = [uncertainty.nll(one, labels) for one in uncertainty.softmax(logits)]
    assert uncertainty.nll(uncertainty.predict(logits), labels) <= np.mean(losses)


def test_impossible_label_costs_infinity():
    """No clipping, no warning."""
    assert uncertainty.nll(np.array([[0.0, 1.0]]), np.array([0])) == math.inf


@pytest.mark.parametrize("bins", [1, 5, 10, 16])
def test_ece_is_the_constructed_one(rng, bins):
    """The error of predictions made bin by bin is the one they were made with."""
    probs, labels, value = known_ece(rng, bins)
    assert uncertainty.ece(probs, labels, bins) == pytest.approx(value, abs=1e-12)


def test_interval_covers_as_often_as_it_says(rng):
    """Of 2,000 intervals for a known difference about 95 % hold it (binomial limits at one in a million)."""
    probs = np.full((100, 2), 0.5)
    held = 0
    for _ in range(2000):
        other = probs * np.exp(rng.normal(-0.1, 0.3, (100, 1)))
        _, low, high, _ = uncertainty.compare(probs, other, np.zeros(100, dtype=int))
        held += low <= -0.1 <= high
    low, high = statistics.limits(2000, 0.946, 1e-6)  # the normal factor at n = 100 covers 94.7 %
    assert low <= held <= high


def test_smallest_wrong_rate_is_caught():
    """A dropout rate that is 0.04 off strays in 99 of 100 runs, at 0.2 and at 0.7."""
    n = PASSES * ROWS * UNITS
    for q in (0.8, 0.3):
        low, high = statistics.limits(n, q, ALPHA / 4)
        for off in (q - 0.04, q + 0.04):
            assert statistics.false_alarm(n, off, low, high) >= 0.99
