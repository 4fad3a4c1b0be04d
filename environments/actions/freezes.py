"""Freezing by hand, at once both ways; and windows by the calendar."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.utils import timezone

from environments import checks
from environments.access import require
from environments.actions._begin import (
    begin,
    refuse_archived,
    refuse_strangers,
)
from environments.actions._telling import tell_of_freeze
from environments.events import Event
from environments.models import Environment, FreezeWindow, Project, Tenant
from environments.permissions import Permission
from environments.recurrence import (
    Recurrence,
    RecurrenceRefused,
)
from gitopshq.core import audit
from gitopshq.core.errors import InvalidState, ReasonRequired, ValidationError
from gitopshq.core.instants import rfc3339
from gitopshq.core.models import User
from gitopshq.core.years import check_year

MAX_REASON: Final = 255
MAX_REPEATED: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowTerms:
    """When a window freezes: once, or repeated by an RRULE on the clock of a zone."""

    starts_at: datetime
    ends_at: datetime
    reason: str
    rrule: str = ""
    time_zone: str = "UTC"


@transaction.atomic
def freeze(
    environment: Environment,
    *,
    reason: str,
    until: datetime | None = None,
    actor: User | None,
) -> Environment:
    """Freeze an environment now; frozen already, change why and until when.

    :raises NotPermitted: without ``environments.manage`` in the environment
    :raises ReasonRequired: without a reason
    :raises ValidationError: when *until* has passed
    """
    project = begin(environment.project)
    environment = Environment.objects.get(pk=environment.pk)
    require(actor, Permission.MANAGE_ENVIRONMENT, on=environment)
    refuse_archived(environment)
    reason = _checked_reason(reason)
    now = timezone.now()
    if until is not None and until <= now:
        raise ValidationError.of("/until", "is in the past")
    check_year(until, "/until")
    before = _toggle(environment)
    environment.frozen_at = now
    environment.frozen_until = until
    environment.frozen_by = actor
    environment.freeze_reason = reason
    environment.save(
        update_fields=["frozen_at", "frozen_until", "frozen_by", "freeze_reason"]
    )
    audit.record(
        Event.ENVIRONMENT_FROZEN,
        environment,
        actor=actor,
        project=project.slug,
        before=before,
        after=_toggle(environment),
    )
    tell_of_freeze(environment, actor=actor)
    return environment


@transaction.atomic
def unfreeze(environment: Environment, *, actor: User | None) -> Environment:
    """Lift the freeze that was set by hand; windows stay.

    :raises NotPermitted: without ``environments.manage`` in the environment
    :raises InvalidState: when it is not frozen by hand
    """
    project = begin(environment.project)
    environment = Environment.objects.get(pk=environment.pk)
    require(actor, Permission.MANAGE_ENVIRONMENT, on=environment)
    if environment.frozen_at is None:
        raise InvalidState(noun="environment", participle="unfrozen")
    before = _toggle(environment)
    environment.frozen_at = environment.frozen_until = environment.frozen_by = None
    environment.freeze_reason = ""
    environment.save(
        update_fields=["frozen_at", "frozen_until", "frozen_by", "freeze_reason"]
    )
    audit.record(
        Event.ENVIRONMENT_UNFROZEN,
        environment,
        actor=actor,
        project=project.slug,
        before=before,
        after=_toggle(environment),
    )
    tell_of_freeze(environment, actor=actor)
    return environment


@transaction.atomic
def add_freeze_window(
    project: Project,
    *,
    terms: WindowTerms,
    environment: Environment | None = None,
    tenant: Tenant | None = None,
    actor: User,
) -> FreezeWindow:
    """Add a window to the project or one environment, for all tenants or one.

    :raises NotPermitted: without ``environments.manage`` where the window reaches
    :raises ReasonRequired: without a reason
    :raises ValidationError: for times, a rule or a zone that cannot be
    """
    project = begin(project)
    refuse_strangers(project, environment, tenant)
    refuse_archived(environment, tenant)
    require(actor, Permission.MANAGE_ENVIRONMENT, on=environment or project)
    reason = _checked_reason(terms.reason)
    check_terms(terms)
    window = FreezeWindow.objects.create(
        project=project,
        environment=environment,
        tenant=tenant,
        starts_at=terms.starts_at.replace(microsecond=0),
        ends_at=terms.ends_at.replace(microsecond=0),
        rrule=terms.rrule,
        time_zone=terms.time_zone,
        reason=reason,
        created_by=actor,
    )
    audit.record(
        Event.FREEZE_WINDOW_ADDED,
        window,
        actor=actor,
        project=project.slug,
        after=_described(window),
    )
    return window


@transaction.atomic
def end_freeze_window(window: FreezeWindow, *, actor: User | None) -> FreezeWindow:
    """Take a window back from now on; the row stays, as what was frozen once.

    :raises NotPermitted: without ``environments.manage`` where the window reaches
    :raises InvalidState: when it has been ended before
    """
    project = begin(window.project)
    window = FreezeWindow.objects.select_related("environment", "tenant").get(
        pk=window.pk
    )
    require(actor, Permission.MANAGE_ENVIRONMENT, on=window.environment or project)
    if window.ended_at is not None:
        raise InvalidState(noun="freeze window", participle="ended")
    window.ended_at = timezone.now()
    window.save(update_fields=["ended_at"])
    audit.record(
        Event.FREEZE_WINDOW_ENDED,
        window,
        actor=actor,
        project=project.slug,
        before=_described(window),
    )
    return window


def check_terms(terms: WindowTerms) -> None:
    """Check when a window would freeze.

    :raises ValidationError: for times, a rule or a zone that cannot be
    """
    zone = _zone(terms.time_zone)
    check_year(terms.starts_at, "/startsAt")
    check_year(terms.ends_at, "/endsAt")
    if terms.ends_at.replace(microsecond=0) <= terms.starts_at.replace(microsecond=0):
        raise ValidationError.of("/endsAt", "must be after startsAt")
    if not terms.rrule:
        return
    if terms.ends_at - terms.starts_at > MAX_REPEATED:
        raise ValidationError.of("/endsAt", "a repeated window lasts a year at most")
    if len(terms.rrule) > MAX_REASON:
        raise ValidationError.of("/rrule", f"at most {MAX_REASON} characters")
    try:
        Recurrence.parse(terms.rrule, starts_at=terms.starts_at, zone=zone)
    except RecurrenceRefused as refused:
        raise ValidationError.of("/rrule", str(refused)) from refused


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        detail = "is no time zone of the IANA database"
        raise ValidationError.of("/timeZone", detail) from error


def _checked_reason(reason: str) -> str:
    if not reason.strip():
        raise ReasonRequired
    return checks.check_text(reason, "/reason", longest=MAX_REASON)


def _toggle(environment: Environment) -> dict[str, str | None] | None:
    if environment.frozen_at is None:
        return None
    until = environment.frozen_until
    return {
        "reason": environment.freeze_reason,
        "until": rfc3339(until) if until else None,
    }


def _described(window: FreezeWindow) -> dict[str, str | None]:
    return {
        "environment": window.environment.slug if window.environment else None,
        "tenant": window.tenant.slug if window.tenant else None,
        "starts_at": rfc3339(window.starts_at),
        "ends_at": rfc3339(window.ends_at),
        "rrule": window.rrule,
        "time_zone": window.time_zone,
        "reason": window.reason,
    }
