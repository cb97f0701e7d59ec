"""What a call keeps in memory for its backward pass, also where it is hidden from autograd."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from torch import Tensor
from torch.autograd.graph import Node, saved_tensors_hooks


def bytes_kept(call: Callable[[], Tensor], besides: Iterable[Tensor] = ()) -> int:
    """Bytes of storage that `call`'s graph keeps for backward.

    Counted are the tensors that pass through ``save_for_backward``, and the tensors and NumPy arrays that a
    custom function has put on its context as attributes, alone or in lists, tuples and dictionaries; a
    storage counts once, and those of `besides`, such as the inputs, not at all.

    >>> import torch
    >>> x = torch.ones(100, requires_grad=True)
    >>> bytes_kept(lambda: x.exp())
    400
    """
    storages: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    with saved_tensors_hooks(note, lambda tensor: tensor):
        y = call()
    for node in _nodes(y.grad_fn):
        for value in getattr(node, "__dict__", {}).values():
            for found in _arrays(value):
                if isinstance(found, Tensor):
                    note(found)
                else:
                    storages[found.ctypes.data] = found.nbytes
    known = {tensor.untyped_storage().data_ptr() for tensor in besides}
    return sum(size for pointer, size in storages.items() if pointer not in known)


def _nodes(node: Node | None) -> Iterator[Node]:
    """The nodes of a graph, each once."""
    seen, waiting = set(), [node]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            yield node
            waiting += [following for following, _ in node.next_functions]


def _arrays(value: object) -> Iterator[Tensor | np.ndarray]:
    if isinstance(value, Tensor | np.ndarray):
        yield value
    elif isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _arrays(item)
