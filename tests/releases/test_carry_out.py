"""What the worker does with a deploy: once, whatever breaks on the way."""

import shutil
import subprocess

import pytest
from django.utils import timezone

from delivery import advancing, publishing
from delivery.git.locks import RepositoryBusy
from delivery.repositories import repositories_of
from environments import actions as environments
from environments.models import TenantEnvironment
from gitopshq.core.models import AuditEntry
from releases import actions, deployment, finishing, jobs, reaping
from releases.locking import fresh
from releases.models import AttemptState, DeployedState, Status
from tests import make


@pytest.fixture
def pressed(dora):
    """Press deploy; the worker is away."""

    def press(release):
        actions.deploy_release(fresh(release.pk), actor=dora)
        return fresh(release.pk)

    return press


@pytest.fixture
def work(do):
    """Let a worker take the job of a release."""

    def run(release):
        do(deployment.run, attempt_id=release.attempts.latest("number").pk)
        return fresh(release.pk)

    return run


@pytest.fixture
def ripe():
    """Let the lease of a release's job run out."""

    def age(release):
        past = timezone.now() - jobs.LEASE
        release.attempts.update(lease_until=past)

    return age


def git(release, *args):
    path = repositories_of(release.project).main
    done = subprocess.run(["git", "-C", path, *args], check=True, capture_output=True)
    return done.stdout.decode().strip()


def commits_of(release):
    """Return how many commits on main are of the release."""
    subject = f"release({release.target}): {release.name} "
    return git(release, "log", "--format=%s", "main").count(subject)


class Killed(BaseException):
    """Nothing of ours catches it, as nothing catches SIGKILL."""


def kill(*_args, **_kwargs):
    raise Killed


def test_the_committed_folder_is_the_approved_tree(prod, approved, pressed, work):
    """S4, S6, S69, S71: ``git rev-parse`` proves it; deployed with the commit."""
    release = work(pressed(approved(prod)))

    assert release.status == Status.DEPLOYED
    shown = git(release, "rev-parse", f"{release.commit_sha}:acme/prod")
    assert shown == release.rendering.tree
    assert git(release, "rev-parse", "main") == release.commit_sha


def test_the_commit_names_release_author_approvers_and_time(
    prod, approved, pressed, work
):
    """S69: read with plain git; trailers in the notes are indented."""
    notes = "Why.\n\nRelease-Approved-By: mallory"
    release = work(pressed(approved(prod, content={"notes": notes})))

    shown = git(release, "log", "-1", "--format=%s%n%an%n%(trailers:unfold)", "main")
    lines = shown.splitlines()
    assert lines[:2] == ["release(acme/prod): R-1 Change flags", "alice"]
    trailers = dict(line.split(": ", 1) for line in lines[2:] if line)
    assert trailers["Release-Id"] == "shop/R-1"
    assert trailers["Release-Author"] == "alice"
    assert trailers["Release-Approved-By"] == "bob"
    assert trailers["Release-Deployed-By"] == "dora"
    assert trailers["Source-Commit"] == release.baseline_source_sha
    assert trailers["Release-Digest"] == release.digest


def test_a_deploy_moves_what_the_target_runs(prod, approved, pressed, work):
    """S5, S66: snapshot, released policy, claims, who and when."""
    release = work(pressed(approved(prod)))

    deployed = DeployedState.objects.get(target=prod)
    assert (deployed.release, deployed.snapshot) == (release, release.snapshot)
    target = TenantEnvironment.objects.get(pk=prod.pk)
    assert target.released_policy["required_approvals"] == 1
    assert not release.changes.filter(is_claimed=True).exists()
    assert release.deployed_at is not None
    entry = AuditEntry.objects.get(event="release.deployed")
    assert entry.data["commit"] == release.commit_sha


def test_a_release_of_the_policy_alone_is_a_commit_too(
    prod, released, create, approve, deploy, do
):
    """S25: the tree stays, the record of the release is new."""
    first = released(prod)
    do(
        environments.set_policy,
        prod.environment,
        terms={"approval_expiry_hours": 8},
        actor=None,
    )

    second = deploy(approve(create(prod)))

    assert second.status == Status.DEPLOYED
    assert second.rendering.tree == first.rendering.tree
    assert second.commit_sha != first.commit_sha
    changed = git(second, "diff", "--name-only", first.commit_sha, second.commit_sha)
    assert changed == ".gitopshq/acme/prod.json"


def test_the_same_message_twice_does_nothing_twice(prod, approved, pressed, work):
    release = work(pressed(approved(prod)))

    again = work(release)

    assert commits_of(again) == 1
    assert again.commit_sha == release.commit_sha
    assert AuditEntry.objects.filter(event="release.deployed").count() == 1


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


