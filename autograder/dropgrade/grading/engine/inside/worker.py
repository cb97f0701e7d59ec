"""The learner's process: it runs the learner's cells, and the learner's functions when the judge calls them.

Everything in here belongs to the learner as soon as the first cell runs: it may be rewritten, it may lie.
Nothing that decides a score is in this process; what it says is taken as the learner's own claim.
"""

import importlib
import io
import select
import socket
import sys
import traceback
import warnings
from collections.abc import Callable
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from types import ModuleType
from typing import Any

import numpy as np

from . import given, shell, tensors
from .changes import Before
from .codec import CannotCross, Exchange
from .references import Kept
from .wire import Channel, Gone, ProtocolError

MAX_NOISE = 2000
MAX_WARNINGS = 20


def warm() -> None:
    """What learners use and the course's checks do not: the first `torch.compile` looks for its backends."""
    if "torch" in sys.modules:
        importlib.import_module("torch._dynamo").list_backends()


def serve(host_socket: socket.socket, judge_socket: socket.socket) -> None:
    """Answer the host (cells) and the judge (calls) until both are gone."""
    host = Channel(host_socket, max_head=8 << 20)
    judge = Channel(judge_socket)
    worker = Worker()
    try:
        while True:
            ready = [channel for channel in (host, judge) if not channel.idle]
            for channel in ready or select.select([host, judge], [], [])[0]:
                request, blobs = channel.receive()
                if channel is host and "given" in request:
                    given.offer(request["given"])
                    host.send({"status": "ok"})
                elif channel is host:
                    host.send(worker.run(request))
                else:
                    answer, out = worker.answer(request, blobs)
                    try:
                        judge.send(answer, out)
                    except ProtocolError as error:
                        judge.send({"id": request["id"], "error": _report(ValueError(str(error)))})
    except Gone:
        return


