"""The repaired functions of the clinic against plain arithmetic, by other ways than the checks take."""

import numpy as np
import pytest

from dropgrade.reference import repairs

X = np.random.default_rng(0).normal(size=(200, 50))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_classic_dropout_has_one_mean(p):
    """The mean over many masks is the output in evaluation, within five standard errors."""
    rng = np.random.default_rng(1)
    mean = np.mean([repairs.classic_dropout(X[:1], p, True, rng) for _ in range(4000)], axis=0)
    error = np.abs(X[:1]) * np.sqrt(p * (1 - p) / 4000)
    assert np.all(np.abs(mean - repairs.classic_dropout(X[:1], p, False, rng)) < 5 * error)


def test_rate_is_right_tells_p_from_its_complement():
    """Drawn masks pass at their own rate and at no other one tried."""
    rates = (0.1, 0.3, 0.7, 0.9)
    for p in rates:
        keep = np.random.default_rng(2).random(10_000) >= p
        assert [repairs.rate_is_right(keep, other) for other in rates] == [other == p for other in rates]


def test_gradient_is_the_difference_quotient():
    """With the mask held still, moving one input moves the summed output by the gradient."""
    keep = np.random.default_rng(3).random(X.shape) >= 0.3
    dx = repairs.gradient(np.ones_like(X), X, np.where(keep, X / 0.7, 0), keep, 0.3)
    step = np.where(keep, (X + 1e-3) / 0.7, 0) - np.where(keep, (X - 1e-3) / 0.7, 0)
    assert np.allclose(dx, step / 2e-3)


def test_residual_block_is_one_or_one_plus_the_scale():
    """At p = 0.5 an entry of 1 becomes 1 or 3."""
    assert set(repairs.residual_block(np.ones(100), 0.5, np.random.default_rng(4))) == {1.0, 3.0}


def test_drop_at_the_ends():
    """p = 0 returns the values, p = 1 zeros, infinity included."""
    x = np.array([1.0, np.inf, -np.inf])
    rng = np.random.default_rng(5)
    assert np.array_equal(repairs.drop(x, 0.0, rng), x)
    assert np.array_equal(repairs.drop(x, 1.0, rng), np.zeros(3))


def test_seeded_dropout_repeats_only_with_a_seed():
    """Seed 0 is a seed like any other; none means another mask each time."""
    assert np.array_equal(repairs.seeded_dropout(X, 0.5, 0), repairs.seeded_dropout(X, 0.5, 0))
    assert not np.array_equal(repairs.seeded_dropout(X, 0.5), repairs.seeded_dropout(X, 0.5))


def test_worker_masks_do_not_depend_on_the_number_of_workers():
    """The first masks of eight are the masks of three, and no two are equal."""
    eight = repairs.worker_masks((100,), 0.5, 6, 8)
    assert all(map(np.array_equal, repairs.worker_masks((100,), 0.5, 6, 3), eight))
    assert len({mask.tobytes() for mask in eight}) == 8


def test_recomputed_block_is_the_stored_block():
    """Output and gradient equal those of a stored mask, and the generator ends where one draw ends."""
    w, dy = np.random.default_rng(7).normal(size=(50, 30)), np.ones((200, 30))
    rng, stored = np.random.default_rng(8), np.random.default_rng(8)
    y, dx = repairs.recomputed_block(X, w, dy, 0.4, rng)
    factor = (stored.random(dy.shape) >= 0.4) / 0.6
    assert np.allclose(y, (X @ w) * factor) and np.allclose(dx, (dy * factor) @ w.T)
    assert rng.bit_generator.state == stored.bit_generator.state


def test_run_epoch_counts():
    """Each batch gives an output, every second one an evaluation, and all of them differ in their zeros."""
    model = {"weights": np.ones((50, 4)), "p": 0.5, "training": True, "rng": np.random.default_rng(9)}
    trained, validated = repairs.run_epoch(model, [X] * 5, X, 2)
    assert (len(trained), len(validated), model["training"]) == (5, 2, True)
    assert len({(y == 0).tobytes() for y in trained}) == 5
    assert np.array_equal(validated[0], validated[1])


def test_drop_weights_only_reads_the_layer():
    """Evaluation in between changes neither the layer nor the rate afterwards."""
    layer, rng = {"p": 0.3, "training": False}, np.random.default_rng(10)
    assert np.array_equal(repairs.drop_weights(layer, X, rng), X)
    layer["training"] = True
    assert 0.25 < np.mean(repairs.drop_weights(layer, X, rng) == 0) < 0.35
    assert layer == {"p": 0.3, "training": True}


def test_mc_predict_does_not_see_the_neighbours():
    """At p = 0 the prediction for one row is the same alone and in its batch."""
    rng = np.random.default_rng(11)
    model = {"w1": rng.normal(size=(50, 8)), "mean": np.ones(8), "var": np.full(8, 2.0)}
    model |= {"w2": rng.normal(size=(8, 3)), "p": 0.0, "rng": rng, "training": False}
    assert np.allclose(repairs.mc_predict(model, X[:1], 3), repairs.mc_predict(model, X, 3)[:1])


def test_torch_ones_listen_to_the_mode():
    """Attention and heads repeat themselves in evaluation, and do not in training."""
    torch = pytest.importorskip("torch")
    x = torch.ones(1, 1, 64, 8)
    heads = repairs.make_heads(2, 0.5)
    for training in (False, True):
        heads.train(training)
        attention = [repairs.attend(x, x, x, 0.5, training) for _ in range(2)]
        assert torch.equal(*attention) != training
        assert torch.equal(heads(x, 1), heads(x, 1)) != training
