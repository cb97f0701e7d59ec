"""Stand-ins in the judge's process for what the learner defined: they look local, the work is done elsewhere."""

import sys
from typing import Any

from . import changes, tensors
from .codec import CannotCross, Exchange
from .peer import Peer
from .wire import ProtocolError


class Remote:
    """A function, class or object of the learner's.

    Args:
        peer: the line to the learner's process.
        target: {"name": ...} or {"ref": ...}.
        name: what the learner calls it.
    """

    def __init__(self, peer: Peer, target: dict[str, Any], name: str) -> None:
        self._peer = peer
        self._target = target
        self.__name__ = name
        self.__qualname__ = name

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call it there with copies of the arguments; what it changes in them is changed here too."""
        exchange = exchange_with(self._peer)
        answer, reply = self._peer.ask(
            "call",
            exchange,
            target=self._target,
            arguments=exchange.encode(list(arguments)),
            keywords=exchange.encode(keywords),
        )
        try:
            changes.apply(answer.get("changed", []), exchange.shared, reply)
        except ProtocolError as error:
            self._peer.end(f"The submission broke the grader's protocol: {error}.")
        sent = len(exchange.shared)
        value = self._peer.value(answer, reply)
        if answer.get("graph") is None:
            return value
        from . import modules

        return modules.attach(self._peer, answer["graph"], exchange.shared, reply.shared[sent:], value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{self.__name__} has no attribute {name}")
        exchange = exchange_with(self._peer)
        answer, reply = self._peer.ask("attribute", exchange, target=self._target, name=name)
        return self._peer.value(answer, reply)

    def __dropgrade_probe__(self, name: str) -> Any:
        """Answer a question about the process in which the function runs (see `probes`)."""
        answer, reply = self._peer.ask("probe", exchange_with(self._peer), name=name)
        return self._peer.value(answer, reply)

    def __repr__(self) -> str:
        return f"<{self.__name__} of the submission>"


def exchange_with(peer: Peer) -> Exchange:
    """A fresh exchange whose references are stand-ins."""
    return Exchange(give=_give, take=lambda data, exchange: _take(peer, data, exchange))


def expose(peer: Peer, names: list[str], namespace: dict[str, Any]) -> None:
    """Put the learner's names as they stand now into the namespace of the test cells.

    A name that the learner did not define is removed, so that a test fails as it would beside it.
    """
    answer, reply = peer.ask("names", exchange_with(peer), names=names)
    found = answer.get("names")
    for name in names:
        entry = found.get(name) if isinstance(found, dict) else None
        if not isinstance(entry, dict):
            namespace.pop(name, None)
        elif "value" in entry:
            namespace[name] = peer.value(entry, exchange_with(peer).reply(reply.blobs))
        else:
            namespace[name] = _stand_in(peer, {"name": name}, entry)


def scenario(peer: Peer, code: str, inputs: dict[str, Any]) -> Any:
    """Run trusted code beside the learner's names and return its variable `result`."""
    exchange = exchange_with(peer)
    answer, reply = peer.ask("scenario", exchange, code=code, inputs=exchange.encode(inputs))
    return peer.value(answer, reply)


def _stand_in(peer: Peer, target: dict[str, Any], entry: dict[str, Any]) -> Any:
    name, kind = (str(entry.get(part) or "object")[:80] for part in ("name", "type"))
    # A message may name the type of what a function returned; let it be the learner's.
    remote = type(kind if kind.isidentifier() else "object", (Remote,), {})(peer, target, name)
    if str(entry.get("kind")).startswith("module") and "torch" in sys.modules:
        from . import modules

        return modules.class_of(remote) if entry["kind"] == "module class" else modules.module_of(remote)
    return remote


def _give(value: Any, exchange: Exchange) -> Any:
    data = tensors.give(value, exchange)
    if data is not None:
        return data
    remote = getattr(value, "_remote", value)
    if isinstance(remote, Remote) and "ref" in remote._target:
        return dict(remote._target)
    raise CannotCross(f"a {type(value).__name__} is no plain data and cannot be sent to the submission")


def _take(peer: Peer, data: dict[str, Any], exchange: Exchange) -> Any:
    if "ref" not in data:
        return tensors.take(data, exchange)
    if type(data["ref"]) is not int:
        raise ProtocolError("a reference points nowhere")
    return _stand_in(peer, {"ref": data["ref"]}, data)
