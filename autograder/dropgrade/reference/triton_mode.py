"""Where Triton kernels run on this machine, settled before Triton is imported.

Triton reads ``TRITON_INTERPRET`` while its own modules load: set later, it changes nothing, and a kernel
then looks for a GPU. Call `settle` first; it imports neither torch nor Triton unless it must.
"""

import os
import sys
from importlib.util import find_spec
from typing import Literal

Mode = Literal["gpu", "interpreter", "compile-only", "absent"]

ABSENT = "Triton is not installed here (it exists for Linux only), so kernels cannot run"
LATE = (
    "triton was imported before TRITON_INTERPRET=1 was set, and there is no GPU: "
    "restart Python (or the kernel) and import dropgrade's module first"
)


def settle() -> Mode:
    """Choose between a GPU and Triton's interpreter, and tell Triton through its environment variable.

    An explicit ``TRITON_INTERPRET`` wins: "1" interprets beside a GPU, "0" only compiles without one.

    Returns:
        "gpu" or "interpreter" where kernels run; "compile-only" where the caller asked for no interpreter on
        a machine without a GPU; "absent" where Triton is not installed (it exists for Linux only).

    Raises:
        ImportError: no GPU, and Triton has been imported in the meantime without its interpreter.
    """
    if find_spec("triton") is None:
        return "absent"
    asked = os.environ.get("TRITON_INTERPRET")
    if asked is not None:
        interpret = asked.strip().lower() in {"1", "true", "on", "yes", "y"}
    else:
        interpret = not _gpu_at_hand()
        os.environ["TRITON_INTERPRET"] = "1" if interpret else "0"
    if not interpret:
        return "gpu" if _gpu_at_hand() else "compile-only"
    if _imported_without_interpreter():
        raise ImportError(LATE)
    return "interpreter"


def _gpu_at_hand() -> bool:
    import torch

    return torch.cuda.is_available()


def _imported_without_interpreter() -> bool:
    """Whether Triton's own library of kernels was decorated for a GPU."""
    library = sys.modules.get("triton.language.random")
    return library is not None and type(library.randint4x).__name__ != "InterpretedFunction"
