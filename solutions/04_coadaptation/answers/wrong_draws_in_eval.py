"""Draws the mask before it looks at the mode."""

# fails: evaluation_uses_every_unit as draws_in_eval
import numpy as np

from dropgrade.reference import dropout_forward, mlp

ablation_curve, loss_and_gradients, train = mlp.ablation_curve, mlp.loss_and_gradients, mlp.train


def logits(params, x, p, training, rng):
    hidden = np.maximum(x @ params["W1"] + params["b1"], 0)
    y, _ = dropout_forward(hidden, p, True, rng)
    y = y if training else hidden
    return y @ params["W2"] + params["b2"]
