"""Votes on a release: who may, what they bind to, how they are counted."""

import pytest

from approvals import actions as approvals
from approvals import errors as approval_errors
from approvals.subjects import request_for
from environments import actions as environments
from environments.permissions import Permission, Role
from gitopshq.core.errors import InvalidState, NotPermitted
from gitopshq.core.models import AuditEntry
from releases import actions, errors, people
from releases.locking import fresh
from releases.models import Status
from releases.quorum import progress_of
from tests import make
from tests.releases.asking import vote

BROKEN = {"bad.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n"}


def test_different_people_make_the_quorum(gated, edit, create, approve, bob, carol):
    """S48, S49, S58: the same person counts once."""
    target = gated(required_approvals=2)
    edit(target)

    release = approve(create(target))
    assert release.status == Status.PENDING_APPROVAL
    with pytest.raises(approval_errors.AlreadyVoted):
        vote(release, bob)

    assert approve(release, actor=carol).status == Status.APPROVED
    tally = progress_of(fresh(release.pk)).tally
    assert (tally.current, tally.required) == (2, 2)


@pytest.fixture
def dana(shop):
    """Develops and approves."""
    person = make.user("dana", role=Role.DEVELOPER, on=shop)
    environments.grant_role(shop, to=person, role=Role.APPROVER, actor=None)
    return person


def test_the_author_is_kept_from_voting(gated, edit, create, dana):
    """S50, S89: where the environment blocks it, which is the default."""
    target = gated()
    edit(target)
    release = create(target, actor=dana)

    with pytest.raises(approval_errors.SelfApprovalBlocked, match="made this release"):
        vote(release, dana)


def test_the_author_votes_where_that_is_open(gated, edit, create, approve, dana):
    """S50: accepted when it is off."""
    target = gated(block_self_approval=False)
    edit(target)

    release = approve(create(target, actor=dana), actor=dana)

    assert release.status == Status.APPROVED


def test_an_editor_of_a_selected_change_is_kept_from_voting(gated, edit, create, dana):
    """S50: security.md 4, the co-editor."""
    target = gated()
    edit(target, actor=dana)

    with pytest.raises(approval_errors.SelfApprovalBlocked, match="edited"):
        vote(create(target), dana)


def test_an_editor_of_something_else_may_vote(
    gated, edit, create, approve, dana, released
):
    """S50: what they edited was shipped before, or is not in it."""
    target = gated()
    edit(target, "theirs", actor=dana)
    released(target, fast="1")
    edit(target, "mine")

    assert approve(create(target), actor=dana).status == Status.APPROVED


def test_an_edit_that_was_shipped_with_more_bars_nobody_later(
    gated, shop, edit, create, approve, deploy, do, dana
):
    """S50: what adds an object, or a map of values, ships all that stands in it."""
    target = gated()
    api = make.workload(shop, "api", on=[target])
    layer = {"tenant": target.tenant, "environment": target.environment}
    edit(target, actor=dana, fast="1")
    deploy(approve(create(target)))

    edit(target, fast="2")
    release = create(target)
    assert str(dana.pk) not in release.barred
    deploy(approve(release))

    do(environments.set_values, api, text="a:\n  b: 1\n", actor=dana, **layer)
    release = create(target)
    assert str(dana.pk) in release.barred
    deploy(approve(release))
    do(environments.set_values, api, text="a:\n  b: 2\n", actor=None, **layer)
    assert str(dana.pk) not in create(target).barred


def test_refusals_come_in_their_order(gated, edit, create, dana, bob, stan, approve):
    """S49, S89: state, token, right, authorship, twice, digest."""
    target = gated(required_approvals=2)
    edit(target)
    release = create(target, actor=dana)

    with pytest.raises(approval_errors.NotEligible):
        vote(release, stan, by_token=True, digest="wrong")
    with pytest.raises(NotPermitted, match=r"releases\.approve"):
        vote(release, stan, digest="wrong")
    with pytest.raises(approval_errors.SelfApprovalBlocked):
        vote(release, dana, digest="wrong")
    approve(release)
    with pytest.raises(approval_errors.AlreadyVoted):
        vote(release, bob, digest="wrong")
    actions.cancel_release(fresh(release.pk), actor=dana)
    with pytest.raises(InvalidState):
        vote(release, stan, by_token=True, digest="wrong")


