"""The list of allowed system calls: its numbers are right, and the filter that is made of it holds."""

import ctypes
import json
import platform
import subprocess
import sys

import pytest

from dropgrade.grading.engine import mounts
from dropgrade.grading.engine.inside import seccomp, syscalls

NEVER = """
    socket connect bind listen accept accept4 fork vfork execve execveat ptrace process_vm_readv
    kexec_load process_vm_writev mount umount2 pivot_root chroot setns unshare init_module bpf keyctl
    add_key reboot io_uring_setup userfaultfd perf_event_open open_by_handle_at memfd_create pidfd_open
    setuid setgid capset prctl_set_mm clock_settime settimeofday swapon acct quotactl setrlimit
    personality syslog shmget msgget semget
"""


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_numbers_are_those_of_libseccomp(machine):
    """Every call of the table, on both machines."""
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("libseccomp is not installed")
    architecture = ctypes.c_uint32(syscalls.MACHINES[machine])
    for name, number in (syscalls.allowed(machine) | syscalls.conditional(machine)).items():
        assert library.seccomp_syscall_resolve_name_arch(architecture, name.encode()) == number, name


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_nothing_that_breaks_out_is_on_the_list(machine):
    """Sockets, programs, other processes, mounts, keys, bpf."""
    assert not set(NEVER.split()) & set(syscalls.allowed(machine)) | (
        set(NEVER.split()) & set(syscalls.conditional(machine))
    )


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_every_path_through_the_filter_ends_in_an_answer(machine):
    """No jump leaves the program, and the last instruction refuses."""
    code = seccomp.program(machine)
    count = len(code) // 8
    instructions = [tuple(code[8 * n : 8 * n + 8]) for n in range(count)]
    for place, (operation, _, on_true, on_false, *_) in enumerate(instructions):
        if operation != 0x06:
            assert place + 1 + max(on_true, on_false) < count
    assert code[-8] == 0x06 and count < 4096


TRIES = """
import ctypes, errno, json, os, sys
sys.path.insert(0, sys.argv[1])
from inside import seccomp
seccomp.install()
libc = ctypes.CDLL(None, use_errno=True)
def tried(number, *arguments):
    result = libc.syscall(number, *arguments)
    return "ok" if result >= 0 else errno.errorcode[ctypes.get_errno()]
print(json.dumps({
    "getpid": tried(39), "socket": tried(41, 2, 1, 0), "fork": tried(57), "unknown": tried(9999),
    "clone a process": tried(56, 17, 0, 0, 0, 0), "clone3": tried(435, 0, 0), "exec": tried(59, 0, 0, 0),
    "set a limit": tried(302, 0, 4, (ctypes.c_ulong * 2)(0, 0), 0), "ask a limit": tried(302, 0, 4, 0, 0),
    "inet pair": tried(53, 2, 1, 0, 0), "type into a terminal": tried(16, 0, 0x5412, 0),
}))
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers below are those of x86-64")
@pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")
def test_the_filter_refuses_what_is_not_on_the_list():
    """Also by the arguments: threads but no processes, asking for limits but not setting them."""
    run = [sys.executable, "-c", TRIES, str(mounts.INSIDE.parent)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert (said.pop("getpid"), said.pop("ask a limit")) == ("ok", "ok")
    assert said.pop("clone3") == "ENOSYS"
    assert set(said.values()) == {"EPERM"}, said
