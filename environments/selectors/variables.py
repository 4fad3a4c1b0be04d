"""Which value a variable has where, why, and who set it."""

from collections.abc import Iterable
from dataclasses import dataclass

from environments import capture, places
from environments.desired.explaining import explain
from environments.desired.resolving import effective_variables
from environments.desired.state import VariableState
from environments.models import TenantEnvironment
from environments.places import SourcePlace
from environments.selectors.history import LastEdit, last_edit_of


@dataclass(frozen=True, slots=True)
class SetVariable:
    """One row that reaches a target, and its newest edit."""

    row: VariableState
    edit: LastEdit | None


@dataclass(frozen=True, slots=True)
class ExplainedVariable:
    """Why a key has its value here; ``beaten`` in order of precedence."""

    key: str
    service: str | None
    winner: SetVariable | None
    beaten: tuple[SetVariable, ...]
    unset_scopes: tuple[str, ...]
    scopes_looked_at: tuple[str, ...]


def effective_in(
    target: TenantEnvironment, *, service: str | None
) -> list[SetVariable]:
    """Return the row that answers each key in *target*, by key."""
    state = capture.state_of(target)
    rows = effective_variables(state, service)
    edits = _edits(target, rows.values())
    return [SetVariable(row, edits.get(row)) for _, row in sorted(rows.items())]


def explained_in(
    target: TenantEnvironment, key: str, *, service: str | None
) -> ExplainedVariable:
    """Say which row answers *key* in *target*, what it beats, and who set them."""
    state = capture.state_of(target)
    found = explain(state.variables, key, service)
    winner = (found.winner,) if found.winner else ()
    edits = _edits(target, (*winner, *found.beaten))
    return ExplainedVariable(
        key=key,
        service=service,
        winner=(
            SetVariable(found.winner, edits.get(found.winner)) if found.winner else None
        ),
        beaten=tuple(SetVariable(row, edits.get(row)) for row in found.beaten),
        unset_scopes=found.unset_scopes,
        scopes_looked_at=found.scopes_looked_at,
    )


def _edits(
    target: TenantEnvironment, rows: Iterable[VariableState]
) -> dict[VariableState, LastEdit]:
    """Return the newest edit of each row, in one query."""
    tenant, environment = target.tenant.slug, target.environment.slug
    wanted: dict[VariableState, tuple[SourcePlace, ...]] = {
        row: places.places_of_variable(row, tenant=tenant, environment=environment)
        for row in rows
    }
    return last_edit_of(target.project, wanted)
