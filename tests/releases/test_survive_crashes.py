"""A worker that is lost on the way: what it did is adopted, what it did not is done."""

import pytest

from delivery import advancing, publishing
from environments import actions as environments
from releases import finishing, reaping
from releases.locking import fresh
from releases.models import AttemptState, Status
from tests.dying import Killed, kill
from tests.releases.reading import commits_of, git


def test_a_worker_killed_before_the_commit_starts_again(
    prod, approved, pressed, work, ripe, monkeypatch
):
    """S73: nothing was out, so the job is run again."""
    release = pressed(approved(prod))
    with monkeypatch.context() as broken:
        broken.setattr(publishing, "build_release_commit", kill)
        with pytest.raises(Killed):
            work(release)
    assert fresh(release.pk).status == Status.DEPLOYING
    ripe(release)

    assert reaping.jobs_to_ring() == [release.attempts.get().pk]
    release = work(release)

    assert (release.status, commits_of(release)) == (Status.DEPLOYED, 1)
    assert release.attempts.get().runs == 2


def test_a_worker_killed_after_the_ref_moved_is_adopted(
    prod, approved, pressed, work, ripe, do, monkeypatch
):
    """The commit is out: the release is finished whatever the gates say now."""
    release = pressed(approved(prod))
    with monkeypatch.context() as broken:
        broken.setattr(finishing, "finish_locked", kill)
        with pytest.raises(Killed):
            work(release)
    published = git(release, "rev-parse", "main")
    assert fresh(release.pk).status == Status.DEPLOYING
    assert release.attempts.get().commits == [published]
    ripe(release)
    do(environments.freeze, prod.environment, reason="late", actor=None)

    release = work(release)

    assert (release.status, release.commit_sha) == (Status.DEPLOYED, published)
    assert commits_of(release) == 1


def test_a_fault_after_the_ref_moved_is_no_failure(
    prod, approved, pressed, work, monkeypatch
):
    """The database may stumble when the commit is out: it is finished all the same."""
    release = pressed(approved(prod))
    finish, calls = finishing.finish_locked, []

    def stumble(*args, **kwargs):
        calls.append(args)
        if len(calls) == 1:
            raise ConnectionError("the database went away")
        finish(*args, **kwargs)

    monkeypatch.setattr(finishing, "finish_locked", stumble)

    release = work(release)

    assert (release.status, commits_of(release)) == (Status.DEPLOYED, 1)


def test_the_commit_is_recorded_before_the_ref_can_move(
    prod, approved, pressed, work, monkeypatch
):
    release = pressed(approved(prod))
    advance, seen = advancing.advance_ref, []

    def look(project, *, new, **kwargs):
        seen.append(new in release.attempts.get().commits)
        return advance(project, new=new, **kwargs)

    monkeypatch.setattr(advancing, "advance_ref", look)

    work(release)

    assert seen == [True]


def test_a_worker_that_lost_its_fence_does_nothing(
    prod, approved, pressed, work, ripe, monkeypatch
):
    """Another took over while it was slow: one commit, one end."""
    release = pressed(approved(prod))
    build, calls = publishing.build_release_commit, []

    def be_overtaken(*args, **kwargs):
        calls.append(args)
        if len(calls) == 1:
            ripe(release)
            work(release)
        return build(*args, **kwargs)

    monkeypatch.setattr(publishing, "build_release_commit", be_overtaken)

    release = work(release)

    assert release.status == Status.DEPLOYED
    assert (len(calls), commits_of(release)) == (2, 1)
    assert release.attempts.get().fence == 2


def test_a_crash_of_ours_is_an_internal_error(
    prod, approved, pressed, work, monkeypatch
):
    """S73: details for people, the trace for the log; retryable."""
    release = pressed(approved(prod))

    def crash(*_args, **_kwargs):
        raise OSError("No space left on device")

    monkeypatch.setattr(publishing, "build_release_commit", crash)

    release = work(release)

    assert (release.status, release.failure_type) == (Status.FAILED, "internal_error")
    assert "device" not in release.failure_detail


def test_a_job_of_a_release_that_is_over_is_closed(prod, approved, pressed, work):
    release = pressed(approved(prod))
    type(release).objects.filter(pk=release.pk).update(status=Status.FAILED)

    work(release)

    assert release.attempts.get().state == AttemptState.DONE
    assert fresh(release.pk).status == Status.FAILED
