"""A seccomp filter from the allow list, in the kernel's own little language, installed without a library.

What is not allowed fails with EPERM, as a missing right would, so that libraries that only try go on; a
call in the convention of another machine ends the process. See seccomp(2) for the layout of what is read.
"""

import ctypes
import errno
import os
import platform
import struct
from functools import cache

from . import syscalls

_LOAD, _EQUAL, _ANY_BIT, _RETURN, _AT_LEAST = 0x20, 0x15, 0x45, 0x06, 0x35
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32 = 0x40000000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2

Instruction = tuple[int, int, int, int]


@cache
def program(machine: str) -> bytes:
    """The filter for one machine as an array of ``struct sock_filter``.

    Raises:
        KeyError: the machine is not in `syscalls.MACHINES`.
    """
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, syscalls.MACHINES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        code += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _KILL)]
    plain = list(syscalls.allowed(machine).values())
    for place, number in enumerate(plain):
        code.append((_EQUAL, len(plain) - place, 0, number))
    # Behind the last comparison: skip the "allow" that all of them jump to.
    code += [(_EQUAL, 0, 1, 0xFFFFFFFF), (_RETURN, 0, 0, _ALLOW)]
    for name, number in syscalls.conditional(machine).items():
        block = _condition(name)
        code += [(_EQUAL, 0, len(block), number), *block]
    code.append((_RETURN, 0, 0, _ERRNO | errno.EPERM))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)


def _condition(name: str) -> list[Instruction]:
    """What decides one call by its arguments; every path through it returns."""
    allow, refuse = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERRNO | errno.EPERM)
    if name == "clone":  # threads, never processes
        return [_argument(0), (_ANY_BIT, 0, 1, syscalls.CLONE_THREAD), allow, refuse]
    if name == "clone3":  # its flags are out of sight; libc falls back to clone
        return [(_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    if name == "prlimit64":  # reading limits, not setting them
        return [_argument(2), (_EQUAL, 0, 3, 0), _argument(2, high=True), (_EQUAL, 0, 1, 0), allow, refuse]
    place, choices = {
        "prctl": (0, syscalls.PRCTL_OPTIONS),
        "ioctl": (1, syscalls.IOCTL_REQUESTS),
        "socketpair": (0, (syscalls.AF_UNIX,)),
    }[name]
    tests = [(_EQUAL, len(choices) - n, 0, choice) for n, choice in enumerate(choices)]
    return [_argument(place), *tests, refuse, allow]


def _argument(place: int, high: bool = False) -> Instruction:
    """Load half of an argument; both machines are little-endian."""
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * place + (4 if high else 0))


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]


def install() -> None:
    """Put this process, for the rest of its life, under the filter.

    Raises:
        OSError: the kernel refused, or the machine is unknown.
    """
    machine = platform.machine()
    if machine not in syscalls.MACHINES:
        raise OSError(errno.ENOSYS, f"no system call numbers are known for {machine}")
    code = program(machine)
    buffer = ctypes.create_string_buffer(code, len(code))
    filter_ = _Program(len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in (
        (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filter_), 0, 0),
    ):
        if libc.prctl(*arguments) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
