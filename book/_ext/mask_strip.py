"""`{mask-strip}`: one digit, and the mean of more and more of its dropped copies, computed in the build.

It draws the course's first claim with the course's own data and code: what inverted dropout returns is right
on average. The figures under the pictures are measured in the same run.
"""

import base64
import io
from pathlib import Path
from typing import ClassVar

import numpy as np
from docutils import nodes
from docutils.parsers.rst import directives
from html_element import element
from PIL import Image
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from dropgrade.data import load_mnist
from dropgrade.reference.numpy_ops import dropout_forward

SIDE = 28
ENLARGE = 6


def running_means(x: np.ndarray, p: float, counts: list[int], seed: int) -> dict[int, np.ndarray]:
    """The mean of the first n dropped copies of x, for each n in counts: {n: float array of x's shape}."""
    rng = np.random.default_rng(seed)
    copies = np.stack([dropout_forward(x, p, True, rng)[0] for _ in range(max(counts))])
    return {n: copies[:n].mean(axis=0, dtype=np.float64) for n in counts}


def as_data_uri(values: np.ndarray) -> str:
    """A PNG whose opacity is `values` (784 numbers, clipped to [0, 1]); the page chooses the colour."""
    alpha = np.round(np.clip(values.reshape(SIDE, SIDE), 0, 1) * 255).astype(np.uint8)
    alpha = alpha.repeat(ENLARGE, axis=0).repeat(ENLARGE, axis=1)
    image = Image.merge("LA", [Image.new("L", alpha.shape), Image.fromarray(alpha)])
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


class MaskStrip(SphinxDirective):
    """Options: which training digit, the drop probability, how many copies; the content is the caption."""

    has_content = True
    option_spec: ClassVar = {
        "digit": directives.nonnegative_int,
        "p": float,
        "counts": lambda text: [int(word) for word in text.split()],
        "seed": directives.nonnegative_int,
    }

    def run(self) -> list[nodes.Node]:
        data = Path(self.env.srcdir) / "book/data"
        self.env.note_dependency(str(data / "mnist10k.npz"))
        x = load_mnist(data).train.images[self.options["digit"]]
        means = running_means(x, self.options["p"], self.options["counts"], self.options["seed"])
        strip = element("", tag="ol")
        strip += _picture(x, "the digit", "as it is")
        for n, mean in means.items():
            off = float(np.sqrt(np.mean((mean - x) ** 2)))
            strip += _picture(mean, "1 mask" if n == 1 else f"{n} masks", f"off by {off:.3f}")
        caption = element("", *self.parse_text_to_nodes("\n".join(self.content)), tag="figcaption")
        return [element("", strip, caption, tag="figure", classes=["mask-strip"])]


def _picture(values: np.ndarray, name: str, note: str) -> element:
    style = {"style": f"--image: url({as_data_uri(values)})", "role": "img", "aria-label": f"{name}, {note}"}
    pixels = element("", tag="span", classes=["pixels"], attributes=style)
    return element("", pixels, nodes.strong("", name), nodes.inline("", note), tag="li")


def setup(app: Sphinx) -> dict:
    app.setup_extension("html_element")
    app.add_directive("mask-strip", MaskStrip)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
