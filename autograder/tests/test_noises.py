"""The formulas of the noises against independent computations: enumeration, quadrature, torch."""

import numpy as np
import pytest

from dropgrade.reference import noises
from dropgrade.reference.noises import SATURATION


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9])
def test_alpha_terms_restore_mean_and_variance(p):
    """For x = -1 or 1, enumerated together with the mask, a and b give mean 0 and variance 1."""
    a, b = noises.alpha_terms(p)
    values = a * np.array([-1, 1, SATURATION]) + b
    chances = np.array([(1 - p) / 2, (1 - p) / 2, p])
    assert values @ chances == pytest.approx(0, abs=1e-12)
    assert values**2 @ chances == pytest.approx(1, rel=1e-12)


def test_saturation_is_the_limit_of_selu():
    """The dropped value is what torch's SELU gives for a very negative input."""
    torch = pytest.importorskip("torch")
    found = torch.nn.functional.selu(torch.tensor(-1e3, dtype=torch.float64)).item()
    assert found == pytest.approx(SATURATION, rel=1e-12)


def test_alpha_dropout_gives_the_values_of_torch():
    """Kept and dropped entries come out as from torch's alpha dropout, to five digits."""
    torch = pytest.importorskip("torch")
    x = torch.linspace(-2, 2, 500, dtype=torch.float64)
    theirs = torch.nn.functional.alpha_dropout(x, 0.3, training=True).numpy()
    a, b = noises.alpha_terms(0.3)
    off = np.minimum(np.abs(theirs - (a * x.numpy() + b)), np.abs(theirs - (a * SATURATION + b)))
    assert off.max() < 1e-5


@pytest.mark.parametrize("p", [0.2, 0.7])
def test_drop_connect_moments_by_enumeration(p):
    """All 16 masks of a 2 x 2 layer, weighted, have the contract's mean and variance, and no covariance."""
    x, w = np.array([0.7, -1.3]), np.array([[0.5, -2.0], [1.5, 0.3]])
    masks = (np.arange(16)[:, None] >> np.arange(4) & 1).reshape(-1, 2, 2)
    chances = np.prod(np.where(masks, 1 - p, p), axis=(1, 2))
    y = np.einsum("i,kij->kj", x, masks * w) / (1 - p)
    mean = chances @ y
    covariance = (y - mean).T * chances @ (y - mean)
    assert np.allclose(mean, x @ w)
    assert np.allclose(covariance, np.diag(x**2 @ w**2) * p / (1 - p))


@pytest.mark.parametrize(("p", "t"), [(0.5, 1.0), (0.2, 0.3), (0.7, 0.6), (0.05, 2.0)])
def test_concrete_quantiles_invert_its_distribution(p, t):
    """Share and quantile are inverse to each other, and half of the scale is passed with probability p."""
    shares = np.linspace(0.01, 0.99, 50)
    assert np.allclose(noises.concrete_share(noises.concrete_quantile(shares, p, t), p, t), shares)
    assert noises.concrete_share(np.array(0.5), p, t) == pytest.approx(p)


def test_concrete_moments_at_the_uniform_case():
    """At p = 1/2 and t = 1 the soft mask is uniform: mean 1/2, variance 1/12."""
    mean, deviation = noises.concrete_moments(0.5, 1.0)
    assert mean == pytest.approx(0.5) and deviation**2 == pytest.approx(1 / 12, rel=1e-5)


@pytest.mark.parametrize("t", [0.001, 0.3])
def test_concrete_sample_follows_its_quantiles(t):
    """A sample of the soft mask lies on its quantiles, without a warning at a low temperature."""
    y = noises.concrete(np.ones(20000), 0.3, t, True, np.random.default_rng(0))
    shares = np.array([0.1, 0.5, 0.8])
    below = [(y * 0.7 <= noises.concrete_quantile(s, 0.3, t) + 1e-12).mean() for s in shares]
    assert np.all(np.array(below) > shares - 0.02)


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_bad_p_is_refused(p):
    """Each noise raises ValueError for a p outside its range, in evaluation too."""
    x, rng = np.ones((2, 2)), np.random.default_rng(0)
    calls = [
        lambda: noises.gaussian(x, p, False, rng),
        lambda: noises.drop_connect(x, x, p, False, rng),
        lambda: noises.alpha_dropout(x, p, False, rng),
        lambda: noises.zoneout(x, x, p, False, rng),
        lambda: noises.concrete(x, p, 0.1, False, rng),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="p must be in"):
            call()
