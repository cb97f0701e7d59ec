"""What WebAssembly leaves out: it has no floating-point flags, so NumPy cannot warn of a division by zero.

Such a warning costs points everywhere else, hence it may not be missing on the page. A flag follows from what
went in and what came out, so we work it out: `compiled` rewrites operators and calls in the learner's code
(line numbers stay) to go through `operate`, `operate_in_place` and `watched`, which look at NumPy's floats.
Methods, such as ``x.astype`` or ``x.mean``, are not looked at.

Source: the default exception handling of IEEE 754 as NumPy's ``errstate`` describes it.
"""

import ast
import builtins
import contextlib
import math
import operator
import sys
import warnings
from collections.abc import Callable
from types import CodeType
from typing import Any

import numpy as np

from dropgrade.inpage.keeping import mark

OPERATORS = {
    ast.Add: ("add", operator.add, operator.iadd),
    ast.Sub: ("subtract", operator.sub, operator.isub),
    ast.Mult: ("multiply", operator.mul, operator.imul),
    ast.Div: ("divide", operator.truediv, operator.itruediv),
    ast.FloorDiv: ("floor_divide", operator.floordiv, operator.ifloordiv),
    ast.Mod: ("remainder", operator.mod, operator.imod),
    ast.Pow: ("power", operator.pow, operator.ipow),
    ast.MatMult: ("matmul", operator.matmul, operator.imatmul),
}
BY_NAME = {name: (plain, in_place) for name, plain, in_place in OPERATORS.values()}
DIVISIONS = {"divide", "floor_divide", "remainder", "fmod", "mod"}
POLES = {"log", "log2", "log10", "log1p", "reciprocal", "arctanh"}
WORDS = {"divide": "divide by zero", "over": "overflow", "invalid": "invalid value"}
PREFIX = "_dropgrade_"  # with two underscores a class would rename it
FLAGLESS = sys.platform == "emscripten"
"""Can NumPy raise no flags of its own here? Then nothing has to be silenced."""
SILENT = contextlib.nullcontext()
WIDE = 64
"""Columns from which on `product` goes by rows, if these are half as long; else NumPy itself is quicker."""


def compiled(source: str | bytes, place: str, mode: str, **options: Any) -> CodeType:
    """As `compile`, with the flags worked out; what is not Python raises what `compile` raises."""
    tree = mark(_Rewrite().visit(ast.parse(source, place, mode)))
    for helper in (operate, operate_in_place, watched):
        setattr(builtins, PREFIX + helper.__name__, helper)
    return compile(ast.fix_missing_locations(tree), place, mode, **options)


class _Rewrite(ast.NodeTransformer):
    """``a / b`` becomes a call of `operate`; ``f(x)`` a call of what `watched` makes of f."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if type(node.op) not in OPERATORS:
            return node
        return _helper("operate", node, ast.Constant(OPERATORS[type(node.op)][0]), node.left, node.right)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        read = _readable(node.target)
        self.generic_visit(node)
        if type(node.op) not in OPERATORS or read is None:
            return node
        name = ast.Constant(OPERATORS[type(node.op)][0])
        value = _helper("operate_in_place", node, name, read, node.value)
        return ast.copy_location(ast.Assign([node.target], value), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        builtin = isinstance(node.func, ast.Name) and hasattr(builtins, node.func.id)
        if isinstance(node.func, ast.Attribute | ast.Name) and not builtin:
            node.func = _helper("watched", node.func, node.func)
        return node


def _helper(name: str, where: ast.AST, *arguments: ast.expr) -> ast.Call:
    function = ast.copy_location(ast.Name(PREFIX + name, ast.Load()), where)
    return ast.copy_location(ast.Call(function, list(arguments), []), where)


def _readable(target: ast.expr) -> ast.expr | None:
    """The target of ``a /= b`` to be read, if reading it twice does no harm: names, and indices of them."""
    harmless = (ast.Name, ast.Subscript, ast.Attribute, ast.Constant, ast.Slice, ast.Tuple, ast.expr_context)
    if not all(isinstance(part, harmless) for part in ast.walk(target)):
        return None
    read = ast.parse(ast.unparse(target), mode="eval").body
    for part in ast.walk(read):
        if isinstance(part, ast.expr):
            ast.copy_location(part, target)
    return read


def operate(name: str, a: Any, b: Any) -> Any:
    """``a / b`` and its kin, with the flags that NumPy would raise."""
    with _silence(a, b):
        out = product(a, b) if FLAGLESS and name == "matmul" else BY_NAME[name][0](a, b)
    if not _finite(out) and _ours(a, b):
        _judge(name, (a, b), out)
    return out


def operate_in_place(name: str, a: Any, b: Any) -> Any:
    """``a /= b`` and its kin: what a is afterwards."""
    before = (_kept(a), _kept(b)) if _ours(a, b) else None
    with _silence(a, b):
        out = BY_NAME[name][1](a, b)
    if before and not _finite(out):
        _judge(name, before, out)
    return out


def watched(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy's kind, such as ``np.divide``, with its flags; any other function as it is."""
    if type(function) is not np.ufunc:
        return function

    def call(*arguments: Any, **options: Any) -> Any:
        overwrites = options or len(arguments) > function.nin
        inputs = tuple(map(_kept, arguments[: function.nin])) if overwrites else arguments
        with SILENT if FLAGLESS else np.errstate(all="ignore"):
            out = function(*arguments, **options)
        for one in out if isinstance(out, tuple) else (out,):
            if not _finite(one):
                _judge(function.__name__, inputs, one, options.get("where", True))
        return out

    return call


