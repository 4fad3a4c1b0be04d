"""Charts for tests: the folders under tests/golden/charts, packed, and small ones."""

import gzip
import io
import tarfile
from pathlib import Path

CHARTS = Path(__file__).parent.parent / "golden" / "charts"


def tgz(members):
    """Pack pairs of member (or name) and content, in order."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=1) as archive:
        for name, content in members:
            member = name if isinstance(name, tarfile.TarInfo) else member_named(name)
            if member.type == tarfile.REGTYPE:
                member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def member_named(name, kind=tarfile.REGTYPE, link=""):
    member = tarfile.TarInfo(name)
    member.type = kind
    member.linkname = link
    return member


def packed(name):
    """Pack a chart of the corpus as ``helm package`` would name its files."""
    folder = CHARTS / name
    return tgz(
        (f"{name}/{path.relative_to(folder)}", path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    )


def chart(files=None, *, about="", name="tiny"):
    """Pack a small chart: path to text, with a Chart.yaml unless one is given."""
    head = f"apiVersion: v2\nname: {name}\nversion: 0.1.0\n{about}"
    files = {"Chart.yaml": head, **(files or {})}
    return tgz(
        (
            f"{name}/{path}",
            content if isinstance(content, bytes) else content.encode(),
        )
        for path, content in files.items()
        if content is not None
    )


def gzipped(data):
    return gzip.compress(data, compresslevel=1)
