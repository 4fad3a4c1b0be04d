"""Reaping: nothing stays in deploying because a bell or a worker was lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from delivery import publishing
from releases import actions, deployment, finishing, jobs, reaping
from releases.commits import commit_of
from releases.locking import fresh
from releases.models import AttemptState, DeployAttempt, Status
from releases.tasks import reap_deployments


@pytest.fixture
def pressed(prod, approved, dora):
    return actions.deploy_release(approved(prod), actor=dora)


def age(release, **fields):
    release.attempts.update(**fields)
    return release.attempts.get().pk


def test_a_job_just_written_is_left_alone(pressed):
    assert reaping.jobs_to_ring() == []


def test_a_job_whose_bell_was_lost_is_rung_again(pressed, do):
    """S73: the row is the job."""
    age(pressed, requested_at=timezone.now() - timedelta(minutes=1))

    do(reap_deployments)

    assert fresh(pressed.pk).status == Status.DEPLOYED


def test_a_job_that_is_held_is_left_alone(pressed):
    attempt = age(pressed, requested_at=timezone.now() - timedelta(minutes=1))
    jobs.claim(attempt)

    assert reaping.jobs_to_ring() == []


def test_a_job_that_no_worker_ends_fails_as_retryable(pressed, prod):
    past = timezone.now() - timedelta(minutes=5)
    age(pressed, state="running", runs=jobs.MAX_RUNS, lease_until=past)

    assert reaping.jobs_to_ring() == []

    release = fresh(pressed.pk)
    assert (release.status, release.failure_type) == (Status.FAILED, "internal_error")
    assert not release.changes.filter(is_claimed=True).exists()


def test_a_job_that_ended_meanwhile_is_not_failed(pressed, do):
    """The reaper read it before a worker ended it."""
    attempt = age(pressed)
    do(deployment.run, attempt_id=attempt)

    finishing.give_up(attempt)

    assert fresh(pressed.pk).status == Status.DEPLOYED


def test_a_used_up_job_whose_commit_is_out_is_adopted(pressed, do, monkeypatch):
    tip = publishing.tip_of(pressed.project)
    commit = publishing.build_release_commit(commit_of(fresh(pressed.pk)), tip=tip)
    past = timezone.now() - timedelta(minutes=5)
    attempt = age(
        pressed,
        state="running",
        runs=jobs.MAX_RUNS,
        lease_until=past,
        commits=[commit],
    )
    monkeypatch.setattr(publishing, "is_published", lambda _, found: found == commit)

    assert reaping.jobs_to_ring() == [attempt]
    do(reap_deployments)

    release = fresh(pressed.pk)
    assert (release.status, release.commit_sha) == (Status.DEPLOYED, commit)


def test_of_two_workers_one_gets_the_job(pressed):
    attempt = age(pressed)

    first, second = jobs.claim(attempt), jobs.claim(attempt)

    assert (first is not None, second) == (True, None)
    assert DeployAttempt.objects.get().state == AttemptState.RUNNING


@pytest.mark.django_db(transaction=True)
def test_slow_work_keeps_its_lease(pressed):
    # The worker has been here already: the job is opened again.
    held = jobs.claim(age(pressed, state="waiting"))
    soon = timezone.now() + timedelta(seconds=1)
    age(pressed, lease_until=soon)

    with jobs.kept_alive(held, every=0.01):
        while release_lease(pressed) == soon:
            pass

    assert release_lease(pressed) > soon


def release_lease(release):
    return release.attempts.get().lease_until
