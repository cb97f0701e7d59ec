"""A small network as plain data: layers with modes of their own, training in a second, and turned digits.

A network is a list of layers, each a dictionary: ``{"kind": "dense", "weight": (i, o), "bias": (o,)}``,
``{"kind": "relu"}``, ``{"kind": "batchnorm", "mean", "var", "gamma", "beta": (d,) each}`` and
``{"kind": "dropout", "p": number}``. As in a framework, each layer is in training or in evaluation mode.
"""

from itertools import pairwise
from typing import Any

import numpy as np

Layer = dict[str, Any]

MOMENTUM = 0.1
"""Share by which a batch in training mode moves the stored statistics, as in PyTorch."""
TINY = 1e-5
"""Added to a variance before its root is taken, as in PyTorch."""


def run_layer(layer: Layer, x: np.ndarray, training: bool, rng: np.random.Generator) -> np.ndarray:
    """What one layer makes of a batch.

    In training mode dropout draws a mask, one number for each entry, and batch normalisation uses the mean
    and variance of this very batch; it also moves its stored ones towards them, in place. In evaluation mode
    dropout does nothing and batch normalisation uses what is stored. Dense and relu know no modes.

    Args:
        layer: see the head of this module.
        x: float array (n, i).
        training: the mode of this layer.
        rng: where masks come from.

    Returns:
        float array (n, o).

    Raises:
        ValueError: there is no such kind of layer.

    Source: torch.nn.BatchNorm1d, up to its stored variance, which PyTorch divides by n - 1.
    """
    kind = layer["kind"]
    if kind == "dense":
        return x @ layer["weight"] + layer["bias"]
    if kind == "relu":
        return np.maximum(x, 0)
    if kind == "dropout":
        if not training:
            return x
        keep = rng.random(x.shape) >= layer["p"]
        return np.divide(x, 1 - layer["p"], out=np.zeros_like(x), where=keep)
    if kind == "batchnorm":
        mean, var = (x.mean(axis=0), x.var(axis=0)) if training else (layer["mean"], layer["var"])
        if training:
            layer["mean"] += MOMENTUM * (mean - layer["mean"])
            layer["var"] += MOMENTUM * (var - layer["var"])
        return (x - mean) / np.sqrt(var + TINY) * layer["gamma"] + layer["beta"]
    raise ValueError(f"kind must be dense, relu, batchnorm or dropout, got {kind!r}")


def new_net(sizes: tuple[int, ...], p: float, rng: np.random.Generator) -> list[Layer]:
    """An untrained network: dense, batchnorm, relu, dropout for each hidden size, dense at the end.

    Args:
        sizes: of the input, of each hidden layer, of the output.
        p: drop probability of each dropout layer, 0 <= p < 1.
        rng: where the weights come from, normal with variance 2 / i.
    """
    net: list[Layer] = []
    for place, (i, o) in enumerate(pairwise(sizes)):
        weight = rng.normal(0, np.sqrt(2 / i), (i, o))
        net.append({"kind": "dense", "weight": weight, "bias": np.zeros(o)})
        if place < len(sizes) - 2:
            statistics = {"mean": np.zeros(o), "var": np.ones(o), "gamma": np.ones(o), "beta": np.zeros(o)}
            net += [{"kind": "batchnorm"} | statistics, {"kind": "relu"}, {"kind": "dropout", "p": p}]
    return net


def train_net(
    images: np.ndarray, labels: np.ndarray, seed: int, p: float = 0.3, hidden: int = 64, epochs: int = 15
) -> list[Layer]:
    """Train a network with one hidden layer by gradient descent with momentum; about a third of a second.

    Args:
        images: float (n, i); labels: int (n,) in 0..9.
        seed: start, order of the batches and masks. p: drop probability of the hidden layer.

    Returns:
        The layers, in float64.
    """
    rng = np.random.default_rng(seed)
    net = new_net((images.shape[1], hidden, 10), p, rng)
    names = [(layer, name) for layer in net for name in ("weight", "bias", "gamma", "beta") if name in layer]
    speeds = [np.zeros_like(layer[name]) for layer, name in names]
    batches = len(images) // 50
    for step in range(epochs * batches):
        if step % batches == 0:
            order = rng.permutation(len(images)).reshape(batches, -1)
        chosen = order[step % batches]
        gradients = slopes(net, images[chosen].astype(np.float64), labels[chosen], rng)
        rate = 0.1 * 0.5 * (1 + np.cos(np.pi * step / (epochs * batches)))
        for (layer, name), speed, gradient in zip(names, speeds, gradients, strict=True):
            speed *= 0.9
            speed -= rate * gradient
            layer[name] += speed
    return net


def slopes(net: list[Layer], x: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Gradients of a batch's mean cross-entropy by each weight, bias, gamma and beta, in training mode."""
    inputs, outputs = [], []
    for layer in net:
        inputs.append(x)
        x = run_layer(layer, x, True, rng)
        outputs.append(x)
    shares = np.exp(x - x.max(axis=1, keepdims=True))
    dy = (shares / shares.sum(axis=1, keepdims=True) - np.eye(x.shape[1])[labels]) / len(x)
    found: list[np.ndarray] = []
    for layer, x_in, x_out in zip(reversed(net), reversed(inputs), reversed(outputs), strict=True):
        if layer["kind"] == "dense":
            found += [dy.sum(axis=0), x_in.T @ dy]
            dy = dy @ layer["weight"].T
        elif layer["kind"] == "relu":
            dy = np.where(x_out > 0, dy, 0)
        elif layer["kind"] == "dropout":  # after relu what is dropped and what was zero need no telling apart
            dy = np.where(x_out > 0, dy / (1 - layer["p"]), 0)
        else:
            scale = np.sqrt(x_in.var(axis=0) + TINY)
            normal = (x_in - x_in.mean(axis=0)) / scale
            found += [dy.sum(axis=0), (dy * normal).sum(axis=0)]
            dy = dy * layer["gamma"]
            dy = (dy - dy.mean(axis=0) - normal * (dy * normal).mean(axis=0)) / scale
    return found[::-1]


def rotate(images: np.ndarray, degrees: float) -> np.ndarray:
    """Square images turned counter-clockwise about their middle, interpolated linearly; zeros come in.

    Args:
        images: float (n, side * side), row by row from the top left.

    Returns:
        Like `images`.
    """
    side = round(np.sqrt(images.shape[1]))
    padded = np.pad(images.reshape(-1, side, side), ((0, 0), (1, 1), (1, 1)))
    angle, middle = np.deg2rad(degrees), (side - 1) / 2
    row, column = np.indices((side, side)) - middle
    rows = np.cos(angle) * row + np.sin(angle) * column + middle  # where each pixel comes from
    columns = -np.sin(angle) * row + np.cos(angle) * column + middle
    rows, columns = (np.clip(place, -1, side) + 1 for place in (rows, columns))
    top, left = (np.minimum(np.floor(place).astype(int), side) for place in (rows, columns))
    down, right = rows - top, columns - left
    turned = sum(
        padded[:, top + i, left + j] * (down if i else 1 - down) * (right if j else 1 - right)
        for i in (0, 1)
        for j in (0, 1)
    )
    return turned.reshape(images.shape).astype(images.dtype)
