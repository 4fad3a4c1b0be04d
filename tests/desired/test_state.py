"""The document itself: its order, its JSON, its digests, what it refuses."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from environments.desired.state import (
    ApprovalRequirements,
    PolicyState,
    State,
    StateRefused,
    Target,
    VariableState,
)
from environments.desired.text_store import TextStore
from tests.desired.make_states import (
    FINGERPRINT,
    PLACE,
    SCALE,
    Desired,
    secret,
    states,
    variable,
)

quick = settings(max_examples=int(30 * SCALE), deadline=None)


@given(states(TextStore()))
@quick
def test_a_state_reads_back_from_its_json(state):
    written = json.loads(json.dumps(state.to_json()))
    assert State.from_json(written) == state
    assert State.from_json(written).digest == state.digest


@given(states(TextStore()), st.randoms(use_true_random=False))
@quick
def test_the_digest_does_not_depend_on_the_order_of_the_parts(state, random):
    def shuffled(parts):
        return tuple(random.sample(parts, len(parts)))

    other = State(
        *state.place,
        target=state.target,
        workloads=shuffled(
            [replace(w, layers=shuffled(w.layers)) for w in state.workloads]
        ),
        overlays=shuffled(
            [replace(o, files=shuffled(o.files)) for o in state.overlays]
        ),
        manifests=shuffled(state.manifests),
        variables=shuffled(state.variables),
        policy=state.policy,
    )
    assert other.digest == state.digest
    assert other == state


def test_the_policy_counts_in_the_digest_but_not_in_that_of_the_rendering():
    strict = PolicyState(ApprovalRequirements(required_approvals=2))
    before = Desired().state()
    after = replace(before, policy=strict)
    assert before.digest != after.digest
    assert before.rendering_digest == after.rendering_digest


@pytest.mark.parametrize(
    "other",
    [
        {"target": Target("jobs", "1.31.0", ("batch/v1",))},
        {"target": Target("shop", "1.32.0", ("batch/v1",))},
        {"target": Target("shop", "1.31.0", ())},
        {"workloads": (Desired().workload(),)},
        {"overlays": (Desired().overlay(),)},
        {"manifests": (Desired().manifests(),)},
        {"variables": (variable("A", "1"),)},
        {"variables": (secret("A"),)},
    ],
)
def test_everything_that_rendering_depends_on_moves_its_digest(other):
    before = Desired().state()
    assert before.rendering_digest != replace(before, **other).rendering_digest


def test_the_digest_is_written_down_for_ever():
    """A stored snapshot must keep its digest through every version of the product."""
    desired = Desired()
    state = desired.state(
        workloads=(desired.workload(base="replicas: 1\n"),),
        overlays=(desired.overlay(files={"kustomization.yaml": "{}\n"}),),
        manifests=(desired.manifests(files={"one.yaml": "kind: A\n"}),),
        variables=(variable("A", "1"), secret("B")),
    )
    assert (
        state.digest
        == "bf0a62b0bc77851942db63e3ada758d471ebba8438e4f467ca1cd82f1d15dfd4"
    )


def test_an_empty_layer_is_the_same_as_none():
    desired = Desired()
    assert desired.workload(base="") == desired.workload()
    assert desired.workload().layer("base") == desired.texts.add("")


def test_layers_stand_from_broad_to_narrow():
    workload = Desired().workload(target="a: 1\n", base="a: 2\n", tenant="a: 3\n")
    assert [layer for layer, _ in workload.layers] == ["base", "tenant", "target"]


def test_text_digests_name_every_text():
    desired = Desired()
    state = desired.state(
        workloads=(desired.workload(base="a: 1\n"),),
        overlays=(desired.overlay(files={"x": "x\n"}),),
        manifests=(desired.manifests(files={"y": "y\n"}),),
    )
    assert state.text_digests == set(desired.texts)


@pytest.mark.parametrize(
    "parts",
    [
        {"workloads": (Desired().workload("a"), Desired().workload("a"))},
        {
            "workloads": (Desired().workload("a"),),
            "overlays": (Desired().overlay("a"),),
        },
        {
            "overlays": (Desired().overlay("a"),),
            "manifests": (Desired().manifests("a"),),
        },
        {"variables": (variable("A", "1"), variable("A", "2"))},
        {"variables": (variable("A", "1"), secret("A"))},
    ],
)
def test_nothing_may_occur_twice(parts):
    with pytest.raises(StateRefused, match="occurs twice"):
        Desired().state(**parts)


@pytest.mark.parametrize(
    "row",
    [
        ("world", "A", None, "1"),
        ("svc", "A", None, "1"),
        ("env", "A", "api", "1"),
        ("env", "A", None, None),
        ("env", "A", None, "1", True, FINGERPRINT),
        ("env", "A", None, None, True, None),
        ("env", "A", None, "1", False, FINGERPRINT),
    ],
)
def test_a_variable_row_that_contradicts_itself_is_refused(row):
    with pytest.raises(StateRefused):
        VariableState(*row)


@pytest.mark.parametrize(
    "broken",
    [
        {"format": 2},
        {"workloads": [{"name": "a"}]},
        {"surprise": 1},
        {"policy": {"deploy_mode": "manual"}},
        {"target": {"namespace": "shop", "api_versions": [], "cluster": "east"}},
    ],
)
def test_a_document_of_another_shape_is_refused(broken):
    document = Desired().state().to_json() | broken
    with pytest.raises(StateRefused):
        State.from_json(document)


def test_a_document_that_lacks_a_part_is_refused():
    document = Desired().state().to_json()
    del document["variables"]
    with pytest.raises(StateRefused):
        State.from_json(document)


def test_an_unknown_layer_or_deploy_mode_is_refused():
    with pytest.raises(StateRefused):
        replace(Desired().workload(), layers=(("galaxy", FINGERPRINT),))
    with pytest.raises(StateRefused):
        PolicyState(deploy_mode="perhaps")


def test_the_empty_state_holds_nothing():
    empty = State.empty(*PLACE)
    assert empty.text_digests == frozenset()
    assert State.from_json(empty.to_json()) == empty
