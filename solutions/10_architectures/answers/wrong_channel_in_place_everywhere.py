"""Multiplies the array of the caller by the mask."""

# fails: inputs_and_dtype_kept as input_changed_in_place
from dropgrade.reference.structured import (  # noqa: F401
    attention,
    drop_path,
    drop_path_rates,
    rnn,
    variance_shift,
)


def channel_dropout(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x
    keep = rng.random(x.shape[:2]) >= p
    x /= 1 - p if p < 1 else 1
    x[~keep] = 0
    return x
