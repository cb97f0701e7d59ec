"""What the sandbox can see: an interpreter, a few libraries, the engine's inside; nothing else exists there.

Absence is the strongest permission: course folder, gradebook, solutions, submissions, home folders and
configuration are not mounted. Libraries are mounted one by one, so that what else is installed in the
environment, nbgrader and this package among it, cannot be imported by a learner.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

PACKAGE = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).resolve().parent / "inside"
LIBRARIES = ("numpy", "matplotlib", "matplotlib-inline", "ipython", "torch")
DIGITS = ("digits.py", "digits14.npz")
JUDGED = ("__init__.py", "errors.py", "checks", "reference")
SYSTEM = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime")
FOLDERS = (
    "/usr",
    "/usr/local",
    "/etc",
    "/python",
    "/python/bin",
    "/site",
    "/engine",
    "/engine/dropgrade",
    "/engine/dropgrade/checks",
)
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
ENVIRONMENT = {
    "HOME": "/tmp",
    "IPYTHONDIR": "/tmp/.ipython",
    "LANG": "C.UTF-8",
    "LD_LIBRARY_PATH": "/python/lib",
    "LOGNAME": "learner",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MPLCONFIGDIR": "/tmp/.matplotlib",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "",
    "TRITON_INTERPRET": "1",
    "USER": "learner",
}


def bubblewrap(role: str, packages: Iterable[str], order: str) -> list[str]:
    """The command that starts a warm process in the outer sandbox.

    Args:
        role: "worker", or "judge", which alone sees checks and reference.
        packages: distributions that are mounted besides `LIBRARIES`.
        order: JSON for `inside.zygote`.
    """
    command = ["bwrap", "--new-session", "--clearenv", "--unshare-ipc", "--unshare-pid", "--unshare-net"]
    command += ["--unshare-uts", "--unshare-cgroup-try"]
    if os.getuid() == 0:
        # Just enough to become nobody, which is the first thing done inside.
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user", "--uid", "65534", "--gid", "65534"]
    command += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
    for place in FOLDERS:  # bubblewrap would make them for their owner alone
        command += ["--perms", "0755", "--dir", place]
    for source, target in mounts(role, packages):
        command += ["--ro-bind", str(source), target]
    for place in ("/", "/dev"):
        command += ["--remount-ro", place]
    for name, value in (ENVIRONMENT | {"DROPGRADE_ZYGOTE": order}).items():
        command += ["--setenv", name, value]
    return [*command, "--chdir", "/tmp", f"/python/bin/{PYTHON}", "-I", "-S", "-B", "/engine/inside/start.py"]


def mounts(role: str, packages: Iterable[str]) -> Iterator[tuple[Path, str]]:
    """Pairs of what is mounted, read-only, and where."""
    for place in map(Path, SYSTEM):
        if place.exists():
            yield place, str(place)
    base = Path(sys.base_prefix)
    yield base / "lib", "/python/lib"
    yield base / "bin" / PYTHON, f"/python/bin/{PYTHON}"
    for path in library_paths((*LIBRARIES, *packages)):
        yield path, f"/site/{path.name}"
    yield INSIDE, "/engine/inside"
    for name in DIGITS:
        yield PACKAGE / name, f"/engine/dropgrade/{name}"
    if role == "judge":
        for name in JUDGED:
            yield PACKAGE / name, f"/engine/dropgrade/{name}"
    else:
        yield INSIDE / "standin.py", "/engine/dropgrade/checks/__init__.py"
        yield PACKAGE / "checks" / "watching.py", "/engine/dropgrade/checks/watching.py"


def library_paths(names: Iterable[str]) -> list[Path]:
    """Files and folders in site-packages of some distributions and of all that they require.

    Names that are not installed are left out: torch is an option.
    """
    found: dict[str, Path] = {}
    for distribution in _closure(names):
        folder = Path(str(distribution.locate_file("")))
        for line in (distribution.read_text("RECORD") or "").splitlines():
            top = line.partition("/")[0].partition(",")[0].strip('"')
            if top not in ("..", "__pycache__", "bin") and not top.startswith(("_dropgrade", "__editable__")):
                found.setdefault(top, folder / top)
    return sorted(path for path in found.values() if path.exists())


def _closure(names: Iterable[str]) -> list[metadata.Distribution]:
    known: dict[str, metadata.Distribution | None] = {}
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in known:
            continue
        try:
            known[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            known[name] = None
            continue
        for text in known[name].requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return [distribution for distribution in known.values() if distribution]
