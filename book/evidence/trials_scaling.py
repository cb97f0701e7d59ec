"""Measures of the trials about the scale, T01 to T03. `p` is the chance of dropping."""

import numpy as np
import torch
from _tools import digits, interval, trained
from torch import nn

from dropgrade.reference import mlp


def _test(params: mlp.Params) -> np.ndarray:
    """Error in percent and NLL in nats on the 1,000 test digits, all units
    on."""
    error, nll = mlp.score(params, digits().test_images, digits().test_labels)
    return np.array([100 * error, nll])


def _cost_of_factor(p: float, factor: float, place: int) -> list[float]:
    """What `factor` in front of the outgoing weights changes after training
    without an inverted scale."""
    costs = []
    for seed in range(5):
        net = trained(p, seed, 2000, 128, 600)
        classical = net["W2"] / (1 - p)  # the same, for plain masks
        scaled = net | {"W2": factor * classical}
        costs.append((_test(scaled) - _test(net))[place])
    return costs


def factor_by_masks():
    """A unit's sum under plain zero-one masks, p = 0.2, over its sum with
    all inputs on."""
    rng, p = np.random.default_rng(0), 0.2
    h, w = rng.random(200), rng.random(200)
    keep = rng.random((4000, 200)) >= p
    return interval(keep @ (h * w) / (h @ w))


def nll_cost_of_the_rate():
    """NLL in nats added by the factor p = 0.2 at test time instead of
    1 - p; five networks."""
    return interval(_cost_of_factor(p=0.2, factor=0.2, place=1))


def error_cost_of_the_rate():
    """Points of test error added by the same wrong factor."""
    return interval(_cost_of_factor(p=0.2, factor=0.2, place=0))


def noise_the_scale_leaves():
    """Standard deviation over mean of that sum in training, in percent; at
    test time it is zero."""
    rng, p = np.random.default_rng(0), 0.2
    h, w = rng.random(200), rng.random(200)
    sums = (rng.random((4000, 200)) >= p) @ (h * w)
    return 100 * sums.std() / sums.mean()


def numbers_changed_by_eval():
    """How many of a network's stored numbers differ after eval()."""
    net = nn.Sequential(nn.Linear(196, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))
    before = {name: values.clone() for name, values in net.train().state_dict().items()}
    after = net.eval().state_dict()
    return sum(int((before[name] != after[name]).sum()) for name in before)


def flags_changed_by_eval():
    """How many modules of the same network have another `training` flag
    after eval()."""
    net = nn.Sequential(nn.Linear(196, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))
    before = [module.training for module in net.train().modules()]
    after = [module.training for module in net.eval().modules()]
    return sum(a != b for a, b in zip(before, after, strict=True))


def nll_cost_of_scaling_twice():
    """NLL in nats added by scaling the weights by 1 - p by hand after
    inverted training at p = 0.5."""
    nets = [trained(0.5, seed, 2000, 128, 600) for seed in range(5)]
    return interval([(_test(net | {"W2": 0.5 * net["W2"]}) - _test(net))[1] for net in nets])


def survivor():
    """What PyTorch makes of a one that survives nn.Dropout(0.2)."""
    torch.manual_seed(0)
    return float(nn.Dropout(0.2)(torch.ones(1000)).max())


def noise_after_the_port():
    """Variance of nn.Dropout(0.8) on ones over that of nn.Dropout(0.2)."""
    torch.manual_seed(0)
    ones = torch.ones(1_000_000)
    return float(nn.Dropout(0.8)(ones).var() / nn.Dropout(0.2)(ones).var())


def error_after_the_port():
    """Points of test error added by training at p = 0.8 where p = 0.2 was
    meant; five seeds, paired."""
    pairs = [[_test(trained(p, seed, 2000, 128, 600))[0] for p in (0.2, 0.8)] for seed in range(5)]
    return interval([wrong - meant for meant, wrong in pairs])
