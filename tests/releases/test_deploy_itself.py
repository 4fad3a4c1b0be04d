"""``deploy_mode: auto``: the system deploys what was approved, once."""

import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone

from approvals import actions as approvals
from approvals.subjects import request_for
from delivery import publishing
from delivery.repositories import repositories_of
from environments import actions as environments
from environments.permissions import Role
from gitopshq.core.models import AuditEntry, Notification
from releases import finishing, jobs
from releases.lapses import reopen_lapsed
from releases.locking import fresh
from releases.models import Release, Status
from releases.pending import pool_of
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


def test_the_task_deploys_nothing_for_votes_of_who_may_not_any_more(
    itself, approved, do, shop, bob
):
    """S89: S93: while it waited for the thaw, the only approver lost the right."""
    do(environments.freeze, itself.environment, reason="fair", actor=None)
    release = approved(itself)
    environments.revoke_access(shop, of=bob, actor=None)

    do(environments.unfreeze, itself.environment, actor=None)
    do(deploy_approved)

    release = fresh(release.pk)
    assert release.status != Status.DEPLOYED
    assert not release.attempts.exists()
    assert not release.commit_sha


def test_it_waits_for_the_end_of_a_window(itself, approved, do, mona, time_machine):
    """S122: half-open, so the very second of the end is open."""
    start = timezone.now().replace(microsecond=0)
    end = start + timedelta(hours=2)
    terms = environments.WindowTerms(starts_at=start, ends_at=end, reason="Sale")
    do(environments.add_freeze_window, itself.project, terms=terms, actor=mona)
    release = approved(itself)
    time_machine.move_to(end - timedelta(seconds=1), tick=False)
    do(deploy_approved)
    assert fresh(release.pk).status == Status.APPROVED

    time_machine.move_to(end, tick=False)
    do(deploy_approved)

    assert fresh(release.pk).status == Status.DEPLOYED


def test_it_waits_while_another_is_deployed(itself, edit, create, approve, bob, do):
    """S66: and goes when that one has failed and gone; nobody is told anything."""
    releases = []
    for name in ("one", "two"):
        edit(itself, name)
        ids = [r.change.id for r in pool_of(itself).rows if r.change.object == name]
        releases.append(create(itself, change_ids=ids))
    first, second = releases
    Release.objects.update(baseline_digest=second.baseline_digest)
    approvals.approve(request_for(first), actor=bob, digest=first.digest)
    deploy_approved(release_id=first.pk)  # and no worker comes for it
    assert fresh(first.pk).status == Status.DEPLOYING

    assert approve(second).status == Status.APPROVED
    do(finishing.fail, jobs.claim(first.attempts.get().pk), "internal_error", "lost")
    do(deploy_approved)

    assert fresh(second.pk).status == Status.DEPLOYED
    assert fresh(first.pk).status == Status.FAILED, "there was one try"
    told = Notification.objects.filter(event="release.not_deployed_by_itself")
    assert not told.exists()


def test_short_of_votes_it_does_nothing_and_tells(
    gated, approved, approve, do, alice, time_machine
):
    """S51: what lapsed before the planned start is given again first."""
    target = gated(approval_expiry_hours=4, deploy_mode="auto")
    start = timezone.now() + timedelta(hours=5)
    release = approved(target, content={"planned_start": start})
    time_machine.move_to(start, tick=False)

    do(deploy_approved)

    assert fresh(release.pk).status == Status.APPROVED
    told = Notification.objects.get(
        recipient=alice, event="release.not_deployed_by_itself"
    )
    assert told.body == "release does not meet approval threshold: 0/1"
    do(reopen_lapsed)
    assert approve(release).status == Status.DEPLOYED


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
