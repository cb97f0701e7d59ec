"""Edge cases of a dropout layer: ends of p, ends of a uniform number, dtypes, memory, tests, export."""

import numpy as np
import torch
from torch.nn.functional import dropout as torch_dropout

from dropgrade.checks import statistics
from dropgrade.reference.numpy_ops import dropout_backward, dropout_forward, dropout_forward_seeded


def _naive(x: np.ndarray, p: float, rng: np.random.Generator) -> np.ndarray:
    """The textbook line, without a thought for p = 1 or for infinite entries."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return x * (rng.random(x.shape) >= p) / np.float64(1 - p)


def not_finite_naive_p_one() -> float:
    """Share of entries that are NaN or infinite when mask * x / (1 - p) runs at p = 1."""
    return float((~np.isfinite(_naive(np.ones(1000), 1.0, np.random.default_rng(0)))).mean())


def not_zero_reference_p_one() -> int:
    """Outputs and gradients that are not 0 at p = 1 in the course's layer, inf and NaN among the inputs."""
    x = np.ones(1000)
    x[:2] = np.inf, np.nan
    y, keep = dropout_forward(x, 1.0, True, np.random.default_rng(0))
    return int((y != 0).sum() + (dropout_backward(x, keep, 1.0) != 0).sum())


def changed_reference_p_zero() -> int:
    """How many of 1,000 random entries differ from the input at p = 0 in training."""
    x = np.random.default_rng(1).normal(size=1000)
    return int((dropout_forward(x, 0.0, True, np.random.default_rng(2))[0] != x).sum())


def torch_nan_at_p_one() -> int:
    """How many of three entries (inf, -inf, 1) torch's dropout turns into NaN at p = 1."""
    return int(torch_dropout(torch.tensor([np.inf, -np.inf, 1.0]), 1.0).isnan().sum())


def dropped_at_p_zero_single() -> int:
    """Entries dropped by keep = u > p at p = 0, of 2**26 float32 uniform numbers."""
    rng = np.random.default_rng(0)
    return sum(int((~(rng.random(2**24, dtype=np.float32) > 0)).sum()) for _ in range(4))


def dropped_at_p_zero_half() -> int:
    """The same count of 2**22 float16 uniform numbers of torch."""
    return int((~(_half_uniforms() > 0)).sum())


def dropped_at_p_zero_half_right() -> int:
    """The same 2**22 float16 numbers with keep = u >= p."""
    return int((~(_half_uniforms() >= 0)).sum())


def _half_uniforms() -> torch.Tensor:
    return torch.rand(2**22, dtype=torch.float16, generator=torch.Generator().manual_seed(0))


def dropped_at_p_zero_from_closed_end() -> int:
    """Entries dropped by keep = v < 1 - p at p = 0, when v = 1 - u is in (0, 1]; 2**26 float32 numbers."""
    rng = np.random.default_rng(0)
    return sum(int((~(1 - rng.random(2**24, dtype=np.float32) < 1)).sum()) for _ in range(4))


def _survivor(dtype: torch.dtype) -> float:
    torch.manual_seed(0)
    y = torch_dropout(torch.ones(1000, dtype=dtype), 0.1)
    return y[y != 0][0].item()


def scale_error_bfloat16() -> float:
    """Relative error of the scale 1/0.9 that torch's dropout applies to bfloat16 ones."""
    return _survivor(torch.bfloat16) * 0.9 - 1


def scale_error_float16() -> float:
    """The same for float16."""
    return _survivor(torch.float16) * 0.9 - 1


def product_over_48_layers_bfloat16() -> float:
    """That scale error's factor after 48 layers in a row, were nothing to normalise in between."""
    return (1 + scale_error_bfloat16()) ** 48


def rate_from_one_byte() -> float:
    """Share dropped when p = 0.1 is compared with random bytes, byte < round(256 p); 2**22 draws."""
    return float((np.random.default_rng(0).integers(0, 256, 2**22) < round(256 * 0.1)).mean())


def mean_after_integer_cast() -> float:
    """Mean output over mean input when integers are scaled by 1/0.8 and cast back; input all 1, p = 0.2."""
    x = np.ones(100_000, dtype=np.int64)
    y, _ = dropout_forward(x.astype(float), 0.2, True, np.random.default_rng(0))
    return float(y.astype(x.dtype).mean() / x.mean())


def mean_after_float_cast() -> float:
    """The same when the caller casts to float first and leaves it there."""
    y, _ = dropout_forward(np.ones(100_000), 0.2, True, np.random.default_rng(0))
    return float(y.mean())


