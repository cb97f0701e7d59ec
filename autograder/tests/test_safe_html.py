"""What a learner wrote or printed cannot run on a page."""

import base64

import pytest
from nbformat.v4 import new_output

from dropgrade.grading.safe_html import MAX_TEXT, clean_html, clean_markdown, plain_output

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\nrest").decode()


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="javascript:1">x</a>',
        '<a href="javascript&colon;1">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        "<svg onload=alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<details ontoggle=alert(1) open>x</details>",
        "<p style='background:url(https://foreign.example/x)'>x</p>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<scr<script>ipt>alert(1)</script>",
    ],
)
@pytest.mark.parametrize("clean", [clean_html, clean_markdown])
def test_no_markup_that_acts_survives(clean, attack):
    """Tags that run or load something, handlers and foreign addresses are gone or plain text."""
    text = clean(attack)
    for word in ("<script", "<img", "<svg", "<iframe", "<style", "href=", "style=", "onerror=alert(1)>"):
        assert word not in text


def test_harmless_markup_stays():
    """Emphasis, tables, code and web links are what a page is for."""
    html = '<p>See <a href="https://example.org">this</a> <em>and</em> <code>x &lt; 1</code></p>'
    assert clean_html(html) == html


def test_an_output_keeps_text_and_pictures_only():
    """HTML, scripts, SVG, LaTeX, widgets and the picture's metadata go; plain text stays."""
    data = {
        kind: "<script>1</script>" for kind in ("text/html", "image/svg+xml", "text/latex", "text/markdown")
    }
    data |= {"application/javascript": "alert(1)", "text/plain": "<b>", "image/png": PNG}
    kept = plain_output(new_output("display_data", data, metadata={"image/png": {"width": '"><script>'}}))
    assert kept.data == {"text/plain": "<b>", "image/png": PNG}
    assert kept.metadata == {}


@pytest.mark.parametrize("claim", ['"><script>alert(1)</script>', "", "AAAA", PNG + '"', ["x"], None])
def test_a_string_that_is_no_picture_is_dropped(claim):
    """A page pastes a picture's text into an attribute, so it must be base64 and begin like a picture."""
    output = new_output("display_data", {"text/plain": "x"})
    output.data["image/png"] = claim
    assert plain_output(output).data == {"text/plain": "x"}


def test_an_output_with_nothing_left_disappears():
    """An output of scripts alone leaves no empty box."""
    assert plain_output(new_output("display_data", {"application/javascript": "1"})) is None


def test_streams_and_errors_stay_text_of_a_bounded_length():
    """A flood of text is cut, and says so."""
    long = plain_output(new_output("stream", name="stdout", text="x" * (MAX_TEXT + 1)))
    assert len(long.text) < MAX_TEXT + 100 and long.text.endswith("characters")
    error = plain_output(new_output("error", ename="E", evalue="<b>", traceback=["<i>"]))
    assert (error.ename, error.evalue, error.traceback) == ("E", "<b>", ["<i>"])