def test_a_vote_is_for_what_was_shown(gated, edit, create, bob):
    """S4: another digest, another content."""
    target = gated()
    edit(target)

    with pytest.raises(approval_errors.DigestMismatch):
        vote(create(target), bob, digest="0" * 64)


def test_nobody_votes_while_it_is_rendered(gated, edit, alice, bob):
    """S107: 409, wait."""
    target = gated()
    edit(target)
    release = actions.create_release(
        target, actor=alice, content=actions.Content(title="Soon")
    )

    with pytest.raises(errors.RenderingNotReady):
        vote(release, bob)


def test_nobody_votes_on_what_cannot_be_rendered(gated, do, create, bob):
    """S74: 422 with the errors; the state stays."""
    target = gated()
    do(environments.put_manifests, target, name="bad", files=BROKEN, actor=None)
    release = create(target)

    with pytest.raises(errors.RenderingFailed):
        vote(release, bob)

    assert fresh(release.pk).status == Status.PENDING_APPROVAL
    assert release.digest == ""


def test_a_superuser_votes_only_when_granted(gated, edit, create):
    """S89, S93."""
    target = gated()
    edit(target)
    root = make.user("root", is_superuser=True)

    with pytest.raises(NotPermitted):
        vote(create(target), root)


def test_a_service_account_never_votes(gated, edit, create, bob, shop):
    target = gated()
    edit(target)
    robot = make.service_account(of=bob, role=Role.APPROVER, on=shop)

    with pytest.raises(approval_errors.NotEligible):
        vote(create(target), robot)


def test_a_vote_can_be_taken_back(gated, edit, create, approve, bob, carol):
    target = gated(required_approvals=2)
    edit(target)
    release = approve(create(target))

    approvals.withdraw_vote(request_for(release), actor=bob)

    assert progress_of(fresh(release.pk)).tally.current == 0
    approve(release, actor=carol)
    assert approve(release).status == Status.APPROVED


def test_the_conclusion_needs_the_votes(gated, edit, create, bob):
    """S96: below the quorum it is refused with the numbers."""
    target = gated(required_approvals=2)
    edit(target)
    request = request_for(create(target))

    with pytest.raises(approval_errors.ThresholdNotMet, match="0/2"):
        approvals.complete_approval(request, actor=bob)


def test_the_freeze_is_written_down_with_the_vote(prod, edit, create, approve, do):
    """S108, S126: at creation and at each vote."""
    do(environments.freeze, prod.environment, reason="fair", actor=None)
    edit(prod)
    prod.environment = type(prod.environment).objects.get(pk=prod.environment_id)

    release = approve(create(prod))

    assert release.frozen_at_cut["reason"] == "fair"
    voted = AuditEntry.objects.get(event="approval.voted")
    assert voted.data["frozen"]["reason"] == "fair"
    vote = request_for(release).decisions.get()
    assert (vote.freeze["reason"], vote.freeze["until"]) == ("fair", None)


def test_who_may_vote_is_shown_with_reasons(prod, edit, create, bob, dana):
    """S102, S109: those who may, first."""
    edit(prod)

    found = people.approvers_of(create(prod, actor=dana))

    assert [(p.user.username, p.reason) for p in found] == [
        ("bob", ""),
        ("dana", "made this release"),
    ]


def test_rights_are_separate(shop, prod, edit, create, approve, deploy):
    """S88, S89, S90, S93: three people; no two-in-one shortcut."""
    maker = make.user("mia", may=[Permission.CREATE_RELEASE], on=shop)
    voter = make.user("vera", may=[Permission.APPROVE_RELEASE], on=shop)
    shipper = make.user("sven", may=[Permission.DEPLOY_RELEASE], on=shop)
    edit(prod)
    for person in (voter, shipper):
        with pytest.raises(NotPermitted):
            create(prod, actor=person)
    release = create(prod, actor=maker)
    for person in (maker, shipper):
        with pytest.raises(NotPermitted):
            vote(release, person)
    release = approve(release, actor=voter)
    for person in (maker, voter):
        with pytest.raises(NotPermitted):
            actions.deploy_release(release, actor=person)

    assert deploy(release, actor=shipper).status == Status.DEPLOYED