def integer_input_refused() -> int:
    """How many of two layers (the course's, torch's) raise an error for integers."""
    refused = 0
    try:
        dropout_forward(np.ones(3, dtype=int), 0.2, True, np.random.default_rng(0))
    except TypeError:
        refused += 1
    try:
        torch_dropout(torch.ones(3, dtype=torch.int64), 0.2)
    except RuntimeError:
        refused += 1
    return refused


def residual_error_in_place() -> float:
    """Mean |error| of x + dropout(x), x standard normal, when the dropout works in place on x; p = 0.1."""
    x = np.random.default_rng(0).normal(size=100_000)
    y, keep = dropout_forward(x, 0.1, True, np.random.default_rng(1))
    shared = x.copy()
    shared *= keep / 0.9  # what an in-place layer leaves behind in x
    return float(np.abs((shared + shared) - (x + y)).mean())


def _in_place_raises(before: torch.nn.Module) -> bool:
    x = torch.ones(3, 4, requires_grad=True)
    try:
        torch_dropout(before(x), 0.5, inplace=True).sum().backward()
    except RuntimeError:
        return True
    return False


def in_place_caught_after_sigmoid() -> int:
    """1 if autograd refuses the backward pass of in-place dropout after a sigmoid, which saves its output."""
    return int(_in_place_raises(torch.nn.Sigmoid()))


def in_place_caught_after_linear() -> int:
    """1 if it refuses it after a linear layer, which saved its input and not its output."""
    return int(_in_place_raises(torch.nn.Linear(4, 4)))


def zeros_written_through_reshape() -> int:
    """Zeros that reach a transposed 64 x 32 view when its reshape(-1) is written to at 200 places."""
    x = np.ones((64, 32)).T
    flat = x.reshape(-1)
    flat[np.random.default_rng(0).choice(flat.size, 200, replace=False)] = 0
    return int((x == 0).sum())


def mask_follows_memory() -> float:
    """Share of entries whose mask differs between a view and its copy, mask in memory order, p = 0.3."""
    view = np.ones((64, 32)).T
    draws = np.random.default_rng(0).random(view.size) >= 0.3
    by_memory = draws.reshape(view.T.shape).T
    return float((by_memory != draws.reshape(view.shape)).mean())


def mask_follows_position() -> int:
    """Entries that differ between the two in the course's counter-based layer, which counts in C order."""
    view = np.random.default_rng(1).normal(size=(64, 32)).T
    first, second = (dropout_forward_seeded(x, 0.3, seed=5) for x in (view, np.ascontiguousarray(view)))
    return int((first != second).sum())


def entries_of_an_empty_batch() -> int:
    """Size of the output for a batch of shape (0, 8): an empty array, and no error."""
    return dropout_forward(np.empty((0, 8)), 0.3, True, np.random.default_rng(0))[0].size


def false_alarm_of_round_tolerance() -> float:
    """Chance that a right layer fails |share dropped - 0.3| < 0.01 at 1,000 entries."""
    return statistics.false_alarm(1000, 0.3, 291, 309)


def false_alarm_of_exact_limits() -> float:
    """Chance that a right layer fails the exact limits for one in a million; 10,000 entries, p = 0.3."""
    return statistics.false_alarm(10_000, 0.3, *statistics.limits(10_000, 0.3, 1e-6))


def missed_at_three_points() -> float:
    """Chance that a layer with rate 0.33 passes the same limits."""
    low, high = statistics.limits(10_000, 0.3, 1e-6)
    return statistics.at_most(high, 10_000, 0.33) - statistics.at_most(low - 1, 10_000, 0.33)


def passes_with_one_mask_for_all_rows() -> int:
    """How many of 100 layers with one mask for 100 rows, p = 0.3, pass those limits on 100 x 100 entries."""
    low, high = statistics.limits(10_000, 0.3, 1e-6)
    rows = [np.random.default_rng(seed).random(100) < 0.3 for seed in range(100)]
    return sum(low <= 100 * int(row.sum()) <= high for row in rows)


class _Functional(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch_dropout(x, 0.5, self.training)


def _change_after_tracing(module: torch.nn.Module) -> float:
    graph = torch.fx.symbolic_trace(torch.nn.Sequential(module).train()).eval()
    x = torch.ones(1000)
    return float((graph(x) - graph(x)).abs().max())


def traced_functional_after_eval() -> float:
    """Largest difference of two passes after eval(), F.dropout with self.training, traced in training."""
    return _change_after_tracing(_Functional())


def traced_module_after_eval() -> float:
    """The same for an nn.Dropout, which the trace calls as a module."""
    return _change_after_tracing(torch.nn.Dropout(0.5))
