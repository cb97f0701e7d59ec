"""What a learner's text may become on a page: harmless HTML, plain text and pictures, nothing that runs."""

import base64
import binascii
import html as entities
import re

import bleach
from nbformat import NotebookNode

TAGS = bleach.ALLOWED_TAGS | {
    *("p", "br", "hr", "pre", "span", "div", "del", "sub", "sup", "details", "summary"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd"),
}
PICTURES = {"image/png": b"\x89PNG\r\n", "image/jpeg": b"\xff\xd8\xff"}
MAX_TEXT = 100_000


def clean_html(html: str) -> str:
    """HTML with only inoffensive tags left; links keep http, https and mailto, pictures and styles go."""
    return bleach.clean(html, tags=TAGS, attributes={"a": _is_harmless}, strip=True)


def clean_markdown(source: str) -> str:
    """A learner's Markdown with raw HTML defused; whoever renders it should still use `clean_html`."""
    # Attachments are dropped on the way in; a page that still asks for one would not be made at all.
    source = re.sub("attachment:", "attachment-", source, flags=re.IGNORECASE)
    return bleach.clean(source, tags=TAGS, attributes={"a": _is_harmless})


def _is_harmless(tag: str, name: str, value: str) -> bool:
    """Whether a link may keep an attribute; bleach alone lets `javascript:1` pass for a host and its port."""
    address = entities.unescape(value)
    return name == "title" or (name == "href" and bool(re.match(r"(https?://|mailto:|[^:]*$)", address)))


def plain_output(output: NotebookNode) -> NotebookNode | None:
    """An output reduced to text and true pictures; None when nothing of it is left.

    A notebook may claim any string to be a picture, and page templates paste it into an attribute:
    so a picture must be base64 and start like one.
    """
    kind = output.output_type
    if kind == "stream":
        name = "stderr" if output.name == "stderr" else "stdout"
        return NotebookNode(output_type=kind, name=name, text=_text(output.text))
    if kind == "error":
        lines = [_text(line) for line in output.traceback]
        return NotebookNode(
            output_type=kind, ename=_text(output.ename), evalue=_text(output.evalue), traceback=lines
        )
    data = {mime: output.data[mime] for mime in PICTURES if _is_picture(mime, output.data.get(mime))}
    if "text/plain" in output.data:
        data["text/plain"] = _text(output.data["text/plain"])
    if not data:
        return None
    kept = NotebookNode(output_type=kind, data=NotebookNode(data), metadata=NotebookNode())
    if kind == "execute_result":
        kept.execution_count = output.execution_count
    return kept


def _text(value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}\n... cut after {MAX_TEXT} characters"


def _is_picture(mime: str, value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return base64.b64decode("".join(value.split()), validate=True).startswith(PICTURES[mime])
    except (binascii.Error, ValueError):
        return False
