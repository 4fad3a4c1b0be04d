"""A shop with an open and a gated environment, and the people of its releases."""

from typing import Any

import pytest
from django.utils import timezone

from approvals import actions as approvals
from approvals.subjects import request_for
from environments import actions as environments
from environments.models import Project, TenantEnvironment
from environments.permissions import Role
from gitopshq.core.models import User
from releases import actions, deployment, jobs
from releases.locking import fresh
from releases.models import Release, RollbackScope
from releases.rollbacks import Reversal
from tests import make
from tests.people import Do, signed_in, with_token
from tests.releases.asking import RELEASES

__all__ = ["flag_files", "signed_in", "with_token"]


FULL = Reversal(RollbackScope.FULL)
FLAGS = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: flags
data:
  {key}: "{value}"
"""


@pytest.fixture(autouse=True)
def _repositories(own_repositories: None) -> None:
    """Let no test find what another has written."""


@pytest.fixture
def prod(shop: Project) -> TenantEnvironment:
    """Needs one approval."""
    make.environment(shop, "prod", required_approvals=1)
    return make.target(shop, environment="prod")


@pytest.fixture
def edit(do: Do) -> Do:
    """Save a manifest binding: the smallest edit that renders."""

    def save(
        target: TenantEnvironment,
        name: str = "flags",
        *,
        actor: User | None = None,
        **flags: str,
    ) -> None:
        files = flag_files(name, **flags)
        do(environments.put_manifests, target, name=name, files=files, actor=actor)

    return save


def flag_files(name: str, **flags: str) -> dict[str, str]:
    """Return the files of a binding, one resource for each flag."""
    return {
        f"{key}.yaml": FLAGS.format(key=key, value=value).replace(
            "name: flags", f"name: {name}-{key}"
        )
        for key, value in (flags or {"fast": "1"}).items()
    }


@pytest.fixture
def create(do: Do, alice: User) -> Do:
    """Make a release of everything pending, by alice."""

    def make_one(target: TenantEnvironment, **kwargs: Any) -> Release:
        words = {"title": "Change flags", **kwargs.pop("content", {})}
        actor = kwargs.pop("actor", alice)
        release = do(
            actions.create_release,
            target,
            actor=actor,
            content=actions.Content(**words),
            **kwargs,
        )
        return fresh(release.pk)

    return make_one


@pytest.fixture
def approve(do: Do, bob: User) -> Do:
    """Vote for a release as it is, by bob."""

    def vote(release: Release, *, actor: User = bob) -> Release:
        release = fresh(release.pk)
        request = request_for(release)
        do(approvals.approve, request, actor=actor, digest=release.digest)
        return fresh(release.pk)

    return vote


@pytest.fixture
def deploy(do: Do, dora: User) -> Do:
    """Press deploy and let the worker finish, by dora."""

    def press(release: Release, *, actor: User = dora) -> Release:
        do(actions.deploy_release, fresh(release.pk), actor=actor)
        return fresh(release.pk)

    return press


@pytest.fixture
def submit(do: Do, alice: User) -> Do:
    def press(release: Release) -> Release:
        do(actions.submit_release, fresh(release.pk), actor=alice)
        return fresh(release.pk)

    return press


@pytest.fixture
def shipped(edit: Do, create: Do, submit: Do, deploy: Do) -> Do:
    """Take an edit of an open environment the whole way to a commit."""

    def ship(target: TenantEnvironment, **flags: str) -> Release:
        edit(target, **flags)
        return deploy(submit(create(target)))

    return ship


@pytest.fixture
def approved(edit: Do, create: Do, approve: Do) -> Do:
    """Take an edit of a gated environment up to its approval."""

    def lead(
        target: TenantEnvironment, *, content: Any = None, **flags: str
    ) -> Release:
        edit(target, **flags)
        return approve(create(target, content=content or {}))

    return lead


@pytest.fixture
def released(approved: Do, deploy: Do) -> Do:
    """Take an edit of a gated environment the whole way to a commit."""

    def ship(target: TenantEnvironment, **flags: str) -> Release:
        return deploy(approved(target, **flags))

    return ship


@pytest.fixture
def roll_back(do: Do, alice: User) -> Do:
    """Make a release that goes back to another one, by alice."""

    def make_one(
        to: Release, reversal: Reversal = FULL, *, actor: User = alice, **words: Any
    ) -> Release:
        made = do(
            actions.roll_back_release,
            fresh(to.pk),
            actor=actor,
            reversal=reversal,
            **words,
        )
        return fresh(made.pk)

    return make_one


@pytest.fixture
def rolled_back(roll_back: Do, submit: Do, deploy: Do) -> Do:
    """Take a rollback of an open environment the whole way to a commit."""

    def ship(to: Release, reversal: Reversal = FULL) -> Any:
        return deploy(submit(roll_back(to, reversal)))

    return ship


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


@pytest.fixture
def gated(shop):
    """Make a target that needs votes under some policy."""

    def place(slug="gated", **policy):
        make.environment(shop, slug, **{"required_approvals": 1, **policy})
        return make.target(shop, environment=slug)

    return place


@pytest.fixture
def carol(shop):
    """Approves too."""
    return make.user("carol", role=Role.APPROVER, on=shop)


@pytest.fixture
def post(do, alice):
    """Ask for a release by a token of alice."""

    def send(body, *, client=None, **headers):
        client = client or with_token(alice)
        return do(client.post, RELEASES, body, format="json", headers=headers)

    return send
