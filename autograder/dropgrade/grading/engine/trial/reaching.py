"""Attacks that reach for something outside: files, the network, other processes, the machine."""

from dropgrade.grading.engine.trial.model import NOTHING, PROBE, RIGHT, WRONG, Attack, probing

CALL = """\
import ctypes
_libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    result = getattr(_libc, name)(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), name)
    return result
"""

ATTACKS = (
    Attack(
        "read_solutions",
        "a",
        "looks for the solutions, the gradebook and other submissions on disk",
        probing(
            '"solutions", lambda: open(COURSE + "/solutions/01_mask/lesson.py").read()',
            '"gradebook", lambda: open(COURSE + "/grading/gradebook.db", "rb").read(99)',
            '"neighbours", lambda: os.listdir(COURSE + "/grading/submitted")',
            '"course", lambda: os.listdir(COURSE)',
            '"homes", lambda: os.listdir("/root") + os.listdir("/home")',
            '"accounts", lambda: open("/etc/passwd").read()',
            '"nearby", lambda: [f for d in ("..", ".") for f in os.listdir(d) if "ipynb" in f] or 1 / 0',
        ).replace("import json as _json", "import os\nimport json as _json"),
    ),
    Attack(
        "import_the_answer",
        "a",
        "imports the reference, the checks, nbgrader and the solution",
        probing(
            '"reference", lambda: __import__("dropgrade.reference.numpy_ops")',
            '"checks", lambda: __import__("dropgrade.checks.api")',
            '"exercise", lambda: __import__("dropgrade.checks.ex01_mask")',
            '"nbgrader", lambda: __import__("nbgrader")',
            '"sqlalchemy", lambda: __import__("sqlalchemy")',
            '"judge", lambda: __import__("inside.judge").judge.warm()',
        ),
    ),
    Attack(
        "network",
        "b",
        "connects to a listener on this machine, and by name",
        probing(
            '"connect", lambda: socket.create_connection(("127.0.0.1", PORT), 1)',
            '"udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
            '"unix", lambda: socket.socket(socket.AF_UNIX)',
            '"raw", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)',
            '"resolve", lambda: socket.getaddrinfo("example.org", 80)',
        ).replace("import json as _json", "import socket\nimport json as _json"),
    ),
    Attack(
        "write_outside",
        "c",
        "writes into the gradebook, the libraries, the engine and the system",
        probing(
            *(
                f'"{place}", lambda: open({place!r} + "/pwned", "w").write("x")'
                for place in (
                    "/",
                    "/usr/lib",
                    "/site",
                    "/site/numpy",
                    "/engine",
                    "/engine/inside",
                    "/python/lib",
                )
            ),
            '"gradebook", lambda: open(COURSE + "/grading/gradebook.db", "r+b").write(b"x")',
            '"/dev", lambda: open("/dev/pwned", "w").write("x")',
            '"/proc", lambda: open("/proc/pwned", "w").write("x")',
        ),
    ),
    Attack(
        "other_programs",
        "j",
        "starts programs and processes that would outlive the grading",
        probing(
            '"fork", lambda: os.fork()',
            '"spawn", lambda: subprocess.Popen(["/python/bin/python3.11", "-c", "while True: pass"])',
            '"exec", lambda: os.execv("/bin/sh", ["sh"])',
            '"system", lambda: os.system("sleep 60") or 1',
            '"multiprocessing", lambda: multiprocessing.get_context("fork").Process(target=print).start()',
        )
        .replace(
            '"system", lambda: os.system("sleep 60") or 1',
            '"posix_spawn", lambda: os.posix_spawn("/bin/sh", ["sh"], {})',
        )
        .replace("import json as _json", "import multiprocessing, os, subprocess\nimport json as _json"),
    ),
    Attack(
        "proc",
        "own",
        "reads and writes through /proc: memory, descriptors, the roots of other processes",
        probing(
            *(
                f'"{path}", lambda: open("/proc/{path}", "rb").read(10)'
                for path in (
                    "self/mem",
                    "self/maps",
                    "1/environ",
                    "self/status",
                    "sys/kernel/core_pattern",
                    "cmdline",
                )
            ),
            '"root", lambda: os.listdir("/proc/1/root")',
            '"descriptors", lambda: os.listdir("/proc/self/fd")',
            '"processes", lambda: os.listdir("/proc") or 1 / 0',
        ).replace("import json as _json", "import os\nimport json as _json"),
    ),
    Attack(
        "system_calls",
        "own",
        "asks the kernel directly for what would break out: namespaces, ptrace, mounts, keys, bpf, io_uring",
        CALL
        + probing(
            '"unshare", lambda: call("unshare", 0x10000000)',
            '"mount", lambda: call("mount", b"tmpfs", b"/tmp", b"tmpfs", 0, None)',
            '"umount", lambda: call("umount2", b"/proc", 2)',
            '"ptrace", lambda: call("ptrace", 16, 1, 0, 0)',
            '"setuid", lambda: call("setuid", 0)',
            '"chroot", lambda: call("chroot", b"/tmp")',
            '"setns", lambda: call("setns", 3, 0)',
            *(
                f'"{name}", lambda: call("syscall", {number}, 0, 0, 0, 0, 0)'
                for name, number in (
                    ("keyctl", 250),
                    ("bpf", 321),
                    ("userfaultfd", 323),
                    ("io_uring_setup", 425),
                    ("open_by_handle_at", 304),
                    ("process_vm_readv", 310),
                    ("pidfd_open", 434),
                    ("memfd_create", 319),
                    ("clock_settime", 227),
                    ("perf_event_open", 298),
                    ("landlock_create_ruleset", 444),
                )
            ),
        ),
    ),
    Attack(
        "foreign_system_calls",
        "own",
        "calls the kernel in the 32-bit convention, in which the numbers mean other calls",
        CALL
        + """
import mmap
_code = mmap.mmap(-1, 4096, prot=7)
_code.write(bytes.fromhex("b8 14 00 00 00 cd 80 c3".replace(" ", "")))
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(_code)))()
print("PROBES", '{"int 0x80": "it worked"}')
"""
        + RIGHT,
        honest=NOTHING,
    ),
    Attack(
        "descriptors",
        "own",
        "looks for descriptors it inherited",
        probing(
            '"open", lambda: [n for n in range(3, 1024) if _is_file(n)] or 1 / 0',
        ).replace(
            "import json as _json",
            """import json as _json, os, stat
def _is_file(number):
    try:
        return not stat.S_ISSOCK(os.fstat(number).st_mode) and not stat.S_ISFIFO(os.fstat(number).st_mode)
    except OSError:
        return False
""",
        ),
    ),
    Attack(
        "environment",
        "own",
        "looks for secrets in the environment, and for who and where it is",
        probing(
            '"canary", lambda: os.environ["DROPGRADE_CANARY"]',
            '"tokens", lambda: [k for k in os.environ if "TOKEN" in k or "JPY" in k or "KEY" in k] or 1 / 0',
            '"root", lambda: os.getuid() == 0 or 1 / 0',
            '"course", lambda: [v for v in os.environ.values() if COURSE in v] or 1 / 0',
            '"paths", lambda: [p for p in __import__("sys").path if COURSE in p or "work" in p] or 1 / 0',
        ).replace("import json as _json", "import os\nimport json as _json"),
    ),
    *(
        Attack(
            f"message_in_a_bottle_{number}",
            "own",
            "leaves a file for another submission, and looks for what others left",
            probing(
                '"left for me", lambda: [p for p in PLACES if os.path.exists(p)] or 1 / 0',
                '"leave", lambda: [open(p, "w").write("psst") for p in PLACES] and 1 / 0',
                '"shared memory", lambda: multiprocessing.shared_memory.SharedMemory("bottle")',
            ).replace(
                "import json as _json",
                "import json as _json, os, multiprocessing.shared_memory\n"
                'PLACES = ["/tmp/bottle", "/dev/shm/bottle", "/var/tmp/bottle", "/tmp/.matplotlib/bottle"]',
            ),
        )
        for number in (1, 2)
    ),
    Attack(
        "hooks_on_disk",
        "own",
        "plants sitecustomize.py, numpy.py and a .pth where the next process might import them",
        PROBE
        + """
import os, sys
for folder in ("/tmp", "/site", "/engine", os.path.expanduser("~/.local/lib/python3.11/site-packages")):
    for name in ("sitecustomize.py", "usercustomize.py", "numpy.py", "dropgrade.py", "x.pth"):
        try:
            os.makedirs(folder, exist_ok=True)
            open(os.path.join(folder, name), "w").write("import os; os._exit(0)\\n")
        except OSError:
            pass
sys.path.insert(0, "/tmp")
"""
        + WRONG,
    ),
    Attack(
        "shell_lines",
        "own",
        "uses what notebooks have for running programs: !, %%bash, %run, %system, %%script",
        probing(
            *(
                f'"{name}", lambda: _ran(lambda: get_ipython().{call})'
                for name, call in (
                    ("!", "system('echo SHELL' + 'CANARY')"),
                    ("getoutput", "getoutput('echo SHELL' + 'CANARY')"),
                    ("%%bash", "run_cell_magic('bash', '', 'echo SHELL' + 'CANARY')"),
                    ("%run", "run_line_magic('run', COURSE + '/solutions/01_mask/lesson.py')"),
                )
            ),
        ).replace(
            "import json as _json",
            "import json as _json\ndef _ran(action):\n    said = str(action())\n"
            "    return said if 'SHELLCANARY' in said else 1 / 0",
        ),
    ),
    Attack(
        "asks_the_grader",
        "own",
        "waits for input and for a debugger, which nobody will ever serve",
        f"""\
{RIGHT}
for ask in (input, breakpoint, lambda: get_ipython().run_line_magic("debug", "")):
    try:
        ask()
    except BaseException:
        pass
""",
        honest=RIGHT,
    ),
    Attack(
        "terminals",
        "own",
        "looks for a terminal: to type into the instructor's, or to talk to another submission",
        probing(
            '"tty", lambda: os.open("/dev/tty", os.O_RDWR)',
            '"pty", lambda: os.openpty()',
            '"ptmx", lambda: os.open("/dev/ptmx", os.O_RDWR)',
            '"others", lambda: os.listdir("/dev/pts") or 1 / 0',
            '"type", lambda: fcntl.ioctl(0, 0x5412, b"x")',
        ).replace("import json as _json", "import fcntl, os\nimport json as _json"),
    ),
    Attack(
        "kernel_objects",
        "own",
        "makes what outlives processes or is seen by others: shared memory, queues, semaphores, watches",
        CALL
        + probing(
            '"shmget", lambda: call("shmget", 0x5ee, 4096, 0o1666)',
            '"msgget", lambda: call("msgget", 0x5ee, 0o1666)',
            '"semget", lambda: call("semget", 0x5ee, 1, 0o1666)',
            '"mq_open", lambda: call("syscall", 240, b"bottle", 0o102, 0o666, 0)',
            '"inotify", lambda: call("inotify_init")',
            '"fanotify", lambda: call("fanotify_init", 0, 0)',
            '"memfd_secret", lambda: call("syscall", 447, 0)',
            '"abstract socket", lambda: call("socket", 1, 1, 0)',
        ),
    ),
    Attack(
        "x32_system_calls",
        "own",
        "calls the kernel in the x32 convention, past a filter that looks at plain numbers only",
        CALL + "call('syscall', 0x40000000 + 41, 2, 1, 0)\n" + RIGHT,
        honest=NOTHING,
    ),
    Attack(
        "more_for_me",
        "own",
        "raises its own limits, its priority and its share of the machine",
        CALL
        + probing(
            '"limits", lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1))',
            '"priority", lambda: os.nice(-10)',
            '"real time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))',
            '"cores", lambda: os.sched_setaffinity(0, range(64))',
            '"dumpable", lambda: call("prctl", 4, 1, 0, 0, 0) or 1',
            '"privileges", lambda: call("prctl", 38, 0, 0, 0, 0) or 1',
            '"filter", lambda: call("prctl", 22, 0, 0, 0, 0) or 1',
            '"parent", lambda: call("prctl", 1, 0, 0, 0, 0) or 1',
            '"groups", lambda: os.setgroups([0]) or 1',
            '"capabilities", lambda: call("capset", bytes(8), bytes(24)) or 1',
        ).replace("import json as _json", "import os, resource\nimport json as _json"),
    ),
)
