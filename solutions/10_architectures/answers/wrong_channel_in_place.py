"""Writes the zeros into the array of the caller."""

# fails: inputs_and_dtype_kept as input_changed_in_place
from dropgrade.reference.structured import attention, drop_path, path_rates, rnn, variance_shift  # noqa: F401


def drop_channels(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x
    x[rng.random(x.shape[:2]) < p] = 0
    return x / (1 - p) if p < 1 else x
