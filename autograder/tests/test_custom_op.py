"""The registered operator: torch's own opcheck, exact gradients, whole-graph compilation, vmap by state."""

import numpy as np
import pytest
import torch

from dropgrade.reference import custom_op, numpy_ops, torch_ops
from dropgrade.reference.autograd_memory import bytes_kept
from dropgrade.reference.custom_op import seeded_dropout


def state(seed: int = 123, offset: int = 0, device: str = "cpu") -> torch.Tensor:
    return torch_ops.pack_state(seed, offset, device)


def randn(*shape: int, seed: int = 0, **options) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), **options)


@pytest.mark.parametrize("seed, offset", [(0, 0), (2**40 + 9, 2**33 + 1), (2**64 - 1, 2**64 - 1), (-1, 3)])
def test_mask_is_the_contracts(seed: int, offset: int):
    """Seeds and offsets of 64 bits survive the way through a signed tensor."""
    y = seeded_dropout(torch.ones(1003), state(seed, offset), 0.4)
    expected = numpy_ops.keep_mask_seeded((1003,), 0.4, seed, offset)
    assert np.array_equal((y != 0).numpy(), expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
def test_values_are_torch_ops(dtype: torch.dtype):
    """The operator equals the autograd function of torch_ops bit for bit, for strided inputs too."""
    x = randn(30, 41, dtype=torch.float64).to(dtype)
    for view in (x, x.t(), x[::2, 1:], x[:0], x[0, 0]):
        got, expected = seeded_dropout(view, state(), 0.3), torch_ops.seeded_dropout(view, 0.3, state())
        assert got.dtype == dtype and got.is_contiguous()
        assert torch.equal(got, expected)


@pytest.mark.parametrize("requires_grad", [False, True])
def test_opcheck(requires_grad: bool):
    """Schema, autograd registration, fake tensors and dynamic shapes: torch's checks for operators."""
    x = randn(8, 33).requires_grad_(requires_grad)
    report = torch.library.opcheck(seeded_dropout, (x, state(), 0.3))
    assert set(report.values()) == {"SUCCESS"}


def test_gradcheck_and_gradgradcheck():
    """First and second derivatives agree with finite differences."""
    x = randn(4, 5, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda v: seeded_dropout(v, state(), 0.3), (x,))
    assert torch.autograd.gradgradcheck(lambda v: seeded_dropout(v, state(), 0.3), (x,))


def test_sixteen_bytes_are_kept():
    """The state is all that waits for backward."""
    x = randn(1 << 12).requires_grad_()
    assert bytes_kept(lambda: seeded_dropout(x, state(), 0.3)) == 16


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*torch.jit.script_method.*:DeprecationWarning")  # torch's, in Inductor
def test_compiled_as_one_graph():
    """torch.compile with fullgraph: the backward uses the forward's mask, and each call draws another."""
    torch.compiler.reset()
    layer = custom_op.SeededDropout(0.3)
    compiled = torch.compile(lambda v: 2 * layer(v) + 1, fullgraph=True)
    x = torch.ones(8, 33, requires_grad=True)
    first, second = compiled(x), compiled(x)
    (dx,) = torch.autograd.grad(first.sum(), x)
    assert torch.equal(dx != 0, first != 1)
    assert not torch.equal(first, second)
    assert 0 < int((first == 1).sum()) < first.numel()


def test_vmap_over_a_shared_state():
    """A function of its arguments: mapped over x alone, all samples have one mask, as in a loop."""
    x = randn(3, 64)
    y = torch.func.vmap(lambda v: seeded_dropout(v, state(), 0.5))(x)
    assert torch.equal(y, torch.stack([seeded_dropout(v, state(), 0.5) for v in x]))


def test_vmap_over_states():
    """Mapped over states, each sample has the mask that its state names; other batch dimensions work."""
    x, states = randn(64, 3), torch.stack([state(i) for i in range(3)])
    y = torch.func.vmap(lambda v, s: seeded_dropout(v, s, 0.5), in_dims=(1, 0))(x, states)
    assert torch.equal(y, torch.stack([seeded_dropout(x[:, i], states[i], 0.5) for i in range(3)]))


def test_vmap_flag_decides_through_the_draw():
    """The layer draws its state inside vmap: "different" gives each sample a mask, "error" raises."""
    layer = custom_op.SeededDropout(0.5)
    for flag in ("same", "different"):
        y = torch.func.vmap(layer, randomness=flag)(torch.ones(3, 64))
        assert torch.equal(y[0], y[1]) == (flag == "same")
    with pytest.raises(RuntimeError, match="randomness"):
        torch.func.vmap(layer, randomness="error")(torch.ones(3, 64))


def test_layer_in_eval_and_at_the_edges():
    """Eval and p = 0 return x itself; p = 1 gives zeros; bad p and integers are refused."""
    x = torch.tensor([1.0, float("inf"), float("nan")])
    assert custom_op.SeededDropout(0.5).eval()(x) is x
    assert custom_op.SeededDropout(0.0)(x) is x
    assert not custom_op.SeededDropout(1.0)(x).any()
    with pytest.raises(ValueError, match=r"p must be in \[0, 1\], got 1.5"):
        custom_op.SeededDropout(1.5)
    with pytest.raises(TypeError, match="floating-point"):
        seeded_dropout(torch.ones(3, dtype=torch.int32), state(), 0.5)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_gpu_kernel_equals_cpu_kernel():
    """The operator's Triton kernel gives what its NumPy kernel gives, bit for bit."""
    x = randn(1 << 16)
    for dtype in (torch.float32, torch.bfloat16):
        expected = seeded_dropout(x.to(dtype), state(), 0.3)
        got = seeded_dropout(x.to(dtype).cuda(), state(device="cuda"), 0.3)
        assert torch.equal(got.cpu(), expected)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_replayed_cuda_graph_draws_new_masks():
    """A captured layer draws its state on the device: each replay gives another mask."""
    layer, x = custom_op.SeededDropout(0.5), torch.ones(4096, device="cuda")
    layer(x)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        y = layer(x)
    graph.replay()
    first = y.clone()
    graph.replay()
    assert not torch.equal(first, y)
