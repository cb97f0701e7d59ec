"""What the snippets print: `python book/snippets/run.py` compares it with the page, `--write` renews it.

A snippet is a file that runs by itself; the page shows it above `NAME.out`, which is what it printed. One
that needs a package which is not there is left out, and that is said. Names after the command choose some.
"""

import ast
import difflib
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
SETTINGS = {"KERAS_BACKEND": "torch", "JAX_PLATFORMS": "cpu", "OMP_NUM_THREADS": "1"}
PATIENCE = 300
"""Seconds; each takes a few, and most of them is importing."""


class SnippetFailed(Exception):
    """A snippet ended with an error; the message is what it wrote to stderr."""


def snippets() -> list[Path]:
    """Every snippet, by folder and name."""
    return sorted(HERE.glob("*/*.py"))


def missing(snippet: Path) -> list[str]:
    """The packages that a snippet imports and this Python does not have."""
    tree = ast.parse(snippet.read_text("utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return sorted(name for name in {name.split(".")[0] for name in names} if find_spec(name) is None)


def printed(snippet: Path) -> str:
    """What a snippet prints in a process of its own, with Keras on torch and everything on the CPU.

    Raises:
        SnippetFailed: it ended with an error, or took longer than `PATIENCE` seconds.
    """
    command = [sys.executable, snippet.name]
    with tempfile.TemporaryDirectory() as home:  # Keras writes its settings into its home
        settings = os.environ | SETTINGS | {"KERAS_HOME": home}
        how = {"cwd": snippet.parent, "env": settings, "capture_output": True, "text": True}
        try:
            done = subprocess.run(command, timeout=PATIENCE, **how)
        except subprocess.TimeoutExpired as error:
            raise SnippetFailed(f"{snippet.name} took longer than {PATIENCE} seconds") from error
    if done.returncode:
        raise SnippetFailed(f"{snippet.name} does not run:\n{done.stderr[-2000:]}")
    return done.stdout


def difference(snippet: Path, now: str) -> str:
    """What is on the page against what is printed now, line by line; empty if they agree."""
    page = snippet.with_suffix(".out")
    before = page.read_text("utf-8") if page.exists() else ""
    lines = difflib.unified_diff(before.splitlines(), now.splitlines(), page.name, "now", lineterm="")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Compare or write; 1 if something differs and is not to be written."""
    write, chosen = "--write" in arguments, {name for name in arguments if name != "--write"}
    wrong = 0
    for snippet in snippets():
        if chosen and snippet.stem not in chosen:
            continue
        if gone := missing(snippet):
            print(f"{snippet.stem:18} left out, there is no {', '.join(gone)}")
            continue
        try:
            now = printed(snippet)
        except SnippetFailed as error:
            print(error)
            wrong += 1
            continue
        differs = difference(snippet, now)
        if differs and write:
            snippet.with_suffix(".out").write_text(now, encoding="utf-8")
        wrong += bool(differs) and not write
        said = "as on the page" if not differs else "written" if write else f"differs\n{differs}"
        print(f"{snippet.stem:18} {said}")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
