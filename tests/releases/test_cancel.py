"""Cancelling and rejecting: the two ways a release ends without being deployed."""

import pytest

from approvals import actions as approvals
from approvals.errors import NotEligible
from approvals.subjects import request_for
from environments.permissions import Permission
from gitopshq.core.errors import InvalidState, NotPermitted, ReasonRequired
from gitopshq.core.models import AuditEntry, Notification
from releases import actions, errors
from releases.locking import fresh
from releases.models import CANCELLABLE, CancelKind, Release, Snapshot, Status
from releases.models.keeping import NeverDeleted
from releases.pending import pool_of
from tests import make


@pytest.fixture
def cancel(do, alice):
    def press(release, *, actor=alice, reason="no more"):
        do(actions.cancel_release, fresh(release.pk), actor=actor, reason=reason)
        return fresh(release.pk)

    return press


@pytest.fixture
def reject(do, bob):
    def press(release, *, actor=bob, reason="too risky"):
        do(approvals.reject, request_for(release), actor=actor, reason=reason)
        return fresh(release.pk)

    return press


def test_a_draft_gives_its_changes_back_at_once(dev, edit, create, cancel):
    """S83, S84."""
    edit(dev)

    release = cancel(create(dev))

    assert (release.status, release.cancel_kind) == (
        Status.CANCELLED,
        CancelKind.CANCELLED,
    )
    assert {row.claimed_by for row in pool_of(dev).rows} == {None}


def test_a_pending_release_voids_its_votes_and_tells_approvers(
    shop, edit, create, approve, cancel, bob
):
    """S83, S85."""
    make.environment(shop, "two", required_approvals=2)
    target = make.target(shop, environment="two")
    edit(target)
    release = approve(create(target))

    cancel(release)

    request = request_for(release)
    assert request.state == "cancelled"
    assert request.decisions.get().voided_at is not None
    told = Notification.objects.filter(recipient=bob, event="approval.cancelled")
    assert told.count() == 1


def test_an_approved_release_stays_in_history_and_never_deploys(
    prod, approved, cancel, dora
):
    """S83, S86: with its votes, its reason and its time."""
    release = cancel(approved(prod))

    assert release.cancelled_at is not None
    assert release.cancel_reason == "no more"
    assert request_for(release).decisions.count() == 1
    with pytest.raises(errors.NotDeployable):
        actions.deploy_release(release, actor=dora)


def test_later_it_cannot_be_cancelled(prod, released, alice):
    """S83."""
    release = released(prod)

    for status in [s for s in Status if s not in CANCELLABLE]:
        Release.objects.update(status=status, cancel_kind="cancelled")
        with pytest.raises(InvalidState, match="cannot be cancelled"):
            actions.cancel_release(release, actor=alice)


def test_others_need_the_right_to_cancel(prod, edit, create, cancel, bob, shop):
    """S91, S19: the author does not."""
    edit(prod)
    release = create(prod)

    with pytest.raises(NotPermitted, match=r"releases\.cancel"):
        actions.cancel_release(release, actor=bob)

    carl = make.user("carl", may=[Permission.CANCEL_RELEASE], on=shop)
    assert cancel(release, actor=carl).cancelled_by == carl


def test_rejecting_cancels_with_the_reason(prod, edit, create, reject, bob, alice):
    """S11, S19, S81: there is no state of its own; the author is told why."""
    edit(prod)

    release = reject(create(prod))

    assert (release.status, release.cancel_kind) == (
        Status.CANCELLED,
        CancelKind.REJECTED,
    )
    assert (release.cancel_reason, release.cancelled_by) == ("too risky", bob)
    assert {row.claimed_by for row in pool_of(prod).rows} == {None}
    told = Notification.objects.get(recipient=alice, event="release.rejected")
    assert told.body == "too risky"
    with pytest.raises(InvalidState):
        approvals.approve(request_for(release), actor=bob, digest=release.digest)


def test_rejecting_needs_a_reason(prod, edit, create, bob):
    """S11."""
    edit(prod)

    with pytest.raises(ReasonRequired):
        approvals.reject(request_for(create(prod)), actor=bob, reason="  ")


def test_a_release_that_cannot_be_rendered_can_be_rejected(prod, edit, create, reject):
    edit(prod, fast="{{hq.var.NOWHERE}}")

    assert reject(create(prod)).status == Status.CANCELLED


def test_rejecting_is_for_approvers_who_did_not_make_it(prod, edit, create, alice, do):
    """S89: and for people."""
    edit(prod)
    request = request_for(create(prod))

    with pytest.raises(NotPermitted, match=r"releases\.approve"):
        approvals.reject(request, actor=alice, reason="mine")
    with pytest.raises(NotEligible):
        approvals.reject(request, actor=alice, reason="x", by_token=True)


def test_nothing_is_ever_deleted(prod, released):
    """S87: neither one by one nor all at once."""
    release = released(prod)

    for delete in (
        release.delete,
        Release.objects.all().delete,
        Snapshot.objects.all().delete,
        release.attempts.all().delete,
    ):
        with pytest.raises(NeverDeleted):
            delete()

    assert Release.objects.count() == 1


def test_the_end_is_recorded(dev, edit, create, cancel, alice):
    """S1, S87: with state and time."""
    edit(dev)
    cancel(create(dev))

    entry = AuditEntry.objects.get(event="release.cancelled")
    assert (entry.before, entry.after) == (
        {"state": "draft"},
        {"state": "cancelled"},
    )
    assert entry.actor == alice
