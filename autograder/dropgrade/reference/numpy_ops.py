"""Dropout in NumPy: the mask, the forward pass, the backward pass, and the same three from a counter.

`p` is the probability of dropping, as in PyTorch (Srivastava et al. 2014 use p for keeping), and `keep` is
True where an entry is kept. Scaling is inverted: what is kept is divided by ``1 - p`` in training, and
evaluation does nothing. The dropped entries are selected to zero rather than multiplied by it, because
inf * 0 and NaN * 0 are NaN.
"""

from math import prod

import numpy as np

from dropgrade.reference import philox


def keep_mask(shape: tuple[int, ...], p: float, rng: np.random.Generator) -> np.ndarray:
    """Draw which entries are kept, each by itself with probability 1 - p.

    Args:
        shape: of the mask.
        p: drop probability, 0 <= p <= 1.
        rng: where the randomness comes from; one uniform number per entry.

    Returns:
        bool array of that shape, True where kept: uniform numbers in [0, 1) compared with p, so that p = 0
        keeps all and p = 1 none.

    Raises:
        ValueError: p outside [0, 1] or NaN.

    Source: srivastava2014dropout, section 4 (whose p is our 1 - p).

    >>> keep_mask((2, 4), 0.5, np.random.default_rng(0))
    array([[ True, False, False, False],
           [ True,  True,  True,  True]])
    """
    philox.require_probability(p)
    return rng.random(shape) >= p


def dropout_forward(
    x: np.ndarray, p: float, training: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray | None]:
    """Inverted dropout.

    Args:
        x: float array (...,).
        p: drop probability, 0 <= p <= 1.
        training: False returns x itself and draws nothing.
        rng: where the mask comes from.

    Returns:
        y: shape and dtype of x; x / (1 - p) where kept, else 0.
        keep: bool array of x's shape, True where kept; None in evaluation.

    Raises:
        ValueError: p outside [0, 1] or NaN.
        TypeError: x is not of a float dtype.

    Source: srivastava2014dropout, section 10 (scaling at training time).

    >>> y, keep = dropout_forward(np.ones(4), 0.5, True, np.random.default_rng(0))
    >>> y, keep
    (array([2., 0., 0., 0.]), array([ True, False, False, False]))
    """
    philox.require_probability(p)
    require_float("x", x)
    if not training:
        return x, None
    keep = keep_mask(x.shape, p, rng)
    return _rescale_kept(x, keep, p), keep


def dropout_backward(dy: np.ndarray, keep: np.ndarray | None, p: float) -> np.ndarray:
    """Gradient of inverted dropout with respect to its input.

    Args:
        dy: float array (...,), gradient of the loss with respect to the output.
        keep: bool array, same shape: the mask of the forward pass; None for evaluation.
        p: drop probability, 0 <= p <= 1.

    Returns:
        Array with shape and dtype of dy: dy / (1 - p) where kept, else 0; dy itself in evaluation.

    Raises:
        ValueError: p outside [0, 1] or NaN, or shapes differ (the message gives both).
        TypeError: dy is not of a float dtype.

    Source: the forward pass is a diagonal linear map, and so is its transpose; book chapter 03_backward.

    >>> dropout_backward(np.ones(2), np.array([True, False]), 0.5)
    array([2., 0.])
    """
    philox.require_probability(p)
    require_float("dy", dy)
    if keep is None:
        return dy
    if keep.shape != dy.shape:
        raise ValueError(f"keep must have the shape of dy, got {keep.shape} and {dy.shape}")
    return _rescale_kept(dy, keep, p)


def keep_mask_seeded(shape: tuple[int, ...], p: float, seed: int, offset: int = 0) -> np.ndarray:
    """The keep mask as a function of a counter: nothing to store, the same on every machine.

    Args:
        shape: of the mask; entries are counted in C order.
        p: drop probability, 0 <= p <= 1.
        seed, offset: see `philox.words`.

    Returns:
        bool array of that shape; a larger p drops a superset of what a smaller one drops.

    Raises:
        ValueError: p outside [0, 1] or NaN.

    >>> keep_mask_seeded((2, 4), 0.5, seed=0)
    array([[False,  True,  True,  True],
           [ True, False,  True, False]])
    """
    return (philox.words(prod(shape), seed, offset) >= philox.threshold(p)).reshape(shape)


def dropout_forward_seeded(x: np.ndarray, p: float, seed: int, offset: int = 0) -> np.ndarray:
    """Inverted dropout in training whose mask comes from `keep_mask_seeded`; arguments and errors as there.

    >>> dropout_forward_seeded(np.ones(4), 0.5, seed=0)
    array([0., 2., 2., 2.])
    """
    require_float("x", x)
    return _rescale_kept(x, keep_mask_seeded(x.shape, p, seed, offset), p)


def dropout_backward_seeded(dy: np.ndarray, p: float, seed: int, offset: int = 0) -> np.ndarray:
    """Gradient of `dropout_forward_seeded`: the mask is made again from seed and offset, not stored.

    >>> dropout_backward_seeded(np.ones(4), 0.5, seed=0)
    array([0., 2., 2., 2.])
    """
    require_float("dy", dy)
    return _rescale_kept(dy, keep_mask_seeded(dy.shape, p, seed, offset), p)


def require_float(name: str, array: np.ndarray) -> None:
    """Raise TypeError unless the array has a float dtype: dividing integers would change their dtype."""
    if not np.issubdtype(array.dtype, np.floating):
        raise TypeError(f"{name} must have a float dtype, got {array.dtype}")


def _rescale_kept(values: np.ndarray, keep: np.ndarray, p: float) -> np.ndarray:
    """values / (1 - p) where kept, else 0; at p = 1 nothing is kept, so nothing is divided by zero."""
    return np.divide(values, 1 - p, out=np.zeros_like(values), where=keep)
