"""Dropout in torch: NumPy's masks bit for bit, exact gradients, 16 bytes kept, no surprise at the edges."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dropgrade.reference import numpy_ops, philox, torch_ops
from dropgrade.reference.autograd_memory import bytes_kept

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
seeds = st.integers(-(2**63), 2**64 - 1)
rates = st.floats(0, 1)
LAYERS = (torch_ops.Dropout, torch_ops.SeededDropout)


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(seed=seeds, offset=st.integers(0, 2**64 - 1), n=st.integers(0, 70), p=rates)
def test_mask_is_numpys(seed: int, offset: int, n: int, p: float):
    """Any seed, offset, size and p: torch's integers and NumPy's draw the same mask."""
    ours = torch_ops.keep_mask((n,), p, seed, offset)
    assert np.array_equal(ours.numpy(), numpy_ops.keep_mask_seeded((n,), p, seed, offset))


@given(counter=st.tuples(*[st.integers(0, 2**32 - 1)] * 4), key=st.tuples(*[st.integers(0, 2**32 - 1)] * 2))
def test_philox_is_numpys_after_any_rounds(counter, key):
    """All four counter words and both key words enter as in NumPy, after 7 rounds and after 10."""
    for rounds in (7, 10):
        got = torch_ops.philox4x32(tuple(torch.tensor(word) for word in counter), key, rounds)
        assert [int(word) for word in got] == philox.philox4x32(np.array(counter), key, rounds).tolist()


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("p", [0.1, 0.5, 0.75])
def test_values_are_rounded_once(dtype: torch.dtype, p: float):
    """Kept entries are x times 1 / (1 - p), in float32 for 16-bit inputs and rounded once; others are 0."""
    x = torch.randn(4099, generator=generator(0), dtype=torch.float64).to(dtype)
    y = torch_ops.seeded_dropout(x, p, torch_ops.pack_state(3, 4))
    wide = np.float64 if dtype == torch.float64 else np.float32
    scaled = x.to(torch.float64).numpy().astype(wide) * wide(1 / (1 - p))
    keep = numpy_ops.keep_mask_seeded((4099,), p, 3, 4)
    assert y.dtype == dtype
    assert torch.equal(y, torch.from_numpy(np.where(keep, scaled, 0)).to(dtype))


def test_values_are_numpys_to_one_rounding():
    """Multiplying by 1 / (1 - p) here and dividing by 1 - p in NumPy differ by one unit in the last place."""
    x = torch.randn(5000, generator=generator(1))
    ours = torch_ops.seeded_dropout(x, 0.3, torch_ops.pack_state(5)).numpy()
    theirs = numpy_ops.dropout_forward_seeded(x.numpy(), 0.3, 5)
    np.testing.assert_array_max_ulp(ours, theirs, maxulp=1)


def test_gradients_use_the_same_mask():
    """The gradient is dy / (1 - p) where y kept and 0 elsewhere, and so is the gradient's gradient."""
    state = torch_ops.pack_state(11)
    x = torch.randn(4001, generator=generator(2), requires_grad=True)
    dy = torch.randn(4001, generator=generator(3), requires_grad=True)
    keep = torch_ops.keep_mask((4001,), 0.3, 11)
    (dx,) = torch.autograd.grad(torch_ops.seeded_dropout(x, 0.3, state), x, dy, create_graph=True)
    assert torch.equal(dx, torch_ops.select_scaled(dy, keep, 0.3))
    (ddy,) = torch.autograd.grad(dx, dy, torch.ones_like(dx))
    assert torch.equal(ddy != 0, keep)


@pytest.mark.parametrize("layer", LAYERS)
def test_gradcheck_and_gradgradcheck(layer):
    """First and second derivatives agree with finite differences when the generator is seeded alike."""
    x = torch.randn(4, 6, dtype=torch.float64, generator=generator(4), requires_grad=True)

    def frozen(v: torch.Tensor) -> torch.Tensor:
        return layer(0.4, generator(5))(v)

    assert torch.autograd.gradcheck(frozen, (x,))
    assert torch.autograd.gradgradcheck(frozen, (x,))


def test_memory_kept_for_backward():
    """The seeded layer keeps 16 bytes whatever the size; the layer with a mask keeps a byte an element."""
    x = torch.randn(1 << 14, generator=generator(6), requires_grad=True)
    assert bytes_kept(lambda: torch_ops.SeededDropout(0.5)(x)) == 16
    assert bytes_kept(lambda: torch_ops.Dropout(0.5)(x)) == 1 << 14


@pytest.mark.parametrize("layer", LAYERS)
def test_edges_of_p(layer):
    """p = 0 and eval return x itself; p = 1 gives zeros and a zero gradient even for inf and NaN."""
    x = torch.tensor([1.0, math.inf, -math.inf, math.nan], requires_grad=True)
    assert layer(0.0)(x) is x
    assert layer(0.5).eval()(x) is x
    y = layer(1.0)(x)
    y.sum().backward()
    assert torch.equal(y, torch.zeros(4)) and torch.equal(x.grad, torch.zeros(4))


