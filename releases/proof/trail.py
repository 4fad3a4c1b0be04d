"""A stretch of a project's audit trail: entries by their hashes, each on the last."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, Final

from releases.proof.reading import Refused

_HASHED: Final = {
    *("project", "sequence", "at", "actor", "event", "object", "before", "after"),
    *("data", "request", "previous"),
}


class Trail:
    """The entries from the first about a release to the last, without a gap."""

    def __init__(self, rows: list[dict[str, Any]], *, project: str) -> None:
        self._rows = rows
        self._check(project)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def first(self) -> dict[str, Any]:
        """The first entry."""
        return self._content(0)

    @property
    def last(self) -> dict[str, Any]:
        """The last entry."""
        return self._content(-1)

    def hash_at(self, sequence: int) -> str | None:
        """Return the hash of that entry, if it is one of these."""
        at = sequence - int(self.first["sequence"])
        return str(self._rows[at]["hash"]) if 0 <= at < len(self._rows) else None

    def entries(self, *events: str) -> Iterator[dict[str, Any]]:
        """Yield the entries of these events, oldest first.

        Those about a release are of the release that the first entry is about.
        """
        about = self.first["object"][:2]
        for row in self._rows:
            content: dict[str, Any] = row["content"]
            if content["event"] in events and (
                content["object"][:2] == about or content["object"][0] != about[0]
            ):
                yield content

    def only_last(self, *events: str) -> dict[str, Any] | None:
        """Return the newest of these events, if any."""
        return next(iter(reversed(list(self.entries(*events)))), None)

    def _content(self, at: int) -> dict[str, Any]:
        content: dict[str, Any] = self._rows[at]["content"]
        return content

    def _check(self, project: str) -> None:
        """Hold every entry against its hash, its project and the entry before it.

        :raises Refused: with the first that is wrong
        """
        if not self._rows:
            raise Refused("audit: there are no entries")
        before: dict[str, Any] | None = None
        for row in self._rows:
            content = row["content"]
            place = f"audit: entry #{content['sequence']}"
            if set(row) != {"content", "hash"} or set(content) != _HASHED:
                raise Refused(f"{place} has other parts than entries have")
            if entry_hash(content) != row["hash"]:
                raise Refused(f"{place} is not what its hash says")
            if content["project"] != project:
                raise Refused(f"{place} is of another project")
            if before is not None:
                if content["sequence"] != before["content"]["sequence"] + 1:
                    raise Refused(f"{place} does not come next")
                if content["previous"] != before["hash"]:
                    raise Refused(f"{place} does not follow the entry before it")
            before = row


def entry_hash(content: dict[str, Any]) -> str:
    """Return the SHA-256 of an entry's canonical JSON, the hash before it included."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
