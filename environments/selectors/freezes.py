"""Whether an environment or a target is frozen: its rows, put to ``freezing``."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from environments import freezing
from environments.freezing import FreezeVerdict, Toggle, Window
from environments.models import (
    Environment,
    FreezeWindow,
    Tenant,
    TenantEnvironment,
)


class FreezeCalendar(NamedTuple):
    """All that freezes a target from some instant on: the toggle and the windows."""

    toggle: Toggle | None
    windows: list[Window]

    def verdict(self, at: datetime) -> FreezeVerdict:
        """Say whether it is frozen at *at*."""
        return freezing.verdict(self.toggle, self.windows, at)

    def spans(self, low: datetime, high: datetime) -> list[freezing.Span]:
        """Return the stretches frozen by windows in ``[low, high]``, sorted."""
        return sorted(freezing.spans_between(self.windows, low, high))


def freeze_of(
    place: TenantEnvironment | Environment,
    *,
    tenant: Tenant | None = None,
    at: datetime | None = None,
) -> FreezeVerdict:
    """Say whether a target, or an environment for *tenant*, is frozen at *at* (now).

    Windows of one tenant do not freeze the environment as a whole.
    """
    if isinstance(place, TenantEnvironment):
        return freezes_of([place], at=at)[place.pk]
    rows = _windows([place], at)
    reaching = [w for w in rows if _reaches(w, place, tenant.pk if tenant else None)]
    return _verdict(place, reaching, at)


def freezes_of(
    targets: Sequence[TenantEnvironment], *, at: datetime | None = None
) -> dict[int, FreezeVerdict]:
    """Return the verdict on each target by its key, in one query for windows.

    The environments of *targets* should be selected with them.
    """
    rows = _windows([target.environment for target in targets], at)
    return {
        target.pk: _verdict(
            target.environment,
            [w for w in rows if _reaches(w, target.environment, target.tenant_id)],
            at,
        )
        for target in targets
    }


def freezes_of_environments(
    environments: Sequence[Environment], *, at: datetime | None = None
) -> dict[int, FreezeVerdict]:
    """Return the verdict on each environment as a whole, in one query for windows."""
    rows = _windows(environments, at)
    return {
        place.pk: _verdict(place, [w for w in rows if _reaches(w, place, None)], at)
        for place in environments
    }


def calendar_of(
    target: TenantEnvironment, *, at: datetime | None = None
) -> FreezeCalendar:
    """Return all that freezes *target* from *at* (now) on, for the pure core."""
    return calendars_of([target], at=at)[target.pk]


def calendars_of(
    targets: Sequence[TenantEnvironment], *, at: datetime | None = None
) -> dict[int, FreezeCalendar]:
    """Return the calendar of each target by its key, in one query for windows.

    The environments of *targets* should be selected with them.
    """
    rows = _windows([target.environment for target in targets], at)
    return {
        target.pk: FreezeCalendar(
            toggle_of(target.environment),
            [
                window_of(row)
                for row in rows
                if _reaches(row, target.environment, target.tenant_id)
            ],
        )
        for target in targets
    }


def window_of(row: FreezeWindow) -> Window:
    """Return a row as the pure core takes it."""
    return Window(
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reason=row.reason,
        name=f"freeze window {row.pk}",
        rrule=row.rrule,
        time_zone=row.time_zone,
        ended_at=row.ended_at,
    )


def toggle_of(environment: Environment) -> Toggle | None:
    """Return the freeze set by hand; None where there is none."""
    if environment.frozen_at is None:
        return None
    return Toggle(
        reason=environment.freeze_reason,
        until=environment.frozen_until,
        name=f"freeze of {environment.slug}",
    )


def _verdict(
    environment: Environment, windows: Iterable[FreezeWindow], at: datetime | None
) -> FreezeVerdict:
    return freezing.verdict(
        toggle_of(environment), map(window_of, windows), at or timezone.now()
    )


def _windows(
    environments: Iterable[Environment], at: datetime | None
) -> list[FreezeWindow]:
    at = at or timezone.now()
    found = list(environments)
    still = Q(ended_at=None) | Q(ended_at__gt=at)
    rows = FreezeWindow.objects.filter(
        still,
        Q(environment=None) | Q(environment__in={place.pk for place in found}),
        project__in={place.project_id for place in found},
    )
    # What is over and does not repeat freezes nothing any more.
    return list(rows.exclude(rrule="", ends_at__lte=at).order_by("pk"))


def _reaches(
    window: FreezeWindow, environment: Environment, tenant: int | None
) -> bool:
    return (
        window.project_id == environment.project_id
        and window.environment_id in (None, environment.pk)
        and window.tenant_id in (None, tenant)
    )
