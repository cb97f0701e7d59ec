"""Noises other than dropout, in NumPy: Gaussian, DropConnect, alpha dropout, zoneout and Concrete dropout.

One interface: what is disturbed, then `p`, `training` and `rng`. Each noise keeps its own contract on mean
and variance, stated in its docstring; `q` stands for ``1 - p`` there. Evaluation draws nothing.
"""

import numpy as np

from dropgrade.reference import numpy_ops, philox

SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772
SATURATION = -SELU_SCALE * SELU_ALPHA
"""What the SELU activation tends to for very negative inputs: the value that alpha dropout drops to."""


def gaussian(x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> np.ndarray:
    """Multiply each entry by a normal variable with the mean and the variance of dropout's factor.

    Contract: mean x, variance x**2 * p / q.

    Args:
        x: float array (...,).
        p: the drop rate whose variance is matched, 0 <= p < 1.
        training: False returns x itself.
        rng: one standard normal number for each entry.

    Returns:
        Array like x.

    Raises:
        ValueError: p outside [0, 1) or NaN: at p = 1 no finite variance matches.

    Source: srivastava2014dropout, section 10.
    """
    require_below_one(p)
    if not training:
        return x
    factor = 1 + np.sqrt(p / (1 - p)) * rng.standard_normal(x.shape)
    return x * factor.astype(x.dtype)


def drop_connect(
    x: np.ndarray, w: np.ndarray, p: float, training: bool, rng: np.random.Generator
) -> np.ndarray:
    """A linear layer of which each weight is dropped by itself, anew for each example.

    Contract: mean x @ w, variance x**2 @ w**2 * p / q, outputs of an example uncorrelated.

    Args:
        x: float array (examples, inputs).
        w: float array (inputs, outputs).
        p: probability of dropping a weight, 0 <= p <= 1; p = 1 gives zeros.
        training: False returns x @ w.
        rng: one uniform number for each example and weight.

    Returns:
        Array (examples, outputs) of the dtype of x.

    Raises:
        ValueError: p outside [0, 1] or NaN.

    Source: wan2013dropconnect (whose test-time sampling is left out here: evaluation uses the mean).
    """
    philox.require_probability(p)
    if not training:
        return x @ w
    keep = numpy_ops.keep_mask((len(x), *w.shape), p, rng)
    kept = np.einsum("bi,bij->bj", x, np.where(keep, w, 0))
    return kept if p == 1 else kept / (1 - p)


def alpha_terms(p: float) -> tuple[float, float]:
    """The a and b with which ``a * mixture + b`` has mean 0 and variance 1 if what is kept has.

    Args:
        p: drop probability, 0 <= p < 1.

    Returns:
        a = (q + s**2 * p * q) ** -0.5 and b = -a * p * s, where s is `SATURATION`.

    Raises:
        ValueError: p outside [0, 1) or NaN: at p = 1 a constant is left, which no a gives variance 1.

    Source: klambauer2017selu, section on dropout; book chapter 12_variants derives it.

    >>> alpha_terms(0.0)
    (1.0, 0.0)
    """
    require_below_one(p)
    a = ((1 - p) * (1 + p * SATURATION**2)) ** -0.5
    return a, 0.0 - a * p * SATURATION


def alpha_dropout(x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> np.ndarray:
    """Drop to the SELU's saturation value instead of zero, then put mean and variance right.

    Contract: an input with mean 0 and variance 1 gives an output with mean 0 and variance 1. For a fixed x
    the mean is a * q * x and the variance a**2 * p * q * (x - s)**2, with a and s as in `alpha_terms`.

    Args:
        x: float array (...,).
        p: drop probability, 0 <= p < 1.
        training: False returns x itself.
        rng: one uniform number for each entry.

    Returns:
        Array like x: a * x + b where kept, a * s + b where dropped.

    Raises:
        ValueError: p outside [0, 1) or NaN.

    Source: klambauer2017selu, section on dropout.
    """
    a, b = alpha_terms(p)
    if not training:
        return x
    keep = numpy_ops.keep_mask(x.shape, p, rng)
    return (a * np.where(keep, x, SATURATION) + b).astype(x.dtype)


def zoneout(
    old: np.ndarray, new: np.ndarray, p: float, training: bool, rng: np.random.Generator
) -> np.ndarray:
    """Let each unit of a recurrent state keep its old value with probability p.

    Contract: mean p * old + q * new, variance p * q * (new - old)**2; evaluation returns the mean.

    Args:
        old, new: float arrays (...,) of one shape: the state before and after the step.
        p: probability of keeping the old value, 0 <= p <= 1.
        training: False returns the mean.
        rng: one uniform number for each unit.

    Returns:
        Array like new.

    Raises:
        ValueError: p outside [0, 1] or NaN.

    Source: krueger2017zoneout.
    """
    philox.require_probability(p)
    if not training:
        return p * old + (1 - p) * new
    return np.where(numpy_ops.keep_mask(new.shape, p, rng), new, old)


def concrete(x: np.ndarray, p: float, t: float, training: bool, rng: np.random.Generator) -> np.ndarray:
    """Dropout whose mask is soft, so that the output has a derivative by p.

    Each entry is multiplied by (1 - z) / q with z = sigmoid((logit(p) + logit(u)) / t), u uniform in (0, 1).

    Contract: z > c with probability sigmoid(logit(p) - t * logit(c)), for c = 1/2 this is p at each t.
    The mean tends to x and the variance to x**2 * p / q as t falls to 0; for t > 0 both are off a little.

    Args:
        x: float array (...,).
        p: drop probability, 0 < p < 1.
        t: temperature, above 0.
        training: False returns x itself.
        rng: one uniform number for each entry.

    Returns:
        Array like x.

    Raises:
        ValueError: p outside (0, 1) or NaN, t not above 0.

    Source: gal2017concrete.
    """
    if not 0 < p < 1:
        raise ValueError(f"p must be in (0, 1), got {p}")
    if not t > 0:
        raise ValueError(f"t must be above 0, got {t}")
    if not training:
        return x
    u = 1 - rng.random(x.shape)  # in (0, 1]: the logarithm of 0 never comes up, that of 1 - u once in 2**53
    logits = np.log(p) - np.log1p(-p) + np.log(u) - np.log1p(-np.minimum(u, 1 - 2**-53))
    kept = (1 - np.tanh(logits / (2 * t))) / 2  # 1 - sigmoid, without an exponential that overflows
    return x * (kept / (1 - p)).astype(x.dtype)


def concrete_quantile(share: np.ndarray, p: float, t: float) -> np.ndarray:
    """The value of 1 - z in `concrete` below which that share of its values lies, 0 < share < 1."""
    return (1 + np.tanh((np.log(share / (1 - share)) - np.log(p / (1 - p))) / (2 * t))) / 2


def concrete_share(kept: np.ndarray, p: float, t: float) -> np.ndarray:
    """The share of values of 1 - z in `concrete` that lie below `kept`; 0 < kept < 1."""
    return (1 + np.tanh((np.log(p / (1 - p)) + t * np.log(kept / (1 - kept))) / 2)) / 2


def concrete_moments(p: float, t: float, steps: int = 4000) -> tuple[float, float]:
    """Mean and standard deviation of 1 - z in `concrete`, by the midpoint rule over its quantiles.

    >>> mean, _ = concrete_moments(0.5, 1.0)  # z is uniform there
    >>> round(mean, 6)
    0.5
    """
    values = concrete_quantile((np.arange(steps) + 0.5) / steps, p, t)
    return float(values.mean()), float(values.std())


def require_below_one(p: float) -> None:
    """Raise ValueError unless 0 <= p < 1."""
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
