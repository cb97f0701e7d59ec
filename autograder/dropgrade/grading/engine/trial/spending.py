"""Attacks that spend: time, memory, disk, output, threads; and those that only end their process."""

from dropgrade.grading.engine.trial.model import NOTHING, RIGHT, WRONG, Attack, Notebook, code_cell

HANG = "def keep_mask(shape, p, rng):\n    while True:\n        pass\n"


def _many_cells(notebook: Notebook) -> None:
    notebook["cells"] += [code_cell(f"more = {n}") for n in range(200)]


ATTACKS = (
    Attack(
        "exit_zero",
        "e",
        "ends its process with success in the middle of the run",
        f"{RIGHT}\nimport os\nos._exit(0)",
        honest=NOTHING,
    ),
    Attack("sys_exit", "e", "raises SystemExit in a cell", f"{RIGHT}\nimport sys\nsys.exit(0)", honest=RIGHT),
    Attack(
        "segfault", "n", "reads address 0", f"{RIGHT}\nimport ctypes\nctypes.string_at(0)", honest=NOTHING
    ),
    Attack(
        "stack_overflow",
        "own",
        "recurses in C until the stack ends",
        f"{NOTHING}\nimport sys\nsys.setrecursionlimit(10**9)\nx = 0\nfor n in range(9**6): x = [x]\nrepr(x)",
        honest=NOTHING,
    ),
    Attack(
        "kills_everyone",
        "own",
        "sends SIGKILL and SIGSTOP to itself, to process 1 and to all processes it can see",
        """\
import os, signal
for number in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGKILL):
    for target in (-1, 1, 2, 3, os.getpid()):
        try:
            os.kill(target, number)
        except OSError:
            pass
"""
        + RIGHT,
        honest=RIGHT,
    ),
    Attack(
        "fork_bomb",
        "g",
        "forks as often as it can (40 times at most)",
        f"""\
import os, time
for _ in range(40):
    try:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
    except OSError:
        pass
{RIGHT}""",
        honest=RIGHT,
    ),
    Attack(
        "thread_bomb",
        "g",
        "starts 500 threads that sleep",
        f"""\
import threading, time
for _ in range(500):
    try:
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
    except RuntimeError:
        break
{RIGHT}""",
        honest=RIGHT,
    ),
    Attack(
        "memory",
        "h",
        "takes 4 GB",
        f"""\
hoard = []
try:
    for _ in range(64):
        hoard.append(np.zeros(8 * 2**20))
except MemoryError:
    hoard.clear()
{RIGHT}""",
        honest=RIGHT,
    ),
    Attack(
        "memory_in_a_call",
        "h",
        "takes 4 GB in each call",
        "def keep_mask(shape, p, rng):\n    return [np.zeros(8 * 2**20) for _ in range(64)]\n",
        honest=NOTHING,
    ),
    Attack(
        "disk",
        "i",
        "fills /tmp and /dev/shm",
        f"""\
for place in ("/tmp", "/dev/shm"):
    for number in range(40):
        try:
            with open(f"{{place}}/fill{{number}}", "wb") as file:
                for _ in range(40):
                    file.write(b"0" * 2**20)
        except OSError:
            pass
{RIGHT}""",
        honest=RIGHT,
    ),
    Attack(
        "print_flood",
        "i",
        "prints 60 MB",
        f"for _ in range(60_000):\n    print('x' * 1000)\n{RIGHT}",
        honest=RIGHT,
    ),
    Attack(
        "noise_flood",
        "own",
        "floods stdout, stderr and warnings from inside its function",
        """\
import sys, warnings
def keep_mask(shape, p, rng):
    for number in range(30):
        print("x" * 1000)
        print("y" * 1000, file=sys.stderr)
        warnings.warn(f"{number}" * 100)
    return np.ones(shape, dtype=bool)
""",
        honest="import warnings\ndef keep_mask(shape, p, rng):\n    warnings.warn('x')\n"
        "    return np.ones(shape, dtype=bool)\n",
    ),
    Attack("hang_in_call", "own", "never returns from its function", HANG, honest=NOTHING),
    Attack(
        "hang_in_cell",
        "own",
        "never ends its cell; what it defined before still counts",
        f"{RIGHT}\nwhile True:\n    pass",
        honest=RIGHT,
    ),
    Attack(
        "stubborn_hang",
        "own",
        "never ends, and ignores and blocks every signal",
        f"""\
import signal
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
{HANG}""",
        honest=NOTHING,
    ),
    Attack(
        "hang_in_c",
        "own",
        "hangs in a regular expression, where Python looks at no signal",
        "import re\ndef keep_mask(shape, p, rng):\n    re.match('(a+)+b', 'a' * 64)\n",
        honest=NOTHING,
    ),
    Attack(
        "just_in_time",
        "own",
        "sleeps 0.9 s in every call, to use up all the time there is",
        "import time\ndef keep_mask(shape, p, rng):\n    time.sleep(0.9)\n    return np.ones(shape, bool)\n",
        honest=NOTHING,
    ),
    Attack(
        "clock",
        "own",
        "makes time stand still for whoever asks",
        f"""\
import time, signal
time.time = time.monotonic = time.perf_counter = lambda: 0.0
time.sleep = lambda seconds: None
signal.setitimer = signal.alarm = lambda *arguments: (0.0, 0.0)
{HANG}""",
        honest=NOTHING,
    ),
    Attack(
        "threads_after_return",
        "own",
        "leaves a thread behind that changes what was returned, while the judge looks at it",
        """\
import threading, time
_returned = []
def fiddle():
    while True:
        time.sleep(0.2)
        for mask in _returned[:-1]:
            mask[...] = False
threading.Thread(target=fiddle, daemon=True).start()
def keep_mask(shape, p, rng):
    _returned.append(np.ones(shape, dtype=bool))
    return _returned[-1]
""",
    ),
    Attack(
        "atexit",
        "own",
        "registers code for the end of its process, in four ways",
        f"""\
import atexit, os, threading, weakref
def late(*_):
    try:
        open("/site/late", "w")
    except OSError:
        pass
    print("late")
atexit.register(late)
class Dying:
    def __del__(self):
        late()
_dying = Dying()
weakref.finalize(_dying, late)
threading._register_atexit(late)
os.register_at_fork(before=late, after_in_child=late, after_in_parent=late)
{WRONG}""",
    ),
    Attack(
        "busy_threads",
        "own",
        "keeps every core busy with as many threads as it can, while its neighbours are judged",
        f"""\
import threading
def burn():
    a = np.ones((400, 400))
    while True:
        a @ a
for _ in range(60):
    try:
        threading.Thread(target=burn, daemon=True).start()
    except RuntimeError:
        break
{NOTHING}""",
        honest=NOTHING,  # it starves itself as well; what counts is that everybody else gets their due
    ),
    Attack(
        "output_bomb",
        "own",
        "forges megabytes of outputs for each of 200 cells",
        f"""\
{RIGHT}
import gc
_flood = [{{"output_type": "stream", "name": "stdout", "text": "x" * 300_000}}] * 20
_worker = next(o for o in gc.get_objects() if type(o).__name__ == "Worker" and hasattr(o, "kept"))
_worker.run = lambda request: {{"status": "ok", "outputs": _flood, "count": 1}}""",
        honest=RIGHT,
        edit=_many_cells,
    ),
    Attack(
        "allocates_late",
        "own",
        "takes memory in destructors, in a signal handler and in another thread while it is judged",
        f"""\
import signal, threading
hoard = []
def take(*_):
    try:
        while True:
            hoard.append(bytearray(2**20))
    except MemoryError:
        pass
signal.signal(signal.SIGALRM, take)
threading.Thread(target=take, daemon=True).start()
class Late:
    def __del__(self):
        take()
_late = Late()
{NOTHING}""",
        honest=NOTHING,
    ),
)
