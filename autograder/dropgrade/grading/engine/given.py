"""What a lesson hands out: the parts of this package that its own cells import, and nothing more.

The learner's process has no `dropgrade.reference`, which holds the answers. A lesson may still hand out a
function of it, such as the forward pass to whoever writes the backward one. The import statements of the
lesson's locked cells say which; their definitions, and the definitions these use, travel as text.
"""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from dropgrade.grading.engine.mounts import PACKAGE as PACKAGE_FOLDER
from dropgrade.grading.engine.parsing import parse

PACKAGE = "dropgrade"
KEPT_AWAY = (f"{PACKAGE}.checks", f"{PACKAGE}.grading", f"{PACKAGE}.digits")
"""Never handed out; in the learner's process the first is a stand-in, and the last is there anyway."""


def given_by(sources: Iterable[str]) -> dict[str, str]:
    """Modules, as text by name, that make the imports of some cells work.

    Args:
        sources: text of the lesson's locked cells.
    """
    wanted: dict[str, set[str]] = {}
    for source in sources:
        for module, name in _imports(source):
            _want(wanted, module, name)
    packages = {module.rpartition(".")[0]: "" for module in wanted if module.count(".") > 1}
    return packages | {module: _cut(module, names) for module, names in sorted(wanted.items())}


def _imports(source: str) -> Iterator[tuple[str, str]]:
    """Pairs of a module of ours and a name that a cell imports from it."""
    try:
        tree = parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and _is_ours(node.module or ""):
            yield from ((node.module or "", alias.name) for alias in node.names)


def _is_ours(module: str) -> bool:
    return module.startswith(f"{PACKAGE}.") and not module.startswith(KEPT_AWAY)


def _want(wanted: dict[str, set[str]], module: str, name: str) -> None:
    """Add a name of a module, and all that its definition uses, to what is wanted."""
    names = wanted.setdefault(module, set())
    if name in names:
        return
    names.add(name)
    for statement in _statements(module):
        if name not in _bound(statement):
            continue
        if isinstance(statement, ast.ImportFrom) and _is_ours(statement.module or ""):
            source, original = statement.module or "", _original(statement, name)
            if not _is_module(f"{source}.{original}"):
                _want(wanted, source, original)
        elif not _is_import(statement):
            for used in _used(statement):
                if any(used in _bound(other) for other in _statements(module)):
                    _want(wanted, module, used)
            _want_attributes(wanted, module, statement)


def _want_attributes(wanted: dict[str, set[str]], module: str, statement: ast.stmt) -> None:
    """Where a definition uses ``philox.words`` and philox is a module of ours, want that of it."""
    for node in ast.walk(statement):
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            continue
        for other in _statements(module):
            if isinstance(other, ast.ImportFrom) and node.value.id in _bound(other):
                inner = f"{other.module}.{_original(other, node.value.id)}"
                if _is_ours(inner) and _is_module(inner):
                    wanted.setdefault(other.module or "", set())
                    _want(wanted, inner, node.attr)


def _original(statement: ast.ImportFrom, name: str) -> str:
    """What a name was called where it was imported from."""
    return next(alias.name for alias in statement.names if (alias.asname or alias.name) == name)


def _cut(module: str, names: set[str]) -> str:
    """The text of a module with only the statements that bind some names, and the imports these need."""
    chosen = [one for one in _statements(module) if _bound(one) & names and not _is_import(one)]
    needed = names.union(*(_used(one) for one in chosen))
    lines = [_narrowed(one, needed) for one in _statements(module) if _is_import(one)]
    source = _path(module).read_text(encoding="utf-8").splitlines()
    for one in chosen:
        first = min([one.lineno, *(d.lineno for d in getattr(one, "decorator_list", []))])
        lines.append("\n".join(source[first - 1 : one.end_lineno]))
    return "\n".join(line for line in lines if line) + "\n"


def _narrowed(statement: ast.stmt, needed: set[str]) -> str:
    """An import statement with only the names that are needed; empty if there is none."""
    assert isinstance(statement, (ast.Import, ast.ImportFrom))
    statement.names, every = (
        [alias for alias in statement.names if (alias.asname or alias.name).partition(".")[0] in needed],
        statement.names,
    )
    text = ast.unparse(statement) if statement.names else ""
    statement.names = every
    return text


def _is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.Import, ast.ImportFrom))


def _bound(statement: ast.stmt) -> set[str]:
    """Names that a statement binds at the top level of its module."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return {statement.name}
    found = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    return found


def _used(statement: ast.stmt) -> set[str]:
    names = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Load)}


@cache
def _statements(module: str) -> tuple[ast.stmt, ...]:
    return tuple(parse(_path(module).read_text(encoding="utf-8")).body)


@cache
def _path(module: str) -> Path:
    path = PACKAGE_FOLDER.joinpath(*module.split(".")[1:])
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    raise ImportError(f"a lesson imports {module}, which does not exist")


def _is_module(name: str) -> bool:
    path = PACKAGE_FOLDER.joinpath(*name.split(".")[1:])
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
