"""Measures for the questions on uncertainty and Bayesian readings: what the passes' spread is made of."""

from functools import cache

import numpy as np

from dropgrade.reference import ensemble, noises, regulariser, uncertainty

GRID = (np.arange(20_000) + 0.5) / 20_000


@cache
def _members() -> tuple[np.ndarray, np.ndarray]:
    """Every prediction of a small network under its 1,024 masks at drop rate 0.3, and their chances."""
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=size), rng.normal(size=size[1])) for size in [(4, 6), (6, 3)]]
    keep = ensemble.all_masks(10)
    return ensemble.members(rng.normal(size=4), layers, keep, 0.3), ensemble.chances(keep, 0.3)


def error_of_few_over_many_passes() -> float:
    """Standard deviation of the averaged prediction with 10 passes, over the one with 1,000."""
    rng, (probs, chance) = np.random.default_rng(1), _members()
    few, many = (rng.choice(probs[:, 0], (2000, T), p=chance).mean(axis=1).std() for T in (10, 1000))
    return float(few / many)


def information_from_five_passes() -> float:
    """Mean information (mutual, of class and mask) estimated from 5 passes, over its exact value."""
    rng, (probs, chance) = np.random.default_rng(2), _members()
    exact = uncertainty.entropy(chance @ probs) - chance @ uncertainty.entropy(probs)
    drawn = probs[rng.choice(len(probs), (20_000, 5), p=chance)]
    found = uncertainty.entropy(drawn.mean(axis=1)) - uncertainty.entropy(drawn).mean(axis=1)
    return float(found.mean() / exact)


def _coin(heads: int, tosses: int) -> tuple[float, float]:
    """Total entropy and information of a coin's next toss under a uniform prior, by quadrature."""
    logs = heads * np.log(GRID) + (tosses - heads) * np.log1p(-GRID)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    probs = np.stack([GRID, 1 - GRID], axis=-1)
    total = float(uncertainty.entropy(weights @ probs))
    return total, total - float(weights @ uncertainty.entropy(probs))


def information_about_a_fair_coin() -> float:
    """Information (epistemic part, nats) about a coin after 10 tosses, over the same after 1,000."""
    return _coin(5, 10)[1] / _coin(500, 1000)[1]


def entropy_of_a_known_fair_coin() -> float:
    """Total entropy of the next toss after 1,000 tosses, in bits: what no data removes."""
    return _coin(500, 1000)[0] / float(np.log(2))


@cache
def _spreads(n: int, noise: float) -> tuple[float, float]:
    """Linear regression on n examples: spread at (1, 1, 1) from masks at rate 0.3, and of the posterior."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(n, 3))
    y = X @ np.array([1.0, -2.0, 1.5]) + noise * rng.normal(size=n)
    x, w = np.ones(3), regulariser.ridge(X, y, 0.3)
    masks = rng.random((20_000, 3)) >= 0.3
    posterior = np.linalg.inv(X.T @ X / noise**2 + np.eye(3))
    return float(((masks / 0.7 * x) @ w).std()), float(np.sqrt(x @ posterior @ x))


def dropout_spread_with_more_data() -> float:
    """Spread over masks after 100 examples, over the spread after 10,000; linear regression."""
    return _spreads(100, 1.0)[0] / _spreads(10_000, 1.0)[0]


def posterior_spread_with_more_data() -> float:
    """The same ratio for the exact posterior with a standard normal prior."""
    return _spreads(100, 1.0)[1] / _spreads(10_000, 1.0)[1]


def dropout_spread_with_more_noise() -> float:
    """Spread over masks when labels are 3 times as noisy, over the spread before; 1,000 examples."""
    return _spreads(1000, 3.0)[0] / _spreads(1000, 1.0)[0]


def posterior_spread_with_more_noise() -> float:
    """The same ratio for the exact posterior."""
    return _spreads(1000, 3.0)[1] / _spreads(1000, 1.0)[1]


def spread_between_clusters() -> float:
    """Largest mask variance between two points minus the larger one at them, in 2,000 one-layer ReLU nets."""
    rng, worst, p = np.random.default_rng(4), -np.inf, 0.3
    for _ in range(2000):
        w, b, a = rng.normal(size=(3, 50))
        ends = rng.normal(size=2) * 3
        points = np.array([*ends, rng.uniform(ends.min(), ends.max())])
        variance = p / (1 - p) * np.maximum(points[:, None] * w + b, 0) ** 2 @ a**2
        worst = max(worst, float(variance[2] - variance[:2].max()))
    return worst


def spread_along_unseen_feature() -> float:
    """Growth of the spread when a feature that was 0 in training fires at 10: ratio, linear regression."""
    rng = np.random.default_rng(5)
    X = np.hstack([rng.normal(size=(200, 3)), np.zeros((200, 1))])
    y = X @ np.array([1.0, -2.0, 1.5, 0.0]) + rng.normal(size=200)
    w = np.linalg.lstsq(X, y, rcond=None)[0]  # least norm: what descent from zero leaves there
    masks = (rng.random((20_000, 4)) >= 0.3) / 0.7
    here, there = (((masks * x) @ w).std() for x in ([1, 1, 1, 0], [1, 1, 1, 10]))
    return float(there / here)


@cache
def _gradients(shared: bool, batch: int) -> float:
    """Variance of a weight's gradient with Gaussian noise on the weights, shared by the batch or local."""
    rng = np.random.default_rng(6)
    x, theta, alpha, runs = 1.0, 2.0, 0.5, 4000
    draws = rng.normal(size=(runs, 1 if shared else batch)) * np.ones((1, batch))
    factor = 1 + np.sqrt(alpha) * draws
    slopes = (x * theta * factor - 1.0) * x * factor  # loss (x theta factor - 1)^2 / 2, by theta
    return float(slopes.mean(axis=1).var())


