"""Builds on the course's layer, step by step and in one function each."""

import numpy as np

from dropgrade.reference import dropout_backward, dropout_forward


def logits(params, x, p, training, rng):
    y, _ = dropout_forward(np.maximum(x @ params["W1"] + params["b1"], 0), p, training, rng)
    return y @ params["W2"] + params["b2"]


def loss_and_gradients(params, x, labels, p, rng):
    hidden, rows = np.maximum(x @ params["W1"] + params["b1"], 0), np.arange(len(x))
    y, keep = dropout_forward(hidden, p, True, rng)
    scores = y @ params["W2"] + params["b2"]
    scores -= scores.max(axis=1, keepdims=True)
    log_q = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    d = np.exp(log_q)
    d[rows, labels] -= 1
    d /= len(x)
    dh = dropout_backward(d @ params["W2"].T, keep, p) * (hidden > 0)
    return -log_q[rows, labels].mean(), {"W1": x.T @ dh, "b1": dh.sum(0), "W2": y.T @ d, "b2": d.sum(0)}


def train(params, images, labels, settings, rng):
    params, velocity, queue = dict(params), dict.fromkeys(params, 0), []
    for _ in range(settings["steps"]):
        queue = queue or np.split(rng.permutation(len(images)), len(images) // settings["batch"])
        i = queue.pop()
        _, slopes = loss_and_gradients(params, images[i], labels[i], settings["p"], rng)
        for name in params:
            velocity[name] = settings["momentum"] * velocity[name] - settings["rate"] * slopes[name]
            params[name] = params[name] + velocity[name]
    return params


def ablation_curve(params, images, labels, shares, masks, rng):
    def error(share):
        gone = rng.permutation(len(params["b1"]))[: round(share * len(params["b1"]))]
        thinned = params | {"W2": params["W2"] / (1 - share)}
        thinned["W2"][gone] = 0
        return np.mean(logits(thinned, images, 0.0, False, rng).argmax(axis=1) != labels)

    return np.array([np.mean([error(share) for _ in range(masks)]) for share in shares])
