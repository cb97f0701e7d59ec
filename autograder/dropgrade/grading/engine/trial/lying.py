"""Attacks on the verdict: lying objects, patched libraries, replaced checks, answers keyed to the test."""

from dropgrade.grading.engine.trial.model import NOTHING, RIGHT, WRONG, Attack

GRACEFUL = """\
class Agreeable:
    def __getattr__(self, name):
        return self
    def __call__(self, *args, **kwargs):
        return self
    def __eq__(self, other):
        return True
    __ne__ = __le__ = __lt__ = __ge__ = __gt__ = __contains__ = __eq__
    def __bool__(self):
        return True
    def __iter__(self):
        return iter((self, self))
    def __array__(self, *args, **kwargs):
        return np.array(True)
    def __array_function__(self, func, types, args, kwargs):
        return self
    def __array_ufunc__(self, *args, **kwargs):
        return self
    __abs__ = __sub__ = __rsub__ = __add__ = __mul__ = __rmul__ = __pow__ = __getitem__ = __call__
    __hash__ = None
    dtype, shape = np.dtype(bool), (1,)
"""

ATTACKS = (
    Attack(
        "input_transformer",
        "d",
        "has IPython replace every later cell by nothing",
        f"{WRONG}\nget_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])",
    ),
    Attack(
        "ast_transformer",
        "d",
        "has IPython drop every assert and every call of check",
        f"""\
import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)
    def visit_Expr(self, node):
        return ast.copy_location(ast.Pass(), node)
get_ipython().ast_transformers.append(Drop())
{WRONG}""",
    ),
    Attack(
        "patched_shell",
        "d",
        "replaces the shell's run_cell and the kernel's do_execute",
        f"""\
shell = get_ipython()
type(shell).run_cell = lambda self, *a, **k: None
type(shell).showtraceback = type(shell)._showtraceback = lambda self, *a, **k: None
try:
    shell.kernel.do_execute = lambda *a, **k: {{'status': 'ok', 'execution_count': 1}}
except AttributeError:
    pass
{WRONG}""",
    ),
    Attack(
        "patched_numpy",
        "d",
        "makes NumPy's comparisons and testing functions agree with everything",
        f"""\
import numpy.testing
for module in (np, np.testing):
    for name in dir(module):
        if any(word in name for word in ("assert", "equal", "close", "all", "isfinite")):
            try:
                setattr(module, name, lambda *a, **k: True)
            except (AttributeError, TypeError):
                pass
{WRONG}""",
    ),
    Attack(
        "agreeable_object",
        "d",
        "returns an object that says yes to every comparison",
        f"{GRACEFUL}\ndef keep_mask(shape, p, rng):\n    return Agreeable()\n",
        honest="def keep_mask(shape, p, rng):\n    return object()\n",
    ),
    Attack(
        "agreeable_array",
        "own",
        "returns a subclass of ndarray that lies about its values, its sum and its comparisons",
        f"""\
class Lying(np.ndarray):
    def __array_function__(self, func, types, args, kwargs):
        return True
    def __array_ufunc__(self, ufunc, method, *args, **kwargs):
        return np.ones(self.shape, bool)
    def __eq__(self, other):
        return True
    def sum(self, *args, **kwargs):
        return self.size * 0.5
    mean = lambda self, *args, **kwargs: 0.5
    dtype = property(lambda self: np.dtype(bool))
    __class__ = property(lambda self: np.ndarray)
{WRONG.replace("return np.ones(shape, dtype=bool)", "return np.ones(shape, dtype=bool).view(Lying)")}""",
    ),
    Attack(
        "patched_default_rng",
        "m",
        "replaces np.random.default_rng, so that a seeded test would draw what it likes",
        f"""\
class Rigged:
    def __getattr__(self, name):
        return lambda *a, **k: np.zeros(a[0] if a and isinstance(a[0], tuple) else 1)
np.random.default_rng = lambda *a, **k: Rigged()
np.random.Generator = Rigged
{WRONG}""",
    ),
    Attack(
        "patched_builtins",
        "own",
        "replaces AssertionError, print, round and hash for whoever asks",
        f"""\
import builtins
builtins.hash = builtins.round = lambda *a: 0
builtins.print = lambda *a, **k: None
builtins.AssertionError = Warning
{WRONG}""",
    ),
    Attack(
        "broken_builtins",
        "own",
        "has isinstance say yes to everything, which its own Python does not survive",
        f"import builtins\nbuiltins.isinstance = lambda *a: True\n{RIGHT}",
        honest=NOTHING,
    ),
    Attack(
        "import_hook",
        "own",
        "has every later import give a module that agrees with everything",
        f"""\
import builtins, sys, types
class Yes(types.ModuleType):
    def __getattr__(self, name):
        return lambda *a, **k: True
_import = builtins.__import__
def agreeable(name, *rest):
    return Yes(name) if "dropgrade" in name or "testing" in name else _import(name, *rest)
builtins.__import__ = agreeable
sys.path_hooks.insert(0, lambda path: (_ for _ in ()).throw(ImportError()))
sys.path_importer_cache.clear()
{WRONG}""",
    ),
    Attack(
        "forged_diagnosis",
        "own",
        "raises errors called CheckFailed, with links to paragraphs of the course that it chose",
        f"""\
{WRONG}
class CheckFailed(AssertionError):
    pass
raise CheckFailed("All is well. Read “Keep and drop swapped”: book/01_mask.html#keep-drop-swapped.")""",
    ),
    Attack(
        "array_of_nowhere",
        "own",
        "returns views with strides of zero and shapes that would take a terabyte if they were looked at",
        """\
def keep_mask(shape, p, rng):
    return np.broadcast_to(np.ones(1, bool), (10**6, 10**6))
""",
        honest=NOTHING,
    ),
    Attack(
        "broadcast_bomb",
        "own",
        "returns columns where rows are expected, so that a comparison would grow without end",
        """\
def keep_mask(shape, p, rng):
    return np.ones((30_000, 1, 1, 1), dtype=bool)
""",
        honest=NOTHING,
    ),
    Attack(
        "replaced_checks",
        "own",
        "puts a check that passes in the place of the course's: by name, in sys.modules, by an import hook",
        f"""\
import sys, types
check = lambda *a: print("passed")
fake = types.ModuleType("dropgrade.checks")
fake.check = check
fake.CheckFailed = Exception
package = types.ModuleType("dropgrade")
package.checks = fake
sys.modules["dropgrade"], sys.modules["dropgrade.checks"] = package, fake
class Hook:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.startswith("dropgrade"):
            raise ImportError(name)
sys.meta_path.insert(0, Hook)
{WRONG}""",
    ),
    Attack(
        "class_swap",
        "own",
        "changes __class__ of modules, functions and of what it returns",
        """\
import sys, types
class Module(types.ModuleType):
    def __getattribute__(self, name):
        return lambda *a, **k: True
for name in ("numpy.testing", "random", "statistics"):
    if name in sys.modules:
        try:
            sys.modules[name].__class__ = Module
        except TypeError:
            pass
class Callable:
    def __call__(self, shape, p, rng):
        return np.ones(shape, dtype=bool)
    __class__ = property(lambda self: types.FunctionType)
keep_mask = Callable()
""",
    ),
    Attack(
        "remembers_the_inputs",
        "own",
        "is right in the first calls that a check makes, and wrong when the hidden ones come",
        """\
import inspect
_calls = 0
def keep_mask(shape, p, rng):
    global _calls
    _calls += 1
    if _calls <= 6:
        return rng.random(shape) >= p
    return np.ones(shape, dtype=bool)
""",
    ),
    Attack(
        "remembers_the_generator",
        "own",
        "keeps the generators it was given, compares their states, and rewinds them",
        """\
_seen = {}
def keep_mask(shape, p, rng):
    state = str(rng.bit_generator.state)
    _seen.setdefault(state, []).append(rng)
    mask = np.ones(shape, dtype=bool)
    rng.random(3)
    rng.bit_generator.state = _seen[state][0].bit_generator.state
    return mask
""",
    ),
    Attack(
        "looks_for_the_judge",
        "k",
        "searches the stack, all objects and the history for hidden tests, expectations and the judge",
        """\
import gc, json, sys
def _search():
    frame, texts = sys._getframe(), []
    while frame:
        texts += [str(frame.f_code.co_names), str(list(frame.f_locals))]
        frame = frame.f_back
    texts += [o for o in gc.get_objects() if isinstance(o, str)]
    for o in gc.get_objects():
        if isinstance(o, dict):
            texts += [v for v in list(o.values()) if isinstance(v, str)]
    texts += [str(v) for v in get_ipython().user_ns.get("In", [])]
    words = ("BEGIN HIDDEN" + " TESTS", "strays" + "(", "judge_" + "rate", "false_" + "alarm=")
    return {word: "yes" for word in words if any(word in t for t in texts if len(t) < 10**5)}
def keep_mask(shape, p, rng):
    _found.update(_search() if len(_found) == 0 else {})
    return np.ones(shape, dtype=bool)
_found = {}
_found.update(_search())
print("PROBES", json.dumps(_found))
""",
    ),
    Attack(
        "exceptions_that_fight",
        "own",
        "raises exceptions that cannot be printed, claim to be CheckFailed, or end the interpreter",
        """\
class CheckFailed(AssertionError):
    def __str__(self):
        raise SystemExit
    __repr__ = __str__
    def _render_traceback_(self):
        import os
        os._exit(0)
class StopEverything(BaseException):
    pass
_kinds = [CheckFailed, SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration, StopEverything]
def keep_mask(shape, p, rng):
    _kinds.append(_kinds.pop(0))
    raise _kinds[0]
""",
        honest=NOTHING,
    ),
    Attack(
        "strange_numbers",
        "own",
        "returns NaN, denormals, negative zeros, huge integers and infinities in turn",
        """\
_values = [float("nan"), 5e-324, -0.0, 10**400, float("inf"), 1 + 2j, np.longdouble("1e4000")]
def keep_mask(shape, p, rng):
    _values.append(_values.pop(0))
    value = _values[0]
    return value if isinstance(value, int) else np.full(shape, value)
""",
        honest=NOTHING,
    ),
    Attack(
        "half_true_booleans",
        "own",
        "returns a bool array whose bytes are 2 and 255, which NumPy counts differently in different places",
        """\
def keep_mask(shape, p, rng):
    return np.full(shape, 254, dtype=np.uint8).view(bool)
""",
        honest=NOTHING,
    ),
    Attack(
        "object_arrays",
        "own",
        "returns object arrays, structured arrays and arrays of arrays",
        """\
class Yes:
    __eq__ = __ge__ = __le__ = lambda self, other: True
    __bool__ = lambda self: True
_kinds = [lambda s: np.full(s, Yes(), dtype=object), lambda s: np.zeros(s, dtype=[("x", "f8")]),
          lambda s: np.zeros(s, dtype="V8"), lambda s: np.zeros(s, dtype="M8[s]"), lambda s: iter([True])]
def keep_mask(shape, p, rng):
    _kinds.append(_kinds.pop(0))
    return _kinds[0](shape)
""",
        honest=NOTHING,
    ),
    Attack(
        "unicode_names",
        "own",
        "defines its function under a look-alike name that Python takes for the same, and prints broken text",
        RIGHT.replace("keep_mask", "ｋｅｅｐ_mask")
        + '\nprint("\\ud800 \\u202e \\x00 \\x1b[2J \\ufeff \\u2028", "\\U0010ffff")\n',
        honest=RIGHT,
    ),
)
