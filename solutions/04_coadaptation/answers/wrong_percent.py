"""Reports the error in percent."""

# fails: removal_takes_whole_units as percent_for_share
import numpy as np

from dropgrade.reference import mlp

logits, loss_and_gradients, train = mlp.logits, mlp.loss_and_gradients, mlp.train


def ablation_curve(params, images, labels, shares, masks, rng):
    hidden = np.maximum(images @ params["W1"] + params["b1"], 0)
    width, curve = hidden.shape[1], []
    for share in shares:
        errors = []
        for _ in range(masks):
            left = hidden / (1 - share)
            left[:, rng.permutation(width)[: round(share * width)]] = 0
            scores = left @ params["W2"] + params["b2"]
            errors.append(np.mean(scores.argmax(axis=1) != labels))
        curve.append(100 * np.mean(errors))
    return np.array(curve)
