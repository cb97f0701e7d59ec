"""Drops before the ReLU with a mask of its own, which is the same because the ReLU keeps zeros and scales."""

import numpy as np


def layer(params, x, p, rng):
    scale = (rng.random((len(x), len(params["b1"]))) >= p) / (1 - p) if p else 1.0
    return np.maximum((x @ params["W1"] + params["b1"]) * scale, 0), scale


def logits(params, x, p, training, rng):
    return layer(params, x, p if training else 0, rng)[0] @ params["W2"] + params["b2"]


def loss_and_gradients(params, x, labels, p, rng):
    y, scale = layer(params, x, p, rng)
    scores = y @ params["W2"] + params["b2"]
    largest = scores.max(axis=1)
    total = np.exp(scores - largest[:, None]).sum(axis=1)
    right = np.take_along_axis(scores, labels[:, None], axis=1)[:, 0]
    d = np.exp(scores - largest[:, None]) / total[:, None] - np.eye(scores.shape[1])[labels]
    d = (d / len(x)).astype(scores.dtype)
    dh = np.where(y > 0, (d @ params["W2"].T) * scale, 0)
    gradients = {"W1": x.T @ dh, "b1": dh.sum(axis=0), "W2": y.T @ d, "b2": d.sum(axis=0)}
    return float(np.mean(largest + np.log(total) - right)), gradients


def train(params, images, labels, settings, rng):
    now, last = {**params}, {name: np.zeros_like(value) for name, value in params.items()}
    for step in range(settings["steps"]):
        start = step * settings["batch"] % len(images)
        if start == 0:
            order = rng.permutation(len(images))
        batch = order[start : start + settings["batch"]]
        slopes = loss_and_gradients(now, images[batch], labels[batch], settings["p"], rng)[1]
        last = {k: settings["momentum"] * last[k] - settings["rate"] * slopes[k] for k in now}
        now = {k: (now[k] + last[k]).astype(params[k].dtype) for k in now}
    return now


def ablation_curve(params, images, labels, shares, masks, rng):
    width, (hidden, _) = len(params["b1"]), layer(params, images, 0, rng)
    errors = np.zeros((len(shares), masks))
    for place in np.ndindex(errors.shape):
        left = rng.choice(width, width - round(shares[place[0]] * width), replace=False)
        scores = hidden[:, left] @ params["W2"][left] / (1 - shares[place[0]]) + params["b2"]
        errors[place] = (scores.argmax(axis=1) != labels).mean()
    return errors.mean(axis=1)
