"""Which open releases change a variable: an answer for ``environments.ports``."""

from collections.abc import Collection

from environments.desired.change import HQ_VARIABLE
from environments.ports import OpenChange
from releases.models import CLAIMING, ReleaseChange


def open_changes(targets: Collection[int], key: str, /) -> list[OpenChange]:
    """Return what open releases of *targets* change of the variable *key*."""
    rows = ReleaseChange.objects.filter(
        target__in=targets,
        type=HQ_VARIABLE,
        document__object=key,
        release__status__in=[*CLAIMING],
    )
    followed = ("release__project", "target__tenant", "target__environment")
    return [
        OpenChange(
            release=row.release.name,
            url=row.release.get_absolute_url(),
            state=str(row.release.status),
            target=str(row.target),
            summary=str(row),
        )
        for row in rows.select_related(*followed).order_by("-release__number", "pk")
    ]
