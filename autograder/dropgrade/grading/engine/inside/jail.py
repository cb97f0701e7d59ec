"""What a fork of the warm process does before it runs a line of anybody's code: it gives up everything.

The warm process already sits in bubblewrap without network, gradebook, solutions or other submissions.
Each fork adds namespaces of its own, an empty /tmp and /proc, limits, no capabilities and a list of allowed
system calls. A layer that fails ends the fork with a `LayerFailed` that names it: nothing runs half jailed.
"""

import ctypes
import os
import resource
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from . import seccomp

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    0x20000,
    0x4000000,
    0x8000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_SECUREBITS = 1, 4, 24, 28
SIGKILL = 9
NO_ROOT_MAGIC = 0xEF
"""Every secure bit and its lock but for keep-caps: being uid 0 gives no capability."""
_CAPABILITY_VERSION_3 = 0x20080522
UID_INSIDE = 1000

_libc = ctypes.CDLL(None, use_errno=True)


class LayerFailed(Exception):
    """One layer of the sandbox could not be put up; the first argument names it."""


@dataclass(frozen=True)
class Limits:
    """What one fork may use.

    Attributes:
        memory: bytes of address space on top of what the warm process has.
        cpu: seconds of processor time.
        threads: of the fork; processes cannot be made anyway. Few, so that one submission's busy threads
            leave its neighbours their share of the machine.
        file: bytes of the largest file; disk: bytes in /tmp, which lies in memory.
        descriptors: open files at once.
    """

    memory: int = 1 << 30
    cpu: int = 150
    threads: int = 16
    file: int = 16 << 20
    disk: int = 32 << 20
    descriptors: int = 64


@contextmanager
def layer(name: str) -> Iterator[None]:
    """Turn any failure inside into a `LayerFailed` with the layer's name."""
    try:
        yield
    except (OSError, ValueError, KeyError) as error:
        raise LayerFailed(name, str(error)) from error


def drop_root() -> None:
    """From root to nobody, for good; does nothing for a normal user.

    The limit on processes and the checks on files mean nothing to root, in whatever namespace.
    """
    if os.getuid() == 0:
        with layer("unprivileged user"):
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)


def own_namespaces() -> None:
    """Give the warm process user, mount and pid namespaces in which it may make further ones.

    Only the children of the caller are in the new pid namespace: fork next.
    """
    uid, gid = os.getuid(), os.getgid()
    with layer("user namespaces"):
        # Its memory is opened by the kernel to write the maps, which an undumpable process may not.
        _call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)
        _call("unshare", NEWUSER | NEWPID | NEWNS)
        _map_ids(uid, uid, gid, gid)


def fork() -> int:
    """Like `os.fork`, but the child is the first process of a pid namespace of its own."""
    own = os.pidfd_open(os.getpid())
    try:
        with layer("pid namespaces"):
            _call("unshare", NEWPID)
        pid = os.fork()
        if pid:
            _call("setns", own, NEWPID)
        return pid
    finally:
        os.close(own)


def enter(limits: Limits, keep: tuple[int, ...]) -> None:
    """Jail this process; it must have one thread and be fresh from `fork`.

    Args:
        limits: what it may use.
        keep: descriptors that stay open; all others are closed, and 0, 1 and 2 become /dev/null.

    Raises:
        LayerFailed: a layer is missing; the caller must end the process.
    """
    _close_descriptors(keep)
    os.setsid()  # the scheduler may then share time by submissions instead of by threads
    with layer("parent's death"):
        _call("prctl", PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    uid, gid = os.getuid(), os.getgid()
    with layer("namespaces"):
        _call("unshare", NEWUSER | NEWNS | NEWIPC | NEWUTS | NEWNET)
        _map_ids(UID_INSIDE, uid, UID_INSIDE, gid)
    with layer("mounts"):
        _call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
        _cover(b"/tmp", limits.disk, MS_NOSUID | MS_NODEV)
        _cover(b"/dev/shm", limits.disk // 2, MS_NOSUID | MS_NODEV | MS_NOEXEC)
        for place in (b"/proc", b"/dev/pts"):  # a terminal would be a line to another submission
            _cover(place, 4096, MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY)
        os.chdir("/tmp")
    with layer("limits"):
        _set_limits(limits)
    with layer("capabilities"):
        _drop_capabilities()
    with layer("seccomp"):
        seccomp.install()


def _close_descriptors(keep: tuple[int, ...]) -> None:
    null = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    start = 3
    for descriptor in sorted({*keep, 1 << 20}):
        os.closerange(start, descriptor)
        start = descriptor + 1


def _map_ids(uid_inside: int, uid: int, gid_inside: int, gid: int) -> None:
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid_inside} {uid} 1"),
        ("gid_map", f"{gid_inside} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _cover(place: bytes, size: int, flags: int) -> None:
    """Mount an empty file system in memory over a folder; what was there cannot be reached any more."""
    _call("mount", b"tmpfs", place, b"tmpfs", flags, b"mode=700,nr_inodes=2k,size=%d" % size)


def _set_limits(limits: Limits) -> None:
    values = {
        resource.RLIMIT_AS: _size_at_start + limits.memory,
        resource.RLIMIT_CPU: limits.cpu,
        resource.RLIMIT_NPROC: limits.threads,
        resource.RLIMIT_FSIZE: limits.file,
        resource.RLIMIT_NOFILE: limits.descriptors,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for which, value in values.items():
        resource.setrlimit(which, (value, value))


_size_at_start = 0


def note_size() -> None:
    """Remember how much address space the warm process has: limits count from there."""
    global _size_at_start
    with open("/proc/self/statm", encoding="ascii") as file:
        _size_at_start = int(file.read().split()[0]) * resource.getpagesize()


def _drop_capabilities() -> None:
    last = 0
    while _libc.prctl(PR_CAPBSET_DROP, last, 0, 0, 0) == 0:
        last += 1
    _call("prctl", PR_SET_SECUREBITS, NO_ROOT_MAGIC, 0, 0, 0)
    header = ctypes.create_string_buffer(struct.pack("<Ii", _CAPABILITY_VERSION_3, 0))
    _call("capset", header, ctypes.create_string_buffer(24))


def _call(name: str, *arguments: object) -> None:
    """A C library function that returns 0 when it did what it should."""
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
