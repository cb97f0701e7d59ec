"""The first questions at the keyboard: edges, a training log, a row by hand, modes, checkpoints, shapes."""

import numpy as np
import torch
from _tools import Interval, interval
from torch import nn

from dropgrade.digits import load_digits
from dropgrade.reference import mlp
from dropgrade.reference.numpy_ops import dropout_forward
from dropgrade.reference.torch_ops import select_scaled


def entries_changed_in_evaluation() -> float:
    """Entries that differ from the input in evaluation, at p = 0 and p = 1 together, of 2,000."""
    x = torch.linspace(-1, 1, 1000)
    return float(sum(int((nn.Dropout(p).eval()(x) != x).sum()) for p in (0.0, 1.0)))


def entries_left_at_one() -> float:
    """Entries that are not zero in training at p = 1, of 1,000."""
    return float((nn.Dropout(1.0)(torch.ones(1000)) != 0).sum())


def entries_changed_at_zero() -> float:
    """Entries that differ from the input in training at p = 0, of 1,000."""
    x = torch.linspace(-1, 1, 1000)
    return float((nn.Dropout(0.0)(x) != x).sum())


def _logged(seed: int) -> tuple[float, float, float]:
    """Loss (nats) of a trained net on its digits with masks, on them without, and on new digits."""
    digits, rng = load_digits(), np.random.default_rng(seed)
    images, labels = digits.train_images, digits.train_labels
    settings = {"p": 0.5, "steps": 160, "batch": 50, "rate": 0.05, "momentum": 0.9}
    net = mlp.train(mlp.start(196, 64, 10, rng), images, labels, settings, rng)
    noisy = mlp.scored(mlp.logits(net, images, 0.5, True, rng), labels)[1]
    return noisy, mlp.score(net, images, labels)[1], mlp.score(net, digits.test_images, digits.test_labels)[1]


def log_train_minus_validation() -> Interval:
    """Training loss with masks minus validation loss without (nats), 64 units, drop rate 0.5."""
    return interval([noisy - validation for noisy, _, validation in map(_logged, range(5))])


def clean_train_minus_validation() -> Interval:
    """Training loss without masks minus validation loss (nats), the same networks."""
    return interval([clean - validation for _, clean, validation in map(_logged, range(5))])


def row_by_hand() -> float:
    """Sum of the row [3, -1.5, 0.6, 9] behind dropout 0.25 with the mask [1, 0, 1, 1]."""
    keep = torch.tensor([True, False, True, True])
    x = torch.tensor([3.0, -1.5, 0.6, 9.0], dtype=torch.float64)
    return float(select_scaled(x, keep, 0.25).sum())


def values_of_the_library() -> float:
    """Largest distance of a surviving entry of PyTorch's Dropout(0.25) from 4/3 times its input."""
    torch.manual_seed(1)
    x = torch.linspace(1, 2, 10_000, dtype=torch.float64)
    y = nn.Dropout(0.25)(x)
    return float((y - x * 4 / 3)[y != 0].abs().max())


def parameters_of_the_layer() -> float:
    """Parameters, buffers and entries of the state_dict of a PyTorch dropout layer, added up."""
    layer = nn.Dropout(0.5)
    return float(
        sum(1 for _ in layer.parameters()) + sum(1 for _ in layer.buffers()) + len(layer.state_dict())
    )


def names_moved_in_sequential() -> float:
    """Names in the state_dict of a Sequential that are missing after a dropout layer is put in the middle."""
    plain = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    with_dropout = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 2))
    return float(len(set(plain.state_dict()) - set(with_dropout.state_dict())))


def outputs_changed_by_mode() -> float:
    """Outputs, of 24, that differ between train() and eval() with linear layers, ReLU and layer norm."""
    torch.manual_seed(2)
    net, x = (
        nn.Sequential(nn.Linear(10, 20), nn.LayerNorm(20), nn.ReLU(), nn.Linear(20, 3)),
        torch.randn(8, 10),
    )
    return float((net.train()(x) != net.eval()(x)).sum())


def outputs_changed_by_mode_with_batchnorm() -> float:
    """The same with batch norm in the place of layer norm."""
    torch.manual_seed(2)
    net, x = (
        nn.Sequential(nn.Linear(10, 20), nn.BatchNorm1d(20), nn.ReLU(), nn.Linear(20, 3)),
        torch.randn(8, 10),
    )
    return float((net.train()(x) != net.eval()(x)).sum())


def units_out_of_every_pass() -> float:
    """Units of 1,000 that are missing from each of 50 passes over one example, drop rate 0.5."""
    y, _ = dropout_forward(np.ones((50, 1000)), 0.5, True, np.random.default_rng(3))
    return float((y == 0).all(axis=0).sum())


def weights_left_by_dropout() -> float:
    """Weights of the deployed layer, over those of the same layer trained without dropout."""
    with_dropout = nn.Sequential(nn.Dropout(0.5), nn.Linear(1000, 10)).eval()
    return sum(map(torch.numel, with_dropout.parameters())) / sum(
        map(torch.numel, nn.Linear(1000, 10).parameters())
    )


def _printed_lines(x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> np.ndarray:
    """The function of the question, bugs included."""
    if not training:
        return x
    keep = rng.random(x.shape[1]) >= p
    x *= keep
    return x / (1 - p)


def rows_that_agree() -> float:
    """Share of the 64 rows of an output of the printed lines that miss the same units as the first row."""
    y = _printed_lines(np.ones((64, 100)), 0.5, True, np.random.default_rng(4))
    return float(((y == 0) == (y[0] == 0)).all(axis=1).mean())


def inputs_overwritten() -> float:
    """Share of the caller's entries that the printed lines set to zero, drop rate 0.5."""
    x = np.ones((64, 1000))
    _printed_lines(x, 0.5, True, np.random.default_rng(5))
    return float((x == 0).mean())


def mean_of_the_printed_lines() -> float:
    """Mean output of the printed lines for inputs of 1, over 2,000 calls: what a mean test sees."""
    rng = np.random.default_rng(6)
    return float(np.mean([_printed_lines(np.ones((4, 100)), 0.5, True, rng).mean() for _ in range(2000)]))


def zeros_of_the_translation() -> float:
    """Share of zeros behind PyTorch's Dropout(0.1) on ones, of a million."""
    torch.manual_seed(7)
    return float((nn.Dropout(0.1)(torch.ones(1_000_000)) == 0).double().mean())


def zeros_of_the_wrong_translation() -> float:
    """The same for Dropout(0.9), the number copied unchanged."""
    torch.manual_seed(7)
    return float((nn.Dropout(0.9)(torch.ones(1_000_000)) == 0).double().mean())


def shapes_changed() -> float:
    """Shapes, of six from a scalar to an empty array, that dropout does not give back as they were."""
    shapes = [(), (5,), (3, 4), (2, 3, 4, 5), (2, 1, 3, 1, 2), (0, 7)]
    return float(sum(nn.Dropout(0.5)(torch.ones(shape)).shape != shape for shape in shapes))


def _silent_maps(layer: nn.Module) -> float:
    torch.manual_seed(8)
    y = layer(torch.ones(32, 64, 4, 4))
    return float((y == 0).flatten(2).all(dim=2).double().mean())


def maps_lost_to_dropout() -> float:
    """Share of 4 by 4 feature maps that are zero throughout behind Dropout(0.5)."""
    return _silent_maps(nn.Dropout(0.5))


def maps_lost_to_dropout2d() -> float:
    """The same share behind Dropout2d(0.5), which draws once for each map."""
    return _silent_maps(nn.Dropout2d(0.5))
