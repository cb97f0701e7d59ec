"""Removes a share of the units for the whole batch in training, as the ablation does."""

# fails: training_drops_hidden_units as one_mask_for_the_batch
import numpy as np

from dropgrade.reference import mlp

ablation_curve, loss_and_gradients, train = mlp.ablation_curve, mlp.loss_and_gradients, mlp.train


def logits(params, x, p, training, rng):
    hidden = np.maximum(x @ params["W1"] + params["b1"], 0)
    y = hidden
    if training:
        width = hidden.shape[1]
        y = hidden * (rng.permutation(width) >= round(p * width)) / (1 - p)
    return y @ params["W2"] + params["b2"]
