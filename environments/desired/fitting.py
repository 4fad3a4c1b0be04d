"""Values put into texts for a look ahead: what they would hold, or why they could not.

Secrets are told apart by their fingerprints; nothing is opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from environments.desired.placeholders import Placeholder
from environments.desired.resolving import UnresolvedName
from environments.desired.scoping import VariableIndex, scopes_looked_at
from environments.desired.substitution import (
    Lookup,
    PlaceholderRefused,
    find_used,
    substitute,
)
from environments.desired.texts import TextRefused, is_yaml_path

MARK: Final = "hq.var"
"""Stands in every text that names a variable."""

Content = tuple[str, str] | None
"""Whether it is a secret or a value, and which; None is not set."""


class Uses:
    """Which placeholders of texts get a value; each text is read once."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, bool], Sequence[Placeholder]] = {}

    def of(self, text: str, path: str) -> Sequence[Placeholder]:
        """Return those of a text; none if it should be YAML and is not."""
        if MARK not in text:
            return ()
        known = (text, is_yaml_path(path))
        if known not in self._read:
            try:
                self._read[known] = find_used(text, path=path)
            except TextRefused:
                self._read[known] = ()
        return self._read[known]


@dataclass(frozen=True, slots=True)
class Put:
    """A text with values put in, and what could not be."""

    text: str
    problems: tuple[str, ...] = ()


def content_of(
    index: VariableIndex, key: str, service: str | None, pinned: str | None
) -> Content:
    """Return what answers a name, wherever it is set."""
    rows = index.answers(key, service, pinned)
    if not rows:
        return None
    row = rows[0]
    if row.fingerprint is not None:
        return "secret", row.fingerprint
    return "value", row.value or ""


def written(content: tuple[str, str]) -> str:
    """Return what is put in for a value; for a secret, a word of its own."""
    kind, value = content
    return f"secret-{value}" if kind == "secret" else value


def put_in(text: str, path: str, lookup: Lookup) -> Put:
    """Return a text with values put in, as it is where they do not fit."""
    try:
        return Put(substitute(text, lookup, path=path))
    except (PlaceholderRefused, TextRefused) as refusal:
        return Put(text, (str(refusal),))


def resolved_in(text: str, path: str, service: str | None, index: VariableIndex) -> Put:
    """Return a text with the values that answer in it."""
    problems: list[str] = []

    def lookup(asked: Placeholder) -> str:
        found = content_of(index, asked.key, service, asked.scope)
        if found is not None:
            return written(found)
        looked_at = scopes_looked_at(service, asked.scope)
        name = UnresolvedName(path, asked.line, asked.key, asked.scope, looked_at, "")
        problems.append(str(name))
        return f"<unresolved {asked.key}>"

    put = put_in(text, path, lookup)
    return Put(put.text, (*problems, *put.problems))


def news_of(before: Put, after: Put) -> tuple[str, ...]:
    """Return the problems that were none before."""
    return tuple(one for one in after.problems if one not in before.problems)
