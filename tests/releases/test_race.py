"""Races between people, with real transactions on a real PostgreSQL."""

import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connections

from approvals import actions as approvals
from approvals.subjects import request_for
from environments import actions as environments
from environments.permissions import Role
from gitopshq.core.contention import is_duplicate
from gitopshq.core.errors import DomainError
from releases import actions, deployment
from releases.commits import recorded_commit_on_main
from releases.locking import fresh
from releases.models import DeployAttempt, Release, Status
from releases.pending import pool_of
from releases.tasks import run_deployment
from tests import make

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

TIMES = 5


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do all in threads that start together; refusals are returned."""
    gate = threading.Barrier(len(acts))
    ends: list[object] = [None] * len(acts)

    def run(index: int, act: Callable[[], object]) -> None:
        try:
            gate.wait()
            ends[index] = act()
        except DomainError as refusal:
            ends[index] = refusal
        except IntegrityError as error:
            # The API answers it with 409 concurrent_update.
            ends[index] = error if is_duplicate(error) else None
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


@pytest.mark.parametrize("_", range(TIMES))
def test_a_vote_against_a_cancel_ends_in_one_of_both(prod, edit, create, alice, bob, _):
    """S83: an approved release may be cancelled; a cancelled one not approved."""
    edit(prod)
    release = create(prod)
    request = request_for(release)

    voted, cancelled = at_once(
        lambda: approvals.approve(request, actor=bob, digest=release.digest),
        lambda: actions.cancel_release(release, actor=alice),
    )

    assert not isinstance(cancelled, Exception)
    assert fresh(release.pk).status == Status.CANCELLED
    state = request_for(release).state
    assert state == ("cancelled" if isinstance(voted, DomainError) else "approved")


@pytest.mark.parametrize("_", range(TIMES))
def test_two_presses_of_deploy_are_one_attempt(prod, approved, dora, shop, _):
    """S67."""
    dave = make.user("dave", role=Role.DEPLOYER, on=shop)
    release = approved(prod)

    ends = at_once(
        *(
            lambda person=person: actions.deploy_release(release, actor=person)
            for person in (dora, dave)
        )
    )

    assert sum(isinstance(end, DomainError) for end in ends) == 1
    assert DeployAttempt.objects.count() == 1
    assert fresh(release.pk).status == Status.DEPLOYED


def test_two_releases_of_one_target_deploy_one_at_a_time(
    prod, edit, create, approve, dora
):
    """Security.md 20: the second is stale or told to wait, never lost."""
    releases = []
    for name in ("one", "two"):
        edit(prod, name)
        ids = [r.change.id for r in pool_of(prod).rows if r.change.object == name]
        releases.append(create(prod, change_ids=ids))
    first, second = (approve(release) for release in releases)
    Release.objects.update(baseline_digest=second.baseline_digest)

    at_once(
        lambda: actions.deploy_release(fresh(first.pk), actor=dora),
        lambda: actions.deploy_release(fresh(second.pk), actor=dora),
    )

    statuses = sorted(r.status for r in Release.objects.all())
    assert statuses == ["approved", "deployed"]


def test_two_workers_with_one_message_make_one_commit(
    prod, approved, dora, monkeypatch
):
    """Duplicate delivery: one of them holds the job."""
    release = approved(prod)
    monkeypatch.setattr(run_deployment, "delay", lambda **_: None)
    actions.deploy_release(release, actor=dora)
    attempt = release.attempts.get()

    at_once(*(lambda: deployment.run(attempt_id=attempt.pk) for _ in range(3)))

    release = fresh(release.pk)
    assert release.status == Status.DEPLOYED
    assert recorded_commit_on_main(release) == release.commit_sha
    assert len(release.attempts.get().commits) == 1


@pytest.mark.parametrize("_", range(TIMES))
def test_a_freeze_that_was_answered_stops_what_comes_later(prod, approved, dora, do, _):
    """S130: whichever comes first, nothing is committed after the freeze."""
    release = approved(prod)

    ends = at_once(
        lambda: actions.deploy_release(release, actor=dora),
        lambda: environments.freeze(prod.environment, reason="fair", actor=None),
    )

    assert not isinstance(ends[1], Exception)
    release = fresh(release.pk)
    frozen_at = type(prod.environment).objects.get(pk=prod.environment_id).frozen_at
    if release.status == Status.DEPLOYED:
        assert release.deployed_at <= frozen_at
    else:
        assert release.status in (Status.APPROVED, Status.FAILED)


def test_numbers_are_given_once(shop, dev, prod, edit, alice):
    """S1: two people make a release at the same time."""
    edit(dev)
    edit(prod)
    words = actions.Content(title="At once")

    made = at_once(
        *(
            lambda target=target: actions.create_release(
                target, actor=alice, content=words
            )
            for target in (dev, prod)
        )
    )

    assert sorted(release.number for release in made) == [1, 2]


def test_a_change_is_claimed_once(dev, edit, alice):
    """S31: of two who take the same change one is told."""
    edit(dev)
    ids = [r.change.id for r in pool_of(dev).rows if r.change.object == "flags"]
    words = actions.Content(title="At once")

    def take():
        return actions.create_release(dev, actor=alice, content=words, change_ids=ids)

    ends = at_once(take, take)

    assert sum(isinstance(end, DomainError) for end in ends) == 1
    assert Release.objects.count() == 1
