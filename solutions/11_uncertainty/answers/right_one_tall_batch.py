"""All passes as one tall batch, logarithms by logaddexp, bins by bincount."""

import numpy as np

from dropgrade.reference.small_nets import run_layer


def mc_logits(layers, x, passes, rng):
    tall = np.tile(x, (passes, 1))
    for layer in layers:
        tall = run_layer(layer, tall, training=layer["kind"] == "dropout", rng=rng)
    return tall.reshape(passes, len(x), -1)


def log_softmax(logits):
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


def predict(logits):
    return np.exp(np.logaddexp.reduce(log_softmax(logits), axis=0) - np.log(len(logits)))


def uncertainty(logits):
    logs = log_softmax(logits)
    mean_logs = np.logaddexp.reduce(logs, axis=0) - np.log(len(logits))
    total = -(np.exp(mean_logs) * mean_logs).sum(axis=1)
    each = -(np.exp(logs) * logs).sum(axis=2)
    return total, np.clip(total - each.mean(axis=0), 0, None)


def nll(probs, labels):
    chosen = probs[np.arange(labels.size), labels]
    return np.inf if (chosen == 0).any() else float(-np.log(chosen).mean())


def ece(probs, labels, bins):
    top = probs.argmax(axis=1)
    sure = probs[np.arange(len(top)), top]
    place = np.ceil(sure * bins).astype(int)
    gap = np.bincount(place, weights=(top == labels) - sure)
    return np.abs(gap).sum() / len(top)


def compare(first, second, labels):
    a, b = (-np.log(p[np.arange(len(labels)), labels]) for p in (first, second))
    low, high = ((a - b).mean() + z * np.std(a - b, ddof=1) / np.sqrt(len(a)) for z in (-1.96, 1.96))
    return (a - b).mean(), low, high, ["undecided", "first", "second"][(high < 0) + 2 * (low > 0)]
