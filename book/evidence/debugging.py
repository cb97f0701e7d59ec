"""The bugs of the debugging puzzles, in the lines that their prompts show, and what they do to numbers."""

import numpy as np
import torch
from _tools import Interval, digits, interval, trained

from dropgrade.reference import mlp


class _Attention(torch.nn.Module):
    """One head; its dropout layer is made inside forward, or once in __init__."""

    def __init__(self, width: int, p: float, made_once: bool):
        super().__init__()
        self.p = p
        self.qkv = torch.nn.Linear(width, 3 * width)
        self.drop = torch.nn.Dropout(p) if made_once else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        weights = (q @ k.mT / x.shape[-1] ** 0.5).softmax(dim=-1)
        return (self.drop or torch.nn.Dropout(self.p))(weights) @ v


def _change_in_evaluation(made_once: bool) -> float:
    torch.manual_seed(0)
    layer, x = _Attention(16, 0.1, made_once).eval(), torch.randn(2, 8, 16)
    with torch.no_grad():
        return float((layer(x) - layer(x)).abs().max())


def change_in_eval_made_in_forward() -> float:
    """Largest difference of two predictions after eval(), the dropout layer made inside forward."""
    return _change_in_evaluation(False)


def change_in_eval_made_once() -> float:
    """The same with the layer made in __init__."""
    return _change_in_evaluation(True)


def modules_in_training_after_eval() -> int:
    """How many submodules of the broken layer say that they are in training after eval()."""
    return sum(module.training for module in _Attention(16, 0.1, False).eval().modules())


def _test() -> tuple[np.ndarray, np.ndarray]:
    return digits().test_images, digits().test_labels


def prediction_over_training_mean() -> float:
    """Mean output in prediction over training: divided by 0.7 in one, times 0.7 in the other; rate 0.3."""
    rng, x = np.random.default_rng(0), np.ones(1_000_000)
    training = (x * (rng.random(x.shape) >= 0.3) / 0.7).mean()
    return float((x * 0.7).mean() / training)


def _scaled_twice(seed: int) -> tuple[float, float]:
    """Change of the test error (points) and factor of the log loss, hidden layer halved once more."""
    net = trained(0.5, seed)
    shrunk = net | {"W2": net["W2"] * np.float32(0.5)}
    right, wrong = mlp.score(net, *_test()), mlp.score(shrunk, *_test())
    return 100 * (wrong[0] - right[0]), wrong[1] / right[1]


def error_points_scaled_twice() -> Interval:
    """Change of the test error (points) on digits, hidden layer halved once more; rate 0.5, 5 seeds."""
    return interval([_scaled_twice(seed)[0] for seed in range(5)])


def log_loss_factor_scaled_twice() -> Interval:
    """Its test log loss over the right one."""
    return interval([_scaled_twice(seed)[1] for seed in range(5)])


def _forward(
    x: np.ndarray, weights: list[np.ndarray], p_inp: float, p_hid: float, rng: np.random.Generator
) -> np.ndarray:
    """The puzzle's forward pass; p_inp and p_hid are probabilities of keeping."""
    h = x * (rng.random(x.shape) < p_inp) / p_inp
    for W in weights:
        h = np.maximum((h / p_hid) @ W, 0)
        h = h * (rng.random(h.shape) < p_hid)
    return h / p_hid


def _training_over_evaluation(layers: int) -> float:
    rng = np.random.default_rng(1)
    weights = [rng.random((50, 50)) / 50 for _ in range(layers)]  # positive, so that no ReLU hides the factor
    x = rng.random(50)
    plain = x
    for W in weights:
        plain = plain @ W
    return float(_forward(np.tile(x, (4000, 1)), weights, 0.8, 0.5, rng).mean() / plain.mean())


def training_over_evaluation_one_layer() -> float:
    """Mean training output over the output without dropout; one hidden layer, keep 0.8 and 0.5."""
    return _training_over_evaluation(1)


def training_over_evaluation_three_layers() -> float:
    """The same with three hidden layers."""
    return _training_over_evaluation(3)


def _left_on(seed: int, passes: int) -> float:
    """Rise of the test log loss (nats) when predictions are means of `passes` passes with dropout 0.5 on."""
    net, rng = trained(0.5, seed), np.random.default_rng(seed)
    scores = [mlp.logits(net, _test()[0], 0.5, True, rng) for _ in range(passes)]
    mean = np.mean([np.exp(mlp.log_softmax(part)) for part in scores], axis=0)
    return -float(np.log(mean[np.arange(1000), _test()[1]]).mean()) - mlp.score(net, *_test())[1]


def log_loss_rise_one_pass() -> Interval:
    """Rise of the test log loss (nats) when eval() is forgotten, one pass a digit; rate 0.5, 5 seeds."""
    return interval([_left_on(seed, 1) for seed in range(5)])


def log_loss_rise_mean_of_20() -> Interval:
    """The same when each prediction is the mean of 20 such passes."""
    return interval([_left_on(seed, 20) for seed in range(5)])


def error_rise_one_pass() -> Interval:
    """Rise of the test error in points when eval() is forgotten, one pass; the same networks."""
    rises = []
    for seed in range(5):
        net, rng = trained(0.5, seed), np.random.default_rng(seed)
        left_on = mlp.scored(mlp.logits(net, _test()[0], 0.5, True, rng), _test()[1])[0]
        rises.append(100 * (left_on - mlp.score(net, *_test())[0]))
    return interval(rises)


def _dispatching(x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> np.ndarray:
    """The puzzle's layer: the fast path is chosen before the mode is looked at."""
    if x.flags.c_contiguous and x.size % 4 == 0:
        return x * (rng.random(x.shape) >= p) / (1 - p)
    if not training or p == 0:
        return x
    return np.where(rng.random(x.shape) >= p, x, 0) / (1 - p)


def zeros_in_eval_small_array() -> float:
    """Share of zeros that the layer makes in evaluation on ones of shape (3, 5), rate 0.5."""
    return float((_dispatching(np.ones((3, 5)), 0.5, False, np.random.default_rng(0)) == 0).mean())


def zeros_in_eval_fast_path() -> float:
    """The same on ones of shape (256, 64)."""
    return float((_dispatching(np.ones((256, 64)), 0.5, False, np.random.default_rng(0)) == 0).mean())
