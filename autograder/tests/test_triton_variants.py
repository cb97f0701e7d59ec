"""The kernels measured against do what their names say, so that a time belongs to a right result."""

import numpy as np
import pytest
import torch
from kernels import DEVICE, Guarded, randn

from dropgrade.reference import philox, torch_ops, triton_ops, triton_variants

N = 3001


def state(seed: int = 77, offset: int = 5) -> torch.Tensor:
    return torch_ops.pack_state(seed, offset, DEVICE)


def test_one_word_a_call():
    """Element i uses word 0 of block offset + i, compared as an integer."""
    ones = torch.ones(N, device=DEVICE)
    got = triton_variants.one_word(ones, 0.3, state(), torch.empty_like(ones))
    expected = philox.words(4 * N, 77, 5)[::4] >= philox.threshold(0.3)
    assert np.array_equal((got != 0).cpu().numpy(), expected)


def test_selecting_a_word_gives_the_contracts_result():
    """A call for each element, with the word chosen by i % 4, equals the seeded kernel bit for bit."""
    x = randn(N, seed=0)
    got = triton_variants.selected_word(x, 0.3, state(), torch.empty_like(x))
    assert torch.equal(got, triton_ops.dropout(x, 0.3, state()))


def test_float_compare_keeps_uniforms_of_at_least_p():
    """The tutorial's scheme: word 0 of block i, its sign folded, times 2**-31, compared with p."""
    ones = torch.ones(N, device=DEVICE)
    got = triton_variants.float_compare(ones, 0.3, state(), torch.empty_like(ones))
    word = philox.words(4 * N, 77, 5)[::4].view(np.int32)
    uniform = np.where(word < 0, ~word, word).astype(np.float32) * np.float32(4.6566127342e-10)
    assert np.array_equal((got != 0).cpu().numpy(), uniform >= np.float32(0.3))


@pytest.mark.parametrize("p", [0.1, 0.3, 0.9])
def test_half_words_serve_eight_elements(p: float):
    """Element i uses half i % 8 of block i // 8, and the scale is that of the rounded p."""
    ones, lowest = torch.ones(N, device=DEVICE), round(p * 2**16)
    got = triton_variants.half_words(ones, p, state(), torch.empty_like(ones)).cpu().numpy()
    half = philox.words(4 * (N // 8 + 1), 77, 5).view("<u2")[:N]
    assert np.array_equal(got != 0, half >= lowest)
    assert set(got) == {0.0, np.float32(2**16 / (2**16 - lowest))}


def test_stored_mask_is_applied():
    """The kernel that reads a mask selects and scales as torch does."""
    x, keep = randn(N, seed=1), randn(N, seed=2) > 0
    got = triton_variants.stored_mask(x, keep, 0.3, torch.empty_like(x))
    assert torch.equal(got, torch_ops.select_scaled(x, keep, 0.3))


@pytest.mark.parametrize("name", ["one_word", "selected_word", "float_compare", "half_words", "stored_mask"])
def test_nothing_is_stored_outside(name: str):
    """Sentinels before and after the output survive."""
    x, guarded = randn(N, seed=3), Guarded()
    third = {"stored_mask": (x > 0, 0.3)}.get(name, (0.3, state()))
    getattr(triton_variants, name)(x, *third, guarded.empty_like(x), block=512)
    assert guarded.intact()
