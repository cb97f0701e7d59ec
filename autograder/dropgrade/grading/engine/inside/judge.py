"""The judge's process: it alone runs test cells, with stand-ins for what the learner wrote.

It holds the checks and the reference and never a line of the learner's; the learner's process is reached
through `Peer`.
"""

import functools
import importlib
import select
import socket
from typing import Any

from . import proxies, shell
from .peer import Peer, SubmissionEnded
from .wire import Channel, Gone


def warm() -> None:
    """Run each check once on the reference, before any fork: their tables of chances are then in memory.

    Exercises whose functions the NumPy reference lacks are left cold.
    """
    from dropgrade.checks import exercises, run
    from dropgrade.reference import numpy_ops

    # Each check asks which exercises there are, and looking into the folder costs as much as a small check.
    api = importlib.import_module("dropgrade.checks.api")
    api.slugs = functools.cache(api.slugs)
    for task in exercises():
        if all(hasattr(numpy_ops, name) for name in task.functions):
            run(task.slug, vars(numpy_ops), seed=0)


def serve(host_socket: socket.socket, learner_socket: socket.socket) -> None:
    """Run the cells that the host sends until it is gone."""
    host = Channel(host_socket, max_head=8 << 20)
    peer = Peer(Channel(learner_socket))
    built = shell.Shell.instance()
    watching = importlib.import_module("dropgrade.checks.watching")
    watching.start = functools.partial(proxies.RemoteWatch, peer)
    scenes = importlib.import_module("dropgrade.checks.scenario")
    scenes.play = functools.partial(proxies.play, peer, scenes.text_of)
    exposure = proxies.Exposure(peer, built.user_ns)
    built.user_ns["scenario"] = lambda code, **inputs: proxies.scenario(peer, code, inputs)
    try:
        while True:
            if host.idle:
                select.select([host], [], [])
            request, _ = host.receive()
            answer = run(built, exposure, request)
            host.send(answer | {"ended": peer.ended})
    except Gone:
        return


def run(built: shell.Shell, exposure: proxies.Exposure, request: dict[str, Any]) -> dict[str, Any]:
    """Run one trusted cell.

    Args:
        request: "code", and for a test cell "names": what the learner was to define. The cells that only
            prepare, such as imports, come without.
    """
    names = request.get("names", [])
    if names:
        try:
            exposure.refresh(names)
        except SubmissionEnded:
            exposure.end(names)
    return shell.run(built, request["code"])
