"""Centres x in place before it takes the variance."""

# fails: inputs_and_dtype_kept as input_changed_in_place
from dropgrade.reference.structured import attention, drop_channels, drop_path, path_rates, rnn  # noqa: F401


def variance_shift(x, w, p):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    squares = (x**2).mean(axis=0)
    x -= x.mean(axis=0)
    still = ((x @ w) ** 2).mean(axis=0)
    return still / (still + p / (1 - p) * squares @ w**2)
