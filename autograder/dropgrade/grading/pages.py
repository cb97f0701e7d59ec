"""The two pages that show a learner's notebook: the feedback page, and the formgrader's for grading by hand.

The feedback page has an exporter of its own, so that its template is set for it alone: what is set for
nbconvert's `HTMLExporter` also reaches the formgrader, which brings a template itself.
"""

from nbconvert.exporters import HTMLExporter
from nbconvert.filters import markdown2html

from dropgrade.grading.safe_html import clean_html


class FeedbackPage(HTMLExporter):
    """Makes feedback pages; nbgrader configuration for it goes under this name."""


def safe_markdown(source: str) -> str:
    """Markdown as HTML without anything that runs: the filter `markdown2html` of nbgrader's own templates.

    >>> safe_markdown("*so* <script>1</script> [x](javascript:1)").strip()
    '<p><em>so</em> 1 <a>x</a></p>'
    """
    return clean_html(markdown2html(source))
