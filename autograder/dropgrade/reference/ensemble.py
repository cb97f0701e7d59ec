"""The ensemble behind dropout, exactly: every thinned network, its chance, and three ways to average them.

A network is a list of layers ``(W, b)``, W (inputs, outputs) and b (outputs,): ``h @ W + b``, ReLU between
layers, softmax at the end. Dropout acts on what enters each layer, with inverted scaling. A *member* is the
network under one mask; a mask is a row with one column for each unit that can be dropped, the inputs of the
first layer first.
"""

from math import log

import numpy as np

from dropgrade.reference import philox

Layers = list[tuple[np.ndarray, np.ndarray]]


def all_masks(n: int) -> np.ndarray:
    """Every mask over n units once: bool (2**n, n), True where kept; n = 0 has one mask, the empty one.

    Source: srivastava2014dropout, section 1 (2^n thinned networks).

    >>> all_masks(2)
    array([[False, False],
           [ True, False],
           [False,  True],
           [ True,  True]])
    """
    return (np.arange(2**n)[:, np.newaxis] >> np.arange(n)) % 2 == 1


def chances(keep: np.ndarray, p: float) -> np.ndarray:
    """The chance of each mask: p to the number dropped times 1 - p to the number kept.

    Args:
        keep: bool (m, n), one mask a row.
        p: drop probability, 0 <= p <= 1; 0 to the power 0 is 1.

    Returns:
        float64 (m,).

    Raises:
        ValueError: p outside [0, 1] or NaN.

    >>> chances(all_masks(2), 0.25)
    array([0.0625, 0.1875, 0.1875, 0.5625])
    """
    philox.require_probability(p)
    kept = keep.sum(axis=1)
    return float(p) ** (keep.shape[1] - kept) * (1.0 - p) ** kept


def units(layers: Layers) -> int:
    """How many units can be dropped: the inputs of all layers together."""
    return sum(len(W) for W, _ in layers)


def members(x: np.ndarray, layers: Layers, keep: np.ndarray, p: float) -> np.ndarray:
    """The output of each thinned network for one example.

    Args:
        x: float (n,), the example.
        layers: pairs (W, b), see the module.
        keep: bool (m, units(layers)), one mask a row.
        p: drop probability, 0 <= p < 1.

    Returns:
        float64 (m, classes), each row a distribution.

    Source: srivastava2014dropout, section 4, with the scale moved into training (section 10).

    >>> members(np.array([1.0]), [(np.array([[0.0, 1.0]]), np.zeros(2))], all_masks(1), 0.5).round(3)
    array([[0.5  , 0.5  ],
           [0.119, 0.881]])
    """
    return softmax(member_logits(x, layers, keep, p))


def member_logits(x: np.ndarray, layers: Layers, keep: np.ndarray, p: float) -> np.ndarray:
    """What enters the softmax of each thinned network: float64 (m, classes); arguments as in `members`."""
    h, column = np.broadcast_to(x, (len(keep), len(x))), 0
    for number, (W, b) in enumerate(layers):
        if number:
            h = np.maximum(h, 0)
        h = np.where(keep[:, column : column + len(W)], h / (1 - p), 0) @ W + b
        column += len(W)
    return h


def scaled(x: np.ndarray, layers: Layers) -> np.ndarray:
    """Weight scaling: one pass with nothing dropped, since training has done the scaling.

    Returns:
        float64 (classes,).

    Source: srivastava2014dropout, section 10.
    """
    return members(x, layers, np.ones((1, units(layers)), dtype=bool), 0.0)[0]


def softmax(logits: np.ndarray) -> np.ndarray:
    """Along the last axis; the largest logit is taken off first, so that nothing overflows."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def arithmetic(probs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The mean of the members' distributions.

    Args:
        probs: float64 (m, classes), one distribution a row.
        weights: float64 (m,), summing to 1.

    Returns:
        float64 (classes,).
    """
    return weights @ probs


def geometric(probs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The renormalised geometric mean of the members' distributions.

    A zero of a member with positive weight is a veto; one of a member with weight 0 counts for nothing.

    Args:
        probs: float64 (m, classes), one distribution a row; some class has no veto.
        weights: float64 (m,), summing to 1.

    Returns:
        float64 (classes,).

    Source: hinton2012improving; book chapter 05_ensemble.

    >>> geometric(np.array([[0.5, 0.5], [0.1, 0.9]]), np.array([0.5, 0.5]))
    array([0.25, 0.75])
    """
    counted = weights > 0
    with np.errstate(divide="ignore"):
        logs = np.log(probs[counted])
    return softmax(weights[counted] @ logs)


def sampled(x: np.ndarray, layers: Layers, p: float, samples: int, rng: np.random.Generator) -> np.ndarray:
    """The Monte-Carlo estimate of the arithmetic mean: the plain mean over masks drawn at random.

    Args:
        x, layers, p: as in `members`.
        samples: number of masks, at least 1.
        rng: where they come from.

    Returns:
        float64 (classes,).

    Source: srivastava2014dropout, section 7.5.
    """
    keep = rng.random((samples, units(layers))) >= p
    return members(x, layers, keep, p).mean(axis=0)


def total_variation(a: np.ndarray, b: np.ndarray) -> float:
    """How far two distributions are apart: half the sum of absolute differences, from 0 to 1."""
    return float(np.abs(a - b).sum() / 2)


def chernoff_limits(
    values: np.ndarray, weights: np.ndarray, samples: int, alpha: float
) -> tuple[float, float]:
    """How far the mean of independent draws from a known finite distribution can stray.

    For every t > 0 the chance that the mean exceeds ``(log M(t) + log(2 / alpha) / samples) / t`` is at most
    alpha / 2 (Markov's inequality for exp(t * sum), M being the moment generating function of one draw). The
    least of these bounds on a grid of t is taken; whatever the grid, the bound holds.

    Args:
        values, weights: float64 (m,), what is drawn and with which chance.
        samples: number of draws averaged.
        alpha: chance allowed, both sides together.

    Returns:
        (low, high), which the mean leaves with probability at most alpha.
    """
    t = np.logspace(-2, 5, 400)[:, np.newaxis]
    budget = log(2 / alpha) / samples

    def bound(v: np.ndarray) -> float:
        top = v[weights > 0].max()
        log_m = (t * top)[:, 0] + np.log(np.exp(t * (v[weights > 0] - top)) @ weights[weights > 0])
        return float(((log_m + budget) / t[:, 0]).min())

    return -bound(-values), bound(values)