class Worker:
    """One learner's names and what the judge may ask of them."""

    def __init__(self) -> None:
        self.shell = shell.Shell.instance()
        self.kept = Kept()
        self.graphs: dict[int, Any] = {}
        self.stages: dict[str, ModuleType] = {}
        # Now, before a learner's import hook can stand in the way.
        self.watch_here = importlib.import_module("dropgrade.checks.watching").WatchHere
        shell.install_alarm()

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run one of the learner's cells."""
        message = f"the time limit of {request['limit']:g} s for a cell"
        try:
            with shell.time_limit(request["limit"], message):
                return shell.run(self.shell, request["code"])
        except KeyboardInterrupt:  # it rang again while IPython was tidying up
            return {"status": "error", "outputs": [shell.failure("CellTimeoutError", message)], "count": 0}
        finally:
            shell.install_alarm()  # the cell may have taken it

    def answer(self, request: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
        """Do what the judge asks; whatever goes wrong becomes part of the answer."""
        exchange = Exchange(blobs, give=self._give, take=self._take)
        operation: Callable[[dict, Exchange], tuple[dict, Exchange]] = {
            "names": self._names,
            "call": self._call,
            "many": self._call,
            "attribute": self._attribute,
            "scenario": self._scenario,
            "scene": self._scene,
            "gradient": self._gradient,
            "watch": self._watch,
            "moved": self._moved,
            "restore": self._restore,
        }[request["op"]]
        answer, reply = operation(request, exchange)
        return {"id": request["id"], **answer}, reply.blobs

    def _names(self, request: dict, exchange: Exchange) -> tuple[dict, Exchange]:
        """What each name stands for: plain data as it is, anything else described; missing ones left out."""
        found = {}
        reply = exchange.reply()
        for name in request["names"]:
            if name in self.shell.user_ns:
                value = self.shell.user_ns[name]
                try:
                    found[name] = {"value": Exchange(reply.blobs, give=tensors.only).encode(value)}
                except (CannotCross, TypeError):
                    found[name] = self.kept.give(value)
        return {"names": found}, reply

    def _call(self, request: dict, exchange: Exchange) -> tuple[dict, Exchange]:
        arguments = exchange.decode(request["arguments"])
        keywords = exchange.decode(request["keywords"])
        before = Before(exchange)
        reply = exchange.reply()

        def call() -> Any:
            function = self._target(request["target"])
            if request["op"] == "many":
                return reply.encode([function(*each) for each in arguments])
            return reply.encode(function(*arguments, **keywords))

        answer = self._guarded(call, request)
        answer["graph"] = tensors.record(reply.shared, len(exchange.shared), self.graphs)
        answer["changed"] = before.changed(reply)
        return answer, reply

    def _attribute(self, request: dict, exchange: Exchange) -> tuple[dict, Exchange]:
        reply = exchange.reply()

        def look() -> Any:
            return reply.encode(getattr(self._target(request["target"]), request["name"]))

        return self._guarded(look, request), reply

    def _scenario(self, request: dict, exchange: Exchange) -> tuple[dict, Exchange]:
        """Run trusted code beside the learner's names; its variable `result` is the value."""
        names = dict(self.shell.user_ns) | exchange.decode(request["inputs"])
        reply = exchange.reply()

        def play() -> Any:
            exec(compile(request["code"], "<scenario>", "exec"), names)
            return reply.encode(names.get("result"))

        return self._guarded(play, request), reply

    def _scene(self, request: dict, exchange: Exchange) -> tuple[dict, Exchange]:
        """Call a function of a trusted module whose text came along; it does not see the learner's names."""
        things = exchange.decode(request["things"])
        reply = exchange.reply()

        def play() -> Any:
            return reply.encode(getattr(self._stage(request["text"]), request["function"])(*things))

        return self._guarded(play, request), reply

    def _stage(self, text: str) -> ModuleType:
        """The module made of a text; the same text is run once."""
        if text not in self.stages:
            stage = self.stages[text] = ModuleType(f"scene{len(self.stages)}")
            sys.modules[stage.__name__] = stage  # where dataclasses look for the names of annotations
            exec(compile(text, "<scenario>", "exec"), vars(stage))
        return self.stages[text]

    def _watch(self, request: dict, exchange: Exchange) -> tuple[dict, Exchange]:
        """Watch the global generators: what only the learner's own process can say."""
        self.watching = self.watch_here(*request["seeds"])
        return {}, exchange.reply()

    def _moved(self, request: dict, exchange: Exchange) -> tuple[dict, Exchange]:
        reply = exchange.reply()
        return {"value": reply.encode(self.watching.moved())}, reply

    def _restore(self, request: dict, exchange: Exchange) -> tuple[dict, Exchange]:
        self.watching.restore()
        return {}, exchange.reply()

    def _gradient(self, request: dict, exchange: Exchange) -> tuple[dict, Exchange]:
        reply = exchange.reply()
        gradients = exchange.decode(request["gradients"])
        graph = self.graphs[request["graph"]]
        return self._guarded(lambda: reply.encode(tensors.gradient(graph, gradients)), request), reply

    def _target(self, target: Any) -> Any:
        return self.kept.find(target)

    def _guarded(self, action: Callable[[], Any], request: dict) -> dict[str, Any]:
        """Run an action under its time limit; report its value or its exception, and the noise it made."""
        noise = io.StringIO()
        answer: dict[str, Any] = {}
        with (
            redirect_stdout(io.StringIO()),
            redirect_stderr(noise),
            warnings.catch_warnings(record=True) as heard,
        ):
            if request.get("filter"):
                warnings.simplefilter(request["filter"])
            with np.errstate(**request["errstate"]) if "errstate" in request else nullcontext():
                try:
                    with shell.time_limit(request["limit"], "the time limit for a call"):
                        answer["value"] = action()
                except shell.CellTimeoutError as late:
                    answer["late"] = _line(late)
                except BaseException as error:
                    answer["error"] = _report(error)
        if noise.tell():
            answer["stderr"] = noise.getvalue()[:MAX_NOISE]
        if heard:
            answer["warnings"] = [
                [entry.category.__name__, str(entry.message)[:MAX_NOISE]] for entry in heard[:MAX_WARNINGS]
            ]
        return answer

    def _give(self, value: Any, exchange: Exchange) -> Any:
        data = tensors.give(value, exchange)
        return self.kept.give(value, exchange) if data is None else data

    def _take(self, data: dict[str, Any], exchange: Exchange) -> Any:
        return self.kept.take(data, exchange) if "ref" in data else tensors.take(data, exchange)


def _report(error: BaseException) -> dict[str, Any]:
    """An exception by the names of its classes, its message and the learner's line that raised it."""
    try:
        message = str(error)[:MAX_NOISE]
    except BaseException:
        message = f"a {type(error).__name__} that cannot be printed"
    return {
        "classes": [kind.__name__ for kind in type(error).__mro__][:20],
        "message": message,
        "line": _line(error),
    }


def _line(error: BaseException) -> int | None:
    ours = (
        "/engine/",
        "/site/",
        "/python/",
        __file__.rpartition("/")[0],
        sys.prefix,
        "<frozen",
        "<scenario>",
    )
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame.lineno for frame in frames if not frame.filename.startswith(ours)]
    return theirs[-1] if theirs else None
