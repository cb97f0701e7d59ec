"""Measures for the questions on structured variants and schedules: which entries share a draw, and when."""

from functools import cache

import numpy as np

from dropgrade.reference import noises, structured
from dropgrade.reference import regulariser as linear

Q = 0.8


@cache
def _smooth_maps() -> np.ndarray:
    """300 examples of 4 feature maps of 16 by 16 with neighbours correlated: float (300, 4, 16, 16)."""
    rng = np.random.default_rng(0)
    grid = np.arange(16)
    kernel = np.exp(-((grid[:, None] - grid) ** 2) / (2 * 3.0**2)) + 1e-6 * np.eye(16)
    root = np.linalg.cholesky(kernel)
    return root @ rng.normal(size=(300, 4, 16, 16)) @ root.T


def _told_by_neighbours(dropped: np.ndarray) -> float:
    """R^2 of predicting the centre of each map from the 24 pixels around it, after dropping (held out)."""
    around = dropped[:, :, 6:11, 6:11].reshape(-1, 25)
    X, y = np.delete(around, 12, axis=1), _smooth_maps()[:, :, 8, 8].reshape(-1)
    half = len(y) // 2
    weights = np.linalg.lstsq(X[:half], y[:half], rcond=None)[0]
    return float(1 - ((y[half:] - X[half:] @ weights) ** 2).sum() / (y[half:] ** 2).sum())


def centre_told_after_element_dropout() -> float:
    """Share of a pixel's variance that its neighbours still tell when entries are dropped at rate 0.5."""
    x = _smooth_maps()
    return _told_by_neighbours(np.where(np.random.default_rng(1).random(x.shape) >= 0.5, x / 0.5, 0))


def centre_told_after_channel_dropout() -> float:
    """The same share when whole channels are dropped at rate 0.5; a channel is there or it is not."""
    return _told_by_neighbours(structured.drop_channels(_smooth_maps(), 0.5, True, np.random.default_rng(2)))


def pooled_noise_of_channels() -> float:
    """Noise variance of a map's average over 8 by 8 positions: channel dropout over element dropout."""
    rng = np.random.default_rng(3)
    ones = np.ones((20_000, 1, 8, 8))
    channels = structured.drop_channels(ones, 0.3, True, rng).mean(axis=(2, 3)).var()
    entries = (np.where(rng.random(ones.shape) >= 0.3, 1 / 0.7, 0)).mean(axis=(2, 3)).var()
    return float(channels / entries)


def _block_share(p: float, block: int = 7, size: int = 14) -> float:
    """Share of positions that DropBlock drops with the formula's gamma, averaged over 4,000 maps."""
    valid = size - block + 1
    gamma = p / block**2 * size**2 / valid**2
    centres = np.random.default_rng(4).random((4000, valid, valid)) < gamma
    hit = np.zeros((4000, size, size), dtype=bool)
    for i in range(block):
        for j in range(block):
            hit[:, i : i + valid, j : j + valid] |= centres
    return float(hit.mean())


def block_share_at_low_rate() -> float:
    """Share of a 14 by 14 map that DropBlock with block 7 drops when 0.1 is asked for."""
    return _block_share(0.1)


def block_share_at_high_rate() -> float:
    """The same share when 0.5 is asked for."""
    return _block_share(0.5)


def expected_depth() -> float:
    """Mean number of branches alive in 54 blocks under the linear schedule up to drop rate 0.5, sampled."""
    alive = np.random.default_rng(5).random((100_000, 54)) >= structured.path_rates(54, 0.5)
    return float(alive.sum(axis=1).mean())


def path_mean_over_evaluation() -> float:
    """Mean training output of a residual block at drop rate 0.4 over its evaluation output."""
    x, branch = np.full((200_000, 1), 2.0), np.full((200_000, 1), 1.0)
    return float(structured.drop_path(x, branch, 0.4, True, np.random.default_rng(6)).mean() / 3)


def path_mean_without_rescale() -> float:
    """The same ratio when the kept branch is not divided by 1 - p."""
    keep = np.random.default_rng(7).random(200_000) >= 0.4
    return float((2 + keep * 1.0).mean() / 3)


def alive_after_fresh_masks() -> float:
    """Share of state units that 20 fresh masks at drop rate 0.2 have left untouched."""
    return float((np.random.default_rng(8).random((20_000, 20)) < Q).all(axis=1).mean())


