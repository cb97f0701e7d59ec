"""A small network in NumPy: one hidden ReLU layer with dropout, trained by SGD with momentum.

A network is a dict of four arrays: ``W1`` (inputs, width), ``b1`` (width,), ``W2`` (width, classes) and
``b2`` (classes,). Everything is computed in their dtype.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from dropgrade.reference.numpy_ops import dropout_backward, dropout_forward

Params = dict[str, np.ndarray]


def start(
    inputs: int, width: int, classes: int, rng: np.random.Generator, dtype: type = np.float32
) -> Params:
    """A new network: normal weights of variance 2 / fan-in, biases zero.

    Source: book chapter 04_coadaptation, section "The network".

    >>> {name: value.shape for name, value in start(196, 64, 10, np.random.default_rng(0)).items()}
    {'W1': (196, 64), 'b1': (64,), 'W2': (64, 10), 'b2': (10,)}
    """

    def weights(fan_in: int, fan_out: int) -> np.ndarray:
        return (rng.normal(size=(fan_in, fan_out)) * np.sqrt(2 / fan_in)).astype(dtype)

    return {
        "W1": weights(inputs, width),
        "b1": np.zeros(width, dtype),
        "W2": weights(width, classes),
        "b2": np.zeros(classes, dtype),
    }


def logits(params: Params, x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> np.ndarray:
    """Scores before the softmax, float (n, classes), of inputs x, float (n, inputs).

    Args:
        p: drop probability of the hidden units, 0 <= p < 1; each example has a mask of its own.
        training: False uses every unit as it is and draws nothing.
        rng: where the mask comes from.

    Source: srivastava2014dropout, sections 4 and 10 (scaling at training time).
    """
    hidden = np.maximum(x @ params["W1"] + params["b1"], 0)
    y, _ = dropout_forward(hidden, p, training, rng)
    return y @ params["W2"] + params["b2"]


def log_softmax(scores: np.ndarray) -> np.ndarray:
    """Logarithms of the class probabilities; the largest score is subtracted, so that nothing overflows.

    >>> log_softmax(np.array([[1000.0, 1000.0]])).round(4)
    array([[-0.6931, -0.6931]])
    """
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def loss_and_gradients(
    params: Params, x: np.ndarray, labels: np.ndarray, p: float, rng: np.random.Generator
) -> tuple[float, Params]:
    """Mean cross-entropy of one training pass, and its gradient by every array of the network.

    Args:
        x: float (n, inputs).
        labels: int (n,).
        p, rng: as in `logits`; one mask serves both directions.

    Source: book chapter 04_coadaptation, section "The derivation".
    """
    n = len(x)
    hidden = np.maximum(x @ params["W1"] + params["b1"], 0)
    y, keep = dropout_forward(hidden, p, True, rng)
    log_probability = log_softmax(y @ params["W2"] + params["b2"])
    d_scores = np.exp(log_probability)
    d_scores[np.arange(n), labels] -= 1
    d_scores /= n
    d_hidden = dropout_backward(d_scores @ params["W2"].T, keep, p) * (hidden > 0)
    loss = -float(log_probability[np.arange(n), labels].mean())
    return loss, {
        "W1": x.T @ d_hidden,
        "b1": d_hidden.sum(axis=0),
        "W2": y.T @ d_scores,
        "b2": d_scores.sum(axis=0),
    }


def train(
    params: Params,
    images: np.ndarray,
    labels: np.ndarray,
    settings: Mapping[str, float],
    rng: np.random.Generator,
) -> Params:
    """A trained network; `params` stays as it is.

    The order of the images and the masks come from two children of `rng`: runs of one seed and different p
    share their batches, so that their difference is a paired one.

    Args:
        images, labels: float (n, inputs) and int (n,); n a multiple of the batch.
        settings: `p`, `steps`, `batch` (images a step), `rate` (learning rate) and `momentum`.
        rng: advanced by its children only.

    Source: book chapter 04_coadaptation, section "The network"; each epoch is a fresh permutation.
    """
    order, masks = rng.spawn(2)
    batch, per_epoch = int(settings["batch"]), len(images) // int(settings["batch"])
    params = {name: value.copy() for name, value in params.items()}
    velocity = {name: np.zeros_like(value) for name, value in params.items()}
    for step in range(int(settings["steps"])):
        place = step % per_epoch
        if place == 0:
            permutation = order.permutation(len(images))
        chosen = permutation[place * batch : (place + 1) * batch]
        _, gradients = loss_and_gradients(params, images[chosen], labels[chosen], settings["p"], masks)
        for name, value in params.items():
            velocity[name] = settings["momentum"] * velocity[name] - settings["rate"] * gradients[name]
            params[name] = value + velocity[name]
    return params


def score(params: Params, images: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Share of wrong answers and mean negative log-likelihood in nats, without dropout."""
    return scored(logits(params, images, 0.0, False, np.random.default_rng(0)), labels)


def scored(scores: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """The same from scores, float (n, classes).

    >>> scored(np.zeros((1, 2)), np.array([1]))[0]
    1.0
    """
    log_probability = log_softmax(scores)[np.arange(len(labels)), labels]
    return float((scores.argmax(axis=1) != labels).mean()), -float(log_probability.mean())


def ablation_curve(
    params: Params,
    images: np.ndarray,
    labels: np.ndarray,
    shares: Sequence[float],
    masks: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Error after a random share of the hidden units is gone, float64 (shares,).

    Each time exactly ``round(share * width)`` units are removed for all images alike, and the others are
    divided by 1 - share, as dropout does; the error is the mean over `masks` such choices.

    Args:
        shares: each 0 <= share < 1.
        masks: choices for each share, at least 1.

    Source: book chapter 04_coadaptation, section "A number for leaning".
    """
    hidden = np.maximum(images @ params["W1"] + params["b1"], 0)
    width, curve = hidden.shape[1], []
    for share in shares:
        errors = []
        for _ in range(masks):
            keep = np.ones(width, dtype=bool)
            keep[rng.permutation(width)[: round(share * width)]] = False
            left = np.where(keep, hidden / (1 - share), 0)
            errors.append(scored(left @ params["W2"] + params["b2"], labels)[0])
        curve.append(np.mean(errors))
    return np.array(curve)
