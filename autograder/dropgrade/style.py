"""The one figure style of the book: for light and dark pages, for any colour vision, the same bytes always.

Text and axes take the colour of the page's own text (`currentColor`), because no single grey has a contrast
of 4.5 on both white and a dark page. Data colours have at least 3.5 on both, and a series has its own marker
and dashes.
"""

import contextlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from html import escape

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dropgrade.results.record import Value

INK = "#010203"  # stands for the page's text colour until the figure is written
LIGHT_INK, DARK_INK = "#1f2328", "#e2e4e8"  # on a page that says nothing, as when the file is opened alone
SERIES = (  # colour, marker, dashes; the fourth is for what the others are compared with
    ("#3b7dd8", "o", "-"),
    ("#c8650a", "s", (0, (5, 1.5))),
    ("#b0569d", "^", (0, (1.2, 1.4))),
    ("#85878a", "D", (0, (5, 1.5, 1.2, 1.5))),
    ("#1a9a5a", "v", (0, (8, 2))),
)
RC = {
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib, so that the layout is the same everywhere
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "dropgrade",
    "figure.dpi": 100,
}
NARROW = 40  # rem; in a narrower window a figure shows its stacked form, where it has one
_STACKED: ContextVar[bool] = ContextVar("stacked", default=False)


def use() -> None:
    """Switch matplotlib to the book's style, as a chapter's first cell does."""
    matplotlib.rcParams.update(RC)


@contextlib.contextmanager
def course(stacked: bool = False) -> Iterator[None]:
    """The book's style inside a with statement, and whatever was set before outside it.

    Args:
        stacked: panels stand one above the other, for a phone, instead of side by side.
    """
    token = _STACKED.set(stacked)
    try:
        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            use()
            yield
    finally:
        _STACKED.reset(token)


def panels(count: int, height: float = 3.1) -> tuple[Figure, tuple[Axes, ...]]:
    """A figure of `count` axes side by side, as wide as a page's text; `height` of one in inches."""
    if _STACKED.get():
        figure = Figure(figsize=(4.2, height * count), layout="constrained")
        figure.get_layout_engine().set(h_pad=0.1)
        return figure, tuple(figure.subplots(count, 1, squeeze=False)[:, 0])
    figure = Figure(figsize=(3.9 * count if count > 1 else 5.4, height), layout="constrained")
    return figure, tuple(figure.subplots(1, count, squeeze=False)[0])


def curve(
    axis: Axes,
    x: Sequence[float],
    values: Sequence[Value],
    series: int,
    label: str,
    at: int = -1,
    offset: tuple[float, float] = (7, 0),
) -> None:
    """A line with markers through the values, their intervals as a band, and its name beside one point.

    Args:
        axis: where to draw. x, values: the points.
        series: index into SERIES: colour, marker and dashes.
        label: name of the line. at: index of the point to put it at. offset: from there, in points.
    """
    colour, marker, dashes = SERIES[series]
    y = [v.value for v in values]
    axis.plot(x, y, color=colour, marker=marker, linestyle=dashes)
    low, high = [v.low for v in values], [v.high for v in values]
    axis.fill_between(x, low, high, color=colour, alpha=0.3, linewidth=0)
    _note(axis, label, (x[at], y[at]), offset, va="center", annotation_clip=False)


def dots(axis: Axes, names: Sequence[str], values: Sequence[Value], series: Iterable[int] = (0,)) -> None:
    """One row a name, top down: the value as a marker, its interval as a bar, the number beside it."""
    styles = list(series)
    for row, value in enumerate(values):
        colour, marker, _ = SERIES[styles[row % len(styles)]]
        reach = [[value.value - value.low], [value.high - value.value]]
        axis.errorbar(value.value, row, xerr=reach, color=colour, marker=marker, linewidth=1.6, capsize=5)
        _note(axis, value.quote("value"), (value.value, row), (0, 10), ha="center", va="center", fontsize=9)
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.5, -0.6)
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
    axis.margins(x=0.15)


