"""The exact ensemble against plain loops, against the identities it must honour, and against sampling."""

import itertools
from math import comb, exp, prod

import numpy as np
import pytest

from dropgrade.reference import ensemble, numpy_ops


def network(rng, *sizes):
    """Layers with normal weights, from the number of inputs to the number of classes."""
    return [(rng.normal(size=pair), rng.normal(size=pair[1])) for pair in itertools.pairwise(sizes)]


def member_by_loops(x, layers, keep, p):
    """One thinned network, unit by unit, in Python floats."""
    h, column = list(x), 0
    for number, (W, b) in enumerate(layers):
        h = [max(v, 0.0) if number else v for v in h]
        h = [v / (1 - p) if keep[column + i] else 0.0 for i, v in enumerate(h)]
        h = [sum(v * W[i, j] for i, v in enumerate(h)) + b[j] for j in range(len(b))]
        column += len(W)
    powers = [exp(v) for v in h]
    return [v / sum(powers) for v in powers]


@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_every_mask_once(n):
    """The masks are those of itertools.product, each once."""
    expected = set(itertools.product([False, True], repeat=n))
    found = ensemble.all_masks(n)
    assert found.shape == (2**n, n) and found.dtype == bool
    assert {tuple(row) for row in found.tolist()} == expected


@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_chances_sum_to_the_binomial(p):
    """Masks that keep k of 6 units have the binomial chance of k together, at both ends of p too."""
    keep = ensemble.all_masks(6)
    weights = ensemble.chances(keep, p)
    for k in range(7):
        together = weights[keep.sum(axis=1) == k].sum()
        assert together == pytest.approx(comb(6, k) * (1 - p) ** k * p ** (6 - k), abs=1e-15)


def test_chances_refuse_a_bad_p():
    """A p outside [0, 1] raises with argument, rule and value."""
    with pytest.raises(ValueError, match=r"p must be in \[0, 1\], got 1\.2"):
        ensemble.chances(ensemble.all_masks(2), 1.2)


@pytest.mark.parametrize("sizes", [(3, 2), (3, 2, 3), (2, 2, 2, 4)])
def test_members_match_plain_loops(sizes):
    """Each member is what the formula gives unit by unit."""
    rng = np.random.default_rng(1)
    x, layers = rng.normal(size=sizes[0]), network(rng, *sizes)
    keep = ensemble.all_masks(ensemble.units(layers))
    expected = [member_by_loops(x, layers, row, 0.3) for row in keep]
    np.testing.assert_allclose(ensemble.members(x, layers, keep, 0.3), expected, rtol=1e-12)


def test_a_member_is_a_forward_pass_of_dropout():
    """With the mask that dropout_forward drew, a member is what training would compute."""
    rng = np.random.default_rng(2)
    x, layers = rng.normal(size=5), network(rng, 5, 3)
    y, keep = numpy_ops.dropout_forward(x, 0.4, True, rng)
    W, b = layers[0]
    found = ensemble.members(x, layers, keep[np.newaxis], 0.4)[0]
    np.testing.assert_allclose(found, ensemble.softmax(y @ W + b), rtol=1e-14)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_one_layer_geometric_mean_is_weight_scaling(p):
    """With dropout before a single softmax layer the two agree to 1e-12; the arithmetic mean does not."""
    rng = np.random.default_rng(3)
    x, layers = rng.normal(size=10), network(rng, 10, 4)
    keep = ensemble.all_masks(10)
    probs, weights = ensemble.members(x, layers, keep, p), ensemble.chances(keep, p)
    one_pass = ensemble.scaled(x, layers)
    assert ensemble.total_variation(ensemble.geometric(probs, weights), one_pass) < 1e-12
    assert ensemble.total_variation(ensemble.arithmetic(probs, weights), one_pass) > 1e-3


def test_two_layers_leave_a_gap():
    """With a ReLU between mask and softmax the identity fails."""
    rng = np.random.default_rng(4)
    x, layers = rng.normal(size=4), network(rng, 4, 5, 3)
    keep = ensemble.all_masks(9)
    found = ensemble.geometric(ensemble.members(x, layers, keep, 0.3), ensemble.chances(keep, 0.3))
    assert ensemble.total_variation(found, ensemble.scaled(x, layers)) > 1e-3


def test_geometric_mean_by_hand():
    """Roots of products, divided by their sum."""
    rng = np.random.default_rng(5)
    probs, weights = rng.dirichlet(np.ones(3), size=4), rng.dirichlet(np.ones(4))
    roots = [prod(probs[i, c] ** weights[i] for i in range(4)) for c in range(3)]
    np.testing.assert_allclose(ensemble.geometric(probs, weights), np.array(roots) / sum(roots), rtol=1e-12)


def test_a_zero_is_a_veto_unless_it_has_no_weight():
    """Classes that a counted member excludes get 0; members of weight 0 exclude nothing."""
    probs = np.array([[0.5, 0.5, 0.0], [0.0, 0.2, 0.8]])
    np.testing.assert_array_equal(ensemble.geometric(probs, np.array([0.5, 0.5])), [0, 1, 0])
    np.testing.assert_array_equal(ensemble.geometric(probs, np.array([0.0, 1.0])), [0, 0.2, 0.8])


def test_large_logits_do_not_overflow():
    """Logits in the thousands give exact zeros and ones, in silence."""
    layers = [(np.array([[5000.0, -5000.0]]), np.zeros(2))]
    np.testing.assert_array_equal(ensemble.scaled(np.ones(1), layers), [1, 0])


@pytest.mark.parametrize("samples", [20, 500])
def test_sampling_stays_within_the_chernoff_limits(samples):
    """At a stated chance of 0.2 fewer than a fifth of 400 estimates stray, and their mean is right."""
    rng = np.random.default_rng(6)
    x, layers = rng.normal(size=3), network(rng, 3, 3, 3)
    keep = ensemble.all_masks(6)
    probs, weights = ensemble.members(x, layers, keep, 0.4), ensemble.chances(keep, 0.4)
    found = np.array([ensemble.sampled(x, layers, 0.4, samples, rng) for _ in range(400)])
    exact = ensemble.arithmetic(probs, weights)
    spread = np.sqrt(weights @ (probs - exact) ** 2 / samples)
    assert np.all(np.abs(found.mean(axis=0) - exact) < 5 * spread / 20)
    for c in range(3):
        low, high = ensemble.chernoff_limits(probs[:, c], weights, samples, 0.2)
        assert low < exact[c] < high
        assert high - low < 10 * spread[c]
        assert np.mean((found[:, c] < low) | (found[:, c] > high)) < 0.2
