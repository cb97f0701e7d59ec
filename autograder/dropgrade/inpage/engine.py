"""Python for the browser: Pyodide with NumPy, hosted by the site itself, pinned and checked by SHA-256.

Nothing of it is kept in the repository. `fetch` puts six files into a folder that git ignores: five are
downloaded, from Pyodide's release or, where only package registries can be reached, from npm and PyPI; the
sixth is the list of packages, cut down to NumPy. A file whose SHA-256 is another one is never used.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from dropgrade.errors import CourseError

VERSION = "314.0.4"
NUMPY = "numpy-2.4.3-cp314-cp314-pyemscripten_2026_0_wasm32.whl"
SHA256 = {
    "pyodide.mjs": "c75dd73bb0c70674135f9f4ab746c9b5316e9fe027cafacb2be445e658f04c92",
    "pyodide.asm.mjs": "fd7a3cefa122ff6463dcf2997961eb341250e4cc4ed60281448390f0a767cca2",
    "pyodide.asm.wasm": "6c8986a8ee583401069aa403e76ee79d4633a1478ab11cea76030bc299aded9f",
    "python_stdlib.zip": "b5ca2308e9fa72eda319889a1ddf086389e9f1234ced279cc71267fe9ba56e54",
    NUMPY: "0cad9c1b91f0082e4f959bc0e0bf5835a2efbba6ab3b1e9d1fe6e7e564cca98e",
}
"""What is downloaded. NumPy's is the one that the lock file of this Pyodide names."""
LOCK = {
    "info": {"abi_version": "2026_0", "arch": "wasm32", "platform": "emscripten_5_0_3", "python": "3.14.0"},
    "packages": {
        "numpy": {
            "depends": [],
            "file_name": NUMPY,
            "imports": ["numpy"],
            "install_dir": "site",
            "name": "numpy",
            "package_type": "package",
            "sha256": SHA256[NUMPY],
            "unvendored_tests": False,
            "version": "2.4.3",
        }
    },
}
"""That lock file, without the packages that the course does not use."""
LOCK_NAME = "pyodide-lock.json"
RELEASE = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full"
CARRIER = "open-webui==0.12.4"
"""NumPy's file for browsers is no release of its own on PyPI; this wheel carries the very same file."""
FOLDER = ".pyodide"
"""Where it lies in the course's folder; COURSE_PYODIDE in the environment names another one."""
PATIENCE = 10
"""Seconds that a host may be silent."""

Source = Callable[[Path], None]
"""Fills a folder with the files named in `SHA256`, or raises."""


class EngineMissing(CourseError):
    """Python for the browser can be had from nowhere; the message says what was tried."""


def folder_of(course: Path) -> Path:
    """Where the engine of a course lies, whether or not it is there."""
    return Path(os.environ.get("COURSE_PYODIDE") or course / FOLDER)


def faults(folder: Path) -> Iterator[str]:
    """What keeps a folder from being the engine, a sentence each; none where all is well."""
    for name, wanted in SHA256.items():
        path = folder / name
        if not path.is_file():
            yield f"{name} is missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
            yield f"{name} is not the file that Pyodide {VERSION} names (another SHA-256)"


def lock_text() -> str:
    """The list of packages as the browser reads it."""
    return json.dumps(LOCK, sort_keys=True)


def fetch(folder: Path, sources: tuple[Source, ...] | None = None) -> str:
    """Have the engine in `folder`; nothing is downloaded where it is already.

    Args:
        folder: is made, or replaced as a whole once every file has passed.
        sources: tried in order; the release, then the registries, if None.

    Returns:
        A line for the person watching.

    Raises:
        EngineMissing: every source failed; the message has a reason for each.
    """
    if not any(faults(folder)) and (folder / LOCK_NAME).is_file():
        return f"Python for the pages is here: Pyodide {VERSION} with NumPy, checked"
    reasons = []
    for source in (from_release, from_registries) if sources is None else sources:
        with tempfile.TemporaryDirectory() as scratch:
            new = Path(scratch, "engine")
            new.mkdir()
            try:
                source(new)
            except (
                OSError,
                subprocess.SubprocessError,
                LookupError,
                tarfile.TarError,
                zipfile.BadZipFile,
            ) as error:
                reasons.append(f"{source.__name__}: {_reason(error)}")
                continue
            if wrong := next(faults(new), ""):
                reasons.append(f"{source.__name__}: {wrong}")
                continue
            (new / LOCK_NAME).write_text(lock_text(), encoding="utf-8")
            shutil.rmtree(folder, ignore_errors=True)
            folder.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(new, folder)
        size = sum(path.stat().st_size for path in folder.iterdir())
        return f"Python for the pages: Pyodide {VERSION} with NumPy, {size / 1e6:.1f} MB {source.__name__}"
    raise EngineMissing("; ".join(reasons))


def from_release(folder: Path) -> None:
    """Pyodide's own release, file by file from the address its documentation names."""
    for name in SHA256:
        with urllib.request.urlopen(f"{RELEASE}/{name}", timeout=PATIENCE) as answer:
            (folder / name).write_bytes(answer.read())


def from_registries(folder: Path) -> None:
    """The core from npm, NumPy out of a wheel on PyPI that carries it."""
    with tempfile.TemporaryDirectory() as scratch:
        _run("npm", "pack", "--silent", f"pyodide@{VERSION}", cwd=scratch)
        with tarfile.open(next(Path(scratch).glob("pyodide-*.tgz"))) as archive:
            for name in set(SHA256) - {NUMPY}:
                with archive.extractfile(f"package/{name}") as packed:
                    (folder / name).write_bytes(packed.read())
        pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps")
        _run(*pip, "--only-binary=:all:", "--dest", scratch, CARRIER, cwd=scratch)
        with zipfile.ZipFile(next(Path(scratch).glob("*.whl"))) as wheel:
            inside = next((name for name in wheel.namelist() if name.endswith(f"/{NUMPY}")), None)
            if inside is None:
                raise LookupError(f"{CARRIER} does not carry {NUMPY}")
            (folder / NUMPY).write_bytes(wheel.read(inside))


def _run(*command: str, cwd: str) -> None:
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True, timeout=600)


def _reason(error: Exception) -> str:
    """One line on why a source failed."""
    said = (getattr(error, "stderr", None) or "").strip().splitlines()
    return said[-1] if said else f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
