"""Starting anywhere: Colab, Binder and a dev container open the exercises with the versions that are pinned.

None of the three can be had here, so their files are followed as far as this machine goes: each command is
one that the course itself uses, what a script would run is recorded, the pins are those this test runs with.
"""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml

from dropgrade.doctor import APT

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book/_ext"))
import launch_buttons  # noqa: E402 (the site's extensions are files, not a package)

NOTEBOOKS = sorted(ROOT.glob("exercises/*/*.ipynb"))
CONTAINER = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text("utf-8"))
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["config"]
APP = SimpleNamespace(
    config=SimpleNamespace(**{name: CONFIG[name] for name in ("course_repository", "course_branch")})
)


def pins() -> dict[str, str]:
    """What requirements.txt asks for on this machine, by name."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", "\n".join(lines), re.M))


def test_every_requirement_is_pinned_exactly():
    """One version each, and the package of the course itself; no range, no address, no machine's path."""
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines():
        line = line.split("#")[0].strip()
        assert not line or line == "-e ./autograder" or re.match(r"[\w.-]+==[\w.]+(; .+)?$", line), line


def test_the_pins_are_what_this_test_runs_with():
    """Whatever passes here passes with the versions that Binder and the container install."""
    here = {name: version(name).removesuffix("+cpu") for name in pins()}  # the same torch, made without CUDA
    assert here == pins()


def test_all_start_from_the_same_python():
    """Workflows, Binder and the container name one version, the oldest that the package allows."""
    workflows = "".join(path.read_text("utf-8") for path in (ROOT / ".github/workflows").glob("*.yml"))
    named = set(re.findall(r'python-version: "([\d.]+)"', workflows))
    named |= set(re.findall(r"python-([\d.]+)", (ROOT / ".binder/runtime.txt").read_text("utf-8")))
    named |= set(re.findall(r":\d+-([\d.]+)-", CONTAINER["image"]))
    assert named == {"3.11"}
    assert 'requires-python = ">=3.11"' in (ROOT / "autograder/pyproject.toml").read_text("utf-8")


def test_binder_installs_the_pins_and_nothing_else(tmp_path):
    """Its script is run with a Python that only writes down what it is asked."""
    told = tmp_path / "told.txt"
    fake = tmp_path / "python"
    fake.write_text(f'#!/bin/sh\necho "$@" >> {told}\n')
    fake.chmod(0o755)
    script = ROOT / ".binder/postBuild"
    assert os.access(script, os.X_OK)
    subprocess.run([script], cwd=ROOT, check=True, env={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    install, check = told.read_text().splitlines()
    assert check == "-m pip check"
    words = install.removeprefix("-m pip install ").split()
    index = words.index("--extra-index-url")
    assert words[index + 1] == "https://download.pytorch.org/whl/cpu"
    assert [*words[:index], *words[index + 2 :]] == ["--no-cache-dir", "-r", "requirements.txt"]
    assert "pip install" in (made := (ROOT / "Makefile").read_text("utf-8")) and "-r requirements.txt" in made


def test_binder_has_what_the_sandbox_needs():
    """Names of packages as the doctor gives them."""
    assert set((ROOT / ".binder/apt.txt").read_text("utf-8").split()) <= set(APT)


def test_the_container_does_what_readme_says():
    """The system's parts that the doctor asks for, then a target of the Makefile; what it opens exists."""
    update, install = CONTAINER["onCreateCommand"].split(" && ")
    assert update == "sudo apt-get update -qq"
    assert set(install.removeprefix("sudo apt-get install -y -qq ").split()) == set(APT)
    make, target = CONTAINER["postCreateCommand"].split()
    assert make == "make" and f"\n{target}: " in (ROOT / "Makefile").read_text("utf-8")
    vscode, codespaces = CONTAINER["customizations"]["vscode"], CONTAINER["customizations"]["codespaces"]
    assert all((ROOT / name).is_file() for name in codespaces["openFiles"])
    assert vscode["settings"]["python.defaultInterpreterPath"].endswith("/.venv/bin/python")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_buttons_open_a_notebook_that_exists(notebook, monkeypatch):
    """Colab and Binder are given repository, branch and path; the path is one of this repository."""
    for variable in ("COURSE_REPOSITORY", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(variable, raising=False)
    where = f"{CONFIG['course_repository']}/blob/{CONFIG['course_branch']}/"
    colab = urlsplit(launch_buttons.colab_url(APP, notebook.stem))
    assert ROOT / colab.path.removeprefix(f"/github/{where}") == notebook
    binder = urlsplit(launch_buttons.binder_url(APP, notebook.stem))
    assert binder.path == f"/v2/gh/{CONFIG['course_repository']}/{CONFIG['course_branch']}"
    assert ROOT / unquote(parse_qs(binder.query)["labpath"][0]) == notebook


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_on_colab_fetches_the_checks_from_the_repository(notebook):
    """Its first cell installs the package of this very course, and only there."""
    cells = [cell for cell in json.loads(notebook.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    first = "".join(cells[0]["source"])
    address = f"git+https://github.com/{CONFIG['course_repository']}#subdirectory=autograder"
    assert '"google.colab" in sys.modules' in first and address in first
    assert (ROOT / "autograder/pyproject.toml").is_file()


@pytest.mark.parametrize(
    "badge", re.findall(r"\]\((https://[^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
)
def test_the_badges_of_readme_lead_to_this_course(badge):
    """Each names the repository of the course and, where it opens a file, one that exists."""
    assert CONFIG["course_repository"] in badge
    for path in re.findall(r"exercises/[\w/]+\.ipynb", unquote(badge)):
        assert (ROOT / path).is_file()
