"""Votes stop counting: they lapse, or the policy is tightened meanwhile."""

from datetime import timedelta

from django.utils import timezone

from approvals.subjects import request_for
from environments import actions as environments
from environments.permissions import Role
from gitopshq.core.departing import deactivate_user
from gitopshq.core.models import AuditEntry, Notification
from releases import actions
from releases.lapses import reopen_lapsed
from releases.locking import fresh
from releases.models import Status
from releases.quorum import progress_of, terms_of
from tests import make
from tests.people import signed_in


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


def set_required(target, count):
    """Change the policy; whatever waits for the commit does not happen."""
    environments.set_policy(
        target.environment, terms={"required_approvals": count}, actor=None
    )


def test_a_tightened_policy_sends_an_approved_release_back(prod, approved):
    """S48: in the same transaction; the request asks for as many as are needed now."""
    release = approved(prod)

    set_required(prod, 2)

    release = fresh(release.pk)
    assert release.status == Status.PENDING_APPROVAL
    assert request_for(release).required == 2
    assert progress_of(release).tally.current == 1
    assert AuditEntry.objects.filter(event="release.reopened").count() == 1


def test_what_went_back_for_nothing_is_concluded_by_an_approver(
    prod, approved, bob, alice
):
    """S105: the policy is put back as it was, and the vote that stands is enough."""
    release = approved(prod)
    set_required(prod, 2)
    url = f"/api/v1/projects/shop/releases/{release.number}"

    def conclusion(person):
        actions = signed_in(person).get(url).json()["allowedActions"]
        return next(a for a in actions if a["action"] == "complete-approval")

    assert conclusion(bob)["reason"].endswith("approval threshold: 1/2")
    set_required(prod, 1)
    assert "releases.approve" in conclusion(alice)["reason"]
    assert conclusion(bob)["allowed"]

    page = f"/projects/shop/releases/{release.number}"
    button = f'action="{page}/complete-approval"'
    assert button in signed_in(bob).get(page).content.decode()
    assert button not in signed_in(alice).get(page).content.decode()
    assert signed_in(bob).post(f"{page}/complete-approval").status_code == 302

    assert fresh(release.pk).status == Status.APPROVED
    assert request_for(release).decisions.count() == 1


def test_a_grant_lost_after_the_vote_sends_the_release_back(
    prod, shop, approved, carol, bob, approve
):
    """S89, S105: who may vote is asked again; another approver mends it."""
    release = approved(prod)
    environments.revoke_access(shop, of=bob, actor=None)

    reopen_lapsed()

    release = fresh(release.pk)
    assert release.status == Status.PENDING_APPROVAL
    [vote] = progress_of(release).tally.votes
    assert (vote.counts, vote.reason) == (False, "no longer an approver here")
    assert approve(release, actor=carol).status == Status.APPROVED


def test_the_vote_of_who_left_sends_the_release_back(prod, approved, bob):
    """S129: the vote stays on record and counts no more."""
    release = approved(prod)
    deactivate_user(bob, actor=None)

    reopen_lapsed()

    release = fresh(release.pk)
    assert release.status == Status.PENDING_APPROVAL
    [vote] = progress_of(release).tally.votes
    assert (vote.counts, vote.decision.voided_at) == (False, None)


def test_who_refreshes_is_an_author_and_their_vote_counts_no_more(
    gated, approved, shop, bob, do
):
    """S50, S63: the content is the same, and still it needs another approver."""
    release = approved(gated(), slow="1")
    environments.grant_role(shop, to=bob, role=Role.DEPLOYER, actor=None)

    do(actions.refresh_release, release, actor=bob)

    release = fresh(release.pk)
    assert release.status == Status.PENDING_APPROVAL
    [vote] = progress_of(release).tally.votes
    assert (vote.counts, vote.reason) == (False, "made this release")


def test_a_release_is_judged_by_the_strictest_of_all_its_policies(
    prod, released, edit, create, shop
):
    """S48, S114: last released, at the cut, and now; neighbours before a first deploy.

    Each is stricter in something, and all of it binds.
    """

    def set_policy(**terms):
        environments.set_policy(prod.environment, terms=terms, actor=None)

    released(prod)
    set_policy(required_approvals=0, approval_expiry_hours=8, auto_approve=True)
    edit(prod, "more")
    release = create(prod)
    set_policy(approval_expiry_hours=None, block_self_deploy=True)

    terms = terms_of(fresh(release.pk))

    assert release.status == Status.PENDING_APPROVAL
    assert terms.required_approvals == 1, "as it was last released"
    assert not terms.auto_approve, "as it was last released"
    assert terms.approval_expiry_hours == 8, "as it was when it was cut"
    assert terms.block_self_deploy, "as it is now"

    beside = make.target(shop, tenant="globex")
    edit(beside, "theirs")
    first = terms_of(create(beside))
    assert (first.required_approvals, first.approval_expiry_hours) == (1, None)


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


def test_a_vote_that_lapses_while_others_are_awaited_is_told(
    gated, edit, create, approve, alice, bob, carol, time_machine
):
    """S51, S134: to its giver and to who asked, once, and it is on record."""
    target = gated(required_approvals=2, approval_expiry_hours=4)
    edit(target)
    release = approve(create(target))
    time_machine.move_to(timezone.now() + timedelta(hours=5), tick=False)

    reopen_lapsed()
    reopen_lapsed()

    told = Notification.objects.filter(event="approval.votes_lapsed")
    assert {row.recipient for row in told} == {alice, bob}
    assert {row.body for row in told} == {f"By {bob.label}. It has 0 of 2 now."}
    entry = AuditEntry.objects.get(event="approval.votes_lapsed")
    assert entry.data["votes"] == [bob.username]
    assert request_for(release).decisions.get().void_reason == "lapsed"
    page = signed_in(alice).get(release.get_absolute_url()).content.decode()
    assert "Votes lapsed" in page
    assert approve(release).status == Status.PENDING_APPROVAL
    assert approve(release, actor=carol).status == Status.APPROVED
