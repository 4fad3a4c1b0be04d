"""What the worker does with a deploy: once, whole, from the tree that was approved."""

import shutil

from delivery.repositories import repositories_of
from environments import actions as environments
from environments.models import TenantEnvironment
from gitopshq.core.models import AuditEntry
from releases.models import DeployedState, Status
from tests.releases.reading import commits_of, git


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


def test_steps_are_shown_with_their_times(prod, approved, pressed, work):
    """S15: progress that people can follow."""
    release = work(pressed(approved(prod)))

    steps = release.attempts.get().steps
    assert [step["name"] for step in steps] == ["render", "build"]
    assert all(step["startedAt"] <= step["endedAt"] for step in steps)
