"""Divides by 1 - p in eval mode too, where the forward pass did nothing."""

# fails: eval_passes_gradient as gradient_rescaled_in_eval
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    scale = 1 / (1 - p) if p < 1 else 0
    if keep is None:
        return (dy * scale).astype(dy.dtype)
    return np.where(keep, dy * scale, 0).astype(dy.dtype)
