"""Who is told of what happens to a release, and of the gates before it."""

import pytest

from approvals import actions as approvals
from approvals.subjects import request_for
from environments import actions as environments
from environments.permissions import Permission
from gitopshq.core.models import Notification
from releases import actions
from releases.locking import fresh
from tests import make


@pytest.fixture
def told(prod):
    """Return who was told of an event, by name."""

    def names(event):
        rows = Notification.objects.filter(event=event, project="shop")
        return sorted(rows.values_list("recipient__username", flat=True))

    return names


def test_approvers_are_told_and_then_the_author(prod, approved, told):
    """S34: approvers notified; the author hears of the decision."""
    make.user("percy", may=[Permission.APPROVE_RELEASE], on=prod.environment)

    approved(prod)

    assert told("approval.requested") == ["bob", "percy"]
    assert told("release.approved") == ["alice"]


def test_the_author_hears_of_a_rejection(do, edit, create, prod, bob, told):
    edit(prod)
    release = create(prod)

    do(approvals.reject, request_for(release), actor=bob, reason="too risky")

    assert told("release.rejected") == ["alice"]
    assert Notification.objects.get(event="release.rejected").body == "too risky"


def test_cancelling_tells_approvers_and_an_author_whose_release_it_was(
    do, edit, create, prod, mona, bob, told
):
    """S85: approvers notified."""
    edit(prod)
    release = create(prod)

    do(actions.cancel_release, release, actor=mona, reason="not now")

    assert "bob" in told("approval.cancelled")
    assert told("release.cancelled") == ["alice"]


def test_an_author_who_cancels_is_not_told_so(do, edit, create, prod, alice, told):
    edit(prod)

    do(actions.cancel_release, create(prod), actor=alice)

    assert told("release.cancelled") == []


def test_an_approval_that_lapses_is_said(do, prod, approved, mona, told):
    release = approved(prod)

    terms = {"required_approvals": 2}
    do(environments.set_policy, prod.environment, terms=terms, actor=mona)

    assert fresh(release.pk).status == "pending_approval"
    assert told("release.reopened") == ["alice"]


def test_a_policy_is_told_to_those_who_approve_or_manage(do, prod, mona, bob, told):
    make.user("maya", may=[Permission.MANAGE_ENVIRONMENT], on=prod.environment)

    terms = {"required_approvals": 2}
    do(environments.set_policy, prod.environment, terms=terms, actor=mona)

    assert told("policy.changed") == ["bob", "maya"]
    said = Notification.objects.filter(event="policy.changed").first()
    assert said.url == "/projects/shop/environments/prod/policy"
    assert "Two people" in said.body


def test_a_freeze_is_told_to_those_who_deploy(do, prod, mona, dora, told):
    do(environments.freeze, prod.environment, reason="fair", actor=mona)
    do(environments.unfreeze, prod.environment, actor=mona)

    assert told("environment.frozen") == ["dora"]
    assert told("environment.unfrozen") == ["dora"]
