"""What the tests of Triton kernels share: the device, a skip where Triton is missing, and guarded memory."""

import pytest
import torch

from dropgrade.reference import triton_mode

MODE = triton_mode.settle()
if MODE == "absent":
    pytest.skip("Triton is not installed (it exists for Linux only)", allow_module_level=True)

DEVICE = "cuda" if MODE == "gpu" else "cpu"
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
SENTINEL = 1234.0
BAND = 4096


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def randn(*shape: int, seed: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Normal numbers, the same on each device."""
    return torch.randn(*shape, generator=generator(seed), dtype=torch.float64).to(dtype).to(DEVICE)


class Guarded:
    """Tensors that lie between two bands of sentinels; `intact` says whether both bands still hold them."""

    def __init__(self) -> None:
        self.buffers: list[tuple[torch.Tensor, int]] = []

    def empty_like(self, x: torch.Tensor) -> torch.Tensor:
        """An uninitialised contiguous tensor like x, with a band of BAND sentinels before and after it."""
        buffer = torch.full((x.numel() + 2 * BAND,), SENTINEL, dtype=x.dtype, device=x.device)
        self.buffers.append((buffer, x.numel()))
        return buffer[BAND : BAND + x.numel()].view(x.shape)

    def intact(self) -> bool:
        """Whether at least one tensor was made, and nothing was stored outside any of them."""
        bands = [part for buffer, n in self.buffers for part in (buffer[:BAND], buffer[BAND + n :])]
        return bool(bands) and all(bool((band == SENTINEL).all()) for band in bands)


def equal_but_for_truncation(got: torch.Tensor, expected: torch.Tensor) -> bool:
    """Equality; in bfloat16 the interpreter cuts where a GPU rounds, which is one unit in the last place."""
    if got.dtype == torch.bfloat16 and MODE == "interpreter":
        return bool((got.view(torch.int16).int() - expected.view(torch.int16).int()).abs().max() <= 1)
    return torch.equal(got, expected)
