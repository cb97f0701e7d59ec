"""Passes the gradient straight through, as if dropout had no derivative."""


# fails: gradient_uses_given_mask as gradient_ignores_mask
def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return dy.copy()
