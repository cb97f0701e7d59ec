"""Drops units in training and leaves the others at their size."""

# fails: training_drops_hidden_units as no_rescale
import numpy as np

from dropgrade.reference import mlp

ablation_curve, loss_and_gradients, train = mlp.ablation_curve, mlp.loss_and_gradients, mlp.train


def logits(params, x, p, training, rng):
    hidden = np.maximum(x @ params["W1"] + params["b1"], 0)
    y = hidden * (rng.random(hidden.shape) >= p) if training else hidden
    return y @ params["W2"] + params["b2"]
