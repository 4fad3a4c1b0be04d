"""Operators and deploy jobs that hang: from the admin, on record as theirs."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from delivery import publishing
from gitopshq.core.errors import InvalidState, NotPermitted
from gitopshq.core.models import AuditEntry
from releases import actions, jobs, reaping
from releases.locking import fresh
from releases.models import AttemptState, DeployAttempt, FailureType, Status
from tests import make

JOBS = "/admin/releases/deployattempt/"


@pytest.fixture
def root(db):
    return make.user("root", is_superuser=True, is_staff=True)


@pytest.fixture
def hanging(dev, edit, create, submit, dora, do):
    """A deploy that a worker took and does not bring to an end."""
    edit(dev)
    release = submit(create(dev))
    actions.deploy_release(release, actor=dora)
    attempt = DeployAttempt.objects.get(release=release)
    held = jobs.claim(attempt.pk)
    assert held is not None
    return attempt, held


def press(root, action, attempt, **sent):
    client = Client()
    client.force_login(root)
    chosen = {"action": action, "_selected_action": [attempt.pk], **sent}
    return client.post(JOBS, chosen, follow=True).content.decode()


def test_a_job_that_hangs_is_queued_again(hanging, root):
    """X1: whoever held it has lost it, and anyone may take it, though it ran often."""
    attempt, held = hanging
    DeployAttempt.objects.update(runs=jobs.MAX_RUNS)

    page = press(root, "requeue", attempt)

    assert "done." in page
    with pytest.raises(jobs.LostLease):
        jobs.still_held(held)
    row = DeployAttempt.objects.get(pk=attempt.pk)
    assert row.lease_until is not None
    assert row.lease_until <= timezone.now() < row.lease_until + timedelta(minutes=1)
    assert reaping.jobs_to_ring() == [attempt.pk]
    assert jobs.claim(attempt.pk) is not None
    entry = AuditEntry.objects.get(event="release.deploy_requeued")
    assert (entry.actor_name, entry.data["operator"]) == ("root", True)


def test_a_job_that_hangs_is_marked_as_failed_with_a_reason(hanging, root, alice):
    """X1: through the same step as any failure; then people may retry."""
    attempt, held = hanging
    assert "a reason" in press(root, "fail", attempt, reason=" ").lower()

    press(root, "fail", attempt, reason="The node burnt down")

    release = fresh(attempt.release_id)
    assert (release.status, release.failure_type) == (
        Status.FAILED,
        FailureType.INTERNAL_ERROR,
    )
    assert release.failure_detail == "marked as failed by root: The node burnt down"
    assert DeployAttempt.objects.get(pk=attempt.pk).state == AttemptState.FAILED
    with pytest.raises(jobs.LostLease):
        jobs.still_held(held)
    entry = AuditEntry.objects.get(event="release.deploy_failed")
    assert (entry.actor_name, entry.data["operator"]) == ("root", True)
    with pytest.raises(InvalidState):
        actions.requeue_attempt(attempt, actor=root)
    with pytest.raises(NotPermitted):
        actions.fail_attempt(attempt, actor=alice, reason="I want to")


def test_what_is_out_has_not_failed(hanging, root, shop):
    """X1: clusters may follow the commit already; the refusal is on record."""
    attempt, _ = hanging
    DeployAttempt.objects.update(commits=[publishing.tip_of(shop)])

    page = press(root, "fail", attempt, reason="It looks stuck")

    assert "its commit is on main" in page
    assert fresh(attempt.release_id).status == Status.DEPLOYING
    entry = AuditEntry.objects.get(event="release.mark_failed_refused")
    assert (entry.actor_name, entry.data["code"]) == ("root", "commit_is_out")
