"""Make northanger.txt, the start of Northanger Abbey (Jane Austen), from the package r-cran-janeaustenr.

apt-get download r-cran-janeaustenr
python book/data/make_northanger.py r-cran-janeaustenr_1.0.0-1_all.deb

Needs `pip install rdata` (R's own format; no R) and dpkg-deb.
"""

import argparse
import bz2
import subprocess
import tempfile
import zlib
from pathlib import Path

import rdata

LENGTH = 100_000
TARGET = Path(__file__).with_name("northanger.txt")


def lines_of(base: Path, name: str) -> list[str]:
    """One character vector of an R database: BASE.rdx says where in BASE.rdb it lies."""
    index = rdata.conversion.convert(
        rdata.parser.parse_data(zlib.decompress(base.with_suffix(".rdx").read_bytes(), 47), extension=".rds")
    )
    offset, length = (int(number) for number in index["variables"][name])
    packed = base.with_suffix(".rdb").read_bytes()[offset : offset + length]  # 4 bytes of length first
    content = bz2.decompress(packed[5:]) if packed[4:5] == b"2" else zlib.decompress(packed[4:])
    return list(rdata.conversion.convert(rdata.parser.parse_data(content, extension=".rds")))


def main() -> None:
    """Unpack, cut from the first chapter on, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=Path, help="the .deb file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-x", options.package, folder], check=True)
        base = Path(folder) / "usr/lib/R/site-library/janeaustenr/data/Rdata"
        text = "\n".join(lines_of(base, "northangerabbey"))
    start = text.index("CHAPTER 1\n")
    TARGET.write_text(
        text[start : start + LENGTH].rsplit("\n", 1)[0] + "\n", encoding="ascii", errors="strict"
    )


if __name__ == "__main__":
    main()