def reference(axis: Axes, level: float, label: str, vertical: bool = False) -> None:
    """A thin line across the panel at `level` to compare with, and its name."""
    line = {"color": INK, "linewidth": 0.8, "linestyle": (0, (2, 2)), "alpha": 0.7, "zorder": 1}
    if vertical:
        axis.axvline(level, **line)
        _note(axis, label, (level, 1.0), (4, 0), va="top", xycoords=axis.get_xaxis_transform(), fontsize=9)
    else:
        axis.axhline(level, **line)
        across = axis.get_yaxis_transform()
        _note(axis, label, (1.0, level), (0, 4), ha="right", va="bottom", xycoords=across, fontsize=9)


def beyond(axis: Axes, x: float, label: str) -> None:
    """An arrow at the top edge for a point that lies above the panel, with its value in words."""
    top = axis.get_xaxis_transform()
    axis.annotate("", (x, 1.0), (x, 0.9), xycoords=top, arrowprops={"arrowstyle": "->", "color": INK})
    _note(axis, label, (x, 0.95), (-7, 0), xycoords=top, ha="right", va="center", fontsize=9)


def _note(axis: Axes, text: str, place: tuple, offset: tuple[float, float], **how) -> None:
    """Text at `offset` points from a place in the panel."""
    axis.annotate(text, place, offset, textcoords="offset points", **how)


def svg(figure: Figure, name: str, alt: str) -> str:
    """The figure as SVG text that depends on nothing but the figure.

    Args:
        figure: drawn under `course()` or after `use()`.
        name: prefix of every id, so that two figures can share a page; letters, digits, hyphens, underscores.
        alt: what the figure shows, for those who do not see it.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = re.sub(r" *<metadata>.*?</metadata>\n", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = re.sub(
        r" *<defs>\n *<style.*?</defs>\n", "", text, count=1, flags=re.DOTALL
    )  # would rule the page
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", text)
    text = text.replace(INK, "currentColor").replace("'DejaVu Sans', sans-serif", "sans-serif")
    dark = f"@media(prefers-color-scheme:dark){{svg{{color:{DARK_INK}}}}}"
    head = (
        f' role="img" aria-labelledby="{name}-alt" stroke-linejoin="round" stroke-linecap="butt">\n'
        f' <title id="{name}-alt">{escape(alt)}</title>\n'
        f" <style>svg{{color:{LIGHT_INK}}}{dark}</style>\n"
    )
    return text.replace(">\n", head, 1)


def inline(text: str, stacked: str | None = None) -> str:
    """An SVG of ours made to stand inside a page: its colour from the page, its width from the column.

    Args:
        text: from `svg`.
        stacked: the same figure in its form for a phone, under another name; the page shows one of the two.
    """
    if stacked is not None:
        wide = _hidden_when(f"max-width:{NARROW - 0.01}rem", inline(text))
        return wide + _hidden_when(f"min-width:{NARROW}rem", inline(stacked))
    text = re.sub(r" *<style>svg\{color.*?</style>\n", "", text, count=1)
    width, height = re.search(r' width="([\d.]+)pt" height="([\d.]+)pt"', text).groups()
    size = f'style="width:100%;max-width:{float(width) / 12:.4g}rem;height:auto"'
    return text.replace(f'width="{width}pt" height="{height}pt"', size, 1)


def _hidden_when(media: str, text: str) -> str:
    name = re.search(r'aria-labelledby="(.*?)-alt"', text).group(1)
    rule = f" <style>@media({media}){{#{name}-svg{{display:none}}}}</style>\n"
    return text.replace("<svg ", f'<svg id="{name}-svg" ', 1).replace("</title>\n", f"</title>\n{rule}", 1)


class Picture:
    """A figure for the output of a notebook cell; it follows the page between light and dark."""

    def __init__(self, figure: Figure, name: str, alt: str) -> None:
        self.text = inline(svg(figure, name, alt))

    def _repr_html_(self) -> str:
        return self.text
