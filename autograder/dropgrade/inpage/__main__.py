"""`python -m dropgrade.inpage [COURSE]`: fetch Python for the browser; the site can be built without it."""

import sys
from pathlib import Path

from dropgrade.inpage.engine import EngineMissing, fetch, folder_of

LOUD = """\
********************************************************************************
PYTHON IS NOT IN THIS COPY OF THE SITE: exercises cannot be checked on the page.
The site is built all the same, and its pages say so. What was tried:
  {reasons}
Try again with: python -m dropgrade.inpage
********************************************************************************"""


def main(course: str = ".") -> int:
    """Fetch the engine of a course; exit code 0 either way, since a site without it is still a site."""
    try:
        print(fetch(folder_of(Path(course))))
    except EngineMissing as error:
        print(LOUD.format(reasons=str(error).replace("; ", "\n  ")), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
