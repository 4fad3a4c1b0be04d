"""``deploy_mode: auto``: the system deploys what was approved, once."""

import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone

from delivery import publishing
from delivery.repositories import repositories_of
from environments import actions as environments
from environments.permissions import Role
from gitopshq.core.models import AuditEntry, Notification
from releases.locking import fresh
from releases.models import Status
from releases.self_deploying import try_to_deploy
from releases.tasks import deploy_approved
from tests import make


@pytest.fixture
def itself(shop):
    """Needs one approval, and deploys by itself."""
    make.environment(shop, "itself", required_approvals=1, deploy_mode="auto")
    return make.target(shop, environment="itself")


def test_the_deciding_vote_deploys(itself, approved):
    """S66: nobody presses; the commit says that the system did."""
    release = approved(itself)

    assert (release.status, release.deployed_by) == (Status.DEPLOYED, None)
    path = repositories_of(release.project).main
    shown = subprocess.run(
        ["git", "-C", path, "log", "-1", "--format=%B", "main"],
        check=True,
        capture_output=True,
    )
    assert b"Release-Deployed-By: system\n" in shown.stdout


def test_it_waits_for_the_thaw(itself, approved, do):
    """S122: and nobody is bothered."""
    do(environments.freeze, itself.environment, reason="fair", actor=None)
    release = approved(itself)
    assert release.status == Status.APPROVED

    do(environments.unfreeze, itself.environment, actor=None)
    do(deploy_approved)

    assert fresh(release.pk).status == Status.DEPLOYED
    told = Notification.objects.filter(event="release.not_deployed_by_itself")
    assert not told.exists()


def test_it_waits_for_the_planned_start(itself, approved, do, time_machine):
    """S123."""
    start = timezone.now() + timedelta(hours=2)
    release = approved(itself, content={"planned_start": start})
    do(deploy_approved)
    assert fresh(release.pk).status == Status.APPROVED

    time_machine.move_to(start, tick=False)
    do(deploy_approved)

    assert fresh(release.pk).status == Status.DEPLOYED


def test_a_stale_one_is_left_and_its_author_told_once(
    itself, approved, do, edit, alice
):
    start = timezone.now() + timedelta(hours=2)
    release = approved(itself, content={"planned_start": start})
    edit(itself, fast="2")
    type(release).objects.update(planned_start=None)

    do(deploy_approved)
    do(deploy_approved)

    assert fresh(release.pk).status == Status.APPROVED
    told = Notification.objects.filter(
        recipient=alice, event="release.not_deployed_by_itself"
    )
    assert told.count() == 1
    entries = AuditEntry.objects.filter(event="release.not_deployed_by_itself")
    assert [entry.data["code"] for entry in entries] == ["stale_release_source"]


def test_there_is_one_try(itself, edit, create, approve, do, monkeypatch):
    """After a failure only people retry."""
    edit(itself)
    release = create(itself)
    with monkeypatch.context() as broken:
        broken.setattr(publishing, "tip_of", lambda _: 1 / 0)
        release = approve(release)
    assert (release.status, release.failure_type) == (Status.FAILED, "internal_error")

    do(deploy_approved)

    assert not try_to_deploy(release)
    assert fresh(release.pk).attempts.count() == 1


def test_by_hand_is_stricter(itself, approved, do, dora, deploy):
    """Manual if any says so: the policy at the cut counts."""
    do(
        environments.set_policy,
        itself.environment,
        terms={"deploy_mode": "manual"},
        actor=None,
    )
    release = approved(itself)

    do(deploy_approved)

    assert fresh(release.pk).status == Status.APPROVED
    assert deploy(release).deployed_by == dora


def test_who_may_not_deploy_does_not_matter_to_the_system(
    shop, edit, create, submit, do
):
    """Guards 1 and 3 do not apply: the author may not deploy, the system does."""
    make.environment(shop, "open", deploy_mode="auto")
    target = make.target(shop, environment="open")
    make.user("vera", role=Role.VIEWER, on=shop)
    edit(target)

    assert submit(create(target)).status == Status.DEPLOYED
