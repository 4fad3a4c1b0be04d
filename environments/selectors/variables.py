"""Which value a variable has where, why, and who set it; and what a change moves."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from environments import capture, places, secrets
from environments.desired.explaining import explain
from environments.desired.placeholders import Placeholder
from environments.desired.resolving import effective_variables, units
from environments.desired.scoping import VariableIndex
from environments.desired.state import State, VariableState
from environments.desired.substitution import find_used
from environments.desired.texts import TextRefused
from environments.models import TenantEnvironment, VariableScope
from environments.places import SourcePlace
from environments.selectors.history import LastEdit, last_edit_of
from environments.stored import DatabaseTexts


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


@dataclass(frozen=True, slots=True)
class Reached:
    """A target in which a change of a variable would be rendered, and by whom."""

    target: TenantEnvironment
    services: tuple[str, ...]


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


def impact_of(
    targets: Iterable[TenantEnvironment],
    *,
    scope: VariableScope,
    service: str | None,
    key: str,
    value: str | None,
    secret: bool,
) -> list[Reached]:
    """Return which of *targets*, all in reach of the scope, would render differently.

    *value* None is the deletion of the row.
    """
    row = None
    if value is not None:
        row = VariableState(
            scope=scope.value,
            key=key,
            service=service,
            value=None if secret else value,
            secret=secret,
            fingerprint=secrets.fingerprint_of(value) if secret else None,
        )
    place = (scope.value, key, service or "")
    states = capture.states_of(targets)
    texts = DatabaseTexts()
    texts.prefetch({d for state in states.values() for d in state.text_digests})
    reached = []
    for target in targets:
        before = states[target.pk]
        kept = tuple(other for other in before.variables if other.place != place)
        after = replace(before, variables=(*kept, row) if row else kept)
        services = _moved_units(before, after, key, texts)
        if services:
            reached.append(Reached(target, services))
    return reached


def _moved_units(
    before: State, after: State, key: str, texts: DatabaseTexts
) -> tuple[str, ...]:
    """Return the units in which a name of *key* is answered differently."""
    old, new = VariableIndex(before.variables), VariableIndex(after.variables)
    moved = []
    for unit in units(before, texts):
        names = {
            used.scope
            for path, text in unit.texts.items()
            for used in _used(text, path)
            if used.key == key
        }
        if any(
            old.answers(key, unit.service, pinned)[:1]
            != new.answers(key, unit.service, pinned)[:1]
            for pinned in names
        ):
            moved.append(unit.name)
    return tuple(moved)


def _used(text: str, path: str) -> Iterable[Placeholder]:
    if "{{" not in text:
        return ()
    try:
        return find_used(text, path=path)
    except TextRefused:
        return ()


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
