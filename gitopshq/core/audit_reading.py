"""Questions about the audit trail: who may read what, and narrowing it down."""

from collections.abc import Collection
from datetime import datetime

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


def narrowed(
    entries: QuerySet[AuditEntry],
    *,
    project: str | None = None,
    actor: str | None = None,
    event: str | None = None,
    about: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[AuditEntry]:
    """Return those of *entries* that fit everything given.

    *event* may end in ``*``; *about* is an object's label, id, or ``type:id``; the
    time is *since* (inclusive) to *until* (exclusive).
    """
    wanted = Q()
    if project is not None:
        wanted &= Q(project=project)
    if actor is not None:
        wanted &= Q(actor_name=actor)
    if event is not None:
        is_family = event.endswith("*")
        family = Q(event__startswith=event.rstrip("*"))
        wanted &= family if is_family else Q(event=event)
    if about is not None:
        kind, _, key = about.partition(":")
        wanted &= (
            Q(object_label=about)
            | Q(object_id=about)
            | Q(object_type=kind, object_id=key)
        )
    if since is not None:
        wanted &= Q(at__gte=since)
    if until is not None:
        wanted &= Q(at__lt=until)
    return entries.filter(wanted)
