"""What this machine can do for the course, and how to mend each thing it cannot.

Every part is tried, not merely looked up: a sandbox that is installed but forbidden by the kernel is a "no".
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

APT = {"bubblewrap": "bwrap", "chromium": "chromium", "nodejs": "node"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Finding:
    """One part of the machine.

    Attributes:
        part: what was tried, in the reader's words.
        works: whether it did.
        detail: the version found, or what went wrong.
        mend: the one line to type, empty when it works.
        serves: what stays out of reach until it is mended.
    """

    part: str
    works: bool
    detail: str
    mend: str = ""
    serves: str = ""

    def __str__(self) -> str:
        lines = [f"{'yes' if self.works else 'no':3}  {self.part:<9} {self.detail}"]
        if not self.works:
            lines += [f"{'':15}without it: {self.serves}", f"{'':15}mend: {self.mend}"]
        return "\n".join(lines)


def attempt(*command: str, timeout: float = 20) -> tuple[bool, str]:
    """Runs a command; returns whether it exited with 0, and its last line or why it did not run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except FileNotFoundError:
        return False, f"{command[0]} is not installed"
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, f"{command[0]} does not run: {error}"
    lines = (done.stdout.strip() or done.stderr.strip()).splitlines()
    return done.returncode == 0, lines[-1] if lines else f"exit code {done.returncode}"


def python() -> Finding:
    """Python 3.11 or later runs the course."""
    works = sys.version_info >= (3, 11)
    return Finding(
        "Python", works, platform.python_version(), "install Python 3.11 or later, then `make`", "everything"
    )


def sandbox() -> Finding:
    """Bubblewrap can make a process without network and without sight of other processes."""
    works, detail = attempt("bwrap", "--ro-bind", "/", "/", "--unshare-all", "--die-with-parent", "true")
    if works:
        return Finding("sandbox", True, attempt("bwrap", "--version")[1])
    mend = install_line("bubblewrap")
    if shutil.which("bwrap"):
        mend = "sysctl -w kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0"
    return Finding("sandbox", False, detail, mend, "hostile submissions cannot be contained")


def browser_path() -> str | None:
    """The first Chromium on PATH, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def browser() -> Finding:
    """Headless Chromium starts; the site's tests look at every page with it."""
    works, detail = attempt(browser_path() or BROWSERS[0], "--version")
    return Finding(
        "browser", works, detail, install_line("chromium"), "the tests that open the site are skipped"
    )


def node() -> Finding:
    """Node runs the tests of the site's scripts."""
    works, detail = attempt("node", "--version")
    return Finding(
        "node", works, detail, install_line("nodejs"), "the tests of the site's scripts are skipped"
    )


def triton() -> Finding:
    """Triton compiles and interprets the kernels of the GPU unit."""
    try:
        return Finding("Triton", True, version("triton"))
    except PackageNotFoundError:
        mend = (
            "pip install -e './autograder[gpu]'"
            if sys.platform == "linux"
            else "none: Triton exists for Linux only"
        )
        return Finding("Triton", False, "not installed (an optional extra)", mend, "the kernel exercises")


def gpu() -> Finding:
    """An NVIDIA GPU answers its driver."""
    works, detail = attempt("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader")
    return Finding("GPU", works, detail, "none needed: kernels run in the interpreter", "GPU timings")


def page_python() -> Finding:
    """Python for the browser lies in the course's folder, and each file is the one that was pinned."""
    from dropgrade.inpage import engine

    wrong = next(engine.faults(engine.folder_of(Path())), "")
    detail = wrong or f"Pyodide {engine.VERSION} with NumPy, for exercises done on the page"
    mend, serves = "python -m dropgrade.inpage", "the site is built, but its pages cannot check an exercise"
    return Finding("pages", not wrong, detail, mend, serves)


PARTS: tuple[Callable[[], Finding], ...] = (python, sandbox, browser, node, page_python, triton, gpu)


def install_line(*packages: str) -> str:
    """The one line that installs Debian or Ubuntu packages."""
    prefix = "" if os.geteuid() == 0 else "sudo "
    return f"{prefix}apt-get update && {prefix}apt-get install -y {' '.join(packages)}"


def examine() -> Iterator[str]:
    """Yields a paragraph a part: yes or no, what was found, and for a no what it costs and the mend."""
    for part in PARTS:
        yield str(part())


def install_system_parts() -> Iterator[str]:
    """Installs missing bubblewrap, chromium, node: as root with apt; elsewhere says what to type.

    Yields:
        Lines for the person watching; none when nothing is missing.
    """
    missing = [package for package, command in APT.items() if not shutil.which(command)]
    if "chromium" in missing and browser_path():
        missing.remove("chromium")
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        yield f"Not installed: {', '.join(missing)}. What needs them is skipped until you type:"
        yield f"  {install_line(*missing)}"
        return
    yield f"Installing {', '.join(missing)} with apt (a minute or two) ..."
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            yield f"{' '.join(command)} failed: {reason}"
            yield "Going on without; `dropgrade doctor` says what that costs."
            return
