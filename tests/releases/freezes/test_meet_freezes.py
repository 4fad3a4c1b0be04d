"""Every path that writes to ``main`` asks about the freeze, by hand or by window."""

from datetime import timedelta

import pytest
from django.utils import timezone

from environments import actions as environments
from environments.models import TenantEnvironment
from releases import actions, deployment, errors
from releases.locking import fresh
from releases.models import Release, RollbackScope, Status
from releases.rollbacks import Reversal
from releases.self_deploying import try_to_deploy
from releases.tasks import deploy_approved, run_deployment
from tests import make

HOUR = timedelta(hours=1)


@pytest.fixture
def freeze(do, mona):
    """Freeze a target, in one of the ways there are."""

    def by(way, target):
        if way == "toggle":
            do(environments.freeze, target.environment, reason="fair", actor=None)
            return
        now = timezone.now().replace(microsecond=0)
        repeats = way == "repeat"
        do(
            environments.add_freeze_window,
            target.project,
            terms=environments.WindowTerms(
                starts_at=now - (49 * HOUR if repeats else HOUR),
                ends_at=now - (47 * HOUR if repeats else -HOUR),
                reason="fair",
                rrule="FREQ=DAILY" if repeats else "",
                time_zone="America/New_York" if repeats else "UTC",
            ),
            environment=None if way == "project" else target.environment,
            tenant=target.tenant if way == "tenant" else None,
            actor=mona,
        )

    return by


def again(target):
    """Return the target as it is now."""
    return TenantEnvironment.objects.get(pk=target.pk)


WAYS = ["toggle", "environment", "project", "tenant", "repeat"]


@pytest.mark.parametrize("way", WAYS)
def test_a_deploy_is_refused_and_at_the_commit_it_fails(
    way, prod, approved, freeze, do, dora, monkeypatch
):
    """S98, S122, S130: at the click, and in the transaction that moves the ref."""
    release = approved(prod)
    monkeypatch.setattr(run_deployment, "delay", lambda **_: None)
    actions.deploy_release(fresh(release.pk), actor=dora)
    freeze(way, prod)

    do(deployment.run, attempt_id=release.attempts.get().pk)

    late = fresh(release.pk)
    assert (late.status, late.failure_type) == (Status.FAILED, "environment_frozen")
    with pytest.raises(errors.EnvironmentFrozen) as refusal:
        actions.retry_release(late, actor=dora)
    assert refusal.value.details["reason"] == "fair"
    Release.objects.filter(pk=release.pk).update(status=Status.APPROVED)
    with pytest.raises(errors.EnvironmentFrozen):
        actions.deploy_release(fresh(release.pk), actor=dora)


def test_another_tenant_is_not_frozen(shop, prod, approved, deploy, freeze):
    other = make.target(shop, tenant="umbrella", environment="prod")
    release = approved(other)
    freeze("tenant", prod)

    assert deploy(release).status == Status.DEPLOYED


@pytest.mark.parametrize("way", ["toggle", "repeat"])
def test_what_deploys_itself_waits(way, shop, approved, freeze, do):
    """S122: the system asks as people do."""
    make.environment(shop, "itself", required_approvals=1, deploy_mode="auto")
    target = make.target(shop, environment="itself")
    freeze(way, target)

    release = approved(again(target))
    do(deploy_approved)

    assert not try_to_deploy(release)
    assert fresh(release.pk).status == Status.APPROVED


def test_a_rollback_is_a_release_and_is_frozen_as_one(
    prod, released, approve, deploy, freeze, do, dana, dora
):
    """S122: no door around the freeze; made and approved it may be."""
    first = released(prod, fast="1")
    released(prod, fast="2")
    freeze("toggle", prod)

    whole = Reversal(RollbackScope.FULL)
    made = do(actions.roll_back_release, fresh(first.pk), actor=dana, reversal=whole)
    back = approve(fresh(made.pk))

    with pytest.raises(errors.EnvironmentFrozen):
        actions.deploy_release(back, actor=dora)
    assert back.frozen_at_cut["reason"] == "fair"
    do(environments.unfreeze, prod.environment, actor=None)
    assert deploy(back).status == Status.DEPLOYED


def test_the_freeze_is_kept_at_creation_at_the_vote_and_at_the_commit(
    prod, edit, create, approve, deploy, freeze, do
):
    """S108, S126: none at the commit, which the attempt says too."""
    freeze("toggle", prod)
    edit(again(prod))
    release = approve(create(again(prod)))
    do(environments.unfreeze, prod.environment, actor=None)

    release = deploy(release)

    assert release.frozen_at_cut["name"] == "freeze of prod"
    gates = {gate["name"]: gate for gate in release.attempts.get().gates}
    assert (gates["freeze"]["verdict"], gates["freeze"]["reason"]) == (
        "pass",
        "not frozen",
    )
