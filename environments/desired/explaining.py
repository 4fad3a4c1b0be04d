"""Why a variable has the value it has here: the winner, what it beat, what is unset."""

from collections.abc import Iterable
from dataclasses import dataclass

from environments.desired.scoping import VariableIndex, scopes_looked_at
from environments.desired.state import VariableState


@dataclass(frozen=True)
class Explanation:
    """The chain of scopes behind one key; rows in order of precedence."""

    key: str
    service: str | None
    winner: VariableState | None
    beaten: tuple[VariableState, ...]
    unset_scopes: tuple[str, ...]
    scopes_looked_at: tuple[str, ...]


def explain(
    variables: Iterable[VariableState], key: str, service: str | None = None
) -> Explanation:
    """Return what answers an unpinned key for a service, or for none.

    :param variables: the rows that reach the target, as a `State` holds them
    """
    rows = VariableIndex(variables).answers(key, service)
    looked_at = scopes_looked_at(service)
    found = {row.scope for row in rows}
    return Explanation(
        key=key,
        service=service,
        winner=rows[0] if rows else None,
        beaten=rows[1:],
        unset_scopes=tuple(scope for scope in looked_at if scope not in found),
        scopes_looked_at=looked_at,
    )