def product(a: Any, b: Any) -> Any:
    """``a @ b`` of any two values; a wide one as a sum of rows, for a NumPy without BLAS."""
    plain = type(a) is type(b) is np.ndarray and a.ndim == b.ndim == 2 and a.dtype.kind == b.dtype.kind == "f"
    if not plain or b.shape[1] < WIDE or a.shape[1] < WIDE // 2 or a.shape[1] != b.shape[0]:
        return operator.matmul(a, b)
    dtype = np.result_type(a, b)
    return np.einsum("ij,jk->ik", a.astype(dtype, copy=False), b.astype(dtype, copy=False))


def _silence(a: Any, b: Any) -> contextlib.AbstractContextManager:
    """NumPy's own flags are not wanted twice; a stranger's operator keeps its own."""
    return SILENT if FLAGLESS or not _ours(a, b) else np.errstate(all="ignore")


def _finite(out: Any) -> bool:
    """Is there surely nothing to find? A sum over all entries is the quickest to tell; it may overflow."""
    if type(out) is np.ndarray and out.dtype.kind == "f":
        return math.isfinite(np.add.reduce(out, axis=None)) if FLAGLESS else bool(np.isfinite(out).all())
    return not isinstance(out, np.ndarray | np.floating) or (
        isinstance(out, np.floating) and math.isfinite(out)
    )


def _ours(a: Any, b: Any) -> bool:
    """Is one of the two NumPy's, and no stranger with operators of its own among them?"""
    known = (np.ndarray, np.generic, int, float, complex)
    numpy = isinstance(a, (np.ndarray, np.generic)) or isinstance(b, (np.ndarray, np.generic))
    return numpy and isinstance(a, known) and isinstance(b, known)


def _kept(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _judge(name: str, inputs: tuple[Any, ...], out: Any, where: Any = True) -> None:
    """Raise the flags that follow from a result that is not finite."""
    if not isinstance(out, (np.ndarray, np.floating)) or out.dtype.kind != "f" or np.isfinite(out).all():
        return  # also where the sum overflowed
    values = [np.asarray(value) for value in inputs]
    if any(value.dtype.kind not in "biuf" for value in values):
        return
    if name == "matmul":  # each entry comes from a row and a column
        nan, finite = (np.full(out.shape, rule(values)) for rule in (_any_nan, _all_finite))
    else:
        nan = np.logical_or.reduce(np.broadcast_arrays(out, *map(np.isnan, values))[1:])
        finite = np.logical_and.reduce(np.broadcast_arrays(out, *map(np.isfinite, values))[1:])
    grown = np.isinf(out) & finite & where
    at_pole = np.broadcast_to(_pole(name, values), out.shape)
    scalar = "scalar " if isinstance(out, np.generic) and name in BY_NAME else ""
    for kind, raised in (
        ("divide", grown & at_pole),
        ("over", grown & ~at_pole),
        ("invalid", np.isnan(out) & ~nan & where),
    ):
        if np.any(raised):
            _raise(kind, f"{WORDS[kind]} encountered in {scalar}{name}")


def _pole(name: str, values: list[np.ndarray]) -> Any:
    """Where an infinite result comes from a division by zero rather than from a number too large."""
    if name in DIVISIONS:
        return values[1] == 0
    return values[0] == 0 if name == "power" else name in POLES


def _any_nan(values: list[np.ndarray]) -> bool:
    return any(np.isnan(value).any() for value in values)


def _all_finite(values: list[np.ndarray]) -> bool:
    return all(np.isfinite(value).all() for value in values)


def _raise(kind: str, message: str) -> None:
    """What the learner's ``errstate`` asks for."""
    wanted = np.geterr()[kind]
    if wanted == "warn":
        warnings.warn(message, RuntimeWarning, stacklevel=4)
    elif wanted == "raise":
        raise FloatingPointError(message)
    elif wanted == "print":
        print(f"Warning: {message}", file=sys.stderr)
    elif wanted == "call" and callable(np.geterrcall()):
        np.geterrcall()(WORDS[kind], {"divide": 1, "over": 2, "invalid": 8}[kind])