@pytest.mark.parametrize("layer", LAYERS)
def test_dropped_infinities_are_gone(layer):
    """A dropped inf becomes 0, not NaN, as selecting does and multiplying does not."""
    y = layer(0.5, generator(7))(torch.full((1000,), math.inf))
    assert set(y.tolist()) == {0.0, math.inf}


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
@pytest.mark.parametrize("make", [*LAYERS, lambda p: torch_ops.keep_mask((3,), p, 0)])
def test_bad_p_is_refused(make, p: float):
    """A p outside [0, 1], or NaN, raises with the value."""
    with pytest.raises(ValueError, match=rf"p must be in \[0, 1\], got {p}"):
        make(p)


@pytest.mark.parametrize("layer", LAYERS)
def test_integers_are_refused(layer):
    """Integers cannot be scaled by 1 / (1 - p): TypeError, as from torch's own dropout."""
    with pytest.raises(TypeError, match=r"floating-point tensor, got torch\.int64"):
        layer(0.5)(torch.ones(3, dtype=torch.int64))


@pytest.mark.parametrize("layer", LAYERS)
def test_any_layout(layer):
    """Transposed, sliced, expanded, permuted, empty and 0-d inputs drop by index, not by memory layout."""
    x = torch.randn(64, 48, generator=generator(8))
    views = [x.t(), x[::2, ::3], x[:, :1].expand(64, 32), x.view(2, 32, 48).permute(2, 0, 1)]
    for view in (*views, torch.ones(0, 5), torch.tensor(2.0)):
        got = layer(0.5, generator(9))(view)
        assert got.shape == view.shape
        assert torch.equal(got, layer(0.5, generator(9))(view.contiguous()))


@pytest.mark.parametrize("layer", LAYERS)
def test_randomness_comes_from_the_generator_alone(layer):
    """Two calls differ, a seed repeats them, torch's global state stays, and eval and p = 0 draw nothing."""
    x, source, before = torch.ones(999), generator(3), torch.get_rng_state()
    first, second = layer(0.5, source)(x), layer(0.5, source)(x)
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(first, second)
    assert torch.equal(layer(0.5, source.manual_seed(3))(x), first)
    state = source.get_state()
    layer(0.5, source).eval()(x), layer(0.0, source)(x)
    assert torch.equal(source.get_state(), state)


@pytest.mark.parametrize("layer", LAYERS)
def test_without_generator_the_global_seed_repeats(layer):
    """With no generator given, torch.manual_seed decides, as for torch's own layers."""
    x = torch.ones(999)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        first = layer(0.5)(x)
        torch.manual_seed(5)
        assert torch.equal(layer(0.5)(x), first)


@pytest.mark.parametrize("layer", LAYERS)
def test_layer_has_no_state_to_save(layer):
    """Neither mask nor seed enters the state_dict, and no tensor stays on the module."""
    module = layer(0.5)
    module(torch.ones(8))
    assert module.state_dict() == {}
    assert not any(isinstance(value, torch.Tensor) for value in vars(module).values())
    assert "p=0.5" in repr(module)


@pytest.mark.parametrize("layer", LAYERS)
def test_vmap_follows_its_randomness_flag(layer):
    """Under vmap, "different" gives each sample a mask of its own and "same" one for all."""
    module = layer(0.5)
    for flag in ("same", "different"):
        y = torch.func.vmap(module, randomness=flag)(torch.ones(3, 64))
        assert torch.equal(y[0], y[1]) == (flag == "same")


def test_a_batch_in_two_halves():
    """Blocks used by the first half tell the second half's offset: masks of a split batch fit together."""
    whole = torch_ops.keep_mask((8, 10), 0.4, seed=9)
    used = torch_ops.blocks_used(4 * 10)
    assert used == 10
    halves = [torch_ops.keep_mask((4, 10), 0.4, 9, offset) for offset in (0, used)]
    assert torch.equal(torch.cat(halves), whole)


@pytest.mark.filterwarnings(
    "ignore:.*should not be instantiated:DeprecationWarning"
)  # torch's own, in Dynamo
@pytest.mark.parametrize("layer", LAYERS)
def test_traces_without_a_graph_break(layer):
    """torch.compile takes the layer whole, and its backward uses the forward's mask."""
    torch._dynamo.reset()  # what an earlier test compiled would make it try other sizes at once
    compiled = torch.compile(layer(0.3), fullgraph=True, backend="aot_eager")
    x = torch.ones(256, requires_grad=True)
    y = compiled(x)
    y.sum().backward()
    assert torch.equal(x.grad != 0, y != 0)
    assert 0 < int((y == 0).sum()) < 256
