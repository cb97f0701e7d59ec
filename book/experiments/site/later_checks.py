"""How long a check on the page takes once Python runs there: again, after a change, and all of it anew.

    python book/experiments/site/later_checks.py                              all exercises, about ten minutes
    python book/experiments/site/later_checks.py 01_mask --out _build/bench

For each exercise that can be done on a page, a right answer in real Chromium. *Again*: the same answer once
more. *Changed*: one of its functions was edited, each in turn; the slowest counts. *Whole*: every check runs,
as for the first press. The times are those of the worker, from the question to the verdict.
"""

import argparse
import ast
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from _browser import cold_page, hosted
from _record import ROOT, keep, load_now

from dropgrade.inpage import bundle, keeping
from dropgrade.results import Value

WANTED_MS = 300
AGAIN, WHOLE = 9, 3
"""How often each is timed."""
ASK = "question => pyEngine.ask(pyHere, {...question, digits: pyHere.digits}, () => {})"
NO_TORCH = "needs PyTorch, which is not installed here"
"""What a check says that no browser can do; 13_bugs has one."""
PAGE = "book/04_coadaptation.html"


def right_answer(slug: str) -> str:
    """The first right answer that remembers nothing, as nearly all; else the first."""
    paths = sorted((ROOT / "solutions" / slug / "answers").glob("right_*.py"))
    return next((path for path in paths if keeping.read(path)), paths[0]).read_text(encoding="utf-8")


def edits(text: str) -> Iterator[tuple[str, str]]:
    """The answer with one more statement in one of its functions, for each function."""
    for place, node in enumerate(ast.parse(text).body):
        if isinstance(node, ast.FunctionDef):
            tree = ast.parse(text)
            tree.body[place].body.append(ast.Pass())
            yield node.name, ast.unparse(tree)


def timed(page, slug: str, text: str, seed: int | None = None) -> dict:
    """One check; milliseconds and how many verdicts were kept."""
    question = {"slug": slug, "name": "your_code.py", "text": text} | ({} if seed is None else {"seed": seed})
    told = page.evaluate(ASK, question)
    found = told["report"].get("checks", [])
    if not found or any(not one["passed"] and NO_TORCH not in one["message"] for one in found):
        raise SystemExit(f"{slug}: a right answer fails: {told['text']}")
    return {"ms": told["ms"], "kept": len(told["kept"])}


def measure(page, slug: str) -> Iterator[dict]:
    """Every kind of check of one exercise."""
    text = right_answer(slug)

    def run(kind: str, code: str, seed: int | None = None, **more: str) -> dict:
        load = load_now()
        return {"arm": slug, "kind": kind, "load": load} | more | timed(page, slug, code, seed)

    yield run("first", text)
    for _ in range(AGAIN):
        yield run("again", text)
    for name, changed in edits(text):
        timed(page, slug, text)
        yield run("changed", changed, function=name)
    for seed in range(WHOLE):
        yield run("whole", text, seed)


def main(arguments: list[str] | None = None) -> int:
    """Measure and write; exit code 1 if a later check takes longer than the course wants."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "slugs", nargs="*", metavar="SLUG", help=f"of {', '.join(bundle.SLUGS)}; default: all"
    )
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html", help="the built site")
    parser.add_argument("--out", type=Path, help="folder for the result; default book/results")
    options = parser.parse_args(arguments)
    from playwright.sync_api import sync_playwright

    runs, begin = [], time.monotonic()
    with (
        sync_playwright() as playwright,
        hosted(options.site) as base,
        cold_page(playwright, base, []) as page,
    ):
        page.goto(base + PAGE)
        page.add_script_tag(url=f"{base}_static/py/py_engine.js")
        for slug in options.slugs or bundle.SLUGS:
            for run in measure(page, slug):
                print(run, flush=True)
                runs.append(run)
    return write(runs, time.monotonic() - begin, options.out)


def write(runs: list[dict], seconds: float, out: Path | None) -> int:
    """Medians, and the slowest change, of each exercise."""
    values: dict[str, Value] = {"wanted_ms": Value(WANTED_MS)}
    slugs = list(dict.fromkeys(run["arm"] for run in runs))
    for slug in slugs:
        times = {
            kind: [run["ms"] for run in runs if run["arm"] == slug and run["kind"] == kind]
            for kind in ("first", "again", "changed", "whole")
        }
        values[f"{slug}_again"] = Value(statistics.median(times["again"]), digits=0)
        values[f"{slug}_changed"] = Value(statistics.median(times["changed"]), digits=0)
        values[f"{slug}_slowest"] = Value(max(times["changed"]), digits=0)
        values[f"{slug}_whole"] = Value(statistics.median(times["whole"]), digits=0)
    again = {slug: values[f"{slug}_again"].value for slug in slugs}
    slow = [slug for slug in slugs if values[f"{slug}_whole"].value >= WANTED_MS]
    values["exercises"], values["slow"] = Value(len(slugs)), Value(len(slow))
    values["slowest_again"] = Value(max(again.values()), digits=0)
    enough = {f"again under {WANTED_MS} ms: {slug}": ms < WANTED_MS for slug, ms in again.items()}
    claim = (
        f"A later check of the same answer takes at most {max(again.values()):.0f} ms in "
        f"{len(slugs)} exercises; in {len(slow)} of them all checks anew would take {WANTED_MS} ms or more."
    )
    print(claim)
    scripts = ["_browser.py", "later_checks.py"]
    print(keep("site_later_checks", scripts, values, claim, enough, runs, seconds, out))
    return int(not all(enough.values()))


if __name__ == "__main__":
    sys.exit(main())
