"""Changes of variables: one for each scope, key and service."""

from collections.abc import Iterator
from dataclasses import replace

from environments.desired.change import HQ_VARIABLE, Change, Place, arrow, short
from environments.desired.resolving import mask_of
from environments.desired.scoping import SCOPE_WORDS, VariableIndex
from environments.desired.state import SCOPES, State, VariableState


def variable_changes(a: State, b: State) -> Iterator[Change]:
    """Yield rows created, updated and deleted, shadowed ones too."""
    old = {row.place: row for row in a.variables}
    new = {row.place: row for row in b.variables}
    index = VariableIndex(b.variables)
    for place in old.keys() | new.keys():
        before, after = old.get(place), new.get(place)
        if before != after:
            yield _change(before, after, index)


def place_of(row: VariableState) -> Place:
    """Return the place of a variable's change."""
    return Place(HQ_VARIABLE, row.key, facet=row.scope, path=row.service or "")


def _change(
    before: VariableState | None, after: VariableState | None, index: VariableIndex
) -> Change:
    row = after or before
    if row is None:
        raise ValueError("a variable on neither side")
    shadowed_by = _shadow(row, index)
    where = SCOPE_WORDS[row.scope] + (f" of {row.service}" if row.service else "")
    note = f", shadowed here by {shadowed_by}" if shadowed_by else ""
    told = f"{row.key} {_told(before, after)} at {where}{note}"
    change = place_of(row).change(
        _action(before, after),
        told,
        _shown(before),
        _shown(after),
        content=(_content(before), _content(after)),
    )
    return replace(
        change, scope=row.scope, service=row.service, shadowed_by=shadowed_by
    )


def _action(before: VariableState | None, after: VariableState | None) -> str:
    if before is None:
        return "created"
    return "deleted" if after is None else "updated"


def _told(before: VariableState | None, after: VariableState | None) -> str:
    if before is None:
        return f"created with {short(_shown(after))}"
    if after is None:
        return f"deleted (was {short(_shown(before))})"
    if before.secret and after.secret:
        return f"secret changed ({arrow(_shown(before), _shown(after))})"
    return arrow(_shown(before), _shown(after))


def _shown(row: VariableState | None) -> str | None:
    if row is None:
        return None
    return row.value if row.fingerprint is None else mask_of(row.fingerprint)


def _content(row: VariableState | None) -> list[str | bool | None] | None:
    return None if row is None else [row.secret, row.value, row.fingerprint]


def _shadow(row: VariableState, index: VariableIndex) -> str | None:
    """Return the narrower scopes that answer the key here, in words."""
    narrower = SCOPES[SCOPES.index(row.scope) + 1 :]
    rows = [other for other in index.rows_of(row.key) if other.scope in narrower]
    told = [SCOPE_WORDS[r.scope] for r in rows if r.service is None]
    services = [r.service for r in rows if r.service is not None]
    if services:
        told.append(f"{SCOPE_WORDS['svc']} of {', '.join(services)}")
    return " and ".join(told) or None
