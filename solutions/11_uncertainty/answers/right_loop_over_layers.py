"""A loop over passes and layers, and the formulas as they stand in the chapter."""

import numpy as np

from dropgrade.reference.small_nets import run_layer


def mc_logits(layers, x, passes, rng):
    logits = []
    for _ in range(passes):
        y = x
        for layer in layers:
            y = run_layer(layer, y, layer["kind"] == "dropout", rng)
        logits.append(y)
    return np.array(logits)


def predict(logits):
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (shares / shares.sum(axis=-1, keepdims=True)).mean(axis=0)


def entropy(probs):
    return -(probs * np.log(np.where(probs > 0, probs, 1))).sum(axis=-1)


def uncertainty(logits):
    total = entropy(predict(logits))
    return total, np.maximum(0, total - np.mean([entropy(predict(one[None])) for one in logits], axis=0))


def nll(probs, labels):
    with np.errstate(divide="ignore"):
        return -np.log(np.take_along_axis(probs, labels[:, None], axis=1)).mean()


def ece(probs, labels, bins):
    sure, right, total = probs.max(axis=1), probs.argmax(axis=1) == labels, 0
    for m in range(1, bins + 1):
        inside = ((m - 1) / bins < sure) & (sure <= m / bins)
        total += abs(right[inside].sum() - sure[inside].sum()) / len(labels)
    return total


def compare(first, second, labels):
    d = np.array([np.log(b[y] / a[y]) for a, b, y in zip(first, second, labels, strict=True)])
    mean, half = d.mean(), 1.96 * d.std(ddof=1) / len(d) ** 0.5
    return (
        mean,
        mean - half,
        mean + half,
        "undecided" if abs(mean) <= half else "first" if mean < 0 else "second",
    )
