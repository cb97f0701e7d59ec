"""The GPU notebook opened on Colab: it installs the package from the repository, and then everything runs.

Colab is played by a machine that has torch and Triton but not the package; pip is real, and what it would
fetch from the repository it takes from a copy of this checkout.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from kernels import MODE  # noqa: F401 (skips this file where Triton is missing)

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "exercises/09_gpu/09_gpu.ipynb"
LESSON = ROOT / "solutions/09_gpu/lesson.py"
COLAB = """
import json, subprocess, sys, types
sys.modules["google"] = sys.modules["google.colab"] = types.ModuleType("google.colab")
source, target, cells = sys.argv[1:]
editable = lambda f: "editable" in getattr(f, "__module__", type(f).__module__)
sys.meta_path[:] = [f for f in sys.meta_path if not editable(f)]
sys.path[:] = [p for p in sys.path if not p.endswith("/autograder")]
run, asked = subprocess.run, []
def instead(command, **options):
    if "pip" not in command:
        return run(command, **options)
    asked.append(command[-1])
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--target", target, source]
    return run([*command[:-1], *offline], **options)
subprocess.run = instead
sys.path.insert(0, target)
from IPython.core.interactiveshell import InteractiveShell
shell, failed = InteractiveShell.instance(), []
for cell in json.load(open(cells)):
    result = shell.run_cell(cell)
    if not result.success:
        failed.append(str(result.error_in_exec or result.error_before_exec))
import dropgrade
print(json.dumps({"asked": asked, "failed": failed, "package": dropgrade.__file__}))
"""


@pytest.fixture(scope="module")
def colab(tmp_path_factory) -> tuple[dict, str]:
    """What the notebook did there, its gaps filled with the lesson's solution, and what it printed."""
    folder = tmp_path_factory.mktemp("colab")
    skip = shutil.ignore_patterns("*.egg-info", "__pycache__", "tests", "build")
    shutil.copytree(ROOT / "autograder", folder / "source", ignore=skip)
    gaps = dict(
        re.findall(r'# %% grade_id="(\w+)" solution=true\n(.*?)(?=\n# %%)', LESSON.read_text(), flags=re.S)
    )
    cells = [
        gaps.get(cell["metadata"].get("nbgrader", {}).get("grade_id"), "".join(cell["source"]))
        for cell in json.loads(NOTEBOOK.read_text())["cells"]
        if cell["cell_type"] == "code"
    ]
    (folder / "cells.json").write_text(json.dumps(cells))
    (folder / "installed").mkdir()
    (folder / "colab.py").write_text(COLAB)
    words = [folder / "colab.py", folder / "source", folder / "installed", folder / "cells.json"]
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        env=environment | {"IPYTHONDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    *printed, last = done.stdout.strip().splitlines()
    return json.loads(last) | {"folder": str(folder)}, "\n".join(printed)


def test_the_package_is_installed_from_the_repository(colab):
    """The first cell asks pip for the package in the public repository, and that one is used."""
    report, _ = colab
    assert len(report["asked"]) == 1
    assert re.fullmatch(r"git\+https://github\.com/[\w-]+/[\w-]+#subdirectory=autograder", report["asked"][0])
    assert report["package"].startswith(report["folder"])


def test_every_cell_runs_and_every_check_passes(colab):
    """From the first cell to the benchmark nothing fails."""
    report, printed = colab
    assert report["failed"] == []
    for check_id in ("known_answers", "no_mask_is_stored", "four_words_kernel", "four_words_pay", "quiet"):
        assert f"{check_id}: " in printed


def test_it_says_where_kernels_run(colab):
    """The GPU is found, or the notebook says how to get one."""
    _, printed = colab
    assert "kernels here: gpu" in printed or "no GPU here; on Colab choose" in printed
