"""The system calls that code in the jail may use, with their numbers on the two machines we know.

An allow list: whatever the kernel has or will have beyond it is refused. It is what CPython, NumPy, torch
and Matplotlib use after they were imported; there is no way in it to open a socket, to make a process or
to look at another one. The numbers are those of the kernel's headers; a test compares them with libseccomp.
"""

MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""Audit architecture of each machine, as `platform.machine` names it."""

_TABLE = """
    read 0 63 | write 1 64 | recvfrom 45 207 | sendto 44 206 | futex 202 98 | poll 7 - | ppoll 271 73
    select 23 - | pselect6 270 72 | setitimer 38 103 | getitimer 36 102 | rt_sigprocmask 14 135
    rt_sigaction 13 134 | rt_sigreturn 15 139 | mmap 9 222 | munmap 11 215 | mprotect 10 226
    mremap 25 216 | madvise 28 233 | brk 12 214 | clock_gettime 228 113 | clock_nanosleep 230 115
    clock_getres 229 114 | gettimeofday 96 169 | time 201 - | nanosleep 35 101 | times 100 153
    getrusage 98 165 | getrandom 318 278 | gettid 186 178 | getpid 39 172 | sched_yield 24 124
    openat 257 56 | open 2 - | close 3 57 | close_range 436 436 | lseek 8 62 | fstat 5 80 | stat 4 -
    lstat 6 - | newfstatat 262 79 | statx 332 291 | readv 19 65 | writev 20 66 | pread64 17 67
    pwrite64 18 68 | preadv 295 69 | pwritev 296 70 | access 21 - | faccessat 269 48
    faccessat2 439 439 | getdents64 217 61 | getcwd 79 17 | chdir 80 49 | fchdir 81 50 | readlink 89 -
    readlinkat 267 78 | mkdir 83 - | mkdirat 258 34 | rmdir 84 - | unlink 87 - | unlinkat 263 35
    rename 82 - | renameat 264 38 | renameat2 316 276 | truncate 76 45 | ftruncate 77 46 | fsync 74 82
    fdatasync 75 83 | chmod 90 - | fchmod 91 52 | fchmodat 268 53 | utimensat 280 88 | umask 95 166
    fadvise64 221 223 | statfs 137 43 | fstatfs 138 44 | sendfile 40 71 | copy_file_range 326 285
    msync 26 227 | mincore 27 232 | fcntl 72 25 | dup 32 23 | dup2 33 - | dup3 292 24 | pipe 22 -
    pipe2 293 59 | eventfd2 290 19 | epoll_create1 291 20 | epoll_ctl 233 21 | epoll_wait 232 -
    epoll_pwait 281 22 | sendmsg 46 211 | recvmsg 47 212 | shutdown 48 210 | getsockopt 55 209
    getsockname 51 204 | getpeername 52 205 | set_robust_list 273 99 | rseq 334 293
    set_tid_address 218 96 | sched_getaffinity 204 123 | sched_getparam 143 121
    sched_getscheduler 145 120 | getcpu 309 168 | membarrier 324 283 | getppid 110 173
    getuid 102 174 | geteuid 107 175 | getgid 104 176 | getegid 108 177 | getresuid 118 148
    getresgid 120 150 | getgroups 115 158 | getpgid 121 155 | getpgrp 111 - | getsid 124 156
    rt_sigpending 127 136 | rt_sigsuspend 130 133 | rt_sigtimedwait 128 137 | sigaltstack 131 132
    tgkill 234 131 | kill 62 129 | pause 34 - | restart_syscall 219 128 | alarm 37 - | uname 63 160
    sysinfo 99 179 | getrlimit 97 163 | wait4 61 260 | waitid 247 95 | exit 60 93 | exit_group 231 94
"""
_CONDITIONAL = (
    "clone 56 220 | clone3 435 435 | prctl 157 167 | ioctl 16 29 | socketpair 53 199 | prlimit64 302 261"
)

CLONE_THREAD = 0x10000
AF_UNIX = 1
PRCTL_OPTIONS = (15, 16, 21, 0x53564D41)
"""Name a thread, read the name, ask whether a filter is on, name a mapping: what libraries do in passing."""
IOCTL_REQUESTS = (0x5401, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX."""


def numbers(text: str, machine: str) -> dict[str, int]:
    """The calls of a table on one machine; those that it lacks are left out."""
    column = {"x86_64": 1, "aarch64": 2}[machine]
    entries = (entry.split() for line in text.splitlines() for entry in line.split("|") if entry.strip())
    return {entry[0]: int(entry[column]) for entry in entries if entry[column] != "-"}


def allowed(machine: str) -> dict[str, int]:
    """Calls that are allowed whatever their arguments."""
    return numbers(_TABLE, machine)


def conditional(machine: str) -> dict[str, int]:
    """Calls that depend on their arguments."""
    return numbers(_CONDITIONAL, machine)
