"""What exercise 09_gpu looks at in the process where the learner's class and kernels live (see `scenario`).

A scene calls the layer or launches a kernel, and returns what came of it as plain data; nothing is judged
here. Kernels get tensors of their own, each between two bands of sentinels.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from dropgrade.reference.autograd_memory import bytes_kept
from dropgrade.reference.kernel_cost import cost

__all__ = ["bytes_between", "cost", "expanded_gradient", "forward", "gradient", "kind", "launch", "layouts"]

BAND = 2**16
"""Elements of sentinels before and after each tensor that a kernel is given."""
SENTINEL = 77.0

Drawn = tuple[float, int, int]
"""p, seed, offset."""


def kind(thing: Any) -> str:
    """What the learner made: "layer", "kernel", or the name of its type."""
    if isinstance(thing, type) and issubclass(thing, torch.autograd.Function):
        return "layer"
    named = {base.__name__ for base in type(thing).__mro__}
    return "kernel" if "KernelInterface" in named else type(thing).__name__


def tensor(values: np.ndarray, dtype: str = "float32") -> Tensor:
    """Numbers as a tensor with memory of its own."""
    return torch.tensor(values, dtype=getattr(torch, dtype))


def look(value: Any) -> dict[str, Any]:
    """A tensor by its dtype, shape and values in float64; anything else by the name of its type."""
    if not isinstance(value, Tensor):
        return {"kind": type(value).__name__}
    seen = {"kind": "tensor", "dtype": str(value.dtype).removeprefix("torch."), "shape": tuple(value.shape)}
    return seen | {"values": value.detach().double().cpu().contiguous().numpy()}


def forward(layer: Any, x: np.ndarray, dtype: str, drawn: Drawn) -> dict[str, Any]:
    """One call; {"x": as it was rounded, "y": what came}."""
    given = tensor(x, dtype)
    return {"x": look(given), "y": look(layer.apply(given, *drawn))}


def gradient(
    layer: Any, x: np.ndarray, dy: np.ndarray, drawn: Drawn, other: np.ndarray | None = None
) -> dict:
    """The gradient along x, float32; between the passes the layer is called with `other` and another seed.

    Returns:
        Of a tensor, or {"kind": "no graph"} if y does not know that it depends on x.
    """
    given = tensor(x).requires_grad_()
    y = layer.apply(given, *drawn)
    if other is not None:
        layer.apply(tensor(other).requires_grad_(), drawn[0], drawn[1] + 1, drawn[2])
    if not isinstance(y, Tensor) or not y.requires_grad:
        return {"kind": "no graph"}
    return look(torch.autograd.grad(y, given, tensor(dy), allow_unused=True)[0])


def second_gradient(layer: Any, x: np.ndarray, dy: np.ndarray, drawn: Drawn) -> dict[str, Any]:
    """The derivative along dy of the sum of dx, or {"kind": "no graph"} if dx does not depend on dy."""
    given, direction = tensor(x).requires_grad_(), tensor(dy).requires_grad_()
    y = layer.apply(given, *drawn)
    if not isinstance(y, Tensor) or not y.requires_grad:
        return {"kind": "no graph"}
    dx = torch.autograd.grad(y, given, direction, create_graph=True, allow_unused=True)[0]
    if dx is None or not dx.requires_grad:
        return {"kind": "no graph"}
    return look(torch.autograd.grad(dx, direction, torch.ones_like(dx), allow_unused=True)[0])


def bytes_between(layer: Any, x: np.ndarray, drawn: Drawn) -> int:
    """Bytes that wait for the backward pass, also where they hide on ctx."""
    given = tensor(x).requires_grad_()
    return bytes_kept(lambda: layer.apply(given, *drawn))


def layouts(layer: Any, x: np.ndarray, drawn: Drawn) -> list[dict[str, Any]]:
    """Calls with views of one tensor (rows, columns): transposed, sliced, expanded, empty, 0-d.

    Returns:
        For each {"x", "y", "strides", "untouched": whether the tensor is as it was}.
    """
    base = tensor(x)
    views = (base.t(), base[::2, 1:], base[:, :1].expand(base.shape), torch.ones(0, 5), base[0, 0])
    found = []
    for view in views:
        seen = {"x": look(view), "strides": view.stride(), "y": look(layer.apply(view, *drawn))}
        found.append(seen | {"untouched": torch.equal(base, tensor(x))})
    return found


def expanded_gradient(layer: Any, x: np.ndarray, drawn: Drawn) -> dict[str, Any]:
    """The gradient along x for a dy of ones that lie in one place of memory."""
    given = tensor(x).requires_grad_()
    y = layer.apply(given, *drawn)
    if not isinstance(y, Tensor) or not y.requires_grad:
        return {"kind": "no graph"}
    return look(torch.autograd.grad(y, given, torch.ones(()).expand(given.shape), allow_unused=True)[0])


class Arena:
    """Tensors for a kernel, each between two bands of sentinels: a stray store is harmless, and seen."""

    def __init__(self, device: str = "cpu") -> None:
        self.device = device
        self.buffers: list[Tensor] = []

    def put(self, values: np.ndarray) -> Tensor:
        """A contiguous copy, guarded on both sides."""
        x = torch.as_tensor(values)
        buffer = torch.full((x.numel() + 2 * BAND,), SENTINEL, device=self.device).to(x.dtype)
        self.buffers.append(buffer)
        inside = buffer[BAND : BAND + x.numel()].view(x.shape)
        inside.copy_(x)
        return inside

    def strays(self) -> int:
        """How many sentinels have been overwritten."""
        bands = ((buffer[:BAND], buffer[-BAND:]) for buffer in self.buffers)
        return sum(int((band != band.new_tensor(SENTINEL)).sum()) for pair in bands for band in pair)


def launch(kernel: Any, arrays: list[np.ndarray], out: int, numbers: list[float], n: int, block: int) -> dict:
    """Launch a kernel over n elements in programs of `block`.

    Args:
        arrays: what its pointers point at, in order; `out` is the place of the one it writes.
        numbers: its other arguments but BLOCK.

    Returns:
        {"y": what it wrote, "strays": sentinels that it overwrote}.
    """
    arena = Arena("cpu" if type(kernel).__name__ == "InterpretedFunction" else "cuda")
    tensors = [arena.put(values) for values in arrays]
    try:
        kernel[(-(-n // block),)](*tensors, *numbers, BLOCK=block)
    except Exception as error:
        while error.__cause__ is not None:  # below those in which the interpreter wraps it
            error = error.__cause__
        raise error from None
    return {"y": tensors[out].cpu().numpy(), "strays": arena.strays()}