def memory_under_zoneout() -> float:
    """What a unit that copies itself still holds after 20 steps of zoneout 0.2, over what it began with."""
    rng, start = np.random.default_rng(9), np.ones(1000)
    state = start
    for _ in range(20):
        state = noises.zoneout(state, state, 0.2, True, rng)
    return float(state.mean() / start.mean())


def zoneout_lag() -> float:
    """Mean number of steps by which zoneout 0.2 delays a state that would be the current input (ramp)."""
    rng, state, lags = np.random.default_rng(10), np.zeros(4000), []
    for t in range(1, 60):
        state = noises.zoneout(state, np.full(4000, float(t)), 0.2, True, rng)
        lags.append(t - state.mean())
    return float(np.mean(lags[-20:]))


@cache
def _linear_memory(fixed: bool) -> float:
    """Mean of a state multiplied by mask / (1 - p) in each of 10 steps, drop rate 0.2, 200,000 units."""
    rng = np.random.default_rng(11)
    masks = rng.random((200_000, 1 if fixed else 10)) < Q
    return float(((masks / Q) * np.ones((1, 10))).prod(axis=1).mean())


def linear_memory_fixed_mask() -> float:
    """Mean of a linear memory after 10 steps under one mask for the sequence (it started at 1)."""
    return _linear_memory(fixed=True)


def linear_memory_fresh_masks() -> float:
    """The same mean under a fresh mask in each step."""
    return _linear_memory(fixed=False)


def self_weight_after_drop_edge() -> float:
    """Mean weight of a node's own features in a renormalised average, 10 neighbours, edges dropped at 0.5."""
    kept = np.random.default_rng(12).binomial(10, 0.5, 200_000)
    return float((1 / (1 + kept)).mean())


def isolated_after_drop_edge() -> float:
    """Share of nodes with 3 neighbours that lose all of them at edge drop rate 0.5."""
    return float((np.random.default_rng(13).random((200_000, 3)) < 0.5).all(axis=1).mean())


def smoothing_slowed_by_drop_edge() -> float:
    """Second eigenvalue of the normalised adjacency with half of the edges, over that with all; 20 graphs."""
    rng, found = np.random.default_rng(14), []
    for _ in range(20):
        upper = np.triu(rng.random((60, 60)) < 0.2, 1)
        values = [_second(edges) for edges in (upper & (rng.random((60, 60)) >= 0.5), upper)]
        found.append(values[0] / values[1])
    return float(np.mean(found))


def _second(upper: np.ndarray) -> float:
    A = (upper | upper.T) + np.eye(len(upper))
    root = A.sum(axis=1) ** -0.5
    return float(np.sort(np.abs(np.linalg.eigvalsh(root[:, None] * A * root)))[-2])


@cache
def _schedules() -> tuple[float, float]:
    """Where descent ends: early dropout from least squares, late dropout from the ridge, relative."""
    rng = np.random.default_rng(15)
    X = rng.normal(size=(50, 4))
    y = X @ np.array([1.0, -1.0, 2.0, 0.5]) + rng.normal(size=50)
    ends = {}
    for name, rates in {"early": [0.5] * 500 + [0.0] * 500, "late": [0.0] * 500 + [0.5] * 500}.items():
        w, total = np.zeros(4), np.zeros(4)
        for step, p in enumerate(rates):
            kept = np.where(rng.random((40, *X.shape)) >= p, X / (1 - p), 0).reshape(-1, 4)
            w = w - 0.1 * kept.T @ (kept @ w - np.tile(y, 40)) / len(kept)
            total += w * (step >= 900)
        ends[name] = total / 100
    goals = {"early": linear.ridge(X, y, 0.0), "late": linear.ridge(X, y, 0.5)}
    far = {
        name: float(np.linalg.norm(ends[name] - goal) / np.linalg.norm(goal)) for name, goal in goals.items()
    }
    return far["early"], far["late"]


def early_dropout_forgotten() -> float:
    """Distance of early dropout's last weights from plain least squares, relative; a convex loss."""
    return _schedules()[0]


def late_dropout_remembered() -> float:
    """Distance of late dropout's last weights from the ridge of constant dropout, relative."""
    return _schedules()[1]
