"""What the court watches besides scores: connections that come in, and processes that stay behind."""

import ctypes
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


@contextmanager
def listener() -> Iterator[tuple[int, Callable[[], int]]]:
    """A port of this machine, and how many have connected to it."""
    count = [0]
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stopped = threading.Event()

        def listen() -> None:
            while not stopped.is_set():
                try:
                    server.accept()[0].close()
                    count[0] += 1
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield server.getsockname()[1], lambda: count[0]
        finally:
            stopped.set()
            thread.join()


def adopt_orphans() -> None:
    """Become the parent of whatever loses its own among our descendants, so that `left_running` sees it."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def left_running() -> list[str]:
    """Command lines of this process's descendants that still run."""
    parents, names = {}, {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (place / "stat").read_text().rpartition(")")[2].split()[:2]
            names[int(place.name)] = (
                (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
        except (OSError, ValueError):
            continue
        if state != "Z":
            parents[int(place.name)] = int(parent)
    return [
        names[child] for child in parents if child != os.getpid() and os.getpid() in _line(child, parents)
    ]


def _line(process: int, parents: dict[int, int]) -> list[int]:
    """A process's parent, its parent, and so on."""
    line = []
    while process in parents and len(line) < len(parents):
        process = parents[process]
        line.append(process)
    return line
