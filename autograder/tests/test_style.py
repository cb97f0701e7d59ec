"""Figures are readable on white and dark pages, for any colour vision, and come out the same every time."""

import itertools
import xml.etree.ElementTree as ElementTree

import matplotlib
import numpy as np
import pytest

from dropgrade import style
from dropgrade.results import Value

LIGHT, DARK = "#ffffff", ("#121212", "#14181e", "#1a1d23")
CVD = {  # Machado, Oliveira, Fernandes 2009, severity 1, on linear RGB
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}


def linear(colour: str) -> np.ndarray:
    """Linear RGB (3,) of "#rrggbb"."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.1 contrast ratio, 1 to 21."""
    dark, light = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (3,) of linear RGB under D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ rgb / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def draw():
    values = [Value(x, x - 0.2, x + 0.2, "%", 5) for x in (5.0, 4.5, 6.0)]
    figure, (left, right) = style.panels(2)
    style.curve(left, (0, 0.5, 1), values, 0, "a line")
    style.reference(left, 5.2, "a level")
    style.beyond(left, 0.9, "12 % at 0.9")
    style.dots(right, ["one", "two", "three"], values, series=(0, 1, 2))
    style.reference(right, 5.0, "upright", vertical=True)
    return figure


def written() -> str:
    with style.course():
        return style.svg(draw(), "demo", 'less < more & "so on"')


def test_contrast_formula_knows_its_ends():
    """Black on white is 21, a colour on itself 1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21) and contrast("#abcdef", "#abcdef") == 1


@pytest.mark.parametrize("background", [LIGHT, *DARK])
def test_data_colours_stand_out_on_light_and_dark(background):
    """At least 3.5, where WCAG asks 3 of graphics."""
    assert min(contrast(colour, background) for colour, _, _ in style.SERIES) >= 3.5


def test_text_has_the_contrast_of_text():
    """At least 7 where the figure chooses its ink itself."""
    assert contrast(style.LIGHT_INK, LIGHT) >= 7
    assert min(contrast(style.DARK_INK, background) for background in DARK) >= 7


def test_no_single_grey_would_do_for_text_on_both():
    """Why text follows the page: the best grey stays below 4.5 on white or on #121212."""
    greys = [f"#{v:02x}{v:02x}{v:02x}" for v in range(256)]
    assert max(min(contrast(grey, LIGHT), contrast(grey, DARK[0])) for grey in greys) < 4.5


@pytest.mark.parametrize("vision", CVD)
def test_series_differ_for_every_colour_vision(vision):
    """Any two of the first four are at least 15 apart in Lab (2 is just noticeable), any two at all 10."""
    seen = [lab(np.clip(np.array(CVD[vision]) @ linear(colour), 0, 1)) for colour, _, _ in style.SERIES]
    apart = {(i, j): np.linalg.norm(seen[i] - seen[j]) for i, j in itertools.combinations(range(5), 2)}
    assert min(apart.values()) >= 10
    assert min(d for (_, j), d in apart.items() if j < 4) >= 15


def test_series_differ_without_any_colour():
    """Marker and dashes are unique."""
    assert len({marker for _, marker, _ in style.SERIES}) == len({str(d) for _, _, d in style.SERIES}) == 5


def test_the_same_figure_gives_the_same_bytes():
    """No date, no random ids, no machine's fonts."""
    first = written()
    assert first == written()
    assert "DejaVu" not in first and "metadata" not in first and "matplotlib.org" not in first


def test_a_setting_of_the_caller_changes_nothing_and_survives():
    """`course` starts from matplotlib's defaults, and gives back what it found."""
    expected = written()
    with matplotlib.rc_context({"font.size": 30, "axes.grid": True}):
        assert written() == expected
        assert matplotlib.rcParams["font.size"] == 30 and matplotlib.rcParams["axes.grid"] is True


def test_the_file_is_sound_and_says_what_it_shows():
    """Well-formed XML: an image with its alternative as title, text as text, no fixed text colour."""
    text = written()
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img" and root.get("aria-labelledby") == "demo-alt"
    title = root[0]
    assert title.get("id") == "demo-alt" and title.text == 'less < more & "so on"'
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a line", "a level", "12 % at 0.9", "one", "upright", "5.00 %"} <= set(texts)
    assert style.INK not in text and "#000000" not in text and "#ffffff" not in text


def test_every_id_carries_the_name_and_every_reference_is_met():
    """Two figures can share a page."""
    text = written()
    ids = {node.get("id") for node in ElementTree.fromstring(text).iter() if node.get("id")}
    assert ids and all(one.startswith("demo-") for one in ids)
    used = set(style.re.findall(r'(?:href="#|url\(#)([^")]+)', text))
    assert used and used <= ids


def test_inline_takes_colour_and_width_from_the_page():
    """No rule of its own that could reach the page, no fixed size."""
    text = style.inline(written())
    root = ElementTree.fromstring(text)
    assert "<style" not in text and root.get("width") is None and root.get("height") is None
    assert root.get("viewBox") and "max-width:" in root.get("style")


def test_panels_stand_one_above_the_other_for_a_phone():
    """The stacked form is narrow and tall; the page shows exactly one of the two at any width."""
    with style.course(stacked=True):
        stacked = style.svg(draw(), "demo-stacked", "alt")
    width, height = (float(ElementTree.fromstring(stacked).get(side)[:-2]) for side in ("width", "height"))
    assert width < 310 and height > 1.4 * width
    both = style.inline(written(), stacked)
    assert both.count("<svg ") == 2
    assert "@media(max-width:39.99rem){#demo-svg{display:none}}" in both
    assert "@media(min-width:40rem){#demo-stacked-svg{display:none}}" in both
    ids = style.re.findall(r'\bid="([^"]+)"', both)
    assert len(ids) == len(set(ids))
    with style.course():
        figure, _ = style.panels(2)
    assert figure.get_figwidth() > 7, "the switch ends with the with statement"


def test_a_picture_shows_itself_in_a_notebook():
    """What a chapter's cell displays is the inline form."""
    with style.course():
        picture = style.Picture(draw(), "demo", "alt")
    assert picture._repr_html_().startswith("<svg") and "currentColor" in picture._repr_html_()
