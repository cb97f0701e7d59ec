"""Drops the logits, so that classes go missing."""

# fails: training_drops_hidden_units as wrong_place
import numpy as np

from dropgrade.reference import dropout_forward, mlp

ablation_curve, loss_and_gradients, train = mlp.ablation_curve, mlp.loss_and_gradients, mlp.train


def logits(params, x, p, training, rng):
    hidden = np.maximum(x @ params["W1"] + params["b1"], 0)
    return dropout_forward(hidden @ params["W2"] + params["b2"], p, training, rng)[0]
