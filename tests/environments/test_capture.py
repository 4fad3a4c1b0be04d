"""Reading the desired state of targets."""

import pytest

from environments import actions, capture
from environments.actions import VariablePlace
from environments.desired.changes import diff
from environments.desired.state import State
from environments.desired.texts import text_digest
from environments.models import Text, VariableScope
from environments.policies import PolicyTerms
from environments.stored import TextsHolding
from tests import make

FILES = {"kustomization.yaml": "resources: [workload.yaml]\n"}


@pytest.fixture
def furnished(shop, prod, api_workload):
    """Production with one of everything."""
    tenant, environment = prod.tenant, prod.environment
    for layer, text in (
        ({}, "layer: base\n"),
        ({"environment": environment}, "layer: environment\n"),
        ({"tenant": tenant}, "layer: tenant\n"),
        ({"tenant": tenant, "environment": environment}, "layer: target\n"),
    ):
        actions.set_values(api_workload, text=text, actor=None, **layer)
    actions.put_overlay(
        prod, name="patch", files=FILES, workload=api_workload, actor=None
    )
    actions.put_manifests(prod, name="extra", files={"a.yaml": "a: 1\n"}, actor=None)
    for place in (
        VariablePlace(shop, VariableScope.REPO),
        VariablePlace(shop, VariableScope.ENV, environment=environment),
        VariablePlace(shop, VariableScope.TENANT, tenant=tenant),
        VariablePlace(shop, VariableScope.SVC, target=prod, workload=api_workload),
    ):
        actions.set_variable(place, key="KEY", value=place.scope.value, actor=None)
    return prod


def test_a_state_holds_everything_that_reaches_the_target(furnished):
    state = capture.state_of(furnished)

    assert state.place == ("shop", "acme", "prod")
    (workload,) = state.workloads
    assert dict(workload.layers) == {
        layer: text_digest(f"layer: {layer}\n")
        for layer in ("base", "environment", "tenant", "target")
    }
    assert [overlay.workload for overlay in state.overlays] == ["api"]
    assert [dict(m.files) for m in state.manifests] == [
        {"a.yaml": text_digest("a: 1\n")}
    ]
    assert {v.scope for v in state.variables} == {"repo", "env", "tenant", "svc"}
    assert state.policy == PolicyTerms().to_state()
    assert State.from_json(state.to_json()) == state


def test_what_belongs_elsewhere_does_not_reach(shop, furnished):
    globex = make.target(shop, tenant="globex", environment="dev")

    state = capture.state_of(globex)

    assert not state.workloads
    assert [v.scope for v in state.variables] == ["repo"]


def test_many_targets_cost_as_many_queries_as_one(
    shop, furnished, api_workload, django_assert_num_queries
):
    targets = [furnished]
    for serial in range(4):
        target = make.target(shop, tenant=f"tenant-{serial}")
        actions.bind_workload(api_workload, to=target, actor=None)
        targets.append(target)

    with django_assert_num_queries(4):
        states = capture.states_of(targets)

    assert len({state.digest for state in states.values()}) == 5


def test_undoing_an_edit_gives_the_digest_back(furnished, api_workload):
    before = capture.state_of(furnished)
    actions.set_values(api_workload, text="layer: other\n", actor=None)
    assert capture.state_of(furnished).digest != before.digest

    actions.set_values(api_workload, text="layer: base\n", actor=None)

    assert capture.state_of(furnished).digest == before.digest


def test_an_empty_layer_is_no_layer(furnished, api_workload):
    actions.set_values(api_workload, text="", actor=None)

    (workload,) = capture.state_of(furnished).workloads
    assert "base" not in dict(workload.layers)


def test_texts_load_at_once_and_are_kept(furnished, django_assert_num_queries):
    texts = capture.DatabaseTexts()
    digests = capture.state_of(furnished).text_digests

    with django_assert_num_queries(1):
        texts.prefetch(digests)
        assert all(texts[digest] for digest in digests)


def test_only_texts_that_hold_a_word_leave_the_database(
    furnished, api_workload, django_assert_num_queries
):
    text = "layer: {{hq.var.KEY}}\n"
    actions.set_values(api_workload, text=text, actor=None)
    digests = capture.state_of(furnished).text_digests
    texts = TextsHolding("hq.var")

    with django_assert_num_queries(1):
        texts.prefetch(digests)
        held = {texts[digest] for digest in digests}

    assert held == {text, ""}


def test_texts_are_added_once(db):
    texts = capture.DatabaseTexts()

    digest = texts.add("new\n")
    capture.DatabaseTexts().add("new\n")

    assert (texts[digest], Text.objects.count()) == ("new\n", 1)
    with pytest.raises(KeyError):
        texts["0" * 64]


@pytest.mark.parametrize(
    ("edit", "types"),
    [
        ("values", {("workload", "values")}),
        ("image", {("workload", "image")}),
        ("overlay", {("kustomize_binding", "file")}),
        ("manifests", {("manifest_binding", "assignment")}),
        ("variable", {("hq_variable", "env")}),
        ("policy", {("environment_policy", "deploy_mode")}),
    ],
)
def test_every_type_of_change_is_tracked_end_to_end(
    shop, furnished, api_workload, edit, types
):
    """S20: S21: S22: S23: S24: S25: each of the five types shows in the diff."""
    before = capture.state_of(furnished)
    environment = furnished.environment
    tag = actions.ImageReference(tag="v2", repository="shop/api")
    edits = {
        "values": lambda: actions.set_values(
            api_workload, text="layer: moved\n", actor=None
        ),
        "image": lambda: actions.bump_image(api_workload, image=tag, actor=None),
        "overlay": lambda: actions.put_overlay(
            furnished,
            name="patch",
            files={"kustomization.yaml": "resources: [workload.yaml]\nnamePrefix: x\n"},
            workload=api_workload,
            actor=None,
        ),
        "manifests": lambda: actions.delete_manifests(
            furnished, name="extra", actor=None
        ),
        "variable": lambda: actions.set_variable(
            VariablePlace(shop, VariableScope.ENV, environment=environment),
            key="KEY",
            value="moved",
            actor=None,
        ),
        "policy": lambda: actions.set_policy(
            environment, terms={"deploy_mode": "auto"}, actor=None
        ),
    }

    edits[edit]()

    changes = diff(before, capture.state_of(furnished), capture.DatabaseTexts())
    assert {(change.type, change.facet) for change in changes} == types
