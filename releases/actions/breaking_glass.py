"""Break-glass (domain 8): one person asks, a second confirms.

For an hour the freeze then does not hold one release; every other gate does.
"""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from approvals import errors as approval_errors
from approvals.tally import is_human
from environments import access
from environments.permissions import Permission
from environments.selectors import freeze_of
from gitopshq.core import audit, notifying
from gitopshq.core.errors import InvalidState, ReasonRequired, ValidationError
from gitopshq.core.instants import rfc3339
from gitopshq.core.models import User
from releases import errors, people, quorum
from releases.bells import ring_soon
from releases.cutting import frozen_document
from releases.events import ReleaseEvent
from releases.glass import LASTS, GlassState, current_of, glasses_of, state_of
from releases.locking import lock_release
from releases.models import BreakGlass, FailureType, Release, Status

MAX_REASON = 1000


@transaction.atomic
def ask_break_glass(release: Release, *, actor: User, reason: str) -> Release:
    """Ask that the freeze be set aside for *release*; a second person decides.

    :raises NotPermitted: without ``freeze.override``, or as a service account
    :raises InvalidState: unless it is approved, or failed and may be retried
    :raises ReasonRequired: without a reason
    :raises NotFrozen: where there is no freeze
    :raises BreakGlassExists: while another one waits or is open
    """
    release = lock_release(release)
    _check_may(release, actor)
    _check_state(release)
    reason = reason.strip()
    if not reason:
        raise ReasonRequired
    if len(reason) > MAX_REASON:
        raise ValidationError.of("/reason", f"at most {MAX_REASON} characters")
    now = timezone.now()
    if not freeze_of(release.target, at=now).is_frozen:
        raise errors.NotFrozen
    standing = current_of(glasses_of(release), now)
    if standing is not None:
        raise errors.BreakGlassExists(
            asked_by=standing.asked_by.username, state=state_of(standing, now).value
        )
    BreakGlass.objects.create(
        release=release, reason=reason, asked_by=actor, asked_at=now
    )
    audit.record(
        ReleaseEvent.BREAK_GLASS_ASKED,
        release,
        actor=actor,
        project=release.project.slug,
        reason=reason,
        digest=release.digest,
        frozen=frozen_document(release.target),
    )
    _tell(
        [one for one in _holders(release) if one.pk != actor.pk],
        ReleaseEvent.BREAK_GLASS_ASKED,
        release,
        title=f"Break-glass asked for: {release}",
        body=f"{actor.label}: {reason}",
    )
    return release


@transaction.atomic
def confirm_break_glass(
    release: Release, *, actor: User, by_token: bool = False
) -> Release:
    """Be the second person: from now on and for an hour the freeze does not hold it.

    :raises NotEligible: for tokens and service accounts
    :raises NotPermitted: without ``freeze.override``
    :raises InvalidState: unless it is approved, or failed and may be retried
    :raises NothingToConfirm: when none was asked for, or nobody confirmed in time
    :raises SecondPersonRequired: for the author of the release, and for who asked
    """
    release = lock_release(release)
    if by_token:
        raise approval_errors.NotEligible(reason="no token confirms break-glass")
    _check_may(release, actor)
    _check_state(release)
    now = timezone.now()
    row = current_of(glasses_of(release), now)
    if row is None or state_of(row, now) != GlassState.WAITING:
        raise errors.NothingToConfirm
    if people.are_one(actor, row.asked_by):
        raise errors.SecondPersonRequired(reason="you asked for it")
    if people.are_one(actor, release.author):
        raise errors.SecondPersonRequired(reason="you are the author of the release")
    row.confirmed_by, row.confirmed_at, row.expires_at = actor, now, now + LASTS
    row.save(update_fields=["confirmed_by", "confirmed_at", "expires_at"])
    audit.record(
        ReleaseEvent.BREAK_GLASS_CONFIRMED,
        release,
        actor=actor,
        project=release.project.slug,
        reason=row.reason,
        asked_by=row.asked_by.username,
        expires_at=rfc3339(row.expires_at),
        digest=release.digest,
        frozen=frozen_document(release.target),
    )
    _tell(
        [*_holders(release), release.author],
        ReleaseEvent.BREAK_GLASS_CONFIRMED,
        release,
        title=f"Break-glass confirmed: {release}",
        body=f"{row.asked_by.label} and {actor.label}: {row.reason}",
    )
    if release.status == Status.APPROVED and quorum.terms_of(release).deploys_itself:
        ring_soon("deploy_approved", release_id=release.pk)
    return release


def _check_may(release: Release, actor: User) -> None:
    access.require(actor, Permission.OVERRIDE_FREEZE, on=release.target.environment)
    if not is_human(actor):
        raise approval_errors.NotEligible(reason="no service account breaks glass")


def _check_state(release: Release) -> None:
    retryable = (
        release.status == Status.FAILED
        and release.failure_type in FailureType.RETRYABLE
    )
    if release.status != Status.APPROVED and not retryable:
        raise InvalidState(noun="release", participle="taken through a freeze")


def _holders(release: Release) -> list[User]:
    holders = access.holders_of(Permission.OVERRIDE_FREEZE, release.target.environment)
    return list(holders.order_by("pk"))


def _tell(
    recipients: Iterable[User],
    event: ReleaseEvent,
    release: Release,
    *,
    title: str,
    body: str,
) -> None:
    notifying.notify(
        recipients,
        event,
        project=release.project.slug,
        title=title,
        body=body,
        url=release.get_absolute_url(),
    )
