"""A checked reader of ``.tgz`` archives: regular files below one root, or a refusal.

It knows tar and gzip, not charts. Nothing is written to disk, so nothing an archive
says about links, devices, owners or modes can take effect.
"""

import gzip
import io
import re
import tarfile
import zlib
from dataclasses import dataclass
from typing import Final

MIB: Final = 1 << 20

_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class ArchiveRefused(Exception):
    """An archive that is not read; ``reason`` is a word, ``path`` names the member."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(f"{reason}: {path}" if path else reason)
        self.reason = reason
        self.path = path


@dataclass(frozen=True)
class ArchiveLimits:
    """What an archive may hold; sizes in bytes. Helm's own limits are no wider."""

    packed: int = 20 * MIB
    unpacked: int = 100 * MIB
    file: int = 5 * MIB
    files: int = 10_000
    ratio: int = 100
    path: int = 512


def read_archive(data: bytes, limits: ArchiveLimits) -> dict[str, bytes]:
    """Read every regular file of a ``.tgz``: path below the one root, to bytes.

    :raises ArchiveRefused: no gzip or tar, too large, or a member that is no plain file
        at a plain relative path.
    """
    unpacked = _gunzip(data, limits)
    files: dict[str, bytes] = {}
    roots: set[str] = set()
    count = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as archive:
            for member in archive:
                count += 1
                if count > limits.files:
                    raise ArchiveRefused("too_many_files")
                root, path = _split(member, limits)
                roots.add(root)
                if len(roots) > 1:
                    raise ArchiveRefused("several_roots", member.name)
                if path:
                    if path in files:
                        raise ArchiveRefused("duplicate_path", member.name)
                    files[path] = _content(archive, member, limits)
            _require_clean_end(unpacked, archive.offset)
    except (tarfile.TarError, EOFError, ValueError, UnicodeError) as refusal:
        raise ArchiveRefused("not_an_archive") from refusal
    _require_no_file_as_folder(files)
    return files


def _gunzip(data: bytes, limits: ArchiveLimits) -> bytes:
    if len(data) > limits.packed:
        raise ArchiveRefused("too_large")
    allowed = min(limits.unpacked, max(MIB, len(data) * limits.ratio))
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            unpacked = stream.read(allowed + 1)
    except (OSError, EOFError, zlib.error) as refusal:
        raise ArchiveRefused("not_an_archive") from refusal
    if len(unpacked) > allowed:
        raise ArchiveRefused(
            "too_large" if allowed == limits.unpacked else "compression_bomb"
        )
    return unpacked


def _split(member: tarfile.TarInfo, limits: ArchiveLimits) -> tuple[str, str]:
    """Check a member's name and type; give its root and the path below it."""
    name = member.name
    if len(name.encode("utf-8", "surrogateescape")) > limits.path:
        raise ArchiveRefused("path_too_long", name[:80])
    if member.issym() or member.islnk():
        raise ArchiveRefused("link", name)
    if name.startswith("/") or _DRIVE.match(name):
        raise ArchiveRefused("absolute_path", name)
    if "\\" in name or _CONTROL.search(name) or not _is_utf8(name):
        raise ArchiveRefused("bad_path", name)
    parts = name.rstrip("/").split("/")
    if ".." in parts:
        raise ArchiveRefused("parent_path", name)
    if "" in parts or "." in parts:
        raise ArchiveRefused("bad_path", name)
    if member.isdir():
        return parts[0], ""
    is_plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE)
    if not is_plain or member.sparse is not None:
        raise ArchiveRefused("special_file", name)
    if len(parts) == 1:
        raise ArchiveRefused("file_outside_root", name)
    return parts[0], "/".join(parts[1:])


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _content(
    archive: tarfile.TarFile, member: tarfile.TarInfo, limits: ArchiveLimits
) -> bytes:
    if member.size > limits.file:
        raise ArchiveRefused("file_too_large", member.name)
    stream = archive.extractfile(member)
    content = stream.read() if stream is not None else b""
    if len(content) != member.size:
        raise ArchiveRefused("not_an_archive", member.name)
    return content


def _require_clean_end(unpacked: bytes, end: int) -> None:
    """Refuse what tarfile silently takes for the end: a damaged header."""
    if unpacked[end:].strip(b"\0"):
        raise ArchiveRefused("not_an_archive")


def _require_no_file_as_folder(files: dict[str, bytes]) -> None:
    for path in files:
        parts = path.split("/")
        for depth in range(1, len(parts)):
            if "/".join(parts[:depth]) in files:
                raise ArchiveRefused("bad_path", path)
