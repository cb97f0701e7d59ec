"""Uses the variance of the mask, p (1 - p), for that of the scaled mask."""

# fails: shift_is_exact as mask_variance
from dropgrade.reference.structured import attention, drop_channels, drop_path, path_rates, rnn  # noqa: F401


def variance_shift(x, w, p):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    still = (x @ w).var(axis=0)
    noise = p * (1 - p) * (x**2).mean(axis=0) @ w**2
    return still / (still + noise)
