"""Time from opening a page to the first verdict: our page against JupyterLite, each from a cold cache.

    python book/experiments/site/first_verdict.py                              seven of each, ten minutes
    python book/experiments/site/first_verdict.py --runs 2 --out _build/bench

Exercise 01_mask with the same right answer, the same checks, the same Python and NumPy on the same machine,
by turns. A new browser is started each time, so that nothing is cached; nobody waits or thinks: whatever can
be pressed is pressed at once. JupyterLite gets all its files from this host; usually its engine comes from
another.
"""

import argparse
import contextlib
import math
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import _lite
from _browser import Host, cold_page, hosted
from _record import ROOT, keep, load_now

from dropgrade.results import Value
from dropgrade.results.intervals import mean_interval

ANSWER = ROOT / "solutions" / "01_mask" / "answers" / "right_uniform_at_least.py"
WANTED = 2.0
"""How many times sooner the course wants to be."""
QUEUED = re.compile(r"\[[*\d]")
"""What stands beside a cell that runs, waits to run, or has run."""
CHECKED = """() => new Promise(done => {
  const exercise = document.querySelector("py-exercise");
  exercise.addEventListener("checked", event => done(event.detail), {once: true});
  exercise.querySelector(".py-check").click();
})"""


def ours(page, base: str, answer: str) -> None:
    """Open the chapter, put the answer in, press Check."""
    page.goto(f"{base}book/01_mask.html", wait_until="commit")
    page.locator("py-exercise textarea").fill(answer)
    report = page.evaluate(CHECKED)["report"]
    if not report.get("passed"):
        raise SystemExit(f"the page does not accept a right answer: {report}")


def jupyterlite(page, base: str, _: str) -> None:
    """Open the notebook, which holds the answer, and run its cells one after the other."""
    from playwright.sync_api import TimeoutError

    page.goto(f"{base}notebooks/index.html?path={_lite.NOTEBOOK}", wait_until="commit")
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    cells.first.wait_for()
    for place in range(len(_lite.CELLS)):  # the keys work a moment later than the cell is seen
        while not QUEUED.search(cells.nth(place).locator(".jp-InputPrompt").inner_text()):
            if (asks := page.locator(".jp-Dialog .jp-mod-accept")).count():  # which kernel: the one it names
                asks.first.click()
            with contextlib.suppress(TimeoutError):
                cells.nth(place).locator(".jp-InputArea-editor").click(timeout=1_000)
                page.keyboard.press("Shift+Enter")
            page.wait_for_timeout(100)
    output = page.locator(".jp-OutputArea-output", has_text=_lite.DONE)
    output.first.wait_for()
    if " 12 of 12" not in output.first.inner_text():
        raise SystemExit(f"JupyterLite does not accept a right answer: {output.first.inner_text()}")


WAYS: dict[str, Callable] = {"ours": ours, "jupyterlite": jupyterlite}


def measure(playwright, way: str, base: str, answer: str) -> dict:
    """One opening; seconds, bytes and requests until the verdict stands."""
    foreign: list[str] = []
    load = load_now()
    with cold_page(playwright, base, foreign) as page:
        start = time.perf_counter()
        WAYS[way](page, base, answer)
        seconds = time.perf_counter() - start
    if foreign:
        raise SystemExit(f"{way} asked another host: {foreign[:3]}")
    facts = {"seconds": round(seconds, 3), "megabytes": round(Host.sent / 1e6, 2), "requests": Host.requests}
    return {"arm": way, "load": load} | facts


def main(arguments: list[str] | None = None) -> int:
    """Measure by turns and write; exit code 1 if the page is not as much sooner as the course wants."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7, help="openings of each")
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html", help="the built site")
    parser.add_argument(
        "--lite", type=Path, default=ROOT / "_build" / "lite", help="where JupyterLite is built"
    )
    parser.add_argument("--out", type=Path, help="folder for the result; default book/results")
    options = parser.parse_args(arguments)
    from playwright.sync_api import sync_playwright

    answer, runs, begin = ANSWER.read_text(encoding="utf-8"), [], time.monotonic()
    lite = _lite.build(options.lite, ROOT, answer)
    with sync_playwright() as playwright, hosted(options.site) as here, hosted(lite) as there:
        bases = {"ours": here, "jupyterlite": there}
        for repetition in range(
            options.runs + 1
        ):  # the first of each, when no file is in memory, does not count
            for way in WAYS if repetition % 2 else reversed(WAYS):
                run = measure(playwright, way, bases[way], answer) | {"repetition": repetition}
                print(run, flush=True)
                runs += [run] if repetition else []
    return write(runs, time.monotonic() - begin, options.out)


def write(runs: list[dict], seconds: float, out: Path | None) -> int:
    """Medians, and the mean ratio of the pairs with its interval, on the scale of logarithms."""
    arms = {way: [run for run in runs if run["arm"] == way] for way in WAYS}
    values = {}
    for way, mine in arms.items():
        values[f"{way}_s"] = Value(statistics.median(run["seconds"] for run in mine), unit="s", digits=1)
        values[f"{way}_mb"] = Value(statistics.median(run["megabytes"] for run in mine), unit="MB", digits=1)
        values[f"{way}_requests"] = Value(statistics.median(run["requests"] for run in mine), digits=0)
    pairs = zip(arms["jupyterlite"], arms["ours"], strict=True)
    ratio = [math.exp(x) for x in mean_interval([math.log(a["seconds"] / b["seconds"]) for a, b in pairs])]
    values["times_sooner"] = Value(*ratio, unit="times", n=len(arms["ours"]), digits=1)
    values["openings"] = Value(len(arms["ours"]))
    values["wanted"] = Value(WANTED, unit="times", digits=0)
    claim = (
        f"The first verdict stands {values['ours_s'].quote()} after the page was opened, in JupyterLite "
        f"after {values['jupyterlite_s'].quote()}: {values['times_sooner'].quote('value')} sooner."
    )
    scripts = ["_browser.py", "_lite.py", "first_verdict.py"]
    enough = {f"at least {WANTED:g} times sooner": ratio[1] >= WANTED}
    print(claim)
    print(keep("site_first_verdict", scripts, values, claim, enough, runs, seconds, out))
    return int(not all(enough.values()))


if __name__ == "__main__":
    sys.exit(main())
