"""Dropout with structure, in NumPy: channels, residual branches, recurrent states, attention, and BatchNorm.

The question is always which entries share a draw. `q` stands for ``1 - p``; evaluation draws nothing.
"""

import numpy as np

from dropgrade.reference import noises, numpy_ops, philox


def drop_channels(x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> np.ndarray:
    """Drop whole channels: one draw for each example and channel, shared by all positions.

    Args:
        x: float array (examples, channels, *positions): what Dropout1d and Dropout2d take.
        p: probability of dropping a channel, 0 <= p <= 1.
        training: False returns x itself.
        rng: one uniform number for each example and channel.

    Returns:
        Array like x: x / q in channels that are kept, 0 in the others.

    Raises:
        ValueError: p outside [0, 1] or NaN.

    Source: tompson2015efficient (SpatialDropout).
    """
    philox.require_probability(p)
    if not training:
        return x
    keep = numpy_ops.keep_mask(x.shape[:2], p, rng)
    return _kept_scaled(x, keep.reshape(keep.shape + (1,) * (x.ndim - 2)), p)


def path_rates(depth: int, last: float) -> np.ndarray:
    """The linear schedule of stochastic depth: block l of 1 ... depth is dropped at rate last * l / depth.

    Args:
        depth: number of residual blocks, at least 1.
        last: drop probability of the last block, 0 <= last <= 1.

    Returns:
        float64 (depth,).

    Raises:
        ValueError: last outside [0, 1] or NaN.

    Source: huang2016deep (whose survival probability is 1 minus this).

    >>> path_rates(4, 0.2)
    array([0.05, 0.1 , 0.15, 0.2 ])
    """
    philox.require_probability(last)
    return last * np.arange(1, depth + 1) / depth


def drop_path(
    x: np.ndarray, branch: np.ndarray, p: float, training: bool, rng: np.random.Generator
) -> np.ndarray:
    """A residual block whose branch is dropped for whole examples, with inverted scaling.

    Args:
        x, branch: float arrays (examples, ...) of one shape: the shortcut, and what the block adds to it.
        p: probability of dropping the branch of an example, 0 <= p <= 1.
        training: False returns x + branch.
        rng: one uniform number for each example.

    Returns:
        Array like x: x + branch / q, or x for examples whose branch is dropped.

    Raises:
        ValueError: p outside [0, 1] or NaN.

    Source: huang2016deep (with the scale moved from evaluation to training, as today's libraries do).
    """
    philox.require_probability(p)
    if not training:
        return x + branch
    keep = numpy_ops.keep_mask((len(x),), p, rng).reshape((-1,) + (1,) * (x.ndim - 1))
    return x + _kept_scaled(branch, keep, p)


def rnn(
    x: np.ndarray, w: np.ndarray, u: np.ndarray, p: float, training: bool, rng: np.random.Generator
) -> np.ndarray:
    """A recurrent network h_t = tanh(x_t w + (h_{t-1} m / q) u) with one mask m for all steps of a sequence.

    Args:
        x: float array (examples, steps, inputs).
        w: (inputs, units); u: (units, units). The state before the first step is zero.
        p: probability of dropping a unit of the state on its way to the next step, 0 <= p <= 1.
        training: False uses m / q = 1.
        rng: one uniform number for each example and unit.

    Returns:
        The states (examples, steps, units), in the dtype of x.

    Raises:
        ValueError: p outside [0, 1] or NaN.

    Source: gal2016rnn (the mask on the recurrent connection; theirs has one on the inputs as well).
    """
    philox.require_probability(p)
    state, states = np.zeros((len(x), u.shape[0]), dtype=x.dtype), []
    keep = numpy_ops.keep_mask(state.shape, p, rng) if training else None
    for t in range(x.shape[1]):
        seen = state if keep is None else _kept_scaled(state, keep, p)
        state = np.tanh(x[:, t] @ w + seen @ u)
        states.append(state)
    return np.stack(states, axis=1)


def attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, p: float, training: bool, rng: np.random.Generator
) -> np.ndarray:
    """Scaled dot-product attention with dropout on the probabilities, after the softmax.

    Args:
        q: float array (examples, queries, d); k: (examples, keys, d); v: (examples, keys, values).
        p: probability of dropping one of the probabilities, 0 <= p <= 1.
        training: False drops nothing.
        rng: one uniform number for each example, query and key.

    Returns:
        (examples, queries, values) in the dtype of q.

    Raises:
        ValueError: p outside [0, 1] or NaN.

    Source: vaswani2017attention for attention; pytorch_sdpa for where the dropout sits.
    """
    philox.require_probability(p)
    weights = attention_weights(q, k)
    if training:
        weights = _kept_scaled(weights, numpy_ops.keep_mask(weights.shape, p, rng), p)
    return weights @ v


def attention_weights(q: np.ndarray, k: np.ndarray) -> np.ndarray:
    """softmax(q k^T / sqrt(d)) over the keys, (examples, queries, keys); safe for large scores."""
    scores = q @ np.swapaxes(k, 1, 2) / q.dtype.type(np.sqrt(q.shape[-1]))
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def variance_shift(x: np.ndarray, w: np.ndarray, p: float) -> np.ndarray:
    """What dropout before a linear layer does to the variance that a BatchNorm behind it meets.

    In training (masks drawn) output j of dropout(x) @ w has the variance
    Var(x w_j) + p / q * sum_i mean(x_i**2) * w_ij**2 over examples and masks; in evaluation Var(x w_j).

    Args:
        x: float array (examples, units), the activations that dropout acts on.
        w: (units, outputs).
        p: drop probability, 0 <= p < 1.

    Returns:
        Evaluation variance over training variance, (outputs,), at most 1.

    Raises:
        ValueError: p outside [0, 1) or NaN.

    Source: li2019understanding for the effect; book chapter 10_architectures derives the formula.
    """
    noises.require_below_one(p)
    still = (x @ w).var(axis=0)
    return still / (still + p / (1 - p) * (x**2).mean(axis=0) @ w**2)


def _kept_scaled(values: np.ndarray, keep: np.ndarray, p: float) -> np.ndarray:
    """values / (1 - p) where kept, else 0; `keep` may have to be stretched."""
    out = np.zeros_like(values)
    return np.divide(values, 1 - p, out=out, where=np.broadcast_to(keep, values.shape))
