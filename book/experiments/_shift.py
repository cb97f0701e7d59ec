"""How the variance before a BatchNorm differs between its running statistics and evaluation."""

from collections.abc import Mapping

import torch
from _tasks import all_scores
from _train import BATCH, Net, fit

CUMULATIVE = None  # as a momentum: a plain average of all batches instead of an exponential one


def run(settings: Mapping[str, float], seed: int) -> dict[str, float]:
    """Train, score, compare variances, then estimate the statistics anew with dropout off and score again."""
    net, data, seconds = fit(settings, seed)
    found = all_scores(net, data) | {"cpu_seconds": seconds}
    images = data.train.images
    for place, ratio in enumerate(variance_ratios(net, images)):
        found[f"ratio_{place}"] = ratio
    estimate_again(net, images)
    again = all_scores(net, data)
    return found | {"repaired_error": again["test_error"], "repaired_nll": again["test_nll"]}


@torch.no_grad()
def variance_ratios(net: Net, images: torch.Tensor) -> list[float]:
    """Variance of each BatchNorm's input in eval mode over its running variance, mean over units."""
    seen: list[torch.Tensor] = []
    hooks = [norm.register_forward_pre_hook(lambda _, given: seen.append(given[0])) for norm in net.norms]
    net(images)
    for hook in hooks:
        hook.remove()
    return [
        float((given.var(0) / norm.running_var).mean()) for given, norm in zip(seen, net.norms, strict=True)
    ]


@torch.no_grad()
def estimate_again(net: Net, images: torch.Tensor) -> None:
    """Running statistics as plain averages over the training images, with dropout off."""
    for norm in net.norms:
        norm.reset_running_stats()
        norm.momentum = CUMULATIVE
    net.train()
    net.on = False
    for part in images.split(BATCH):
        net(part)
    net.eval()
