"""What the units of a trained network do: how much they lean on each other, and how they share the work."""

from collections.abc import Mapping

import numpy as np
import torch
from _mlp import MLP, digits, fit, score
from torch.nn import functional

REMOVED = (10, 25, 50, 75)  # percent of the first hidden layer
MASKS = 10


def run(settings: Mapping[str, float], seed: int) -> dict[str, float]:
    """Train once, score, and probe: the metrics of `ablation` and of `sharing` for both hidden layers."""
    net, seconds = fit(settings, seed)
    error, nll = score(net, digits().test)
    metrics = {"cpu_seconds": seconds, "test_error": error, "test_nll": nll, **ablation(net)}
    with torch.no_grad():
        first, second = (h.double().numpy() for h in net.hidden(digits().test.images))
    return metrics | sharing(first, "first") | sharing(second, "second")


@torch.no_grad()
def ablation(net: MLP) -> dict[str, float]:
    """Test error and NLL after a random share of the first hidden layer is removed.

    The rest is scaled up by 1 / (1 - share), as dropout does, and `plain_` keys are without that scaling.
    The mean over MASKS masks, which are the same for every network.
    """
    images, labels = digits().test
    first = torch.relu(net.layers[0](images))
    width = first.shape[1]
    choose = torch.Generator().manual_seed(0)
    metrics = {}
    for percent in REMOVED:
        count = round(width * percent / 100)
        found = {"": [], "plain_": []}
        for _ in range(MASKS):
            keep = torch.ones(width)
            keep[torch.randperm(width, generator=choose)[:count]] = 0
            for kind, scale in (("", width / (width - count)), ("plain_", 1.0)):
                logits = net.layers[2](torch.relu(net.layers[1](first * keep * scale)))
                wrong = 100 * float((logits.argmax(1) != labels).double().mean())
                found[kind].append((wrong, float(functional.cross_entropy(logits.double(), labels))))
        for kind, pairs in found.items():
            error, nll = np.mean(pairs, axis=0)
            metrics[f"{kind}error_without_{percent}"] = float(error)
            metrics[f"{kind}nll_without_{percent}"] = float(nll)
    return metrics


def sharing(activations: np.ndarray, layer: str) -> dict[str, float]:
    """How units of one layer overlap and how sparse they are.

    Args:
        activations: float64 (images, units), after the ReLU.
        layer: prefix of the keys.

    Returns:
        correlation: mean absolute correlation over pairs of units that ever change;
        participation: (sum of eigenvalues)^2 / sum of squares of the covariance, 1 = one shared direction,
        number of units = all directions used alike; zeros: share of exact zeros; activation: mean;
        dead: number of units that never change.
    """
    live = activations[:, activations.std(axis=0) > 1e-6]
    correlation = np.corrcoef(live, rowvar=False)
    pairs = correlation[np.triu_indices(len(correlation), 1)]
    eigenvalues = np.linalg.eigvalsh(np.cov(live, rowvar=False))
    return {
        f"{layer}_correlation": float(np.abs(pairs).mean()),
        f"{layer}_participation": float(eigenvalues.sum() ** 2 / np.square(eigenvalues).sum()),
        f"{layer}_zeros": float((activations == 0).mean()),
        f"{layer}_activation": float(activations.mean()),
        f"{layer}_dead": float(activations.shape[1] - live.shape[1]),
    }
