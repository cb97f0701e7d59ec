"""What a call changed in place: found in the learner's process, applied again in the judge's.

Only what was sent can be changed: arrays, tensors, generators, lists and dictionaries of one `Exchange`.
A claim that does not fit its target is a broken protocol, except that read-only arrays stay as they are.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import generators, npy, tensors
from .codec import CannotCross, Exchange
from .wire import ProtocolError


class Before:
    """The shared values of a request as they were before the call.

    Args:
        exchange: the request's, right after decoding.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.values = list(exchange.shared)
        raw = exchange.raw
        self.copies = [raw[n] if n in raw else _copy(value) for n, value in enumerate(self.values)]

    def changed(self, reply: Exchange) -> list[list[Any]]:
        """Pairs [number, new content] of what is different now, encoded with `reply`.

        Values that can no longer be sent, such as a list that now holds a function, are left out.
        """
        found = []
        for number, (value, copy) in enumerate(zip(self.values, self.copies, strict=True)):
            try:
                if isinstance(value, np.ndarray):
                    data = npy.dump(value)
                    if data != copy:
                        reply.blobs.append(data)
                        found.append([number, len(reply.blobs) - 1])
                elif isinstance(value, generators.Generator):
                    state = generators.dump(value)
                    if state != copy:
                        found.append([number, state])
                elif type(value) is list:
                    if not _same(value, copy):
                        found.append([number, [reply.encode(part) for part in value]])
                elif type(value) is dict:
                    if not _same(_flat(value), copy):
                        found.append([number, [[reply.encode(k), reply.encode(v)] for k, v in value.items()]])
                elif (data := tensors.snapshot(value)) != copy:
                    reply.blobs.append(data)
                    found.append([number, len(reply.blobs) - 1])
            except (CannotCross, TypeError):
                continue
        return found


def apply(changes: Any, targets: Sequence[Any], reply: Exchange) -> None:
    """Repeat the changes on the values that were sent.

    Raises:
        ProtocolError: a change names nothing that was sent, or is of another form.
    """
    if type(changes) is not list or len(changes) > len(targets):
        raise ProtocolError("the list of changes is malformed")
    for change in changes:
        if type(change) is not list or len(change) != 2 or type(change[0]) is not int:
            raise ProtocolError("a change is malformed")
        number, content = change
        if not 0 <= number < len(targets):
            raise ProtocolError("a change names nothing that was sent")
        _apply(targets[number], content, reply)


def _apply(target: Any, content: Any, reply: Exchange) -> None:
    try:
        if isinstance(target, np.ndarray):
            _overwrite(target, npy.load(reply.blobs[content]))
        elif isinstance(target, generators.Generator):
            generators.restore(target, content)
        elif isinstance(target, list):
            target[:] = [reply.decode(part) for part in content]
        elif isinstance(target, dict):
            fresh = {reply.decode(key): reply.decode(value) for key, value in content}
            target.clear()
            target.update(fresh)
        else:
            tensors.overwrite(target, reply.blobs[content])
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise ProtocolError(f"a change does not fit: {error}") from None


def _overwrite(target: np.ndarray, fresh: np.ndarray) -> None:
    if fresh.dtype != target.dtype or fresh.size != target.size:
        raise ProtocolError("an array came back as another one")
    if not target.flags.writeable:
        return
    if fresh.shape != target.shape:
        target.shape = fresh.shape
    target[...] = fresh


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return _flat(value)
    return list(value) if isinstance(value, list) else tensors.snapshot(value)


def _flat(value: dict) -> list[Any]:
    return [part for pair in value.items() for part in pair]


def _same(left: Sequence[Any], right: Sequence[Any]) -> bool:
    """Whether two sequences hold the very same objects."""
    return len(left) == len(right) and all(a is b for a, b in zip(left, right, strict=True))
