"""Measures of the trials about updates and their price, T04 and T05. `p` is the chance of dropping."""

import numpy as np
import torch
from _tools import digits, interval
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from dropgrade.reference import dropout_forward, mlp


def moved_by_the_others():
    """Percent of the units that a batch's first example drops whose weights
    a plain gradient step moves."""
    net = mlp.start(196, 128, 10, np.random.default_rng(0))
    x, labels = digits().train_images[:32], digits().train_labels[:32]
    _, keep = dropout_forward(np.ones((32, 128)), 0.5, True, np.random.default_rng(1))
    _, slopes = mlp.loss_and_gradients(net, x, labels, 0.5, np.random.default_rng(1))  # the same masks
    moved = (slopes["W1"] != 0).any(axis=0)
    return 100 * moved[~keep[0]].mean()


def moved_alone():
    """The same for a batch of one."""
    net = mlp.start(196, 128, 10, np.random.default_rng(0))
    x, labels = digits().train_images[:1], digits().train_labels[:1]
    _, keep = dropout_forward(np.ones((1, 128)), 0.5, True, np.random.default_rng(1))
    _, slopes = mlp.loss_and_gradients(net, x, labels, 0.5, np.random.default_rng(1))
    moved = (slopes["W1"] != 0).any(axis=0)
    return 100 * moved[~keep[0]].mean()


def _absent_step(make_optimizer) -> float:
    """Mean move of the weights of unit 3 in a step whose whole batch drops
    it, over the other units' move."""
    torch.manual_seed(0)
    into, out = nn.Linear(196, 64), nn.Linear(64, 10)
    optimizer = make_optimizer([*into.parameters(), *out.parameters()])
    images, labels = (torch.from_numpy(part) for part in digits()[:2])
    for step in range(1, 22):
        chosen = torch.randint(len(images), (64,))
        keep = torch.rand(64, 64) >= 0.5
        keep[:, 3] &= step < 21  # the last step does without unit 3
        loss = nn.functional.cross_entropy(out(torch.tanh(into(images[chosen])) * keep / 0.5), labels[chosen])
        before = into.weight.detach().clone()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert not into.weight.grad[3].any()
    move = (into.weight.detach() - before).abs().mean(dim=1)
    return float(move[3] / move[torch.arange(64) != 3].mean())


def absent_under_sgd():
    """Move of the dropped unit's weights over the others', plain gradient
    descent."""
    return _absent_step(lambda weights: torch.optim.SGD(weights, lr=0.1))


def absent_under_momentum():
    """The same with momentum 0.9."""
    return _absent_step(lambda weights: torch.optim.SGD(weights, lr=0.1, momentum=0.9))


def absent_under_adam():
    """The same with Adam."""
    return _absent_step(lambda weights: torch.optim.Adam(weights, lr=1e-3))


def _arithmetic(p: float, width: int) -> int:
    """Floating-point operations of matrix products in one training step, as
    PyTorch counts them."""
    net = nn.Sequential(nn.Linear(196, width), nn.ReLU(), nn.Dropout(p), nn.Linear(width, 10)).train()
    with FlopCounterMode(display=False) as counter:
        net(torch.ones(50, 196)).sum().backward()
    return counter.get_total_flops()


def arithmetic_at_high_rate():
    """Multiplications and additions of a step at p = 0.9 over those at p =
    0."""
    return _arithmetic(0.9, 128) / _arithmetic(0.0, 128)


def arithmetic_of_a_smaller_net():
    """The same for a network that really has half of the hidden units, over
    the whole one."""
    return _arithmetic(0.0, 64) / _arithmetic(0.0, 128)


def _steps_to(target: float, p: float, seed: int) -> int:
    """Updates until the NLL of the training digits, all units on, is below
    `target`; looked at every 20."""
    rng = np.random.default_rng(seed)
    net, (order, masks) = mlp.start(196, 128, 10, rng), rng.spawn(2)
    images, labels = digits()[:2]
    speed = {name: np.zeros_like(values) for name, values in net.items()}
    for step in range(2000):
        if step % 20 == 0 and mlp.score(net, images, labels)[1] < target:
            return step
        chosen = order.integers(len(images), size=50)
        _, slopes = mlp.loss_and_gradients(net, images[chosen], labels[chosen], p, masks)
        speed = {name: 0.9 * speed[name] - 0.05 * slopes[name] for name in net}
        net = {name: net[name] + speed[name] for name in net}
    raise RuntimeError(f"NLL {target} not reached at p = {p}, seed {seed}")


def steps_at_half():
    """Updates to a training NLL of 0.2 nats at p = 0.5 over those at p = 0;
    five seeds, paired."""
    return interval([_steps_to(0.2, 0.5, seed) / _steps_to(0.2, 0.0, seed) for seed in range(5)])


def steps_at_high_rate():
    """The same at p = 0.8."""
    return interval([_steps_to(0.2, 0.8, seed) / _steps_to(0.2, 0.0, seed) for seed in range(5)])
