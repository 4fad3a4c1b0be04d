"""Writing the audit trail: one row a doing, chained per project."""

import hashlib
import json
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import F, Model
from django.utils import timezone

from gitopshq.core.models import AuditEntry, AuditHead, User

SYSTEM: Final = "system"
request_id: ContextVar[str] = ContextVar("request_id", default="")


@dataclass(slots=True)
class Caller:
    """From where a request came: its address, and the first letters of its token."""

    address: str = ""
    token: str = ""

    def to_json(self) -> dict[str, str]:
        """Return what is known of it."""
        known = {"address": self.address, "token": self.token}
        return {name: value for name, value in known.items() if value}


caller: ContextVar[Caller | None] = ContextVar("caller", default=None)


def record(
    event: str,
    subject: Model,
    *,
    actor: User | None,
    project: str = "",
    before: Any = None,
    after: Any = None,
    **data: Any,
) -> AuditEntry:
    """Write down what happened to *subject*, in the transaction that did it.

    ``actor=None`` means that the system did it. ``project`` is the slug whose chain
    the row joins; empty for what belongs to the installation. Never pass secrets.
    """
    assert connection.in_atomic_block, "audit what happened where it happened"
    if (came := caller.get()) is not None and (known := came.to_json()):
        data = {**data, "caller": known}
    head = _lock_head(project)
    entry = AuditEntry(
        project=project,
        sequence=head.sequence,
        at=timezone.now(),
        actor=actor,
        actor_name=actor.username if actor else SYSTEM,
        event=str(event),
        object_type=subject._meta.label_lower,
        object_id=str(subject.pk),
        object_label=str(subject)[:255],
        before=before,
        after=after,
        data=data,
        request_id=request_id.get(),
        previous_hash=head.entry_hash,
    )
    entry.entry_hash = hash_of(entry)
    entry.save(force_insert=True)
    AuditHead.objects.filter(pk=head.pk).update(entry_hash=entry.entry_hash)
    return entry


def hash_of(entry: AuditEntry) -> str:
    """Return the SHA-256 that chains *entry* to the one before it."""
    canonical = json.dumps(content_of(entry), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def content_of(entry: AuditEntry) -> dict[str, Any]:
    """Return what the hash of *entry* is over, as JSON values."""
    return {
        "project": entry.project,
        "sequence": entry.sequence,
        "at": entry.at.isoformat(),
        "actor": [entry.actor_id, entry.actor_name],
        "event": entry.event,
        "object": [entry.object_type, entry.object_id, entry.object_label],
        "before": entry.before,
        "after": entry.after,
        "data": entry.data,
        "request": entry.request_id,
        "previous": entry.previous_hash,
    }


def head_of(project: str) -> tuple[int, str]:
    """Return sequence and hash of the newest entry of *project* (0 and "" if none)."""
    head = AuditHead.objects.filter(project=project).first()
    return (head.sequence, head.entry_hash) if head else (0, "")


def has_chain(project: str) -> bool:
    """Say whether anything was ever recorded of *project*."""
    return AuditHead.objects.filter(project=project).exists()


def _lock_head(project: str) -> AuditHead:
    """Advance the chain by one; the guarded update serializes writers."""
    heads = AuditHead.objects.filter(project=project)
    if not heads.update(sequence=F("sequence") + 1):
        AuditHead.objects.get_or_create(project=project)
        heads.update(sequence=F("sequence") + 1)
    return heads.get()
