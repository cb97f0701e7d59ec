"""Where Triton is missing (it exists for Linux only), its kernels are left out when docstrings are tested."""

from importlib.util import find_spec

KERNELS = [f"dropgrade/reference/triton_{name}.py" for name in ("ops", "fused", "variants")]
collect_ignore = [] if find_spec("triton") else KERNELS
