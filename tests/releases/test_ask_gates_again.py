"""Between click and commit the gates are asked again, and the ref may be lost."""

import pytest

from delivery import advancing, publishing
from delivery.git.locks import RepositoryBusy, turn
from delivery.repositories import repositories_of
from environments import actions as environments
from environments.permissions import Role
from gitopshq.core import departing
from releases import actions, deployment, tasks
from releases.locking import fresh
from releases.models import Status
from tests import make
from tests.releases.chain import CHAIN
from tests.releases.reading import commits_of, git


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


def take_the_grant(shop, dora):
    environments.revoke_access(shop, of=dora, actor=None)


def move_the_grant(shop, dora):
    take_the_grant(shop, dora)
    place = make.environment(shop, "elsewhere")
    environments.grant_role(place, to=dora, role=Role.DEPLOYER, actor=None)


def send_away(shop, dora):
    departing.deactivate_user(dora, actor=None)


@pytest.mark.parametrize("lose", [take_the_grant, move_the_grant, send_away])
def test_the_task_deploys_for_nobody_who_may_not_any_more(
    prod, approved, pressed, do, shop, dora, lose
):
    """S90: S93: between click and commit the right was lost; the worker asks again."""
    release = pressed(approved(prod))
    lose(shop, dora)

    do(tasks.run_deployment, attempt_id=release.attempts.get().pk)

    release = fresh(release.pk)
    assert (release.status, release.failure_type) == (
        Status.FAILED,
        "permission_denied",
    )
    assert commits_of(release) == 0


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


def test_no_other_deploy_races_from_tip_to_swap(
    prod, approved, pressed, work, monkeypatch, shop
):
    """S76: of eight that race one wins a round, and some would lose ten in a row."""
    release, asked = pressed(approved(prod)), []
    tip, advance = publishing.tip_of, advancing.advance_ref

    def note(found):
        with turn(repositories_of(shop).main, timeout_seconds=0) as is_free:
            asked.append(is_free)
        return found

    monkeypatch.setattr(publishing, "tip_of", lambda project: note(tip(project)))
    monkeypatch.setattr(
        advancing, "advance_ref", lambda *args, **kwargs: note(advance(*args, **kwargs))
    )

    assert work(release).status == Status.DEPLOYED
    assert asked == [False, False]


def test_who_stands_still_in_a_turn_holds_up_nobody(
    prod, approved, pressed, work, monkeypatch, shop
):
    """S76: the swap decides, with a turn or without."""
    release = pressed(approved(prod))
    monkeypatch.setattr(publishing, "TURN_SECONDS", 0.01)

    with turn(repositories_of(shop).main, timeout_seconds=0):
        release = work(release)

    assert release.status == Status.DEPLOYED


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


def test_the_gates_of_the_commit_are_kept(prod, approved, pressed, work):
    """S126: as they stood right before the ref moved."""
    release = work(pressed(approved(prod)))

    gates = release.attempts.get().gates
    assert [gate["name"] for gate in gates] == CHAIN[:-1]
    assert {gate["verdict"] for gate in gates} == {"pass"}
