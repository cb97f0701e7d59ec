"""How a contender is measured: forward, backward and both as calls without arguments, and a judge of masks.

Kernels that are launched directly write into memory that was allocated before; those behind autograd
allocate as a training step would.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial

import torch
from torch import Tensor

from dropgrade.reference import torch_ops
from dropgrade.reference.autograd_memory import bytes_kept

SEED, OFFSET = 2**40 + 9, 2**33 + 1


@dataclass
class Case:
    """One size and dtype: the inputs, made once and shared by all contenders.

    Attributes:
        n: elements, a power of two, in rows of `columns`.
        dtype, device, p: of all tensors; the drop probability.
    """

    n: int
    columns: int
    dtype: torch.dtype
    device: str
    p: float

    def draw(self, seed: int, *shape: int) -> Tensor:
        """Normal numbers without a zero among them, so that a zero in the output was dropped."""
        source = torch.Generator(self.device).manual_seed(seed)
        x = torch.randn(shape, device=self.device, generator=source).to(self.dtype)
        return torch.where(x == 0, 1, x).to(self.dtype)

    @property
    def shape(self) -> tuple[int, int]:
        return self.n // self.columns, self.columns

    @cached_property
    def x(self) -> Tensor:
        return self.draw(0, *self.shape)

    @cached_property
    def dy(self) -> Tensor:
        return self.draw(1, *self.shape)

    @cached_property
    def residual(self) -> Tensor:
        return self.draw(2, *self.shape)

    @cached_property
    def bias(self) -> Tensor:
        return self.draw(3, self.columns)

    @cached_property
    def weight(self) -> Tensor:
        return self.draw(4, self.columns)

    @cached_property
    def out(self) -> Tensor:
        return torch.empty_like(self.x)

    @cached_property
    def stored(self) -> Tensor:
        """A mask in memory, one byte an element."""
        source = torch.Generator(self.device).manual_seed(5)
        return torch.rand(self.shape, device=self.device, generator=source) >= self.p

    @cached_property
    def state(self) -> Tensor:
        return torch_ops.pack_state(SEED, OFFSET, self.device)


@dataclass(frozen=True)
class Calls:
    """What to time, and how to know that it is right.

    Attributes:
        forward, backward, both: calls without arguments; backward needs one forward before.
        right: whether the masks of forward and backward are what they should be.
        keeps: bytes that wait for backward, the inputs not counted.
    """

    forward: Callable[[], object]
    backward: Callable[[], object]
    both: Callable[[], object]
    right: Callable[[], bool]
    keeps: Callable[[], int]


@dataclass(frozen=True)
class Contender:
    """A row of the table before it is measured.

    Attributes:
        name, op: as the table prints them.
        make: ``(case, block, warps) -> Calls``.
        traffic: ideal bytes an element for forward and backward, from the item size.
        tunable: whether block and warps matter, so that several are tried.
    """

    name: str
    op: str
    make: Callable[[Case, int, int], Calls]
    traffic: Callable[[int], tuple[float, float]] = field(repr=False)
    tunable: bool = False


def launched(
    kernel: Callable[..., Tensor],
    expected: Callable[[Case], Callable[[Tensor], bool]],
    keeps: Callable[[Case], int] = lambda case: 16,
):
    """A contender that launches ``kernel(case, x, block, warps)``, the same one forward and backward."""

    def make(case: Case, block: int, warps: int) -> Calls:
        forward = partial(kernel, case, case.x, block, warps)
        backward = partial(kernel, case, case.dy, block, warps)

        def right() -> bool:
            fits = expected(case)
            return fits(forward() != 0) and fits(backward() != 0)

        return Calls(forward, backward, lambda: (forward(), backward()), right, lambda: keeps(case))

    return make


def through_autograd(
    function: Callable[..., Tensor | tuple[Tensor, ...]],
    inputs: Callable[[Case], tuple[Tensor, ...]],
    right: Callable[[Case, tuple[Tensor, ...], tuple[Tensor, ...]], bool],
    compiled: bool = False,
):
    """A contender that is a torch function of `inputs`, differentiated by autograd."""

    def make(case: Case, block: int, warps: int) -> Calls:
        leaves = tuple(tensor.detach().requires_grad_() for tensor in inputs(case))
        if compiled:  # anew for each size: past a limit of recompilations torch goes on uncompiled
            torch.compiler.reset()
        call = torch.compile(function, dynamic=False) if compiled else function
        kept: list[tuple[Tensor, ...]] = []

        def forward() -> tuple[Tensor, ...]:
            y = call(case, *leaves)
            return y if isinstance(y, tuple) else (y,)

        def gradients(y: tuple[Tensor, ...], retain: bool) -> tuple[Tensor, ...]:
            return torch.autograd.grad(y, leaves, (case.dy,) * len(y), retain_graph=retain)

        def backward() -> tuple[Tensor, ...]:
            if not kept:
                kept.append(forward())
            return gradients(kept[0], retain=True)

        def judge() -> bool:
            y = forward()
            return right(case, tuple(part.detach() for part in y), gradients(y, retain=False))

        def keeps() -> int:
            return bytes_kept(lambda: forward()[0], besides=leaves)

        return Calls(forward, backward, lambda: gradients(forward(), retain=False), judge, keeps)

    return make
