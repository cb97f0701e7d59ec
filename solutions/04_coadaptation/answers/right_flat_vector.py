"""Keeps all weights in one vector, so that the update is a single line."""

import numpy as np

from dropgrade.reference import dropout_backward, dropout_forward

NAMES = "W1", "b1", "W2", "b2"


def unpack(vector, like):
    parts = np.split(vector, np.cumsum([like[name].size for name in NAMES])[:-1])
    return {name: part.reshape(like[name].shape) for name, part in zip(NAMES, parts, strict=True)}


def run(params, x, p, training, rng):
    z = x @ params["W1"] + params["b1"]
    y, keep = dropout_forward(np.where(z > 0, z, 0), p, training, rng)
    return z > 0, y, keep, y @ params["W2"] + params["b2"]


def logits(params, x, p, training, rng):
    return run(params, x, p, training, rng)[-1]


def loss_and_gradients(params, x, labels, p, rng):
    on, y, keep, scores = run(params, x, p, True, rng)
    scores = scores - np.max(scores, axis=1, keepdims=True)
    log_q = scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True))
    d = (np.exp(log_q) - (np.arange(scores.shape[1]) == labels[:, None])) / len(x)
    dh = dropout_backward(d @ params["W2"].T, keep, p) * on
    parts = {"W1": x.T @ dh, "b1": dh.sum(0), "W2": y.T @ d, "b2": d.sum(0)}
    return -np.diagonal(log_q[:, labels]).mean(), parts


def train(params, images, labels, settings, rng):
    weights, velocity, epoch = np.concatenate([params[name].ravel() for name in NAMES]), 0, []
    for _ in range(settings["steps"]):
        if len(epoch) == 0:
            epoch = rng.permutation(len(images)).reshape(-1, settings["batch"])
        now, epoch = epoch[0], epoch[1:]
        slopes = loss_and_gradients(unpack(weights, params), images[now], labels[now], settings["p"], rng)[1]
        flat = np.concatenate([slopes[name].ravel() for name in NAMES])
        velocity = settings["momentum"] * velocity - settings["rate"] * flat
        weights = weights + velocity
    return unpack(weights, params)


def ablation_curve(params, images, labels, shares, masks, rng):
    _, hidden, _, _ = run(params, images, 0.0, False, rng)
    curve = []
    for share in shares:
        places = np.tile(np.arange(hidden.shape[1]), (masks, 1))
        keep = rng.permuted(places, axis=1) >= round(share * hidden.shape[1])
        scores = (hidden * keep[:, None] / (1 - share)) @ params["W2"] + params["b2"]
        curve.append((scores.argmax(-1) != labels).mean())
    return curve
