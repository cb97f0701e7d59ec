"""What a network that averages several predictions knows about its own ignorance; all logarithms natural.

`logits` has shape (passes, n, classes): one prediction for each pass with a mask of its own, or for each
member of an ensemble. Probabilities come out of it by softmax over the last axis.
"""

import numpy as np

from dropgrade.reference.small_nets import Layer, run_layer

WIDTH = 1.96
"""Half width of the 95 % interval of a normal distribution, in standard errors."""


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities of logits of any size, over the last axis; the largest logit is subtracted first.

    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def mc_logits(layers: list[Layer], x: np.ndarray, passes: int, rng: np.random.Generator) -> np.ndarray:
    """Logits of several passes in which dropout, and nothing else, is in training mode.

    Args:
        layers: a network, see `small_nets`; it is left as it was.
        x: float (n, i). passes: at least 1. rng: where the masks come from, new ones in each pass.

    Returns:
        float (passes, n, classes).

    Source: gal2016dropout.
    """
    found = []
    for _ in range(passes):
        y = x
        for layer in layers:
            y = run_layer(layer, y, layer["kind"] == "dropout", rng)
        found.append(y)
    return np.stack(found)


def predict(logits: np.ndarray) -> np.ndarray:
    """Mean over the passes of the probabilities (not of the logits), float (n, classes).

    Source: gal2016dropout; lakshminarayanan2017simple.
    """
    return softmax(logits).mean(axis=0)


def entropy(probs: np.ndarray) -> np.ndarray:
    """Entropy over the last axis in nats; a probability of 0 counts 0.

    >>> entropy(np.array([0.0, 1.0])).item()
    0.0
    """
    logs = np.log(probs, out=np.zeros_like(probs), where=probs > 0)
    return np.maximum(-(probs * logs).sum(axis=-1), 0.0)  # not -0.0


def uncertainty(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Entropy of the average prediction, and the part of it that comes from disagreement, float (n,) each.

    The second is the mutual information of class and mask: entropy of the average minus average of the
    entropies, between 0 and the first. Rounding below 0 is cut off.

    Source: houlsby2011bayesian, abstract (information gain by predictive entropies).
    """
    probs = softmax(logits)
    total = entropy(probs.mean(axis=0))
    return total, np.clip(total - entropy(probs).mean(axis=0), 0.0, total)


def nll(probs: np.ndarray, labels: np.ndarray) -> float:
    """Mean negative logarithm of the label's probability; infinite, without a warning, if one is 0.

    Args:
        probs: float (n, classes). labels: int (n,).

    >>> nll(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([0, 1]))
    0.34657359027997264
    """
    with np.errstate(divide="ignore"):
        return float(-np.log(probs[np.arange(len(labels)), labels]).mean() + 0.0)


def ece(probs: np.ndarray, labels: np.ndarray, bins: int) -> float:
    """Expected calibration error: mean gap of accuracy and confidence over bins of the confidence.

    The confidence of a row is its largest probability, its prediction the first class that has it. Bin
    m = 1 ... bins holds the rows with (m - 1) / bins < confidence <= m / bins. The gap of a bin is the size
    of (share of right predictions - mean confidence) in it, weighted by its share of the rows; an empty
    bin counts nothing.

    Source: guo2017calibration, section 2.

    >>> round(ece(np.array([[0.75, 0.25], [0.75, 0.25]]), np.array([0, 1]), 4), 12)
    0.25
    """
    sure, right = probs.max(axis=1), probs.argmax(axis=1) == labels
    place = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    return float(np.abs(np.bincount(place, weights=right - sure, minlength=bins)).sum() / len(labels))


def compare(first: np.ndarray, second: np.ndarray, labels: np.ndarray) -> tuple[float, float, float, str]:
    """Difference of two predictions' NLL on the same examples, its 95 % interval, and the verdict it allows.

    Args:
        first, second: positive probabilities, float (n, classes) each, n at least 2. labels: int (n,).

    Returns:
        Mean of the differences d of the negative log-likelihoods, first minus second, example by example;
        that mean minus and plus 1.96 s / sqrt(n), with s their standard deviation (over n - 1); and
        "first" if the interval lies below 0, "second" if above, else "undecided".
    """
    rows = np.arange(len(labels))
    d = np.log(second[rows, labels]) - np.log(first[rows, labels])
    mean, half = float(d.mean()), float(WIDTH * d.std(ddof=1) / np.sqrt(len(d)))
    low, high = mean - half, mean + half
    return mean, low, high, "first" if high < 0 else "second" if low > 0 else "undecided"
