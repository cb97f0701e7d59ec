"""The warm process: it imports what a family of exercises needs once, then forks on request.

It talks to the host over one SOCK_SEQPACKET socket: JSON in, JSON out, descriptors beside it. It never
runs a learner's or a judge's line itself, never calls ``backward()`` (autograd refuses to work in children
forked after that) and keeps to one thread, so that each fork is a clean copy.
"""

import contextlib
import gc
import importlib
import json
import os
import platform
import random
import signal
import socket
import sys
import threading
from typing import Any

from . import jail, seccomp

FAMILIES = {"numpy": (), "torch": ("torch",), "triton": ("torch",)}
"""What is imported ahead for each family; anything else mounted is still importable, only later."""
ALWAYS = (
    "numpy.testing",
    "numpy.random",
    "numpy.linalg",
    "numpy.fft",
    "matplotlib.pyplot",
    "asyncio",
    "statistics",
)
FIGURE = "import matplotlib.pyplot as plt\nplt.hist([1, 2]); plt.title('x'); plt.show()\n"


def main() -> None:
    """Drop root, warm up, report, serve until the host closes the control socket."""
    order = json.loads(os.environ["DROPGRADE_ZYGOTE"])
    control = socket.socket(fileno=order["control"])
    try:
        if order["jailed"]:
            jail.drop_root()
            jail.own_namespaces()
            child = os.fork()
            if child:  # only a child is inside the new pid namespace; what it was told to do, it does
                control.close()
                os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 255)
            jail._call("prctl", jail.PR_SET_PDEATHSIG, jail.SIGKILL, 0, 0, 0)
        role = importlib.import_module(f"inside.{order['role']}")
        warm(order["family"])
        role.warm()
        seccomp.program(platform.machine())  # made once, used by every fork
        # A collection in a fork would write to every object made so far, and so copy all their memory.
        gc.collect()
        gc.freeze()
        jail.note_size()
        _report(control, {"ready": True, "threads": _threads(), "role": order["role"]})
    except jail.LayerFailed as failure:
        _report(control, {"layer": failure.args[0], "error": failure.args[1]})
        os._exit(1)
    except Exception as error:
        _report(control, {"layer": "warm start", "error": f"{type(error).__name__}: {error}"})
        os._exit(1)
    _serve(control, role, order["jailed"])


def warm(family: str) -> None:
    """Import and use once what every submission of the family will need."""
    from . import shell

    built = shell.build()
    for name in (*ALWAYS, *FAMILIES[family]):
        importlib.import_module(name)
    if "torch" in sys.modules:
        _warm_torch(sys.modules["torch"])
    shell.run(built, FIGURE)
    built.reset(new_session=True)
    built.execution_count = 1
    sys.modules["matplotlib.pyplot"].close("all")


def _warm_torch(torch: Any) -> None:
    """The first optimizer imports a compiler for a second or two; the first layer, random kernels."""
    torch.set_num_threads(1)
    torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])
    net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU(), torch.nn.Dropout())
    net(torch.zeros(1, 2))
    torch.nn.functional.dropout(torch.randn(3), 0.5)
    torch.manual_seed(0)


def _serve(control: socket.socket, role: Any, jailed: bool) -> None:
    children: dict[int, int] = {}
    while True:
        try:
            message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 4)
        except OSError:
            break
        if not message:
            break
        request = json.loads(message)
        if request["op"] == "spawn":
            try:
                pid = _spawn(control, role, descriptors, request, jailed)
            except (jail.LayerFailed, OSError) as failure:
                _report(control, {"layer": "fork", "error": str(failure)})
            else:
                children[pid] = os.pidfd_open(pid)
                socket.send_fds(control, [json.dumps({"pid": pid}).encode()], [children[pid]])
            for descriptor in descriptors:
                os.close(descriptor)
        else:
            control.sendall(json.dumps({"status": _reap(request["pid"], children)}).encode())
    os._exit(0)


def _spawn(control: socket.socket, role: Any, descriptors: list[int], request: dict, jailed: bool) -> int:
    """Fork; the child enters its jail, says so, and serves until its connections end."""
    pid = jail.fork() if jailed else os.fork()
    if pid:
        return pid
    code = 1
    try:
        control.close()
        if jailed:
            jail.enter(jail.Limits(**request["limits"]), tuple(descriptors))
        _reseed()
        role.serve(*(socket.socket(fileno=descriptor) for descriptor in descriptors))
        code = 0
    except jail.LayerFailed as failure:
        _say(descriptors[0], {"layer": failure.args[0], "error": failure.args[1]})
    except BaseException as error:
        _say(descriptors[0], {"died": f"{type(error).__name__}: {error}"[:500]})
    finally:
        os._exit(code)


def _reseed() -> None:
    """Forks of one process would all draw the same "random" numbers."""
    random.seed()
    sys.modules["numpy"].random.seed()
    if "torch" in sys.modules:
        sys.modules["torch"].seed()


def _reap(pid: int, children: dict[int, int]) -> int | None:
    """Kill a child if it still lives; returns its exit code, negative for the signal that ended it."""
    pidfd = children.pop(pid, None)
    if pidfd is None:
        return None
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    os.close(pidfd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _threads() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return threading.active_count()


def _report(control: socket.socket, message: dict) -> None:
    control.sendall(json.dumps(message).encode())


def _say(descriptor: int, message: dict) -> None:
    """A last word to the host, in a frame of its own."""
    from .wire import Channel, Gone

    with contextlib.suppress(OSError, Gone):
        Channel(socket.socket(fileno=descriptor)).send(message, timeout=1)
