"""Questions about the audit trail: who may read what, and narrowing it down."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, Final, TypedDict, Unpack

from django.db.models import Q, QuerySet

from gitopshq.core import ports
from gitopshq.core.models import AuditEntry, User


def chains_open_to(user: User) -> Collection[str] | None:
    """Return the projects whose trail *user* may read; ``None`` for all there are.

    The installation's own trail, of people and tokens, is for superusers.
    """
    return None if user.is_superuser else ports.audit_scope(user)


def entries_open_to(user: User) -> QuerySet[AuditEntry]:
    """Return the entries that *user* may read, with their actors."""
    entries = AuditEntry.objects.all()
    chains = chains_open_to(user)
    return entries if chains is None else entries.filter(project__in=chains)


class Narrowing(TypedDict, total=False):
    """What to look for; what is absent narrows nothing.

    *event* may end in ``*``; *about* is an object's label, id, or ``type:id``; the
    time is *since* (inclusive) to *until* (exclusive).
    """

    project: str
    actor: str
    event: str
    about: str
    request_id: str
    since: datetime
    until: datetime


def narrowed(
    entries: QuerySet[AuditEntry], **wanted: Unpack[Narrowing]
) -> QuerySet[AuditEntry]:
    """Return those of *entries* that fit everything given."""
    return entries.filter(*(_CONDITIONS[name](value) for name, value in wanted.items()))


def _of_event(event: str) -> Q:
    if event.endswith("*"):
        return Q(event__startswith=event.rstrip("*"))
    return Q(event=event)


def _about(about: str) -> Q:
    kind, _, key = about.partition(":")
    by_key = Q(object_type=kind, object_id=key)
    return Q(object_label=about) | Q(object_id=about) | by_key


_CONDITIONS: Final[dict[str, Callable[[Any], Q]]] = {
    "project": lambda slug: Q(project=slug),
    "actor": lambda name: Q(actor_name=name),
    "event": _of_event,
    "about": _about,
    "request_id": lambda request_id: Q(request_id=request_id),
    "since": lambda moment: Q(at__gte=moment),
    "until": lambda moment: Q(at__lt=moment),
}
