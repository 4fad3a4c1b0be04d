"""Discarding a pending change: what is deployed is written back, as an edit."""

import pytest

from environments import actions as environments
from environments.models import VariableScope
from environments.permissions import Role
from gitopshq.core.errors import NotFound, NotPermitted
from releases import actions, errors
from releases.pending import pool_of
from tests import make

OVERLAY = {
    "kustomization.yaml": "resources:\n- map.yaml\n",
    "map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: over\n",
}


@pytest.fixture
def discard(do, alice):
    def press(target, *words, actor=alice):
        for row in pool_of(target).rows:
            if {*words} & {row.change.path, *row.change.summary.split()}:
                do(
                    actions.discard_change,
                    target,
                    actor=actor,
                    change=row.change.id,
                )

    return press


@pytest.fixture
def api(shop, dev):
    return make.workload(shop, "api", on=[dev])


def test_a_file_is_written_back(dev, shipped, edit, discard):
    shipped(dev, fast="1", slow="1")
    edit(dev, fast="2", slow="2")

    discard(dev, "fast.yaml")

    assert [row.change.path for row in pool_of(dev).rows] == ["slow.yaml"]


def test_a_new_binding_is_taken_away(dev, shipped, edit, discard):
    shipped(dev)
    edit(dev, "extra")

    discard(dev, "extra")

    assert pool_of(dev).rows == ()


def test_an_overlay_is_taken_away_and_written_back(dev, shipped, do, discard):
    do(environments.put_overlay, dev, name="over", files=OVERLAY, actor=None)
    shipped(dev)
    do(environments.delete_overlay, dev, name="over", actor=None)

    discard(dev, "over")

    assert pool_of(dev).rows == ()
    assert dev.kustomize_bindings.count() == 1


def test_values_of_the_target_are_written_back(dev, api, shipped, do, discard):
    layer = {"tenant": dev.tenant, "environment": dev.environment, "actor": None}
    do(environments.set_values, api, text="a: 1\nb: 1\n", **layer)
    shipped(dev)
    do(environments.set_values, api, text="a: 2\nb: 2\n", **layer)

    discard(dev, "/a")

    (left,) = pool_of(dev).rows
    assert left.change.path == "/b"


def test_a_binding_of_a_workload_is_taken_away(dev, shop, shipped, do, discard):
    shipped(dev)
    make.workload(shop, "extra", on=[dev])

    discard(dev, "extra")

    assert pool_of(dev).rows == ()


def test_a_workload_comes_back_with_the_values_it_is_deployed_with(
    dev, api, shipped, do, discard
):
    """They outlive its binding, and were edited before it was taken away."""
    layer = {"tenant": dev.tenant, "environment": dev.environment, "actor": None}
    do(environments.set_values, api, text="a: 1\n", **layer)
    shipped(dev)
    do(environments.set_values, api, text="a: 2\n", **layer)
    do(environments.unbind_workload, api, from_=dev, actor=None)

    discard(dev, "api")

    assert pool_of(dev).rows == ()


def test_facts_of_the_target_are_written_back(dev, shipped, do, discard):
    shipped(dev)
    facts = {"kubernetes_version": "1.30.0"}
    do(environments.update_target, dev, facts=facts, actor=None)

    maintainer = make.user("mona", role=Role.MAINTAINER, on=dev.project)
    discard(dev, "1.30.0", actor=maintainer)

    assert pool_of(dev).rows == ()


@pytest.mark.parametrize("secret", [False, True])
def test_a_variable_of_the_service_is_written_back(
    dev, api, shipped, do, discard, shop, secret
):
    place = environments.VariablePlace(
        shop, VariableScope.SVC, target=dev, workload=api
    )
    said = {"key": "TOKEN", "actor": None, "secret": secret}
    do(environments.set_variable, place, value="first-value", **said)
    shipped(dev)
    do(environments.set_variable, place, value="second-value", **said)

    discard(dev, "TOKEN")

    assert pool_of(dev).rows == ()


def test_a_shared_input_is_not_discarded_here(dev, shipped, do, shop, alice):
    shipped(dev)
    place = environments.VariablePlace(shop, VariableScope.REPO)
    do(environments.set_variable, place, key="A", value="1", actor=None)
    (row,) = pool_of(dev).rows

    with pytest.raises(errors.NotTheTargetsOwn):
        actions.discard_change(dev, actor=alice, change=row.change.id)


def test_a_claimed_change_is_not_discarded(dev, edit, create, alice):
    edit(dev)
    release = create(dev)
    (row,) = [r for r in pool_of(dev).rows if r.change.object == "flags"]

    with pytest.raises(errors.ChangeAlreadyClaimed, match=release.name):
        actions.discard_change(dev, actor=alice, change=row.change.id)


def test_discarding_needs_the_right_to_edit(dev, edit, bob):
    edit(dev)
    (row,) = [r for r in pool_of(dev).rows if r.change.object == "flags"]

    with pytest.raises(NotPermitted, match=r"workloads\.manage"):
        actions.discard_change(dev, actor=bob, change=row.change.id)


def test_what_is_not_pending_is_not_there(dev, alice):
    with pytest.raises(NotFound):
        actions.discard_change(dev, actor=alice, change="0" * 32)
