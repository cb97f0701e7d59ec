"""Draws one mask and uses it for every example of the batch."""

# fails: gradients_use_dropout as one_mask_for_the_batch
import numpy as np

from dropgrade.reference import mlp

ablation_curve, loss_and_gradients, train = mlp.ablation_curve, mlp.loss_and_gradients, mlp.train


def logits(params, x, p, training, rng):
    hidden = np.maximum(x @ params["W1"] + params["b1"], 0)
    y = hidden
    if training:
        y = hidden * (rng.random(hidden.shape[1]) >= p) / (1 - p)
    return y @ params["W2"] + params["b2"]
