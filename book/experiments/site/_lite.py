"""The same exercise in JupyterLite: a site of one notebook, built offline from pinned packages.

JupyterLite takes Pyodide from a foreign host by default and asks PyPI for what its kernel needs. Here it gets
the very Pyodide that the course's pages use, the wheels that Pyodide's own lock names for the kernel, and the
checks of the pages as a wheel, all from the host that serves it. It lives in a folder of its own, and its
packages in a virtual environment of their own.
"""

import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import nbformat

from dropgrade.inpage import bundle, engine

PINS = ("jupyterlite-core==0.8.6", "jupyterlite-pyodide-kernel==0.8.6", "jupyter-server==2.21.1")
KERNEL = ("micropip", "ipython", "jedi", "numpy")
"""What the kernel loads, by its name in Pyodide's lock; what these depend on comes along."""
BESIDES = {"comm": "0.2.3", "ipython-pygments-lexers": "1.1.1", "typing-extensions": "4.15.0"}
"""What it loads too, and Pyodide's lock does not name; a kernel with the network gets it from PyPI."""
PYTHON = "3.14"
WHEEL = "dropgrade-0.1.0-py3-none-any.whl"
NOTEBOOK = "exercise.ipynb"
DONE = "VERDICT"
CELLS = (
    "%pip install -q dropgrade",
    "import numpy as np\nfrom dropgrade.checks.api import run",
    "{answer}",
    'report = run("01_mask", globals())\nprint("{done}", report["score"], "of", report["max_score"])',
)


def build(folder: Path, course: Path, answer: str) -> Path:
    """Make the site below `folder`, which may hold it already, and return where its pages lie.

    Args:
        course: the course's folder; its `.pyodide` is used.
        answer: the solution that the notebook holds.
    """
    site = folder / "site"
    if not (site / "api" / "contents" / "all.json").is_file():
        python = _environment(folder / "environment")
        _pyodide(folder / "lite" / "static" / "pyodide", engine.folder_of(course), folder / "wheels")
        checks = _wheel(folder / "checks" / WHEEL)
        command = [python.with_name("jupyter"), "lite", "build", "--lite-dir", folder / "lite"]
        command += ["--output-dir", site, "--contents", _notebook(folder / "contents", answer).parent]
        command += ["--piplite-wheels", checks, "--apps", "notebooks", "--no-unused-shared-packages"]
        _run(command, folder / "lite")
    return site


def _environment(folder: Path) -> Path:
    """A virtual environment with the pins; its Python."""
    python = folder / "bin" / "python"
    if not python.is_file():
        _run([sys.executable, "-m", "venv", folder])
        _run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PINS])
    return python


def _pyodide(folder: Path, ours: Path, wheels: Path) -> None:
    """The engine of the pages and the kernel's wheels, with a lock that names both."""
    folder.mkdir(parents=True, exist_ok=True)
    wheels.mkdir(parents=True, exist_ok=True)
    for name in engine.SHA256:
        shutil.copyfile(ours / name, folder / name)
    lock = _official_lock(wheels)
    lock["packages"] = {name: lock["packages"][name] for name in _closure(lock["packages"])}
    for name, entry in lock["packages"].items():
        if name != "numpy":
            _add(entry, _download(f"{name}=={entry['version']}", wheels), folder)
    for name, version in BESIDES.items():
        entry = {"name": name, "version": version, "depends": [], "imports": [name.replace("-", "_")]}
        entry |= {"install_dir": "site", "package_type": "package", "unvendored_tests": False}
        lock["packages"][name] = entry
        _add(entry, _download(f"{name}=={version}", wheels), folder)
    (folder / engine.LOCK_NAME).write_text(json.dumps(lock), encoding="utf-8")


def _official_lock(wheels: Path) -> dict:
    """The lock of this Pyodide as its npm package has it."""
    path = wheels / f"pyodide-{engine.VERSION}.tgz"
    if not path.is_file():
        _run(["npm", "pack", "--silent", f"pyodide@{engine.VERSION}"], wheels)
    with tarfile.open(path) as archive, archive.extractfile("package/pyodide-lock.json") as packed:
        return json.load(packed)


def _closure(packages: dict[str, dict]) -> set[str]:
    found, waiting = set(), list(KERNEL)
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting += [one.replace("_", "-") for one in packages[name]["depends"]]
    return found


def _download(requirement: str, wheels: Path) -> Path:
    """One pure wheel."""
    name, _, version = requirement.partition("==")
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if not list(wheels.glob(pattern)):
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        _run([*pip, "--only-binary=:all:", "--python-version", PYTHON, "--dest", wheels, requirement])
    return next(wheels.glob(pattern))


def _add(entry: dict, wheel: Path, folder: Path) -> None:
    entry |= {"file_name": wheel.name, "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest()}
    shutil.copyfile(wheel, folder / wheel.name)


def _wheel(path: Path) -> Path:
    """The archive that the pages load, with the metadata that makes it a wheel."""
    path.parent.mkdir(parents=True, exist_ok=True)
    info = WHEEL.removesuffix("-py3-none-any.whl") + ".dist-info"
    buffer = io.BytesIO(bundle.archive())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: dropgrade\nVersion: 0.1.0\n")
        packed.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr(f"{info}/RECORD", "")
    path.write_bytes(buffer.getvalue())
    return path


def _notebook(folder: Path, answer: str) -> Path:
    """The cells that a learner would run, with a right answer in them."""
    sources = (cell.replace("{answer}", answer).replace("{done}", DONE) for cell in CELLS)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    book.metadata["kernelspec"] = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, folder / NOTEBOOK)
    return folder / NOTEBOOK


def _run(command: list, folder: Path | None = None) -> None:
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command[:5]))} failed:\n{(done.stdout + done.stderr)[-3000:]}")
