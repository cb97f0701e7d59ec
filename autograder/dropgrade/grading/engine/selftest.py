"""Before the first notebook: a jailed process tries what it must not be able to do, and says how it went.

The layers report their own failures; this looks at the result from inside, as a hostile notebook would.
"""

import json

from dropgrade.grading.engine.inside.wire import Gone, ProtocolError
from dropgrade.grading.engine.layers import SandboxError
from dropgrade.grading.engine.warm import Child

PROBE = """
import ctypes, json, os, resource, socket
def refused(action):
    try:
        action()
    except (OSError, ImportError):
        return True
    return False
def call(name, *arguments):
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        raise OSError(ctypes.get_errno(), name)
print(json.dumps({
    "network": refused(lambda: socket.socket(socket.AF_INET)),
    "unix sockets by name": refused(lambda: socket.socket(socket.AF_UNIX)),
    "new processes": refused(os.fork),
    "other programs": refused(lambda: os.execv("/python/bin/python3", ["python3"])),
    "writing outside /tmp": all(refused(lambda: open(place + "/probe", "w")) for place in
                                ("/", "/dev", "/usr/lib", "/site", "/python", "/engine", "/proc")),
    "looking at processes": os.listdir("/proc") == [],
    "mounting": refused(lambda: call("mount", b"x", b"/tmp", b"tmpfs", 0, None)),
    "new namespaces": refused(lambda: call("unshare", 0x10000000)),
    "being root": os.getuid() == 1000 == os.geteuid() and os.getgroups() in ([], [65534]),
    "unfiltered system calls": ctypes.CDLL(None).prctl(21, 0, 0, 0, 0) == 2,
    "more memory": resource.getrlimit(resource.RLIMIT_AS)[1] > 0,
    "raising limits": refused(lambda: call("setrlimit", 7, (ctypes.c_ulong * 2)(4096, 4096))),
    "the answers": refused(lambda: __import__("dropgrade.reference")),
    "nbgrader": refused(lambda: __import__("nbgrader")),
}))
"""


def examine(worker: Child) -> None:
    """Have a fresh child try to break out.

    Raises:
        SandboxError: something that must be refused was possible, or the child did not answer.
    """
    try:
        worker.channel.send({"code": PROBE, "limit": 10}, timeout=5)
        answer, _ = worker.channel.receive(20)
    except (Gone, TimeoutError, ProtocolError) as error:
        raise SandboxError("self-test", f"the jailed process did not answer: {error}") from error
    if "layer" in answer:
        raise SandboxError(answer["layer"], answer["error"])
    try:
        found = json.loads(answer["outputs"][0]["text"])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise SandboxError("self-test", f"the jailed process answered {str(answer)[:300]}") from error
    possible = [name for name, refused in found.items() if not refused]
    if possible:
        raise SandboxError("self-test", f"a jailed process is not kept from: {', '.join(possible)}")
