"""The counters of lists, what targets tell of themselves, and who needs them."""

import pytest

from environments import actions as environments
from environments.errors import Archived, InUse
from environments.models import Project, TenantEnvironment
from releases import actions, counters
from releases.locking import fresh
from releases.pending import pool_of
from releases.selectors.targets import target_facts, users_of
from tests import make


def counted(target):
    return TenantEnvironment.objects.get(pk=target.pk).pending_count


def test_an_edit_is_counted_where_it_reaches(dev, prod, edit):
    """S28."""
    edit(dev, "one")
    edit(dev, "two")

    assert counted(dev) == pool_of(dev).count
    # Both would carry their facts and policy; dev has two bindings besides.
    assert counted(dev) - counted(prod) == 2


@pytest.fixture
def recounted(monkeypatch):
    """Return a function that tells which targets were looked at since the last call."""
    seen: list[int] = []
    count = counters.refresh_target

    def look(pk):
        seen.append(pk)
        count(pk)

    monkeypatch.setattr(counters, "refresh_target", look)

    def told():
        found = sorted(seen)
        seen.clear()
        return found

    return told


def test_only_where_an_edit_reaches_is_counted_again(
    shop, dev, prod, edit, create, recounted, do
):
    """S28: of a thousand targets, one edit of one target is counted in one."""
    other = make.target(shop, tenant="globex", environment="dev")
    api = make.workload(shop, "api", on=[dev, prod, other])
    counters.refresh()
    recounted()

    for place, reached in (
        ({"tenant": dev.tenant, "environment": dev.environment}, [dev]),
        ({"environment": dev.environment}, [dev, other]),
        ({"tenant": dev.tenant}, [dev, prod]),
        ({}, [dev, prod, other]),
    ):
        do(environments.set_values, api, text="replicas: 2\n", actor=None, **place)
        assert recounted() == sorted(target.pk for target in reached)
        rows = TenantEnvironment.objects.values_list("counted_at_edit", flat=True)
        assert set(rows) == {Project.objects.get().edit_sequence}
        for target in (dev, prod, other):
            assert counted(target) == pool_of(target).count
        do(environments.set_values, api, text="", actor=None, **place)
        recounted()

    # Flags of what waits somewhere name the newest edit.
    edit(prod)
    create(prod)
    recounted()
    edit(dev)
    assert recounted() == sorted([dev.pk, prod.pk])
    counters.refresh()
    assert recounted() == []


def test_a_release_takes_its_changes_out_of_the_count(dev, edit, create, do, alice):
    """S28, S84: and cancelling puts them back."""
    edit(dev)
    release = create(dev)
    assert counted(dev) == 0

    do(actions.cancel_release, release, actor=alice)

    assert counted(dev) == pool_of(dev).count > 0


def test_a_target_tells_what_it_runs(dev, shipped, edit, alice):
    release = shipped(dev)
    edit(dev, fast="2")

    facts = target_facts([dev], user=alice, exact=True)[dev.pk]

    assert facts["deployed_release"] == release.name
    assert facts["pending_count"] == 1
    assert facts["sync"]["state"] == "not_tracked"


def test_a_target_that_runs_nothing_says_no_more(dev, alice):
    assert target_facts([dev], user=alice, exact=False) == {
        dev.pk: {"pending_count": 0}
    }


def test_what_an_open_release_is_for_is_not_archived(dev, edit, create, do, alice):
    edit(dev)
    release = create(dev)

    with pytest.raises(InUse, match="R-1 is open for acme/dev"):
        environments.archive(dev.tenant, actor=None)

    do(actions.cancel_release, release, actor=alice)
    assert environments.archive(dev.tenant, actor=None).archived_at is not None


def test_what_is_deployed_is_shipped_away_first(
    dev, shipped, create, submit, deploy, do
):
    """Ship the empty state first, then archive."""
    shipped(dev)
    with pytest.raises(InUse, match="R-1 is deployed in acme/dev"):
        environments.archive(dev.environment, actor=None)
    do(environments.delete_manifests, dev, name="flags", actor=None)
    deploy(submit(create(dev)))

    archived = environments.archive(dev.environment, actor=None)

    assert archived.archived_at is not None


def test_a_workload_is_kept_while_it_runs_somewhere(dev, shop, shipped, edit, do):
    api = make.workload(shop, "api", on=[dev])
    make.workload(shop, "other")
    shipped(dev)

    assert users_of([dev.pk], workload="api") == ["R-1 is deployed in acme/dev"]
    assert users_of([dev.pk], workload="other") == []
    assert api.name == "api"


def test_nothing_is_released_where_all_is_put_away(dev, edit, alice, do):
    edit(dev)
    do(environments.archive, dev.tenant, actor=None)
    dev = TenantEnvironment.objects.select_related("tenant").get(project__slug="shop")

    with pytest.raises(Archived):
        actions.create_release(dev, actor=alice, content=actions.Content(title="x"))


def test_two_first_releases_both_carry_the_policy(prod, edit, create, approve, deploy):
    """One of them claims it; whichever is first sets the bar."""
    edit(prod, "one")
    edit(prod, "two")

    def only(name):
        return [r.change.id for r in pool_of(prod).rows if r.change.object == name]

    first = create(prod, change_ids=only("one"))
    second = create(prod, change_ids=only("two"))

    for release in (first, second):
        types = set(release.changes.values_list("type", flat=True))
        assert "environment_policy" in types
    deploy(approve(second))
    prod = TenantEnvironment.objects.get(pk=prod.pk)
    assert prod.released_policy["required_approvals"] == 1
    assert fresh(first.pk).is_stale
