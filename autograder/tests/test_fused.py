"""Fused kernels equal the composition of their parts: values, gradients, and what they keep for backward."""

import math

import numpy as np
import pytest
import torch
from kernels import DEVICE, FLOATS, Guarded, randn

from dropgrade.reference import fused, numpy_ops, torch_ops, triton_fused, triton_ops
from dropgrade.reference.autograd_memory import bytes_kept

ROWS = 9
COLUMNS = (64, 50, 3)  # rows of whole groups of four, rows that share groups, and less than a group
UNITS = {torch.float64: 16, torch.float32: 16, torch.float16: 8, torch.bfloat16: 12}
"""Allowed difference in units of the dtype's precision, relative to the largest entry: sums reorder."""


def state(seed: int = 7, offset: int = 2**33) -> torch.Tensor:
    return torch_ops.pack_state(seed, offset, DEVICE)


def inputs(name: str, columns: int, dtype: torch.dtype) -> list[torch.Tensor]:
    """Arguments of a fused function before p, each wanting its gradient."""
    row, full = (columns,), (ROWS, columns)
    shapes = {
        "bias_dropout_residual": (full, row, full),
        "softmax_dropout": (full,),
        "dropout_layer_norm": (full, full, row, row),
    }[name]
    return [randn(*shape, seed=i, dtype=dtype).requires_grad_() for i, shape in enumerate(shapes)]


def results(name: str, tensors: list[torch.Tensor], p: float, kernels: bool) -> list[torch.Tensor]:
    """Outputs and then gradients of all inputs, under fixed output gradients."""
    tensors = [tensor.detach().requires_grad_() for tensor in tensors]
    y = getattr(fused, name)(*tensors, p, state(), kernels=kernels)
    outputs = list(y) if isinstance(y, tuple) else [y]
    dy = [randn(*out.shape, seed=10 + i, dtype=out.dtype) for i, out in enumerate(outputs)]
    return outputs + list(torch.autograd.grad(outputs, tensors, dy))


def assert_close(got: torch.Tensor, expected: torch.Tensor) -> None:
    assert got.dtype == expected.dtype and got.shape == expected.shape
    difference = (got.detach().double() - expected.detach().double()).abs().max()
    unit = torch.finfo(got.dtype).eps * max(1.0, float(expected.detach().abs().max()))
    assert float(difference) <= UNITS[got.dtype] * unit


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("name", ["bias_dropout_residual", "softmax_dropout", "dropout_layer_norm"])
def test_kernel_equals_composition(name: str, columns: int):
    """Outputs and all gradients agree with eager torch under the same state, in each dtype."""
    for dtype in FLOATS:
        tensors = inputs(name, columns, dtype)
        for got, expected in zip(*(results(name, tensors, 0.3, k) for k in (True, False)), strict=True):
            assert_close(got, expected)


@pytest.mark.parametrize("name", ["bias_dropout_residual", "softmax_dropout", "dropout_layer_norm"])
def test_gradcheck(name: str):
    """The kernels' gradients agree with finite differences of the kernels' own outputs, in float64."""
    tensors = [tensor[..., :6].detach().requires_grad_() for tensor in inputs(name, 6, torch.float64)]
    tensors = [t[:2].detach().requires_grad_() if t.ndim == 2 else t for t in tensors]
    function = getattr(fused, name)
    assert torch.autograd.gradcheck(
        lambda *args: function(*args, 0.4, state(), kernels=True), tensors, fast_mode=True
    )


@pytest.mark.parametrize("columns", COLUMNS)
def test_rows_use_the_contracts_mask(columns: int):
    """The mask inside a fused kernel is that of the plain one, also where rows end within a group."""
    x = torch.ones(ROWS, columns, device=DEVICE)
    zeros = torch.zeros_like(x)
    expected = numpy_ops.keep_mask_seeded((ROWS, columns), 0.5, 7, 2**33)
    y = fused.bias_dropout_residual(x, zeros[0], zeros, 0.5, state(), kernels=True)
    z, _ = fused.dropout_layer_norm(x, zeros, x[0], zeros[0], 0.5, state(), kernels=True)
    q = fused.softmax_dropout(x, 0.5, state(), kernels=True)
    for got in (y, z, q):
        assert np.array_equal((got != 0).cpu().numpy(), expected)


