"""One run of `gpu_roofs`: what the machine code of one kernel says, compiled here without a GPU."""

import functools
import time

from dropgrade.reference import triton_roof

DTYPES = ("fp32", "bf16")
KERNELS = tuple(triton_roof.course_jobs("fp32"))


def run(settings, seed: int) -> dict[str, float]:
    """Counts of the kernel and dtype with the numbers in `settings`; the seed changes nothing."""
    start = time.process_time()
    roof = roofs(DTYPES[settings["dtype"]])[KERNELS[settings["kernel"]]]
    return {
        "instructions": roof.instructions,
        "multiplications": roof.multiplications,
        "registers": roof.registers,
        "share_h100": roof.share["H100"],
        "share_h200": roof.share["H200"],
        "cpu_seconds": time.process_time() - start,
    }


@functools.cache
def roofs(dtype: str) -> dict[str, triton_roof.Roof]:
    """All kernels of one dtype, compiled together."""
    jobs = triton_roof.course_jobs(dtype)
    return dict(zip(jobs, triton_roof.measure(list(jobs.values())), strict=True))
