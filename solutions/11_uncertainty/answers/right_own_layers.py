"""Layers written out instead of run_layer; information as mean divergence from the average."""

import numpy as np


def mc_logits(layers, x, passes, rng):
    y = np.broadcast_to(x, (passes, *x.shape))
    for layer in layers:
        match layer:
            case {"kind": "dense", "weight": weight, "bias": bias}:
                y = y @ weight + bias
            case {"kind": "relu"}:
                y = np.where(y > 0, y, 0)
            case {"kind": "batchnorm", "mean": mean, "var": var, "gamma": gamma, "beta": beta}:
                y = gamma * (y - mean) / np.sqrt(var + 1e-5) + beta
            case {"kind": "dropout", "p": p}:
                y = np.where(rng.random(y.shape) >= p, y / (1 - p), 0)
    return y


def softmax(logits):
    shares = np.exp(logits - np.max(logits, -1)[..., None])
    return np.einsum("tnc,tn->tnc", shares, 1 / shares.sum(-1))


def predict(logits):
    return np.einsum("tnc->nc", softmax(logits)) / logits.shape[0]


def uncertainty(logits):
    probs, mean = softmax(logits), predict(logits)
    log = np.log(mean, where=mean > 0, out=np.zeros_like(mean))
    logs = np.log(probs, where=probs > 0, out=np.zeros_like(probs))
    return -(mean * log).sum(1), np.abs((probs * (logs - log)).sum(2).mean(0))


def nll(probs, labels):
    with np.errstate(all="ignore"):
        return np.mean(-np.log((probs * np.eye(probs.shape[1])[labels]).sum(1)))


def ece(probs, labels, bins):
    sure, right = probs.max(1), probs.argmax(1) == labels
    inside = np.ceil(sure * bins) == np.arange(1, bins + 1)[:, None]
    return np.abs(inside @ (right - sure)).mean() * bins / len(labels)


def compare(first, second, labels):
    d = np.log((second / first)[np.eye(first.shape[1], dtype=bool)[labels]])
    ends = d.mean() + np.array([-1, 1]) * 1.96 * np.sqrt(d.var() / (len(d) - 1))
    return d.mean(), *ends, {-2: "first", 2: "second"}.get(np.sign(ends).sum(), "undecided")
