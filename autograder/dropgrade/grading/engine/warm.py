"""The host's handle on one warm process: start it, have it fork, hear how a fork ended, close it."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from dropgrade.grading.engine import mounts
from dropgrade.grading.engine.inside.jail import Limits
from dropgrade.grading.engine.inside.wire import Channel
from dropgrade.grading.engine.layers import SandboxError, require_bubblewrap

START_SECONDS = 120.0
REPLY_SECONDS = 20.0


class WarmProcessLost(Exception):
    """The warm process ended or does not answer; a new one must be started."""


@dataclass(frozen=True)
class Settings:
    """How the engine runs notebooks.

    Attributes:
        family: what is imported ahead: "numpy", "torch" or "triton".
        jailed: False switches every layer off; for notebooks whose authors are trusted, or to find faults.
        limits: what one process may use.
        cell: seconds for a learner's cell; test: for a test cell; total: for a whole submission; to each
            comes what the exercise's checks may take, see `limits.allowed`.
        packages: distributions a learner may import besides NumPy, Matplotlib, IPython and torch.
    """

    family: str = "numpy"
    jailed: bool = True
    limits: Limits = field(default_factory=Limits)
    cell: float = 10.0
    test: float = 30.0
    total: float = 300.0
    packages: tuple[str, ...] = ()


class Child:
    """One fork of a warm process, in its jail.

    Attributes:
        channel: the line to it.
        lost: whether its warm process was found dead, so that nobody knows how it ended.
    """

    def __init__(self, warm: "WarmProcess", pid: int, pidfd: int, channel: Channel) -> None:
        self._warm, self._pid, self._pidfd = warm, pid, pidfd
        self._status: int | None = None
        self.channel = channel
        self.lost = False

    def kill(self) -> None:
        """End it and everything it started, at once."""
        if self._pidfd >= 0:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def was_killed(self) -> bool:
        """Whether it ended, within a moment, by a SIGKILL that `kill` did not send.

        It also did when its warm process is gone, which took it along.
        """
        return self._ended_within(0.2) and (self.end() == -signal.SIGKILL or self.lost)

    def end(self) -> int | None:
        """Make sure that it has ended; returns its exit code, negative for a signal, None if unknown."""
        if self._pidfd >= 0:
            self.channel.close()
            if not self._ended_within(0.2):
                self.kill()
            try:
                self._status = self._warm.reap(self._pid)
            except WarmProcessLost:
                self.lost = True
            os.close(self._pidfd)
            self._pidfd = -1
        return self._status

    def _ended_within(self, seconds: float) -> bool:
        return self._pidfd < 0 or bool(select.select([self._pidfd], [], [], seconds)[0])


class WarmProcess:
    """A zygote in bubblewrap (or bare, where the settings say so).

    Args:
        role: "worker" or "judge".
        settings: which family, and whether it is jailed.

    Raises:
        SandboxError: it cannot be started with every layer in place.
    """

    def __init__(self, role: str, settings: Settings) -> None:
        self.role, self.settings = role, settings
        self._lock = threading.Lock()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the process)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._process = self._start(theirs)
        finally:
            theirs.close()

    def wait_ready(self) -> None:
        """Wait until it is warm; separate from the constructor so that two can warm up side by side."""
        self._control.settimeout(START_SECONDS)
        try:
            answer = self._control.recv(1 << 16)
        except OSError as error:
            answer = b""
            self._log.write(str(error).encode())
        if not answer:
            words = self._last_line()
            self.close()
            raise SandboxError("outer sandbox", words)
        report = json.loads(answer)
        if "layer" in report:
            self.close()
            raise SandboxError(report["layer"], report["error"])
        if self.settings.jailed and report["threads"] != 1:
            self.close()
            raise SandboxError("one thread", f"the warm process has {report['threads']}")
        self._control.settimeout(REPLY_SECONDS)

    def spawn(self, *theirs: socket.socket, ours: socket.socket) -> Child:
        """Fork a child that owns the sockets `theirs`; `ours` is the other end of the first.

        Raises:
            WarmProcessLost: there is nothing left to fork from.
        """
        request = {"op": "spawn", "limits": asdict(self.settings.limits)}
        descriptors = [sock.fileno() for sock in theirs]
        try:
            with self._lock:
                socket.send_fds(self._control, [json.dumps(request).encode()], descriptors)
                answer, received, _, _ = socket.recv_fds(self._control, 4096, 1)
        except OSError as error:
            raise WarmProcessLost(str(error)) from None
        if not answer:
            raise WarmProcessLost("it ended")
        report = json.loads(answer)
        if "layer" in report:
            raise SandboxError(report["layer"], report["error"])
        return Child(self, report["pid"], received[0], Channel(ours, max_head=8 << 20, max_total=16 << 20))

    def reap(self, pid: int) -> int | None:
        """End a child for good; returns its exit code."""
        try:
            with self._lock:
                self._control.sendall(json.dumps({"op": "reap", "pid": pid}).encode())
                answer = self._control.recv(4096)
        except OSError as error:
            raise WarmProcessLost(str(error)) from None
        if not answer:
            raise WarmProcessLost("it ended")
        return json.loads(answer)["status"]

    def close(self) -> None:
        """End it and all its children."""
        self._control.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            self._log.close()

    def _start(self, theirs: socket.socket) -> subprocess.Popen:
        order = {
            "role": self.role,
            "family": self.settings.family,
            "jailed": self.settings.jailed,
            "control": theirs.fileno(),
        }
        if self.settings.jailed:
            require_bubblewrap()
            packages = (*self.settings.packages, self.settings.family)
            command = mounts.bubblewrap(self.role, packages, json.dumps(order))
            environment = {"PATH": os.environ.get("PATH", os.defpath)}
        else:
            command, environment = _bare(json.dumps(order))
        return subprocess.Popen(
            command,
            env=environment,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )

    def _last_line(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it ended without a word"


def _bare(order: str) -> tuple[list[str], dict[str, str]]:
    """The command and environment without any sandbox: the same code, the same split, no protection."""
    engine = Path(__file__).resolve().parent
    code = f"import sys; sys.path.insert(0, {str(engine)!r}); from inside.zygote import main; main()"
    environment = os.environ | mounts.ENVIRONMENT | {"DROPGRADE_ZYGOTE": order, "PATH": os.defpath}
    environment["HOME"] = tempfile.gettempdir()
    for name in ("LD_LIBRARY_PATH", "MPLCONFIGDIR", "IPYTHONDIR"):
        environment.pop(name, None)
    return [sys.executable, "-c", code], environment


def pair_of_sockets() -> tuple[socket.socket, socket.socket]:
    """Two connected stream sockets."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)


def close_all(sockets: Iterable[socket.socket]) -> None:
    """Close sockets that were handed over to a child."""
    for sock in sockets:
        sock.close()
