"""Zeroes and scales the caller's dy in place."""


# fails: input_unchanged as input_changed_in_place
def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    dy[~keep] = 0
    if p < 1:
        dy /= dy.dtype.type(1 - p)
    return dy