@pytest.mark.parametrize("columns", [64, 50])
def test_which_branch_draws_the_mask(columns: int, monkeypatch: pytest.MonkeyPatch):
    """Rows of whole groups take four words of each Philox call, other rows one."""
    calls = []
    for name in ("keep_groups", "keep_elements"):
        original = getattr(triton_fused, name)
        monkeypatch.setattr(
            triton_fused,
            name,
            lambda *args, name=name, original=original: calls.append(name) or original(*args),
        )
    fused.softmax_dropout(randn(1, columns, seed=0), 0.5, state(), kernels=True)
    assert calls == (["keep_groups"] if columns % 4 == 0 else ["keep_elements"])


@pytest.mark.parametrize("name", ["bias_dropout_residual", "softmax_dropout", "dropout_layer_norm"])
def test_nothing_is_stored_outside(name: str, monkeypatch: pytest.MonkeyPatch):
    """Sentinels around every output and every gradient survive, for rows that do not fill their tile."""
    guarded = Guarded()
    tensors = inputs(name, 50, torch.float32)
    monkeypatch.setattr(triton_fused.torch, "empty_like", guarded.empty_like)
    results(name, tensors, 0.3, kernels=True)
    monkeypatch.undo()
    assert guarded.intact()


def test_memory_kept_for_backward():
    """Bias, residual: the state alone. Softmax: its scores. LayerNorm: z, two numbers a row, weight."""
    n, row = ROWS * 64 * 4, 64 * 4
    expected = {
        "bias_dropout_residual": 16,
        "softmax_dropout": n + 16,
        "dropout_layer_norm": n + 2 * ROWS * 4 + row + 16,
    }
    for name, kept in expected.items():
        tensors = inputs(name, 64, torch.float32)

        def call(name=name, tensors=tensors):
            y = getattr(fused, name)(*tensors, 0.3, state(), kernels=True)
            return y[0] if isinstance(y, tuple) else y

        assert bytes_kept(call) == kept, name


@pytest.mark.parametrize("kernels", [True, False])
@pytest.mark.parametrize("p", [0.0, 1.0])
def test_edges_of_p(p: float, kernels: bool):
    """At p = 0 all passes; at p = 1 the residual alone is left, whatever stood in x."""
    x = torch.tensor([[1.0, math.inf, math.nan, 2.0]], device=DEVICE)
    bias, residual = torch.ones(4, device=DEVICE), randn(1, 4, seed=1)
    y = fused.bias_dropout_residual(x, bias, residual, p, state(), kernels=kernels)
    assert torch.equal(y, residual) if p == 1 else torch.allclose(y, residual + x + 1, equal_nan=True)


@pytest.mark.parametrize("kernels", [True, False])
def test_empty_input(kernels: bool):
    """No rows, no work, no error."""
    x = torch.ones(0, 8, device=DEVICE)
    assert fused.softmax_dropout(x, 0.5, state(), kernels=kernels).shape == (0, 8)


def test_strided_inputs():
    """Transposed inputs and an expanded output gradient give what contiguous copies give."""
    x, residual = randn(8, 6, seed=1).t().requires_grad_(), randn(8, 6, seed=2).t()
    for kernels in (True, False):
        y = fused.bias_dropout_residual(
            x, torch.zeros(8, device=DEVICE), residual, 0.5, state(), kernels=kernels
        )
        (dx,) = torch.autograd.grad(y.sum(), x)
        keep = torch_ops.keep_mask((6, 8), 0.5, 7, 2**33, DEVICE)
        assert torch.equal(dx, 2.0 * keep)
        assert torch.allclose(y, residual + 2 * x * keep)


def test_rows_too_long_for_a_program_are_refused():
    """A row that does not fit into one program raises with both lengths; torch's way has no limit."""
    scores = torch.zeros(1, 2**16 + 4, device=DEVICE)
    with pytest.raises(ValueError, match="at most 65536 elements, got 65540"):
        fused.softmax_dropout(scores, 0.5, state(), kernels=True)
    assert fused.softmax_dropout(scores, 0.5, state(), kernels=False).shape == scores.shape


def test_shapes_and_dtypes_are_checked():
    """A bias of another length, a residual of another dtype, and a bad p raise with what was found."""
    x = torch.ones(2, 4)
    with pytest.raises(ValueError, match=r"bias must have shape \(4,\), got \(3,\)"):
        fused.bias_dropout_residual(x, torch.ones(3), x, 0.5, state())
    with pytest.raises(TypeError, match=r"residual must have x's dtype torch\.float32, got torch\.float64"):
        fused.bias_dropout_residual(x, torch.ones(4), x.double(), 0.5, state())
    with pytest.raises(ValueError, match=r"p must be in \[0, 1\], got 2"):
        fused.softmax_dropout(x, 2, state())
    with pytest.raises(ValueError, match="leave something to keep"):
        triton_ops.constants(1.0, torch.float32)
