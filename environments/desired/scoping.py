"""Which variable row answers a name: the arithmetic of scopes, without any text."""

from collections import defaultdict
from collections.abc import Iterable

from environments.desired.state import SCOPES, VariableState

_NARROW_FIRST = {scope: rank for rank, scope in enumerate(reversed(SCOPES))}

SCOPE_WORDS = {
    "repo": "project scope",
    "env": "environment scope",
    "tenant": "tenant scope",
    "svc": "service scope",
}


def scopes_looked_at(service: str | None, pinned: str | None = None) -> tuple[str, ...]:
    """Return the scopes that a name is looked up in, the narrowest first.

    A pinned name looks at its scope alone; without a service there is no `svc`.
    """
    open_here = [s for s in reversed(SCOPES) if s != "svc" or service is not None]
    return tuple(s for s in open_here if pinned in (None, s))


class VariableIndex:
    """Variable rows by key, to answer many names quickly."""

    def __init__(self, rows: Iterable[VariableState]) -> None:
        self._rows: dict[str, list[VariableState]] = defaultdict(list)
        for row in rows:
            self._rows[row.key].append(row)
        for found in self._rows.values():
            found.sort(key=lambda row: (_NARROW_FIRST[row.scope], row.service or ""))

    def keys(self) -> frozenset[str]:
        """Return every key that has a row."""
        return frozenset(self._rows)

    def rows_of(self, key: str) -> tuple[VariableState, ...]:
        """Return every row of a key, the narrowest first, of all services."""
        return tuple(self._rows.get(key, ()))

    def answers(
        self, key: str, service: str | None, pinned: str | None = None
    ) -> tuple[VariableState, ...]:
        """Return the rows that could answer a name, the one that does first."""
        return tuple(
            row
            for row in self._rows.get(key, ())
            if pinned in (None, row.scope) and row.service in (None, service)
        )
