"""Computes everything in double precision, and rounds the network at the end."""

import numpy as np


def hidden_of(params, x):
    return np.maximum(np.float64(x) @ params["W1"] + params["b1"], 0)


def logits(params, x, p, training, rng):
    y = hidden_of(params, x)
    if training:
        y = y * rng.binomial(1, 1 - p, y.shape) / (1 - p)
    return y @ params["W2"] + params["b2"]


def loss_and_gradients(params, x, labels, p, rng):
    h = hidden_of(params, x)
    factor = rng.binomial(1, 1 - p, h.shape) / (1 - p)
    scores = (h * factor) @ params["W2"] + params["b2"]
    e = np.exp(scores - scores.max(1, keepdims=True))
    loss = np.log(e.sum(1)) + scores.max(1) - scores[range(len(x)), labels]
    d = e / e.sum(1, keepdims=True) / len(x)
    np.subtract.at(d, (range(len(x)), labels), 1 / len(x))
    dh = (d @ params["W2"].T) * factor * np.sign(h)
    return np.mean(loss), {"W1": x.T @ dh, "b1": dh.sum(0), "W2": (h * factor).T @ d, "b2": d.sum(0)}


def train(params, images, labels, settings, rng):
    net = {k: v.astype(np.float64) for k, v in params.items()}
    velocity, done = {k: 0.0 * v for k, v in net.items()}, 0
    while done < settings["steps"]:
        for batch in rng.permutation(len(images)).reshape(-1, settings["batch"])[: settings["steps"] - done]:
            slopes = loss_and_gradients(net, images[batch], labels[batch], settings["p"], rng)[1]
            for k in net:
                velocity[k] = settings["momentum"] * velocity[k] - settings["rate"] * slopes[k]
                net[k] = net[k] + velocity[k]
            done += 1
    return {k: v.astype(params[k].dtype) for k, v in net.items()}


def ablation_curve(params, images, labels, shares, masks, rng):
    h, curve = hidden_of(params, images), np.zeros(len(shares))
    for i, share in enumerate(shares):
        for _ in range(masks):
            keep = rng.permutation(np.arange(h.shape[1]) >= round(share * h.shape[1])) / (1 - share)
            curve[i] += np.mean(((h * keep) @ params["W2"] + params["b2"]).argmax(1) != labels) / masks
    return curve
