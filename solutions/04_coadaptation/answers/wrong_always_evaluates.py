"""Never drops, since the mode is compared with the wrong word."""

# fails: training_drops_hidden_units as mask_not_applied
import numpy as np

from dropgrade.reference import dropout_forward, mlp

ablation_curve, loss_and_gradients, train = mlp.ablation_curve, mlp.loss_and_gradients, mlp.train


def logits(params, x, p, training, rng):
    hidden = np.maximum(x @ params["W1"] + params["b1"], 0)
    y, _ = dropout_forward(hidden, p, training == "train", rng)
    return y @ params["W2"] + params["b2"]
