"""Stand-ins in the judge's process for what the learner defined: they look local, the work is elsewhere."""

import sys
from collections.abc import Callable
from typing import Any

from . import changes, tensors
from .codec import CannotCross, Exchange
from .peer import Peer
from .wire import ProtocolError


class Remote:
    """A function, class or object of the learner's.

    Args:
        peer: the line to the learner's process.
        target: its number over there.
        name: what the learner calls it.
    """

    def __init__(self, peer: Peer, target: int, name: str) -> None:
        self._peer = peer
        self._target = target
        self.__name__ = name
        self.__qualname__ = name

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call it there with copies of the arguments; what it changes in them is changed here too."""
        return self._call("call", list(arguments), keywords)

    def __dropgrade_many__(self, calls: list[tuple[Any, ...]]) -> list[Any]:
        """Call it once for each of several argument lists, all in one message."""
        values = self._call("many", calls, {})
        if type(values) is not list or len(values) != len(calls):
            self._peer.end("The submission broke the grader's protocol: calls were left out")
        return values

    def _call(self, operation: str, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        exchange = exchange_with(self._peer)
        answer, reply = self._peer.ask(
            operation,
            exchange,
            target=self._target,
            arguments=exchange.encode(arguments),
            keywords=exchange.encode(keywords),
        )
        try:
            changes.apply(answer.get("changed", []), exchange.shared, reply)
        except ProtocolError as error:
            self._peer.end(f"The submission broke the grader's protocol: {error}")
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

    def __repr__(self) -> str:
        return f"<{self.__name__} of the submission>"


def exchange_with(peer: Peer) -> Exchange:
    """A fresh exchange whose references are stand-ins."""
    return Exchange(give=_give, take=lambda data, exchange: _take(peer, data, exchange))


class Exposure:
    """The learner's names in the namespace of the test cells.

    Args:
        peer: the line to the learner's process.
        namespace: of the judge's shell.
    """

    def __init__(self, peer: Peer, namespace: dict[str, Any]) -> None:
        self.peer, self.namespace = peer, namespace
        self.own: dict[str, Any] = {}
        self.shown: dict[str, Any] = {}

    def refresh(self, names: list[str]) -> None:
        """Let each name mean what it means to the learner now.

        A name that the learner did not define, or has from the lesson, is what the course's cells made of
        it; if they made nothing, it is missing, so that a test fails as it would beside the learner.
        """
        answer, reply = self.peer.ask("names", exchange_with(self.peer), names=names)
        found = answer.get("names")
        for name in names:
            entry = found.get(name) if isinstance(found, dict) else None
            self._hide(name)
            if isinstance(entry, dict) and not (entry.get("given") is True and name in self.own):
                self.namespace[name] = self.shown[name] = self._made(name, entry, reply)

    def end(self, names: list[str]) -> None:
        """The learner's process has ended: whoever calls one of the names hears so."""
        for name in names:
            self._hide(name)
            if name not in self.own:
                self.namespace[name] = self.shown[name] = Remote(self.peer, -1, name)

    def _hide(self, name: str) -> None:
        """Put back what the course's cells made of a name."""
        present = self.namespace.pop(name, None)
        if present is not None and present is not self.shown.get(name):
            self.own[name] = present
        if name in self.own:
            self.namespace[name] = self.own[name]

    def _made(self, name: str, entry: dict[str, Any], reply: Exchange) -> Any:
        if "value" in entry:
            return self.peer.value(entry, exchange_with(self.peer).reply(reply.blobs))
        before = remote_of(self.shown.get(name))
        if before is not None and before._target == entry.get("ref"):
            return self.shown[name]  # checks may compare functions by identity
        return _take(self.peer, entry, reply)


def remote_of(value: Any) -> Remote | None:
    """The `Remote` behind a stand-in, or None."""
    found = value if isinstance(value, Remote) else getattr(value, "_remote", None)
    return found if isinstance(found, Remote) else None


class RemoteWatch:
    """The global generators of the learner's process under watch (see `dropgrade.checks.watching`)."""

    def __init__(self, peer: Peer, numpy_seed: int, python_seed: int) -> None:
        self.peer = peer
        peer.ask("watch", Exchange(), seeds=[numpy_seed, python_seed])

    def moved(self) -> list[str]:
        """Names of the generators that were moved, as that process says."""
        names = self.peer.value(*self.peer.ask("moved", Exchange()))
        return [str(name)[:80] for name in names] if type(names) is list else ["something"]

    def restore(self) -> None:
        """Put back the states from before."""
        if not self.peer.ended:
            self.peer.ask("restore", Exchange())


def scenario(peer: Peer, code: str, inputs: dict[str, Any]) -> Any:
    """Run trusted code beside the learner's names and return its variable `result`."""
    exchange = exchange_with(peer)
    answer, reply = peer.ask("scenario", exchange, code=code, inputs=exchange.encode(inputs))
    return peer.value(answer, reply)


def play(peer: Peer, text_of: Callable[[str], str], module: str, function: str, *things: Any) -> Any:
    """`dropgrade.checks.scenario.play`, with the scene in the learner's process.

    Args:
        text_of: gives a scene's text.
        things: plain data and stand-ins; the scene gets the learner's own objects for the latter.
    """
    exchange = exchange_with(peer)
    sent = exchange.encode(list(things))
    answer, reply = peer.ask("scene", exchange, text=text_of(module), function=function, things=sent)
    return peer.value(answer, reply)


def _stand_in(peer: Peer, number: int, entry: dict[str, Any]) -> Any:
    name, kind = (str(entry.get(part) or "object")[:80] for part in ("name", "type"))
    # A message may name the type of what a function returned; let it be the learner's.
    remote = type(kind if kind.isidentifier() else "object", (Remote,), {})(peer, number, name)
    if str(entry.get("kind")).startswith("module") and "torch" in sys.modules:
        from . import modules

        return modules.class_of(remote) if entry["kind"] == "module class" else modules.module_of(remote)
    return remote


def _give(value: Any, exchange: Exchange) -> Any:
    data = tensors.give(value, exchange)
    if data is not None:
        return data
    remote = remote_of(value)
    if remote is None:
        raise CannotCross(f"a {type(value).__name__} is no plain data and cannot be sent to the submission")
    return {"ref": remote._target}


def _take(peer: Peer, data: dict[str, Any], exchange: Exchange) -> Any:
    if "ref" not in data:
        return tensors.take(data, exchange)
    if type(data["ref"]) is not int:
        raise ProtocolError("a reference points nowhere")
    return _stand_in(peer, data["ref"], data)
