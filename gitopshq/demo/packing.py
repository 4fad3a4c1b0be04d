"""The demo's own files: charts packed as Helm packs them, and texts by their path."""

import gzip
import io
import tarfile
from pathlib import Path
from typing import Final

import yaml

_HERE: Final = Path(__file__).parent
CHARTS: Final = _HERE / "charts"
SHOP: Final = _HERE / "shop"


def chart(name: str) -> bytes:
    """Return a chart as a ``.tgz`` with its subcharts; always the same bytes."""
    files = _chart_files(name)
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(files):
            member = tarfile.TarInfo(f"{name}/{path}")
            member.size = len(files[path])
            archive.addfile(member, io.BytesIO(files[path]))
    return gzip.compress(raw.getvalue(), mtime=0)


def text(path: str) -> str:
    """Return one text of the shop by its path in the ``source`` branch."""
    return (SHOP / path).read_text("utf-8")


def texts(pattern: str) -> dict[str, str]:
    """Return the texts of the shop whose paths match a glob, sorted by path."""
    return {
        path.relative_to(SHOP).as_posix(): path.read_text("utf-8")
        for path in sorted(SHOP.glob(pattern))
        if path.is_file()
    }


def replaced(text: str, old: str, new: str) -> str:
    """Return *text* with *old*, which must stand in it, replaced."""
    assert old in text, f"{old!r} is not in the text"
    return text.replace(old, new, 1)


def _chart_files(name: str) -> dict[str, bytes]:
    folder = CHARTS / name
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    about = yaml.safe_load(files["Chart.yaml"])
    for needed in about.get("dependencies", []):
        inner = str(needed["name"])
        for path, content in _chart_files(inner).items():
            files[f"charts/{inner}/{path}"] = content
    return files
