"""Checking the audit chains against what deploys published of them, on the record.

What was found last stands on the audit page; how a chain is read is ``audit_verify``.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from gitopshq.core import audit_triggers, audit_verify, notifying, ports
from gitopshq.core.audit_verify import BadEntry, Verdict
from gitopshq.core.models import AuditCheck, AuditHead, User

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the last checks found of some chains: the badge of the audit page.

    ``through`` is the last entry found right where one chain is asked about, else how
    many entries were; ``checked_at`` is the oldest of the checks, ``None`` where a
    chain was never read.
    """

    through: int
    checked_at: datetime | None
    chains: int
    bad: AuditCheck | None


def verify(projects: Collection[str] | None = None) -> Verdict:
    """Read the chains of *projects* (``None``: all) with the anchors of all deploys."""
    return audit_verify.verify(projects, anchors=ports.audit_anchors(projects))


def check(projects: Collection[str] | None = None) -> list[AuditCheck]:
    """Read the chains of *projects* (``None``: all) and keep what was found."""
    anchors = ports.audit_anchors(projects)
    return [
        _kept(project, audit_verify.verify_chain(project, anchors.get(project, ())))
        for project in audit_verify.chains(projects, also=anchors)
    ]


def standing(projects: Collection[str] | None = None) -> Standing | None:
    """Return what the last checks found; ``None`` where there is nothing to check."""
    heads = AuditHead.objects.all()
    rows = AuditCheck.objects.order_by("checked_at", "pk")
    if projects is not None:
        heads = heads.filter(project__in=projects)
        rows = rows.filter(project__in=projects)
    found = list(rows)
    unread = set(heads.values_list("project", flat=True)) - {r.project for r in found}
    if not (found or unread):
        return None
    return Standing(
        through=sum(row.through for row in found),
        checked_at=None if unread else found[0].checked_at,
        chains=len(found) + len(unread),
        bad=next((row for row in found if row.reason), None),
    )


def unguarded() -> list[str]:
    """Return the triggers that should refuse changes of the trail and do not."""
    return audit_triggers.missing() if settings.AUDIT_IS_APPEND_ONLY else []


@transaction.atomic
def _kept(project: str, verdict: Verdict) -> AuditCheck:
    bad = verdict.first_bad
    known = AuditCheck.objects.filter(project=project).exclude(reason="").exists()
    if bad is not None and not known:
        _raise_alarm(bad)
    row, _ = AuditCheck.objects.update_or_create(
        project=project,
        defaults={
            "through": verdict.checked,
            "checked_at": timezone.now(),
            "bad_sequence": bad.sequence if bad else None,
            "bad_entry": bad.entry if bad else None,
            "reason": bad.reason if bad else "",
        },
    )
    return row


def _raise_alarm(bad: BadEntry) -> None:
    place = f"{bad.project or 'installation'} #{bad.sequence}"
    logger.error("the audit trail is broken at %s: %s", place, bad.reason)
    notifying.notify(
        User.objects.filter(is_superuser=True),
        "audit.chain_broken",
        project=bad.project,
        title=f"The audit trail is broken at {place}",
        body=bad.reason,
        url=reverse("core:audit"),
    )
