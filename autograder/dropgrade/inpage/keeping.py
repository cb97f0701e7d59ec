"""Verdicts that need not be found again: a network is not trained twice because another function changed.

A check that passed and took long is kept as long as nothing changes that it ran: each of the learner's
functions notes that it ran (`mark`), and a verdict is kept with a digest of these functions and of everything
outside of functions. That is sound for code that remembers nothing from one call to the next, and `read`
accepts no other: where it sees a decorator, a mutable global or an attribute that is set, every check runs.
"""

import ast
import builtins
import hashlib
import symtable
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dropgrade.checks import answers
from dropgrade.checks.verdicts import Check, Exercise, Verdict
from dropgrade.errors import CourseError

COSTLY = 0.1
"""Seconds from which on a verdict is worth keeping; cheaper checks run each time, on fresh inputs."""
NOTE = "_dropgrade_ran"
HARMLESS = {"numpy", "math", "statistics", "itertools", "functools", "operator", "collections", "copy"}
HARMLESS |= {"contextlib", "typing", "dropgrade", "torch"}
"""What may be imported: modules in which an answer leaves nothing behind; torch, on no page, just says so."""
DYNAMIC = {"globals", "locals", "vars", "eval", "exec", "compile", "open", "setattr", "delattr", "__import__"}
_ran: set[str] = set()


@dataclass(frozen=True)
class Code:
    """An answer that remembers nothing between calls.

    Attributes:
        rest: digest of everything that is no function, and of the functions' names.
        functions: a digest for each function at the top.
    """

    rest: str
    functions: dict[str, str]


@dataclass(frozen=True)
class Found:
    """A verdict, and what it rests on: the rest of the file, and the functions that ran."""

    verdict: Verdict
    rest: str
    ran: dict[str, str]


class Kept:
    """The verdicts of one session, by exercise and check; `used` holds the checks that did not run again."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock = clock
        self.code: Code | None = None
        self.used: set[str] = set()
        self._found: dict[tuple[str, str], Found] = {}

    def begin(self, path: Path | None) -> None:
        """From now on this answer is judged; None: each check has to run."""
        self.code = read(path) if path else None
        self.used = set()

    def judging(self, judge: Callable[..., Verdict]) -> Callable[..., Verdict]:
        """`api.judge` that leaves out what need not be done again."""

        def kept_or_judged(
            task: Exercise, check: Check, functions: Mapping[str, Any], *rest: Any, **options: Any
        ) -> Verdict:
            if self.code is None:
                return judge(task, check, functions, *rest, **options)
            key = task.slug, check.id
            found = self._found.get(key)
            if found and found.rest == self.code.rest and found.ran.items() <= self.code.functions.items():
                self.used.add(check.id)
                return found.verdict
            _ran.clear()
            start = self.clock()
            verdict = judge(task, check, functions, *rest, **options)
            self._found.pop(key, None)
            if verdict.passed and self.clock() - start >= COSTLY and _ran <= self.code.functions.keys():
                ran = {name: self.code.functions[name] for name in _ran}
                self._found[key] = Found(verdict, self.code.rest, ran)
            return verdict

        return kept_or_judged


def mark(tree: ast.AST) -> ast.AST:
    """Let each function at the top of a file or cell note, as its first act, that it ran."""
    setattr(builtins, NOTE, _ran.add)
    for node in getattr(tree, "body", []) if isinstance(tree, ast.Module) else []:
        if isinstance(node, ast.FunctionDef):
            note = ast.parse(f"{NOTE}({node.name!r})").body[0]
            for part in ast.walk(note):
                if isinstance(part, ast.stmt | ast.expr):
                    ast.copy_location(part, node)
            node.body.insert(ast.get_docstring(node) is not None, note)
    return tree


def read(path: Path) -> Code | None:
    """The digests of an answer; None if it is not Python, or might remember something between calls."""
    try:
        source = _source(path)
        tree = ast.parse(source)
        used = set(_globals_used(symtable.symtable(source, path.name, "exec")))
    except (SyntaxError, ValueError, RecursionError, MemoryError, CourseError):
        return None
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    names = [node.name for node in functions]
    fixed = {*names, *_imported(tree.body), *_constants(tree.body)} | (vars(builtins).keys() - DYNAMIC)
    once = {ast.dump(node): node for node in tree.body}  # a second `import numpy as np` does no harm
    bound = [name for node in once.values() for name in _bound(node)]
    if (
        any(map(_remembers, ast.walk(tree)))
        or any(node.decorator_list or not _plain_defaults(node) for node in functions)
        or not used <= fixed
        or any(bound.count(name) > 1 for name in used)
    ):
        return None
    rest = [node for node in tree.body if not isinstance(node, ast.FunctionDef)]
    return Code(_digest([*rest, *names]), {node.name: _digest([node]) for node in functions})


def _source(path: Path) -> str:
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    return "\n".join(answers.python_only(text) for _, text in answers.cells(path.read_bytes(), path.name))


def _digest(nodes: Iterable[ast.AST | str]) -> str:
    """Of what a program says, not of how it is laid out."""
    told = "\n".join(node if isinstance(node, str) else ast.dump(node) for node in nodes)
    return hashlib.sha256(told.encode()).hexdigest()


def _globals_used(table: symtable.SymbolTable) -> Iterator[str]:
    """The names that code inside functions looks up in the module."""
    for inner in table.get_children():
        if inner.get_type() in ("function", "class"):
            yield from (symbol.get_name() for symbol in inner.get_symbols() if symbol.is_global())
        yield from _globals_used(inner)


def _remembers(node: ast.AST) -> bool:
    """Is this a way to leave something behind, other than in what was returned?"""
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] not in HARMLESS for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        strange = (node.module or "").partition(".")[0] not in HARMLESS
        return strange or any(alias.name == "*" for alias in node.names)
    return isinstance(node, ast.Global) or (
        isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
    )


def _plain_defaults(node: ast.FunctionDef) -> bool:
    defaults = [*node.args.defaults, *(one for one in node.args.kw_defaults if one)]
    return all(map(_immutable, defaults))


def _immutable(node: ast.expr) -> bool:
    """A number, a text, a tuple of them, or arithmetic with them."""
    allowed = (ast.Constant, ast.Tuple, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop, ast.expr_context)
    return all(isinstance(part, allowed) for part in ast.walk(node))


def _bound(node: ast.stmt) -> Iterator[str]:
    """The names that a statement at the top gives a meaning to."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
    else:
        yield from (part.id for part in ast.walk(node) if isinstance(part, ast.Name) and _stored(part))


def _stored(name: ast.Name) -> bool:
    return not isinstance(name.ctx, ast.Load)


def _imported(body: list[ast.stmt]) -> Iterator[str]:
    return (n for node in body if isinstance(node, ast.Import | ast.ImportFrom) for n in _bound(node))


def _constants(body: list[ast.stmt]) -> Iterator[str]:
    return (
        n for node in body if isinstance(node, ast.Assign) and _immutable(node.value) for n in _bound(node)
    )
