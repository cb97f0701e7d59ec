"""What torch.func.vmap and torch.compile make of a learner's layer: told, and not graded.

The backend of the compiler is "eager": it traces the layer as always and generates no code, which takes a
second instead of many. Both libraries may log what they think of the layer; nobody has asked them to.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


def advice(make: type, p: float) -> str:
    """What vmap and the compiler do with the layer `make(p)`, in two clauses."""
    with no_logs():
        return f"torch.func.vmap {try_vmap(make(p))}; torch.compile {try_compile(make(p))}"


@contextmanager
def no_logs() -> Iterator[None]:
    """Nothing is logged inside."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        yield
    finally:
        logging.disable(before)


def try_vmap(layer: Any) -> str:
    """What `torch.func.vmap` does with the layer."""
    try:
        y = torch.func.vmap(layer, randomness="different")(torch.ones(64, 50))
    except Exception as error:
        text = " ".join(str(error).split())
        return f"refuses the layer ({text[:110]}...)"
    return "draws the same mask for all" if bool((y == y[0]).all()) else "takes the layer"


def try_compile(layer: Any) -> str:
    """Whether the layer goes through `torch.compile` whole, in parts, or not at all."""
    said = ""
    for whole, word in ((True, "takes the layer whole"), (False, "takes the layer in parts")):
        try:
            torch.compile(layer, backend="eager", fullgraph=whole)(torch.ones(4, 3))
        except Exception as error:
            said = type(error).__name__
        else:
            return word
    return f"refuses the layer ({said})"
