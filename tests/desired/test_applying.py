"""What a release ships: the chosen changes, what comes along, what is refused."""

from dataclasses import replace

import pytest

from environments.desired import applying
from environments.desired.applying import (
    InseparableChanges,
    MissingDependency,
    TextStore,
    UnknownChange,
    apply,
    check_chosen,
    with_carried,
)
from environments.desired.changes import diff
from environments.desired.state import PolicyState, State, Target
from environments.desired.values import Inseparable
from tests.desired.make_states import PLACE, Desired, secret, variable

VALUES = """\
# the service
replicas: 1  # few

image:
  repository: shop/api
  tag: v1
debug: yes
"""


@pytest.fixture
def desired():
    return Desired()


def test_an_urgent_tag_ships_without_the_edit_beside_it(desired):
    """S32: the other edit of the same file is absent, and stays pending."""
    after = VALUES.replace("tag: v1", "tag: v2").replace("replicas: 1", "replicas: 9")
    a = desired.state(workloads=(desired.workload(base=VALUES),))
    b = desired.state(workloads=(desired.workload(base=after),))
    image, replicas = diff(a, b, desired.texts)
    shipped = apply(a, b, [image.id], desired.texts)
    digest = shipped.workloads[0].layer("base")
    assert desired.texts[digest] == VALUES.replace("tag: v1", "tag: v2")
    assert [c.id for c in diff(shipped, b, desired.texts)] == [replicas.id]


def test_nothing_chosen_changes_nothing(desired):
    a = desired.state(workloads=(desired.workload(base=VALUES),))
    b = desired.state(variables=(variable("A", "1"),))
    assert apply(a, b, [], desired.texts) == a


@pytest.mark.parametrize("facet", ["chart", "target", "assignment", "file", "env"])
def test_each_facet_ships_alone(desired, facet):
    a = desired.state(
        workloads=(desired.workload(),),
        overlays=(desired.overlay("o", {"x.yaml": "a: 1\n"}),),
        variables=(variable("A", "1"), variable("B", "1")),
    )
    b = desired.state(
        workloads=(desired.workload(chart=("web", "2", "cd" * 32), namespace="jobs"),),
        overlays=(desired.overlay("o", {"x.yaml": "a: 2\n"}, "api-gateway"),),
        variables=(variable("A", "2"), secret("C")),
    )
    changes = diff(a, b, desired.texts)
    chosen = {change.id for change in changes if change.facet == facet}
    shipped = apply(a, b, chosen, desired.texts)
    assert {change.id for change in diff(a, shipped, desired.texts)} == chosen
    left = {change.id for change in diff(shipped, b, desired.texts)}
    assert left == {change.id for change in changes} - chosen


def test_the_two_facets_of_a_policy_ship_apart(desired):
    a = desired.state(policy=PolicyState())
    strict = replace(a.policy.approval_requirements, required_approvals=2)
    b = desired.state(policy=PolicyState(strict, "auto"))
    requirements, mode = diff(a, b, desired.texts)
    assert apply(a, b, [requirements.id], desired.texts).policy == PolicyState(strict)
    assert apply(a, b, [mode.id], desired.texts).policy == PolicyState(
        deploy_mode="auto"
    )


def test_what_is_chosen_without_its_needs_is_refused_with_their_names(desired):
    """S31: one step; the policy of a first release is never missing."""
    b = desired.state(
        workloads=(desired.workload(base="a: {{hq.var.A}}\n"),),
        overlays=(desired.overlay("o", {}, "api-gateway"),),
        variables=(variable("A", "1"),),
    )
    a = replace(desired.state(), variables=())
    changes = {c.object: c for c in diff(a, b, desired.texts)}
    with pytest.raises(MissingDependency) as refusal:
        apply(a, b, [changes["o"].id], desired.texts)
    assert refusal.value.missing == {changes["o"].id: (changes["api-gateway"].id,)}
    both = [changes["o"].id, changes["api-gateway"].id]
    with pytest.raises(MissingDependency) as refusal:
        apply(a, b, both, desired.texts)
    assert refusal.value.missing == {changes["api-gateway"].id: (changes["A"].id,)}
    assert str(refusal.value) == "the selection needs 1 more of the pending changes"


