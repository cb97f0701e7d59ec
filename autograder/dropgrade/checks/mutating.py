"""Small changes to a program: one operator, comparison or constant at a time, each a program of its own."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

OTHER_OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitOr,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
"""What an operator is replaced with; a comparison by its neighbour and by its opposite."""


TESTS = (ast.Compare, ast.BoolOp, ast.UnaryOp)
"""Conditions that change by themselves; any other is negated."""


@dataclass(frozen=True)
class Mutant:
    """A changed program.

    Attributes:
        function: where the change is; "Class.method" for a method.
        source: the first line of the changed statement after the change; where two changes give the same one,
            a number follows.
        text: the whole program.
    """

    function: str
    source: str
    text: str

    @property
    def key(self) -> tuple[str, str]:
        """What a list of mutants knows it by, whatever line it stands in."""
        return self.function, self.source


@dataclass(frozen=True)
class Program:
    """A solution that runs by itself: its text, and the names that its solution cells define at the top."""

    text: str
    solved: frozenset[str]


def code_cells(lesson: str) -> list[tuple[bool, str]]:
    """The code of a lesson up to its last solution, by cell: (whether it is a solution, the text).

    Prose and checks are left out.
    """
    before, marked, after = lesson.rpartition("solution=true")
    parts = [
        part.partition("\n")
        for part in re.split(r"(?m)^# %%", before + marked + after.partition("\n# %%")[0])[1:]
    ]
    return [
        ("solution=true" in head, body)
        for head, _, body in parts
        if "[markdown]" not in head and "check=" not in head
    ]


def program(lesson: str) -> Program:
    """The solution cells of a lesson as a program, with imports and definitions of the cells before them.

    Comments, markers (``### BEGIN SOLUTION``) and what the cells show are left out.
    """
    parts, solved = [], set()
    for is_solution, body in code_cells(lesson):
        found = ast.parse(body).body
        if is_solution:
            solved |= {node.name for node in found if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        parts += [
            ast.unparse(node)
            for node in found
            if (is_solution or _defines(node)) and not _imports_check(node)
        ]
    return Program("\n\n".join(parts) + "\n", frozenset(solved))


def _defines(node: ast.stmt) -> bool:
    """Whether a statement of a cell without solution may be needed: imports, definitions, CONSTANTS."""
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Name) and target.id.isupper() for target in node.targets)
    return isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)


def _imports_check(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "dropgrade.checks"


def mutants(solution: Program) -> list[Mutant]:
    """All mutants of what the solution cells define, in their order.

    Untouched are docstrings, annotations, and messages: what is raised, and f-strings.
    """
    tree = ast.parse(solution.text)
    found, seen = [], Counter()
    for function, statement, node in _places(tree):
        if function.partition(".")[0] not in solution.solved:
            continue
        for field, new in _changes(node):
            old = getattr(node, field)
            setattr(node, field, new)  # the tree is changed, written down, and changed back
            line = ast.unparse(statement).splitlines()[0]
            seen[function, line] += 1
            number = f"  # {seen[function, line]}" if seen[function, line] > 1 else ""
            found.append(Mutant(function, line + number, ast.unparse(tree) + "\n"))
            setattr(node, field, old)
    return found


def _places(
    parent: ast.AST, function: str = "", statement: ast.stmt | None = None
) -> Iterator[tuple[str, ast.stmt, ast.AST]]:
    """Each node inside functions and classes, with the name of that function and its statement."""
    children = [
        child
        for field, value in ast.iter_fields(parent)
        if field not in ("annotation", "returns", "decorator_list")
        for child in (value if isinstance(value, list) else [value])
    ]
    for child in children:
        if (
            not isinstance(child, ast.AST)
            or isinstance(child, ast.Raise | ast.JoinedStr)
            or _is_docstring(child)
        ):
            continue
        name, here = function, child if isinstance(child, ast.stmt) else statement
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            name = f"{function}.{child.name}" if function else child.name
        if name and here is not None:
            yield name, here, child
        yield from _places(child, name, here)


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _changes(node: ast.AST) -> Iterator[tuple[str, object]]:
    """Pairs of a field of a node and a new value of it."""
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp):
        for other in OTHER_OPERATORS.get(type(node.op), ()):
            yield "op", other()
    elif isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            for other in OTHER_OPERATORS[type(op)]:
                yield "ops", [*node.ops[:place], other(), *node.ops[place + 1 :]]
    elif isinstance(node, ast.UnaryOp):
        if isinstance(node.op, ast.USub):
            yield "op", ast.UAdd()
        elif isinstance(node.op, ast.Not | ast.Invert):  # twice is not at all
            yield "operand", ast.UnaryOp(node.op, node.operand)
    elif isinstance(node, ast.If | ast.IfExp | ast.While) and not isinstance(node.test, TESTS):
        yield "test", ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.Constant):
        yield from (("value", value) for value in _other_values(node.value))


def _other_values(value: object) -> tuple[object, ...]:
    """What a constant is replaced with: neighbours of a number, the opposite of True, another word."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return (value + 1, value - 1)
    if isinstance(value, float):
        return (value * 1.1 if value else 0.1,)
    return (f"{value}_",) if isinstance(value, str) else ()
