"""Torch tensors on the wire, and gradients through a call in another process.

A tensor travels as an array with its dtype; the gradient of a remote call is asked for when the judge's
``backward()`` arrives at it. Nothing here imports torch: where it is not loaded there are no tensors.
"""

import sys
from typing import Any

import numpy as np

from . import npy
from .codec import CannotCross, Exchange
from .wire import ProtocolError

DTYPES = [
    "float16",
    "float32",
    "float64",
    "bfloat16",
    "complex64",
    "complex128",
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "bool",
]
MAX_GRAPHS = 5000


def give(value: Any, exchange: Exchange) -> dict[str, Any] | None:
    """Encode what belongs to torch; None for anything else."""
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    if type(value) in (torch.Tensor, torch.nn.Parameter):
        return _tensor(torch, value, exchange)
    if isinstance(value, torch.dtype):
        return {"torch dtype": _dtype_name(value)}
    if isinstance(value, torch.device):
        return {"torch device": value.type}
    if type(value) is torch.Size:
        return {"torch size": list(value)}
    if type(value) is torch.Generator:
        exchange.share(value)
        exchange.blobs.append(npy.dump(value.get_state().numpy()))
        return {"torch rng": len(exchange.blobs) - 1}
    return None


def only(value: Any, exchange: Exchange) -> dict[str, Any]:
    """Hook for `Exchange.encode`: like `give`, but what torch does not know cannot cross."""
    data = give(value, exchange)
    if data is None:
        raise CannotCross(f"a {type(value).__name__} is no plain data and cannot be sent")
    return data


def snapshot(value: Any) -> bytes | None:
    """The content of a tensor or torch generator as .npy bytes, to be compared and sent; else None."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Generator):
        return npy.dump(value.get_state().numpy())
    if torch is not None and isinstance(value, torch.Tensor):
        return npy.dump(_plain(torch, value))
    return None


def overwrite(target: Any, data: bytes) -> None:
    """Put a snapshot into the tensor or generator that was sent; `ProtocolError` if it does not fit."""
    import torch

    content = torch.from_numpy(npy.load(data))
    if isinstance(target, torch.Generator):
        if content.dtype != torch.uint8 or content.shape != target.get_state().shape:
            raise ProtocolError("a torch generator came back as something else")
        target.set_state(content)
        return
    if target.dtype == torch.bfloat16:
        content = content.view(torch.bfloat16)
    if content.dtype != target.dtype or content.shape != target.shape:
        raise ProtocolError("a tensor came back as another one")
    with torch.no_grad():
        target.copy_(content)


def take(data: dict[str, Any], exchange: Exchange) -> Any:
    """Decode what `give` made; `ProtocolError` for anything else."""
    tag, content = next(iter(data.items()))
    if not tag.startswith("t"):
        raise ProtocolError("a value on the wire has no known form")
    import torch

    if tag == "tensor":
        return _read_tensor(torch, data, exchange)
    if tag == "torch dtype" and content in DTYPES:
        return getattr(torch, content)
    if tag == "torch device":
        return torch.device("cpu")
    if tag == "torch size" and all(type(size) is int for size in content):
        return torch.Size(content)
    if tag == "torch rng":
        generator = torch.Generator()
        generator.set_state(torch.from_numpy(npy.load(exchange.blobs[content])))
        return exchange.share(generator)
    raise ProtocolError("a value on the wire has no known form")


def _tensor(torch: Any, value: Any, exchange: Exchange) -> dict[str, Any]:
    if value.layout is not torch.strided or value.is_quantized:
        raise CannotCross("a sparse or quantised tensor cannot be sent")
    name = _dtype_name(value.dtype)
    exchange.share(value)
    exchange.blobs.append(npy.dump(_plain(torch, value)))
    return {"tensor": len(exchange.blobs) - 1, "dtype": name, "grad": bool(value.requires_grad)}


def _plain(torch: Any, value: Any) -> np.ndarray:
    """A tensor's numbers as an array of its own; bfloat16, which NumPy lacks, as the int16 of its bits."""
    plain = value.detach().cpu().resolve_conj().resolve_neg()
    if value.dtype == torch.bfloat16:
        plain = plain.view(torch.int16)
    return np.array(plain.numpy())


def _read_tensor(torch: Any, data: dict[str, Any], exchange: Exchange) -> Any:
    if data.get("dtype") not in DTYPES:
        raise ProtocolError("a tensor's dtype is unknown")
    value = torch.from_numpy(npy.load(exchange.blobs[data["tensor"]]))
    if data["dtype"] == "bfloat16":
        value = value.view(torch.bfloat16)
    if _dtype_name(value.dtype) != data["dtype"]:
        raise ProtocolError("a tensor's dtype does not fit its data")
    if data.get("grad") is True and (value.is_floating_point() or value.is_complex()):
        value.requires_grad_(True)
    return exchange.share(value)


def _dtype_name(dtype: Any) -> str:
    name = str(dtype).removeprefix("torch.")
    if name not in DTYPES:
        raise CannotCross(f"a tensor of dtype {name} cannot be sent")
    return name


def record(shared: list[Any], sent: int, graphs: dict[int, Any]) -> int | None:
    """Learner's side: keep the graph between the tensors of a request and those of its answer.

    Args:
        shared: the values of the answer's exchange; the first `sent` came with the request.
        graphs: where graphs are kept; the oldest goes when there are too many.

    Returns:
        The graph's number, or None when no output depends on an input.
    """
    inputs = [value for value in shared[:sent] if _wants_gradient(value)]
    outputs = [value for value in shared[sent:] if _wants_gradient(value)]
    if not inputs or not outputs:
        return None
    number = max(graphs, default=-1) + 1
    graphs[number] = (outputs, inputs)
    graphs.pop(number - MAX_GRAPHS, None)
    return number


def gradient(graph: tuple[list[Any], list[Any]], gradients: list[Any]) -> list[Any]:
    """Learner's side: the vector-Jacobian product of a recorded call; None for an unused input."""
    import torch

    outputs, inputs = graph
    pairs = [(out, grad) for out, grad in zip(outputs, gradients, strict=True) if grad is not None]
    if not pairs:
        return [None] * len(inputs)
    outs, grads = zip(*pairs, strict=True)
    return list(torch.autograd.grad(outs, inputs, grads, allow_unused=True, retain_graph=True))


def wanting_gradients(values: list[Any]) -> list[Any]:
    """The tensors among some values that require a gradient."""
    return [value for value in values if _wants_gradient(value)]


def _wants_gradient(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor) and value.requires_grad
