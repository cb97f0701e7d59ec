"""The small network: slopes against differences, one update by hand, and what removal does."""

import numpy as np
import pytest

from dropgrade.reference import mlp

SETTINGS = {"p": 0.0, "steps": 1, "batch": 8, "rate": 0.1, "momentum": 0.9}


@pytest.fixture
def small():
    """A network in float64 with eight inputs, and eight labelled examples."""
    rng = np.random.default_rng(1)
    params = mlp.start(6, 7, 4, rng, np.float64)
    params["b1"], params["b2"] = rng.normal(size=7), rng.normal(size=4)
    return params, rng.normal(size=(8, 6)), rng.integers(4, size=8)


@pytest.mark.parametrize("p", [0.0, 0.3, 0.8])
def test_gradients_are_slopes_of_the_loss(small, p):
    """With the mask frozen each derivative equals a central difference."""
    params, x, labels = small

    def loss(changed):
        return mlp.loss_and_gradients(changed, x, labels, p, np.random.default_rng(2))

    gradients = loss(params)[1]
    for name, value in params.items():
        for place in np.ndindex(value.shape):
            step = np.zeros_like(value)
            step[place] = 1e-6
            up, down = (loss(params | {name: value + sign * step})[0] for sign in (1, -1))
            assert abs((up - down) / 2e-6 - gradients[name][place]) < 1e-7


def test_loss_is_the_mean_cross_entropy(small):
    """The loss at p = 0 is the negative log-likelihood of `score`, with the softmax by its definition."""
    params, x, labels = small
    loss, _ = mlp.loss_and_gradients(params, x, labels, 0.0, np.random.default_rng(0))
    scores = mlp.logits(params, x, 0.0, False, np.random.default_rng(0))
    by_hand = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert loss == pytest.approx(-np.log(by_hand[np.arange(8), labels]).mean(), rel=1e-12)
    assert loss == pytest.approx(mlp.score(params, x, labels)[1], rel=1e-12)


def test_evaluation_draws_nothing_and_training_drops(small):
    """In evaluation the generator stands still and p has no say; in training it has."""
    params, x, _ = small
    rng = np.random.default_rng(3)
    before = rng.bit_generator.state
    assert np.array_equal(mlp.logits(params, x, 0.9, False, rng), mlp.logits(params, x, 0.0, False, rng))
    assert rng.bit_generator.state == before
    assert not np.array_equal(mlp.logits(params, x, 0.5, True, rng), mlp.logits(params, x, 0.0, False, rng))


def test_two_steps_with_momentum_by_hand(small):
    """The second step carries the momentum's share of the first; the start is left alone."""
    params, x, labels = small
    start = {name: value.copy() for name, value in params.items()}
    first = mlp.loss_and_gradients(params, x, labels, 0.0, np.random.default_rng(0))[1]
    middle = {name: value - 0.1 * first[name] for name, value in params.items()}
    second = mlp.loss_and_gradients(middle, x, labels, 0.0, np.random.default_rng(0))[1]
    found = mlp.train(params, x, labels, SETTINGS | {"steps": 2}, np.random.default_rng(0))
    for name in params:
        expected = middle[name] - 0.1 * second[name] - 0.9 * 0.1 * first[name]
        assert np.allclose(found[name], expected, rtol=1e-12, atol=1e-12)
        assert np.array_equal(params[name], start[name])


def test_runs_with_one_seed_share_their_batches(small):
    """Whatever p is, the images of a step are the same: the rows of W1 that moved tell which they were."""
    params, _, labels = small
    params = params | {"W1": np.ones((8, 7)), "b1": np.ones(7)}
    used = []
    for p in (0.0, 0.4):
        settings = SETTINGS | {"p": p, "batch": 2}
        found = mlp.train(params, np.eye(8), labels, settings, np.random.default_rng(4))
        used.append((found["W1"] != params["W1"]).any(axis=1))
    assert used[0].sum() == 2 and np.array_equal(*used)


def test_removing_nothing_is_the_plain_error(small):
    """Share 0 gives the error of `score`, whatever the number of masks."""
    params, x, labels = small
    curve = mlp.ablation_curve(params, x, labels, (0.0, 0.0), 3, np.random.default_rng(5))
    assert curve.tolist() == [mlp.score(params, x, labels)[0]] * 2


def test_removal_takes_an_exact_share_and_rescales_the_rest():
    """With one unit for each image the error is the share; with all units voting it stays zero."""
    image = np.eye(8)
    heads = np.hstack([image, np.zeros((8, 1))])
    params = {"W1": image, "b1": np.zeros(8), "W2": heads, "b2": np.append(np.zeros(8), 0.5)}
    shares = (0.25, 0.5, 0.75)
    curve = mlp.ablation_curve(params, image, np.arange(8), shares, 4, np.random.default_rng(6))
    assert curve.tolist() == list(shares)
    votes = {"W1": np.ones((8, 8)) / 8, "b1": np.zeros(8), "W2": np.zeros((8, 2)), "b2": np.array([0, 0.9])}
    votes["W2"][:, 0] = 1
    labels = np.zeros(8, dtype=int)
    assert mlp.ablation_curve(votes, image, labels, shares, 4, np.random.default_rng(7)).tolist() == [0, 0, 0]
