"""Draws what other sites show of this one: the preview card and the icons for browsers that want no SVG.

The card is the course's mark and its promise, drawn as SVG here and painted by Chromium:
``python book/figures/make_card.py`` writes `card.png`, `favicon.png`, `touch-icon.png` into `book/_static`.
"""

import re
from pathlib import Path

from playwright.sync_api import sync_playwright

from dropgrade.doctor import browser_path

STATIC = Path(__file__).parents[1] / "_static"
WIDTH, HEIGHT = 1200, 630
"""What chats and search engines expect of a preview."""
ICONS = {"favicon.png": 48, "touch-icon.png": 180}
PAPER, INK, SOFT, ACCENT = "#fdfcf9", "#20242a", "#565c66", "#0b6478"
CARD = f"""<body style="margin: 0; background: {PAPER}"><svg xmlns="http://www.w3.org/2000/svg"
viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">
<rect width="{WIDTH}" height="14" fill="{ACCENT}"/>
<g transform="translate(850 150) scale(6)">{{mark}}</g>
<g font-family="P052, Palatino, Georgia, serif" fill="{INK}">
<text x="80" y="215" font-size="44" fill="{ACCENT}">Dropout, Proven</text>
<text x="80" y="320" font-size="76" font-weight="600">Learn dropout</text>
<text x="80" y="405" font-size="76" font-weight="600">by proving it</text>
<text x="80" y="505" font-size="32" fill="{SOFT}">Formulas verified by cells, numbers measured by</text>
<text x="80" y="550" font-size="32" fill="{SOFT}">scripts, graders tried on wrong answers.</text></g></svg>"""
ICON = '<body style="margin: 0; background: {ground}">{svg}'


def mark() -> str:
    """The circles of the course's sign, with the colours it has in the light."""
    svg = (STATIC / "favicon.svg").read_text(encoding="utf-8")
    circles = re.search(r"</style>(.*)</svg>", svg, re.S)[1]
    return circles.replace('class="k"', f'fill="{ACCENT}"').replace('class="d"', 'fill="#b9b5ab"')


def main() -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        sheet = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        sheet.set_content(CARD.format(mark=mark()))
        sheet.screenshot(path=STATIC / "card.png")
        for name, size in ICONS.items():
            solid = name == "touch-icon.png"  # phones fill what is clear with black
            svg = f'<svg viewBox="-1 -6 52 52" width="{size}" height="{size}">{mark()}</svg>'
            sheet.set_viewport_size({"width": size, "height": size})
            sheet.set_content(ICON.format(ground=PAPER if solid else "transparent", svg=svg))
            sheet.screenshot(path=STATIC / name, omit_background=not solid)
        chromium.close()


if __name__ == "__main__":
    main()
