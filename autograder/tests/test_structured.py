"""Structured dropout against independent computations: torch, enumeration, plain formulas."""

import itertools

import numpy as np
import pytest

from dropgrade.reference import structured


def test_channels_agree_with_torch_on_what_is_shared():
    """As torch's Dropout2d does, each plane is zero or x / q as a whole, and both occur."""
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).uniform(1, 2, (30, 8, 3, 4))
    theirs = torch.nn.functional.dropout2d(torch.from_numpy(x), 0.4, training=True).numpy()
    ours = structured.drop_channels(x, 0.4, True, np.random.default_rng(1))
    for y in (ours, theirs):
        factors = (y / x).reshape(240, 12)
        assert np.allclose(factors, factors[:, :1])
        assert np.allclose(np.unique(factors.round(9)), [0, 1 / 0.6])


def test_attention_is_torchs_without_dropout():
    """In evaluation the result is that of torch's scaled_dot_product_attention."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(2)
    q, k, v = (rng.normal(size=shape) for shape in ((2, 5, 4), (2, 7, 4), (2, 7, 3)))
    theirs = torch.nn.functional.scaled_dot_product_attention(*map(torch.from_numpy, (q, k, v)))
    assert np.allclose(structured.attention(q, k, v, 0.3, False, rng), theirs.numpy())


def test_rnn_is_torchs_in_evaluation():
    """Without dropout the states are those of torch's RNN with the same weights."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(3)
    x, w, u = rng.normal(size=(2, 6, 3)), rng.normal(size=(3, 4)), rng.normal(size=(4, 4))
    layer = torch.nn.RNN(3, 4, bias=False, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.from_numpy(w.T))
        layer.weight_hh_l0.copy_(torch.from_numpy(u.T))
        states = layer(torch.from_numpy(x))[0].numpy()
    assert np.allclose(structured.rnn(x, w, u, 0.5, False, rng), states)


def test_drop_path_keeps_the_mean():
    """Averaged over many draws the block gives x + branch, at each of three rates."""
    x, branch = np.full((40000, 1), 3.0), np.full((40000, 1), 2.0)
    for p in (0.1, 0.5, 0.8):
        y = structured.drop_path(x, branch, p, True, np.random.default_rng(4))
        error = 2 * np.sqrt(p / (1 - p) / 40000)
        assert abs(y.mean() - 5) < 6 * error


def test_rates_rise_to_the_last():
    """Equal steps from last / depth to last; one block has the last rate."""
    rates = structured.path_rates(10, 0.3)
    assert np.allclose(np.diff(rates), 0.03) and rates[0] == pytest.approx(0.03)
    assert structured.path_rates(1, 0.3).tolist() == [0.3]


@pytest.mark.parametrize("p", [0.0, 0.2, 0.7])
def test_variance_shift_by_enumeration(p):
    """The formula is the variance over all examples and all 8 masks, weighted by their chances."""
    rng = np.random.default_rng(5)
    x, w = rng.normal(1, 1, (20, 3)), rng.normal(size=(3, 2))
    masks = np.array(list(itertools.product((0, 1), repeat=3)))
    chances = np.prod(np.where(masks, 1 - p, p), axis=1)
    y = (x[:, None, :] * masks / (1 - p)) @ w  # (examples, masks, outputs)
    mean = np.einsum("m,emo->o", chances, y) / 20
    variance = np.einsum("m,emo->o", chances, (y - mean) ** 2) / 20
    assert np.allclose(structured.variance_shift(x, w, p), (x @ w).var(axis=0) / variance)


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_bad_p_is_refused(p):
    """Each function raises ValueError for a p that is no probability."""
    x, rng = np.ones((2, 2, 2)), np.random.default_rng(0)
    calls = [
        lambda: structured.drop_channels(x, p, True, rng),
        lambda: structured.path_rates(3, p),
        lambda: structured.drop_path(x, x, p, True, rng),
        lambda: structured.rnn(x, x[0], x[0], p, True, rng),
        lambda: structured.attention(x, x, x, p, True, rng),
        lambda: structured.variance_shift(x[0], x[0], p),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="p must be in"):
            call()
