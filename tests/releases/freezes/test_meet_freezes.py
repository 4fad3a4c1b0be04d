"""Every path that writes to ``main`` asks about the freeze, by hand or by window."""

from datetime import timedelta

import pytest
from django.utils import timezone

from delivery import publishing
from environments import actions as environments
from environments.models import TenantEnvironment
from releases import actions, deployment, errors
from releases.locking import fresh
from releases.models import Release, RollbackScope, Status
from releases.rollbacks import Reversal
from releases.self_deploying import try_to_deploy
from releases.sending import send
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
def test_a_deploy_meets_each_kind_of_freeze(way, prod, approved, freeze, dora):
    """S98, S122: by hand, and by windows of every reach."""
    release = approved(prod)
    freeze(way, prod)

    with pytest.raises(errors.EnvironmentFrozen) as refusal:
        actions.deploy_release(fresh(release.pk), actor=dora)

    assert refusal.value.details["reason"] == "fair"
    said = "Environment prod is frozen by “fair” — deploys resume"
    assert said in refusal.value.sentence


@pytest.fixture
def paths(shop, prod, approved, released, approve, do, dana, dora):
    """What is ready to be sent, and how, by the path that sends it."""

    def by_hand():
        return approved(prod)

    def after_a_failure():
        release = approved(prod)
        failed = {"status": Status.FAILED, "failure_type": "git_conflict"}
        Release.objects.filter(pk=release.pk).update(**failed)
        release.changes.update(is_claimed=False)
        return fresh(release.pk)

    def back():
        first = released(prod, fast="1")
        released(prod, fast="2")
        whole = Reversal(RollbackScope.FULL)
        made = do(
            actions.roll_back_release, fresh(first.pk), actor=dana, reversal=whole
        )
        return approve(fresh(made.pk))

    def by_itself():
        make.environment(shop, "itself", required_approvals=1, deploy_mode="auto")
        start = timezone.now() + HOUR
        target = make.target(shop, environment="itself")
        release = approved(target, content={"planned_start": start})
        Release.objects.filter(pk=release.pk).update(planned_start=None)
        return fresh(release.pk)

    def deploy(release):
        actions.deploy_release(fresh(release.pk), actor=dora)

    def retry(release):
        actions.retry_release(fresh(release.pk), actor=dora)

    def system(release):
        send(fresh(release.pk), actor=None)

    return {
        "deploy": (by_hand, deploy),
        "retry": (after_a_failure, retry),
        "rollback": (back, deploy),
        "auto deploy": (by_itself, system),
    }


@pytest.mark.parametrize("path", ["deploy", "retry", "rollback", "auto deploy"])
def test_every_path_to_main_asks_at_the_click_and_at_the_commit(
    path, paths, freeze, do, dora, monkeypatch
):
    """S98, S122, S130: and whoever retries after the thaw ships."""
    prepare, send_off = paths[path]
    release = prepare()
    target, tip = release.target, publishing.tip_of(release.project)
    monkeypatch.setattr(run_deployment, "delay", lambda **_: None)
    freeze("toggle", target)
    with pytest.raises(errors.EnvironmentFrozen):
        send_off(release)
    assert fresh(release.pk).status == release.status
    do(environments.unfreeze, target.environment, actor=None)
    send_off(release)
    freeze("toggle", target)

    do(deployment.run, attempt_id=release.attempts.latest("number").pk)

    late = fresh(release.pk)
    assert (late.status, late.failure_type) == (Status.FAILED, "environment_frozen")
    assert "is frozen by “fair” — deploys resume" in late.failure_detail
    assert publishing.tip_of(release.project) == tip
    do(environments.unfreeze, target.environment, actor=None)
    actions.retry_release(late, actor=dora)
    do(deployment.run, attempt_id=release.attempts.latest("number").pk)
    assert fresh(release.pk).status == Status.DEPLOYED


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
