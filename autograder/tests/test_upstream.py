"""Two faults of torch 2.13 that chapter 09_gpu tells about happen here as it tells them.

When a new torch mends one of them its test fails: change the chapter then.
"""

import warnings

import pytest
import torch
from kernels import DEVICE, MODE  # noqa: F401 (skips this file where Triton is missing)

from dropgrade.reference.triton_ops import tl, triton

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # torch warns of its own old parts
    from torch._inductor.runtime import triton_helpers

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*torch.jit.script_method.*:DeprecationWarning"),  # torch's own
]


def test_four_words_for_strided_elements_are_four_times_the_same():
    """Inductor's rand4x takes a program's elements for neighbours: strided ones share masks."""

    @triton.jit
    def kernel(out_ptr, channels, steps, BLOCK: tl.constexpr):
        i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
        number = i // steps + channels * (i % steps)  # a transposed read: numbers jump by `channels`
        tl.store(out_ptr + i, triton_helpers.rand4x(1234 + 0 * number, number, BLOCK))

    channels, steps = 16, 1024
    out = torch.empty(channels * steps, device=DEVICE)
    kernel[(channels * steps // 1024,)](out, channels, steps, BLOCK=1024)
    keep = out.view(channels // 4, 4, steps) > 0.5
    assert torch.equal(keep, keep[:, :1].expand_as(keep))


def test_recomputing_in_backward_draws_another_mask():
    """With a private option of torch's, the compiled backward pass draws a mask of its own."""
    import torch._functorch.config

    def agreement(recompute: bool) -> float:
        torch.compiler.reset()
        x = torch.ones(1 << 14, requires_grad=True)
        with torch._functorch.config.patch(aggressive_recomputation=recompute):
            y = torch.compile(lambda v: torch.nn.functional.dropout(v, 0.3))(x)
            y.backward(torch.ones_like(y))
        return float(((y != 0) == (x.grad != 0)).float().mean())

    assert agreement(recompute=False) == 1
    assert agreement(recompute=True) == pytest.approx(0.3**2 + 0.7**2, abs=0.02)  # independent masks
