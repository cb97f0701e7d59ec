"""Sends gradient through units that the ReLU had switched off."""

# fails: gradients_are_slopes as relu_gate_missing
import numpy as np

from dropgrade.reference import dropout_backward, dropout_forward, mlp

ablation_curve, logits = mlp.ablation_curve, mlp.logits


def loss_and_gradients(params, x, labels, p, rng):
    hidden = np.maximum(x @ params["W1"] + params["b1"], 0)
    y, keep = dropout_forward(hidden, p, True, rng)
    scores = y @ params["W2"] + params["b2"]
    scores = scores - scores.max(axis=1, keepdims=True)
    log_q = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    d_scores = (np.exp(log_q) - np.eye(scores.shape[1])[labels]) / len(x)
    d_hidden = dropout_backward(d_scores @ params["W2"].T, keep, p)
    gradients = {"W1": x.T @ d_hidden, "b1": d_hidden.sum(0), "W2": y.T @ d_scores, "b2": d_scores.sum(0)}
    return -log_q[np.arange(len(x)), labels].mean(), gradients


def train(params, images, labels, settings, rng):
    params, velocity = dict(params), dict.fromkeys(params, 0)
    n, batch = len(images), settings["batch"]
    for step in range(settings["steps"]):
        place = step * batch % n
        if place == 0:
            order = rng.permutation(n)
        chosen = order[place : place + batch]
        _, slopes = loss_and_gradients(params, images[chosen], labels[chosen], settings["p"], rng)
        for name in params:
            velocity[name] = settings["momentum"] * velocity[name] - settings["rate"] * slopes[name]
            params[name] = params[name] + velocity[name]
    return params
