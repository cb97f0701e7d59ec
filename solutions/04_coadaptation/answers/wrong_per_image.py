"""Removes other units for each image, as dropout in training does."""

# fails: removal_averages_over_masks as removes_per_image
import numpy as np

from dropgrade.reference import mlp

logits, loss_and_gradients, train = mlp.logits, mlp.loss_and_gradients, mlp.train


def ablation_curve(params, images, labels, shares, masks, rng):
    hidden = np.maximum(images @ params["W1"] + params["b1"], 0)
    curve = []
    for share in shares:
        errors = []
        for _ in range(masks):
            left = hidden / (1 - share)
            left = np.where(rng.random(hidden.shape) < share, 0, left)
            scores = left @ params["W2"] + params["b2"]
            errors.append(np.mean(scores.argmax(axis=1) != labels))
        curve.append(np.mean(errors))
    return np.array(curve)
