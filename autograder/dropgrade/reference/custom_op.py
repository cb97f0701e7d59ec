"""Seeded dropout as an operator of torch's own registry: one name, a CPU kernel and a GPU kernel.

`torch.ops.dropgrade.seeded_dropout(x, state, p)` is opaque to torch.compile, which therefore cannot draw the
mask in another way in the backward pass; seed and offset travel in a *tensor*, so that a compiled graph has
no break at them, no value is baked in, and a CUDA graph draws a new mask at each replay.

Source: the "Custom operators" manual of torch (torch.library); the operator's tests are torch's `opcheck`.
"""

import torch
from torch import Tensor, nn

from dropgrade.reference import numpy_ops
from dropgrade.reference.philox import require_probability
from dropgrade.reference.torch_ops import draw_state, require_float, select_scaled


@torch.library.custom_op("dropgrade::seeded_dropout", mutates_args=(), device_types="cpu")
def seeded_dropout(x: Tensor, state: Tensor, p: float) -> Tensor:
    """Inverted dropout under the mask that `state` names; NumPy draws it here, on the CPU.

    Args:
        x: floating-point tensor (...,), of any layout; elements are numbered in row-major order.
        state: int64 tensor (2,) on x's device: seed and offset.
        p: drop probability, 0 <= p <= 1.

    Returns:
        New contiguous tensor of x's shape and dtype. Differentiable any number of times; the state, 16 bytes,
        is kept for backward.

    Raises:
        ValueError: p outside [0, 1] or NaN.
        TypeError: x is not floating-point.
    """
    require_float(x)
    seed, offset = state.tolist()
    keep = numpy_ops.keep_mask_seeded(tuple(x.shape), p, seed, offset % 2**64)
    return select_scaled(x, torch.from_numpy(keep), p).contiguous()


@seeded_dropout.register_kernel("cuda")
def _(x: Tensor, state: Tensor, p: float) -> Tensor:
    from dropgrade.reference import triton_ops  # Triton exists for Linux only, and takes a while to import

    require_float(x)
    return triton_ops.dropout(x, p, state)


@seeded_dropout.register_fake
def _(x: Tensor, state: Tensor, p: float) -> Tensor:
    return torch.empty_like(x, memory_format=torch.contiguous_format)


def _keep_state(ctx, inputs, output) -> None:
    _, state, ctx.p = inputs
    ctx.save_for_backward(state)


def _draw_again(ctx, dy: Tensor):
    (state,) = ctx.saved_tensors
    return seeded_dropout(dy, state, ctx.p), None, None


seeded_dropout.register_autograd(_draw_again, setup_context=_keep_state)


@seeded_dropout.register_vmap
def _(info, in_dims, x: Tensor, state: Tensor, p: float):
    """A function of its arguments: samples that share a state share a mask, other states make others.

    So `vmap`'s own flag decides through `draw_state`: randomness="different" draws a state for each sample.
    """
    samples = [
        tensor.unbind(dim) if dim is not None else [tensor] * info.batch_size
        for tensor, dim in zip((x, state), in_dims, strict=False)
    ]
    return torch.stack([seeded_dropout(v, s, p) for v, s in zip(*samples, strict=True)]), 0


class SeededDropout(nn.Module):
    """The layer over the operator: a new state a call in training, the identity in eval, for torch.compile.

    Args:
        p: drop probability, 0 <= p <= 1.
        generator: draws the states; None means torch's own generator of the input's device. (torch.compile
            does not trace a generator: leave it None there.)
    """

    def __init__(self, p: float = 0.5, generator: torch.Generator | None = None):
        super().__init__()
        require_probability(p)
        self.p = p
        self.generator = generator

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        return seeded_dropout(x, draw_state(self.generator, x.device), self.p)

    def extra_repr(self) -> str:
        return f"p={self.p}"
