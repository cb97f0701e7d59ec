"""Removes inputs instead of hidden units."""

# fails: removal_takes_whole_units as removes_a_random_count
import numpy as np

from dropgrade.reference import mlp

logits, loss_and_gradients, train = mlp.logits, mlp.loss_and_gradients, mlp.train


def ablation_curve(params, images, labels, shares, masks, rng):
    width, curve = images.shape[1], []
    for share in shares:
        errors = []
        for _ in range(masks):
            left = images / (1 - share)
            left[:, rng.permutation(width)[: round(share * width)]] = 0
            left = np.maximum(left @ params["W1"] + params["b1"], 0)
            scores = left @ params["W2"] + params["b2"]
            errors.append(np.mean(scores.argmax(axis=1) != labels))
        curve.append(np.mean(errors))
    return np.array(curve)
