"""The network of `_mlp.py`, several seeds at once in stacked matrix products: is that faster?"""

import time
from collections.abc import Mapping

import torch
from _mlp import LEARNING_RATE, MLP, SIZES, batches, digits
from torch.nn import functional


def run(settings: Mapping[str, float], seed: int) -> dict[str, float]:
    """CPU seconds of training `nets` networks for `steps` updates, stacked or one after another.

    Args:
        settings: `stacked` 0 or 1, `nets`, `steps` and the drop rate `p`.
        seed: the nets take the seeds `nets * seed` to `nets * seed + nets - 1`.

    Returns:
        cpu_seconds of the training alone and `loss`, the mean loss of the last update over all nets.
    """
    torch.set_num_threads(1)
    count, steps = int(settings["nets"]), int(settings["steps"])
    seeds = range(count * seed, count * (seed + 1))
    groups = [list(seeds)] if settings["stacked"] else [[one] for one in seeds]
    train(groups[0], settings["p"], 5)  # what the first call of a process pays for is not measured
    start = time.process_time()
    losses = [train(group, settings["p"], steps) for group in groups]
    return {"cpu_seconds": time.process_time() - start, "loss": float(torch.cat(losses).mean())}


def train(seeds: list[int], p: float, steps: int) -> torch.Tensor:
    """Train one network a seed, all in the same matrix products; the last losses, float32 (seeds,).

    A single seed takes plain matrix products, as `_mlp.fit` does, so that the comparison is fair to the loop.
    """
    nets = [MLP(SIZES, p, seed) for seed in seeds]
    orders = [torch.Generator().manual_seed(seed + 1_000_003) for seed in seeds]
    images, labels = digits().train
    parameters = [
        torch.stack([getattr(net.layers[i], kind).detach() for net in nets]).requires_grad_()
        for i in range(len(SIZES) - 1)
        for kind in ("weight", "bias")
    ]
    if len(seeds) == 1:
        parameters = [value.detach()[0].requires_grad_() for value in parameters]
    optimizer = torch.optim.Adam(parameters, lr=LEARNING_RATE, fused=True)
    for chosen in zip(*(batches(len(labels), steps, order) for order in orders), strict=True):
        index = torch.stack(chosen) if len(seeds) > 1 else chosen[0]
        logits = _forward(parameters, images[index], p, nets)
        each = functional.cross_entropy(logits.flatten(0, -2), labels[index].flatten(), reduction="none")
        losses = each.view(len(seeds), -1).mean(1)
        optimizer.zero_grad()
        losses.sum().backward()
        optimizer.step()
    return losses.detach()


def _forward(parameters: list[torch.Tensor], x: torch.Tensor, p: float, nets: list[MLP]) -> torch.Tensor:
    """Logits (..., n, 10) of images (..., n, 784); each net draws its masks from its own generator."""
    for i in range(0, len(parameters), 2):
        weight, bias = parameters[i], parameters[i + 1]
        if x.dim() == 2:
            x = functional.linear(x, weight, bias)
        else:
            x = torch.baddbmm(bias.unsqueeze(1), x, weight.mT)
        if i < len(parameters) - 2:
            x = torch.relu(x)
            if p:
                x = torch.where(_keep(x, p, nets), x / (1 - p), 0.0)
    return x


def _keep(x: torch.Tensor, p: float, nets: list[MLP]) -> torch.Tensor:
    drawn = [torch.rand(x.shape[-2:], generator=net.mask_generator) >= p for net in nets]
    return torch.stack(drawn) if x.dim() == 3 else drawn[0]