def test_ids_that_are_no_change_are_refused(desired):
    a, b = desired.state(), desired.state(variables=(variable("A", "1"),))
    with pytest.raises(UnknownChange) as refusal:
        apply(a, b, ["b" * 32, "a" * 32], desired.texts)
    assert refusal.value.ids == ("a" * 32, "b" * 32)


def test_a_selection_can_be_checked_without_making_it(desired):
    b = desired.state(
        workloads=(desired.workload(base="a: {{hq.var.A}}\n"),),
        variables=(variable("A", "1"),),
    )
    changes = diff(desired.state(), b, desired.texts)
    check_chosen(changes, [change.id for change in changes])
    check_chosen(changes, [])
    with pytest.raises(MissingDependency):
        check_chosen(changes, [changes[0].id])


def test_a_first_release_takes_the_policy_and_the_target_along(desired):
    """Whatever is chosen; the rest stays in the pool."""
    empty = State.empty(*PLACE)
    full = desired.state(
        workloads=(desired.workload("one"), desired.workload("two")),
        variables=(variable("A", "1"),),
    )
    changes = diff(empty, full, desired.texts)
    (one,) = (change.id for change in changes if change.object == "one")
    shipped = apply(empty, full, [one], desired.texts)
    assert shipped.policy == full.policy
    assert shipped.target == full.target
    assert [workload.name for workload in shipped.workloads] == ["one"]
    assert len(with_carried(changes, [one])) == 4
    rest = diff(shipped, full, desired.texts)
    assert [change.object for change in rest] == ["two", "A"]
    assert not any(change.carried for change in rest)


def test_the_empty_state_can_be_shipped(desired):
    full = desired.state(
        workloads=(desired.workload(),), overlays=(desired.overlay("o", {}),)
    )
    bare = replace(full, workloads=(), overlays=())
    changes = diff(full, bare, desired.texts)
    assert apply(full, bare, [c.id for c in changes], desired.texts) == bare


def test_a_target_that_moved_ships_as_one(desired):
    a = desired.state(variables=(variable("A", "1"),))
    b = desired.state(target=Target("jobs", "1.32.0"))
    target, _ = diff(a, b, desired.texts)
    shipped = apply(a, b, [target.id], desired.texts)
    assert (shipped.target, shipped.variables) == (b.target, a.variables)


def test_what_cannot_be_taken_apart_is_refused_with_its_place(desired, monkeypatch):
    """A text whose parts hang together names the file and the pointer."""

    def refuse(before, after, chosen):
        raise Inseparable("hangs together", path=("a", "b"))

    monkeypatch.setattr(applying, "apply_values", refuse)
    a = desired.state(workloads=(desired.workload(tenant="a: 1\nb: 1\n"),))
    b = desired.state(workloads=(desired.workload(tenant="a: 2\nb: 2\n"),))
    first, _ = diff(a, b, desired.texts)
    with pytest.raises(InseparableChanges) as refusal:
        apply(a, b, [first.id], desired.texts)
    assert refusal.value.path == "workloads/api-gateway/values.tenant.acme.yaml"
    assert refusal.value.pointer == "/a/b"
    assert str(refusal.value) == (
        "workloads/api-gateway/values.tenant.acme.yaml#/a/b: hangs together"
    )


def test_new_texts_are_kept_and_no_others(desired):
    a = desired.state(workloads=(desired.workload(base="a: 1\nb: 1\n"),))
    b = desired.state(workloads=(desired.workload(base="a: 2\nb: 2\n"),))
    first, _ = diff(a, b, desired.texts)
    before = dict(desired.texts)
    apply(a, b, [first.id], desired.texts)
    added = desired.texts.keys() - before.keys()
    assert [desired.texts[digest] for digest in added] == ["a: 2\nb: 1\n"]


def test_a_store_answers_by_digest():
    store = TextStore.holding(["a: 1\n"])
    digest = store.add("a: 1\n")
    assert store[digest] == "a: 1\n"
    assert len(store) == 1
