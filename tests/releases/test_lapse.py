"""Votes stop counting: they lapse, or the policy is tightened meanwhile."""

from datetime import timedelta

from django.utils import timezone

from approvals.subjects import request_for
from environments import actions as environments
from gitopshq.core.models import AuditEntry, Notification
from releases.lapses import reopen_lapsed
from releases.locking import fresh
from releases.models import Status
from releases.quorum import progress_of


def test_a_lapsed_vote_sends_the_release_back_and_is_given_again(
    gated, edit, create, approve, bob, time_machine
):
    """S51: the same request, opened again."""
    target = gated(approval_expiry_hours=4)
    edit(target)
    release = approve(create(target))
    assert release.status == Status.APPROVED

    time_machine.move_to(timezone.now() + timedelta(hours=4), tick=False)
    reopen_lapsed()

    release = fresh(release.pk)
    assert release.status == Status.PENDING_APPROVAL
    assert progress_of(release).tally.current == 0
    told = Notification.objects.filter(recipient=bob, event="approval.requested")
    assert told.count() == 2
    assert approve(release).status == Status.APPROVED
    assert request_for(release).decisions.count() == 2


def test_a_vote_that_lapsed_while_others_were_awaited_is_given_again(
    gated, edit, create, approve, carol, time_machine
):
    """S51: before the release was ever approved."""
    target = gated(required_approvals=2, approval_expiry_hours=4)
    edit(target)
    release = approve(create(target))
    time_machine.move_to(timezone.now() + timedelta(hours=5), tick=False)

    assert approve(release).status == Status.PENDING_APPROVAL
    assert approve(release, actor=carol).status == Status.APPROVED


def test_votes_that_still_count_are_kept_when_others_lapse(
    gated, edit, create, approve, carol, time_machine
):
    target = gated(required_approvals=2, approval_expiry_hours=4)
    edit(target)
    release = approve(create(target))
    time_machine.move_to(timezone.now() + timedelta(hours=3), tick=False)
    approve(release, actor=carol)
    time_machine.move_to(timezone.now() + timedelta(hours=2), tick=False)

    reopen_lapsed()

    tally = progress_of(fresh(release.pk)).tally
    assert [v.decision.approver for v in tally.votes if v.counts] == [carol]


def test_a_tightened_policy_sends_an_approved_release_back(prod, approved, do, bob):
    """S48: at once; the request asks for as many as are needed now."""
    release = approved(prod)

    do(
        environments.set_policy,
        prod.environment,
        terms={"required_approvals": 2},
        actor=None,
    )

    release = fresh(release.pk)
    assert release.status == Status.PENDING_APPROVAL
    assert request_for(release).required == 2
    assert progress_of(release).tally.current == 1
    assert AuditEntry.objects.filter(event="release.reopened").count() == 1


def test_a_loosened_policy_lets_nothing_through_sooner(prod, edit, create, do):
    """S48: what was asked for at the cut is still asked for."""
    edit(prod)
    release = create(prod)

    do(
        environments.set_policy,
        prod.environment,
        terms={"required_approvals": 0},
        actor=None,
    )

    assert progress_of(fresh(release.pk)).facts.required == 1


def test_a_waiting_request_learns_of_a_tightened_policy(prod, edit, create, do):
    """S58, S115: the inbox counts by the policy of now."""
    edit(prod)
    release = create(prod)

    do(
        environments.set_policy,
        prod.environment,
        terms={"required_approvals": 3},
        actor=None,
    )

    assert request_for(release).required == 3
