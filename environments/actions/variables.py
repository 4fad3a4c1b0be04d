"""Setting and deleting variables at their four scopes."""

from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from environments import checks, secrets, sourcing
from environments.access import Place, require
from environments.actions._begin import (
    begin,
    refuse_archived,
    refuse_strangers,
)
from environments.desired.resolving import mask_of
from environments.editing import record_edit
from environments.events import Event
from environments.models import (
    Environment,
    Project,
    SecretValue,
    Tenant,
    TenantEnvironment,
    Variable,
    VariableScope,
    Workload,
)
from environments.permissions import Permission
from environments.proposing import value_to_save
from gitopshq.core import audit
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User

MAX_DESCRIPTION: Final = 255


@dataclass(frozen=True, slots=True)
class VariablePlace:
    """Where a variable is set; what is given must be what its scope needs.

    ``env`` needs an environment, ``tenant`` a tenant, ``svc`` a target and a workload.
    """

    project: Project
    scope: VariableScope
    environment: Environment | None = None
    tenant: Tenant | None = None
    target: TenantEnvironment | None = None
    workload: Workload | None = None

    @property
    def reach(self) -> Place:
        """Where the permission is asked for: the project, or one environment."""
        return self.environment or self.target or self.project

    @property
    def fields(self) -> dict[str, Any]:
        """The columns that name the place."""
        return {
            "project": self.project,
            "scope": self.scope,
            "environment": self.environment,
            "tenant": self.tenant,
            "target": self.target,
            "workload": self.workload,
        }

    @property
    def words(self) -> str:
        """What people call the place: ``environment prod``."""
        named = {
            "environment": self.environment,
            "tenant": self.tenant,
            "service": self.workload,
        }
        said = [f"{noun} {row}" for noun, row in named.items() if row is not None]
        inside = f" in {self.target}" if self.target else ""
        return f"{''.join(said) or 'the project'}{inside}"

    @classmethod
    def of(cls, variable: Variable) -> "VariablePlace":
        """Return the place of a row."""
        return cls(
            variable.project,
            VariableScope(variable.scope),
            variable.environment,
            variable.tenant,
            variable.target,
            variable.workload,
        )


@transaction.atomic
def set_variable(
    place: VariablePlace,
    *,
    key: str,
    value: str | None,
    secret: bool | None = None,
    description: str | None = None,
    actor: User | None,
    message: str = "",
) -> Variable:
    """Create or change a variable. What is None stays; a new one needs a value.

    :raises NotPermitted: without ``variables.manage`` where the scope reaches
    :raises ValidationError: for a key or value that breaks a rule, a secret that is
        short, or a secret that would become plain without a new value
    """
    lock_place(place, actor)
    row = _find(place, key) or Variable(key=key, **place.fields)
    given, is_secret = value_to_save(row, value=value, secret=secret)
    stored: str | SecretValue | None = given
    if is_secret and given is not None:
        stored = secrets.store_secret(given)
    return _save(row, stored, description, actor=actor, message=message)


@transaction.atomic
def restore_variable(
    place: VariablePlace,
    *,
    key: str,
    value: str | None,
    fingerprint: str | None,
    actor: User | None,
    message: str = "",
) -> Variable:
    """Set a variable to what a snapshot holds: a value, or a secret by fingerprint.

    :raises NotPermitted: without ``variables.manage`` where the scope reaches
    """
    lock_place(place, actor)
    row = _find(place, key) or Variable(key=key, **place.fields)
    stored: str | SecretValue = value or ""
    if fingerprint is not None:
        stored = SecretValue.objects.get(pk=fingerprint)
    return _save(row, stored, None, actor=actor, message=message)


@transaction.atomic
def delete_variable(
    variable: Variable, *, actor: User | None, message: str = ""
) -> None:
    """Delete a variable.

    :raises NotPermitted: without ``variables.manage`` where the scope reaches
    :raises NotFound: when it is gone
    """
    place = VariablePlace.of(variable)
    lock_place(place, actor)
    found = _find(place, variable.key)
    if found is None or found.pk != variable.pk:
        raise NotFound
    variable = found
    files, before = sourcing.variable_files(variable), _described(variable)
    after = dict.fromkeys(files)
    audit.record(
        Event.VARIABLE_DELETED,
        variable,
        actor=actor,
        project=place.project.slug,
        before=before,
        **where_of(place),
    )
    variable.delete()
    record_edit(
        place.project,
        actor=actor,
        subject=("hq_variable", variable.key),
        before=files,
        after={**after, **sourcing.variable_files(variable)},
        message=message or f"Delete {variable}",
    )


def _find(place: VariablePlace, key: str) -> Variable | None:
    """Return the row of *key* at *place*, if there is one."""
    return Variable.objects.filter(key=key, **place.fields).first()


def lock_place(place: VariablePlace, actor: User | None) -> None:
    """Lock the project for an edit of variables by *actor*.

    :raises NotPermitted: without ``variables.manage`` where the scope reaches
    :raises Archived: where something of the place takes no more edits
    """
    project = begin(place.project)
    refuse_strangers(
        project, place.environment, place.tenant, place.target, place.workload
    )
    require(actor, Permission.MANAGE_VARIABLES, on=place.reach)
    target = place.target
    refuse_archived(place.environment, place.tenant, place.workload)
    if target is not None:
        refuse_archived(target.tenant, target.environment)


def _save(
    row: Variable,
    stored: str | SecretValue | None,
    description: str | None,
    *,
    actor: User | None,
    message: str,
) -> Variable:
    place, is_new = VariablePlace.of(row), row.pk is None
    files = sourcing.variable_files(row)
    before = None if is_new else _described(row)
    if isinstance(stored, SecretValue):
        row.secret, row.value = stored, ""
    elif stored is not None:
        row.secret, row.value = None, stored
    if description is not None:
        row.description = checks.check_text(
            description, "/description", longest=MAX_DESCRIPTION, empty=True
        )
    after = _described(row)
    if before == after:
        return row
    row.save()
    record_edit(
        place.project,
        actor=actor,
        subject=("hq_variable", row.key),
        before=files,
        after=sourcing.variable_files(row),
        message=message or f"Set {row}",
    )
    audit.record(
        Event.VARIABLE_CREATED if is_new else Event.VARIABLE_CHANGED,
        row,
        actor=actor,
        project=place.project.slug,
        before=before,
        after=after,
        **where_of(place),
    )
    return row


def _described(row: Variable) -> dict[str, str | bool]:
    """Return a row for the audit trail: of a secret, its mask."""
    shown = mask_of(row.secret_id) if row.secret_id else row.value
    return {
        "value": shown,
        "secret": row.is_secret,
        "description": row.description,
    }


def where_of(place: VariablePlace) -> dict[str, str]:
    """Return a place for the audit trail."""
    named = {
        "environment": place.environment,
        "tenant": place.tenant,
        "target": place.target,
        "service": place.workload,
    }
    found = {name: str(row) for name, row in named.items() if row is not None}
    return {"scope": place.scope.value, **found}