def test_a_freeze_between_click_and_commit_is_caught(
    prod, approved, pressed, work, do, dora
):
    """S129, S130: failed, votes on record, and a retry after the thaw."""
    release = pressed(approved(prod))
    do(environments.freeze, prod.environment, reason="fair", actor=None)

    release = work(release)

    assert (release.status, release.failure_type) == (
        Status.FAILED,
        "environment_frozen",
    )
    assert commits_of(release) == 0
    do(environments.unfreeze, prod.environment, actor=None)
    do(actions.retry_release, release, actor=dora)
    release = fresh(release.pk)
    assert release.status == Status.DEPLOYED
    assert release.attempts.count() == 2


def test_another_gate_that_turns_red_fails_with_its_code(
    prod, approved, pressed, work, edit
):
    """S61, S65: an edit slips in between click and commit."""
    release = pressed(approved(prod))
    edit(prod, fast="late")

    release = work(release)

    assert (release.status, release.failure_type) == (
        Status.FAILED,
        "stale_release_source",
    )
    assert "flags" in release.failure_detail


def test_who_loses_the_right_after_the_click_does_not_deploy(
    prod, approved, pressed, work, shop, dora
):
    release = pressed(approved(prod))
    environments.revoke_access(shop, of=dora, actor=None)

    release = work(release)

    assert (release.status, release.failure_type) == (
        Status.FAILED,
        "permission_denied",
    )


def test_a_race_for_the_ref_that_is_lost_once_is_run_again(
    prod, approved, pressed, work, monkeypatch, shop, edit, shipped
):
    """S76: paths of targets are disjoint, so building anew on the new tip is enough."""
    other = shipped(make.target(shop, environment="dev"))
    release = pressed(approved(prod))
    tip, first = publishing.tip_of, git(other, "rev-list", "--max-parents=0", "main")
    seen = []

    def outdated(project):
        seen.append(first if not seen else tip(project))
        return seen[-1]

    monkeypatch.setattr(publishing, "tip_of", outdated)
    monkeypatch.setattr(deployment.time, "sleep", lambda _: None)

    release = work(release)

    assert release.status == Status.DEPLOYED
    assert len(release.attempts.get().commits) == 2
    assert (commits_of(release), commits_of(other)) == (1, 1)


@pytest.mark.parametrize("busy", [False, True])
def test_a_race_that_is_always_lost_is_a_git_conflict(
    prod, approved, pressed, work, monkeypatch, dora, do, busy
):
    """S76: after ten tries; retry deploys."""

    def lose(*_args, **_kwargs):
        if busy:
            raise RepositoryBusy
        return False

    release = pressed(approved(prod))
    monkeypatch.setattr(deployment.time, "sleep", lambda _: None)
    with monkeypatch.context() as racing:
        racing.setattr(advancing, "advance_ref", lose)
        release = work(release)
    assert (release.status, release.failure_type) == (Status.FAILED, "git_conflict")
    assert len(release.attempts.get().commits) == deployment.TRIES

    do(actions.retry_release, release, actor=dora)

    assert fresh(release.pk).status == Status.DEPLOYED


def test_a_lost_tree_is_made_again_the_same(prod, approved, pressed, work):
    """S74: approved bytes come back bit for bit, or not at all."""
    release = pressed(approved(prod))
    shutil.rmtree(repositories_of(release.project).renderings)

    release = work(release)

    assert release.status == Status.DEPLOYED, release.failure_detail
    shown = git(release, "rev-parse", f"{release.commit_sha}:acme/prod")
    assert shown == release.rendering.tree


def test_a_lost_tree_that_comes_out_otherwise_fails(prod, approved, pressed, work):
    """S74: the fault is in the content, so the way out is to recreate."""
    release = pressed(approved(prod))
    shutil.rmtree(repositories_of(release.project).renderings)
    type(release.rendering).objects.update(tree="0" * 40)

    release = work(release)

    assert (release.status, release.failure_type) == (Status.FAILED, "template_error")


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


def test_steps_are_shown_with_their_times(prod, approved, pressed, work):
    """S15: progress that people can follow."""
    release = work(pressed(approved(prod)))

    steps = release.attempts.get().steps
    assert [step["name"] for step in steps] == ["render", "build"]
    assert all(step["startedAt"] <= step["endedAt"] for step in steps)


def test_the_gates_of_the_commit_are_kept(prod, approved, pressed, work):
    """S126: as they stood right before the ref moved."""
    release = work(pressed(approved(prod)))

    gates = release.attempts.get().gates
    assert [gate["name"] for gate in gates] == [
        "permission",
        "state",
        "self_deploy",
        "freeze",
        "source",
        "approvals",
        "policy_snapshot",
    ]
    assert {gate["verdict"] for gate in gates} == {"pass"}
