"""Deleting and renaming variables that no text would miss."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.db import transaction

from environments import checks, sourcing
from environments.actions.variables import (
    VariablePlace,
    delete_variable,
    lock_place,
    where_of,
)
from environments.editing import record_edit
from environments.errors import InUse
from environments.events import Event
from environments.models import TenantEnvironment, Variable
from environments.selectors.references import (
    Reference,
    answered_by,
    missing_without,
    places_using,
    references_in,
)
from gitopshq.core import audit
from gitopshq.core.errors import FieldError, NotFound, ValidationError
from gitopshq.core.models import User

_NAMED: Final = 20


@transaction.atomic
def delete_unused_variable(
    variable: Variable,
    *,
    seen: Sequence[TenantEnvironment],
    actor: User | None,
    message: str = "",
) -> None:
    """Delete a variable, unless a text in the targets *seen* would miss it.

    For people: the API deletes in any order, as the deletion depends on the edits that
    take the last uses away (domain 3).

    :raises NotPermitted: without ``variables.manage`` where the scope reaches
    :raises NotFound: when it is gone
    :raises InUse: with the places that nothing else would answer
    """
    lock_place(VariablePlace.of(variable), actor)
    used = missing_without(variable, _references(variable, seen), _rows(variable))
    _refuse_used(variable, used)
    delete_variable(variable, actor=actor, message=message)


@transaction.atomic
def rename_variable(
    variable: Variable,
    *,
    key: str,
    seen: Sequence[TenantEnvironment],
    actor: User | None,
    message: str = "",
) -> Variable:
    """Give a variable another name, unless a text in *seen* has its value from it.

    :raises NotPermitted: without ``variables.manage`` where the scope reaches
    :raises NotFound: when it is gone
    :raises InUse: with the places that name it
    :raises ValidationError: when the new name breaks a rule, or is taken there
    """
    place = VariablePlace.of(variable)
    lock_place(place, actor)
    found = Variable.objects.filter(pk=variable.pk, key=variable.key).first()
    if found is None:
        raise NotFound
    checks.check_key(key)
    if Variable.objects.filter(key=key, **place.fields).exists():
        raise ValidationError.of("/key", f"{key} is set there already", code="taken")
    _refuse_used(
        variable,
        answered_by(variable, _references(variable, seen), _rows(variable)),
    )
    said, files = str(found), sourcing.variable_files(found)
    found.key = key
    found.save(update_fields=["key", "updated_at"])
    record_edit(
        place.project,
        actor=actor,
        subject=("hq_variable", key),
        before=files,
        after=sourcing.variable_files(found),
        message=message or f"Rename {said} to {key}",
    )
    audit.record(
        Event.VARIABLE_CHANGED,
        found,
        actor=actor,
        project=place.project.slug,
        before={"key": variable.key},
        after={"key": key},
        **where_of(place),
    )
    return found


def _rows(variable: Variable) -> list[Variable]:
    """Return every variable of that name."""
    rows = Variable.objects.filter(project=variable.project_id, key=variable.key)
    return list(rows.select_related("workload"))


def _references(
    variable: Variable, seen: Sequence[TenantEnvironment]
) -> list[Reference]:
    return references_in(seen, key=variable.key)


def _refuse_used(variable: Variable, used: Iterable[Reference]) -> None:
    places = places_using(used)
    if not places:
        return
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    raise InUse(
        what=str(variable),
        reason=f"{places[0].name}{more} would miss it",
        errors=[
            FieldError("", "in_use", f"{place.name} in {', '.join(place.shown)}")
            for place in places[:_NAMED]
        ],
    )
