"""The thinnest way through every layer: a chart, an edit, a release, a commit."""

import subprocess

import pytest

from approvals import actions as approvals
from approvals.subjects import request_for
from delivery.repositories import repositories_of
from environments import actions as environments
from environments.models import VariableScope
from environments.packages import read_package
from environments.permissions import Role
from gitopshq.core.models import User
from releases import actions
from releases.actions.creating import Content
from releases.locking import fresh
from releases.models import Status
from releases.pending import pool_of
from releases.selectors import diffs_of
from releases.selectors.content import Level
from tests.journeys import charts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def target():
    root = User.objects.create_superuser("root")
    project = environments.create_project(slug="shop", name="Shop", actor=root)
    tenant = environments.create_tenant(project, slug="acme", name="Acme", actor=root)
    stage = environments.create_environment(
        project,
        slug="prod",
        name="Production",
        policy={"required_approvals": 1},
        actor=root,
    )
    target = environments.create_target(
        tenant,
        stage,
        facts=environments.TargetFacts(namespace="acme-prod"),
        actor=root,
    )
    chart = environments.upload_chart(read_package(charts.packed()), actor=root).version
    web = environments.create_workload(
        project, name="web", chart_version=chart, actor=root
    )
    environments.bind_workload(web, to=target, actor=root)
    environments.set_values(
        web, text="# how many\nreplicas: {{hq.var.REPLICAS}}\n", actor=root
    )
    environments.set_variable(
        environments.VariablePlace(project, VariableScope.REPO),
        key="REPLICAS",
        value="3",
        actor=root,
    )
    return target


def test_an_edit_becomes_a_commit_that_git_shows(target):
    """S1, S2, S34, S49, S59, S66, S68, S69, S71: an edit, a vote, a commit."""
    alice = User.objects.create_user("alice", email="alice@example.com")
    bob = User.objects.create_user("bob")
    for person, role in (
        (alice, Role.DEVELOPER),
        (bob, Role.APPROVER),
        (alice, Role.DEPLOYER),
    ):
        environments.grant_role(target.project, to=person, role=role, actor=None)

    release = actions.create_release(
        target, actor=alice, content=Content(title="First", notes="Because.\nFoo: bar")
    )

    assert release.status == Status.PENDING_APPROVAL
    release = fresh(release.pk)
    assert release.rendering.state == "ready", release.rendering.errors
    assert len(release.digest) == 64

    approvals.approve(request_for(release), actor=bob, digest=release.digest)
    assert fresh(release.pk).status == Status.APPROVED

    actions.deploy_release(fresh(release.pk), actor=alice)
    release = fresh(release.pk)
    assert release.status == Status.DEPLOYED, release.failure_detail

    served = repositories_of(target.project).main
    shown = git(served, "log", "-1", "--format=%H%n%an%n%B", "main")
    assert shown.startswith(
        f"{release.commit_sha}\nalice\nrelease(acme/prod): R-1 First"
    )
    assert "Release-Id: shop/R-1\n" in shown
    assert "\n Foo: bar\n" in shown
    tree = git(served, "rev-parse", f"{release.commit_sha}:acme/prod").strip()
    assert tree == release.rendering.tree
    manifest = git(served, "show", "main:acme/prod/web/deployment-web.yaml")
    assert "replicas: 3\n" in manifest
    assert pool_of(target).rows == ()


def test_the_three_diffs_of_a_second_release(target):
    """S37, S39, S40, S41: a variable's change shows where it takes effect."""
    alice = User.objects.get(username="root")
    first = actions.create_release(target, actor=alice, content=Content(title="First"))
    bob = User.objects.create_user("bob")
    environments.grant_role(target.project, to=bob, role=Role.APPROVER, actor=None)
    approvals.approve(request_for(first), actor=bob, digest=fresh(first.pk).digest)
    actions.deploy_release(fresh(first.pk), actor=alice)
    assert fresh(first.pk).status == Status.DEPLOYED
    environments.set_variable(
        environments.VariablePlace(target.project, VariableScope.REPO),
        key="REPLICAS",
        value="5",
        actor=alice,
    )

    second = actions.create_release(target, actor=alice, content=Content(title="More"))

    second = fresh(second.pk)
    plain = {f.path for f in diffs_of(second, Level.PLAIN)}
    resolved = {f.path for f in diffs_of(second, Level.RESOLVED)}
    manifest = {f.path for f in diffs_of(second, Level.MANIFEST)}
    assert plain == {"variables/repo.yaml"}
    assert resolved == {"workloads/web/values.yaml"}
    assert manifest == {"web/deployment-web.yaml"}


def git(repository, *args):
    done = subprocess.run(
        ["git", "-C", str(repository), *args], check=True, capture_output=True
    )
    return done.stdout.decode()
