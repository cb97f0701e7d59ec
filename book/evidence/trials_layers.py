"""Measures of the trials about layers, T15, T16, T18 and T22. `p` is the chance of dropping."""

import warnings

import numpy as np
import torch
from _tools import digits, interval, trained
from torch import nn
from torch.nn import functional


class _MadeInForward(nn.Module):
    """A trained network of the digits whose dropout layer is made on each
    call."""

    def __init__(self, seed: int):
        super().__init__()
        weights = {
            name: torch.from_numpy(values) for name, values in trained(0.5, seed, 2000, 128, 600).items()
        }
        self.into, self.out = nn.Linear(196, 128), nn.Linear(128, 10)
        self.into.load_state_dict({"weight": weights["W1"].T, "bias": weights["b1"]})
        self.out.load_state_dict({"weight": weights["W2"].T, "bias": weights["b2"]})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(nn.Dropout(0.5)(torch.relu(self.into(x))))


class _MadeOnce(_MadeInForward):
    """The same with a layer of its own, which eval() reaches."""

    def __init__(self, seed: int):
        super().__init__(seed)
        self.drop = nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.drop(torch.relu(self.into(x))))


def _error(net: nn.Module) -> float:
    """Percent of the test digits that a network in eval mode gets wrong."""
    with torch.no_grad():
        answers = net.eval()(torch.from_numpy(digits().test_images)).argmax(dim=1).numpy()
    return 100 * float((answers != digits().test_labels).mean())


def changed_between_two_passes():
    """Percent of test digits whose scores differ between two passes after
    eval(); layer made in forward."""
    torch.manual_seed(0)
    net, images = _MadeInForward(0).eval(), torch.from_numpy(digits().test_images)
    with torch.no_grad():
        return 100 * float((net(images) != net(images)).any(dim=1).float().mean())


def changed_when_made_once():
    """The same with the layer made once."""
    torch.manual_seed(0)
    net, images = _MadeOnce(0).eval(), torch.from_numpy(digits().test_images)
    with torch.no_grad():
        return 100 * float((net(images) != net(images)).any(dim=1).float().mean())


def error_cost_of_the_place():
    """Points of test error after eval() with the layer made in forward,
    less with it made once."""
    torch.manual_seed(0)
    return interval([_error(_MadeInForward(seed)) - _error(_MadeOnce(seed)) for seed in range(5)])


def parameters_that_differ():
    """Names in the state dictionary that only one of the two modules has."""
    return len(_MadeInForward(0).state_dict().keys() ^ _MadeOnce(0).state_dict().keys())


def zeros_under_no_grad():
    """Share of zeros that nn.Dropout(0.3) in training mode makes of ones
    inside torch.no_grad()."""
    torch.manual_seed(0)
    layer = nn.Dropout(0.3).train()
    with torch.no_grad():
        return float((layer(torch.ones(100_000)) == 0).float().mean())


def zeros_under_inference_mode():
    """The same inside torch.inference_mode()."""
    torch.manual_seed(0)
    layer = nn.Dropout(0.3).train()
    with torch.inference_mode():
        return float((layer(torch.ones(100_000)) == 0).float().mean())


def gradient_in_eval():
    """Gradient of the mean output by one of ten inputs, times ten, in eval
    mode."""
    x = torch.ones(10, requires_grad=True)
    nn.Dropout(0.3).eval()(x).mean().backward()
    return float(10 * x.grad[0])


def _order_matters(activation) -> float:
    """Largest difference between dropping before and behind an activation,
    one mask, p = 0.3."""
    rng = np.random.default_rng(0)
    x = torch.from_numpy(rng.normal(size=1000))
    factor = torch.from_numpy(np.where(rng.random(1000) >= 0.3, 1 / 0.7, 0.0))
    return float((activation(x * factor) - factor * activation(x)).abs().max())


def order_with_relu():
    """Largest difference between the two orders for a ReLU."""
    return _order_matters(torch.relu)


def order_with_tanh():
    """Largest difference for tanh, which maps 0 to 0 but bends."""
    return _order_matters(torch.tanh)


def order_with_gelu():
    """Largest difference for GELU."""
    return _order_matters(functional.gelu)


def dropped_before_a_sigmoid():
    """What a sigmoid makes of a unit that was dropped in front of it."""
    return float(torch.sigmoid(torch.tensor(0.0)))


def pooled_after_dropping():
    """Mean of a maximum over four uniform numbers when p = 0.5 acts before
    it, over after it."""
    rng = np.random.default_rng(0)
    x = rng.random((100_000, 4))
    before = np.where(rng.random(x.shape) >= 0.5, 2 * x, 0).max(axis=1).mean()
    behind = np.where(rng.random(len(x)) >= 0.5, 2 * x.max(axis=1), 0).mean()
    return before / behind


def _lstm(layers: int) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Outputs of two training passes over one sequence at dropout=0.5, and
    how many warnings were given."""
    torch.manual_seed(0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        lstm = nn.LSTM(8, 16, num_layers=layers, dropout=0.5).train()
    x = torch.randn(20, 4, 8)
    with torch.no_grad():
        return lstm(x)[0], lstm(x)[0], len(caught)


def one_layer_moves():
    """Largest difference between two training passes of nn.LSTM(8, 16,
    num_layers=1, dropout=0.5)."""
    first, second, _ = _lstm(layers=1)
    return float((first - second).abs().max())


def one_layer_warns():
    """Warnings that its making gives."""
    return _lstm(layers=1)[2]


def two_layers_move():
    """The same difference with num_layers=2."""
    first, second, _ = _lstm(layers=2)
    return float((first - second).abs().max())


def zeros_in_the_output():
    """Percent of zeros in the output of the two-layer LSTM in training."""
    return 100 * float((_lstm(layers=2)[0] == 0).float().mean())
