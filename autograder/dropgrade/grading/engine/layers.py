"""The layers of the sandbox: which one is missing, and what to type to have it."""

import shutil
import sys

from dropgrade.errors import CourseError

USER_NAMESPACES = (
    "sysctl -w user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1 "
    "kernel.apparmor_restrict_unprivileged_userns=0 (as root; leave out what your kernel does not know)"
)
MEND = {
    "Linux": "grade on Linux, for instance in a virtual machine",
    "bubblewrap": "apt-get install -y bubblewrap (as root), or your system's package of that name",
    "outer sandbox": USER_NAMESPACES,
    "unprivileged user": "start as a normal user",
    "user namespaces": USER_NAMESPACES,
    "pid namespaces": USER_NAMESPACES,
    "namespaces": USER_NAMESPACES,
    "mounts": USER_NAMESPACES,
    "capabilities": USER_NAMESPACES,
    "limits": "raise the hard limits of your session (ulimit -H), or start from a fresh login",
    "seccomp": "use a kernel with CONFIG_SECCOMP_FILTER on x86-64 or 64-bit Arm",
    "warm start": "make the environment again from requirements.txt",
    "one thread": "set OMP_NUM_THREADS=1 and leave out packages that start threads when imported",
    "self-test": "report the line above; do not grade strangers' notebooks on this machine",
}
UNSAFE = "or, only for notebooks whose authors you trust, add --unsafe-no-sandbox"

SHOUT = (
    "WARNING: THERE IS NO SANDBOX. Learners' code runs with your rights: it can read the gradebook and your "
    "files, and use the network. Only for notebooks whose authors you trust."
)


class SandboxError(CourseError):
    """A layer of the sandbox is missing, so no notebook was run.

    Args:
        layer: its name, a key of `MEND`.
        reason: what happened.
    """

    def __init__(self, layer: str, reason: str) -> None:
        self.layer = layer
        mend = MEND.get(layer, "see the reason")
        super().__init__(f"the sandbox's layer {layer!r} is missing ({reason}). Mend: {mend}; {UNSAFE}.")


def require_bubblewrap() -> None:
    """Raise `SandboxError` where there is no bubblewrap to start with."""
    if sys.platform != "linux":
        raise SandboxError("Linux", f"this is {sys.platform}")
    if shutil.which("bwrap") is None:
        raise SandboxError("bubblewrap", "the command bwrap was not found")