def shared_noise_over_local() -> float:
    """Gradient variance with one weight draw for 64 examples, over that with a draw for each example."""
    return _gradients(True, 64) / _gradients(False, 64)


def log_uniform_divergence_gap() -> float:
    """Change of the divergence from the log-uniform prior from weight 0.1 to 10 at equal alpha (nats)."""
    z = (np.arange(200_000) + 0.5) / 25_000 - 4  # density on a grid that avoids the pole at weight 0
    weights = np.exp(-(z**2) / 2)
    weights /= weights.sum()

    def divergence(theta: float) -> float:  # up to a constant: E log q + E log |w|, for w = theta (1 + z / 2)
        entropy = 0.5 * np.log(2 * np.pi * np.e * 0.25 * theta**2)
        return float(-entropy + weights @ np.log(np.abs(theta * (1 + 0.5 * z)) + 1e-300))

    return abs(divergence(10.0) - divergence(0.1))


def soft_mask_share() -> float:
    """Share of soft masks above one half that concrete dropout draws at p = 0.3 and temperature 0.5."""
    kept = noises.concrete(np.full(200_000, 0.7), 0.3, 0.5, True, np.random.default_rng(7))
    return float((1 - kept > 0.5).mean())


@cache
def _best_rate(n: int, pull: float) -> float:
    """Drop rate of least objective: mean loss of n examples at p, minus pull / n times a mask's entropy."""
    rates = np.linspace(1e-4, 0.9, 9000)
    entropy = -rates * np.log(rates) - (1 - rates) * np.log1p(-rates)
    return float(rates[np.argmin(rates / (1 - rates) * 0.5 - pull / n * entropy)])


def learnt_rate_without_entropy() -> float:
    """The drop rate that minimises the mean training loss alone, on a grid from 0.0001."""
    return _best_rate(1000, 0.0)


def learnt_rate_few_over_many() -> float:
    """The rate that the objective with the entropy term picks for 100 examples, over that for 1,000."""
    return _best_rate(100, 100.0) / _best_rate(1000, 100.0)


def dropout_divergence() -> float:
    """Divergence of masked Gaussian weights from masked zero-mean ones, sampled, over (1-p) |w|^2 / 2."""
    rng, w = np.random.default_rng(8), np.array([1.0, -2.0, 0.5])
    masks = rng.random((200_000, 3)) >= 0.4
    draws = w + rng.normal(size=masks.shape)
    logs = (draws**2 - (draws - w) ** 2) / 2  # log ratio of the two densities where kept; equal where dropped
    return float((masks * logs).sum(axis=1).mean() / (0.6 * (w**2).sum() / 2))


def divergence_of_narrow_posterior() -> float:
    """Growth of the divergence from a normal prior when a smoothed Bernoulli weight gets 10 times narrower.

    In units of log 10, by quadrature; two spikes, at 0 and 1.
    """
    grid = np.linspace(-6, 7, 2_600_001)

    def divergence(width: float) -> float:
        spikes = [np.exp(-(((grid - at) / width) ** 2) / 2) for at in (0, 1)]
        density = (0.3 * spikes[0] + 0.7 * spikes[1]) / (width * np.sqrt(2 * np.pi))
        log_prior = -(grid**2) / 2 - 0.5 * np.log(2 * np.pi)
        logs = np.log(density, where=density > 0, out=np.zeros_like(density))
        return float((density * (logs - log_prior)).sum() * (grid[1] - grid[0]))

    return (divergence(1e-3) - divergence(1e-2)) / float(np.log(10))


def posterior_correlation() -> float:
    """Exact posterior correlation of the weights of two inputs that correlate at 0.9; dropout has 0."""
    rng = np.random.default_rng(9)
    X = rng.normal(size=(500, 2)) @ np.linalg.cholesky(np.array([[1, 0.9], [0.9, 1]])).T
    posterior = np.linalg.inv(X.T @ X + np.eye(2))
    return float(posterior[0, 1] / np.sqrt(posterior[0, 0] * posterior[1, 1]))
