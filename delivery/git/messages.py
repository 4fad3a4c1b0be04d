"""The message of a deploy commit: subject, notes, trailers for readers.

No code reads these back to decide anything.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_TRAILER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*[ \t]*:|\(cherry picked from commit ")
_DIVIDER = re.compile(r"---")


@dataclass(frozen=True)
class ReleaseTrailers:
    """What the trailers of a deploy commit say, in the order they are written."""

    release_id: str
    author: str
    approved_by: tuple[str, ...]
    deployed_by: str
    timestamp: datetime
    source_commit: str
    digest: str
    ticket: str = ""

    def lines(self) -> list[str]:
        """Return the trailers, one line each, whatever characters the values hold."""
        moment = self.timestamp.astimezone(UTC)
        pairs = [
            ("Release-Id", self.release_id),
            ("Release-Author", self.author),
            *(("Release-Approved-By", name) for name in self.approved_by),
            ("Release-Deployed-By", self.deployed_by),
            ("Release-Timestamp", moment.strftime("%Y-%m-%dT%H:%M:%SZ")),
            ("Source-Commit", self.source_commit),
            ("Release-Digest", self.digest),
        ]
        if self.ticket:
            pairs.append(("Release-Ticket", self.ticket))
        return [f"{key}: {one_line(value)}" for key, value in pairs]


def release_subject(*, tenant: str, environment: str, name: str, title: str) -> str:
    """Return `release(<tenant>/<environment>): <name> <title>`; name as in `R-42`."""
    return one_line(f"release({tenant}/{environment}): {name} {title}")


def release_message(subject: str, notes: str, trailers: ReleaseTrailers) -> str:
    """Return the whole message.

    Lines of the notes that Git would take for a trailer, or for the end of the message,
    are indented by one space.
    """
    body = "\n".join(_harmless(line) for line in _lines(notes)).strip("\n")
    parts = [one_line(subject), body, "\n".join(trailers.lines())]
    return "\n\n".join(part for part in parts if part) + "\n"


def one_line(text: str) -> str:
    """Return text without line ends, control characters or direction marks."""
    return " ".join(_visible(" ".join(_lines(text)).replace("\t", " ")).split())


def _lines(text: str) -> list[str]:
    return [_visible(line).rstrip() for line in _LINE_ENDS.sub("\n", text).split("\n")]


def _harmless(line: str) -> str:
    return f" {line}" if _TRAILER.match(line) or _DIVIDER.match(line) else line


def _visible(text: str) -> str:
    """Drop what cannot be seen; a tab and the joiners of scripts and emoji stay."""
    return "".join(
        c
        for c in text
        if c in "\t\u200c\u200d" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"}
    )
