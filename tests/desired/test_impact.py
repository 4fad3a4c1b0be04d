"""What an edit would move before it is saved: rendered, shadowed, or text alone."""

import pytest

from environments.desired.impact import ANY_VALUE, Effect, Foresight
from tests.desired.make_states import Desired, secret, variable

HOST = "host: '{{hq.var.HOST}}'\n"
WIDE = ("repo", "HOST", "")


def effects(desired, state, place, row):
    found = Foresight(desired.texts).of_variable(state, place, row)
    return {one.unit: (one.effect, one.by, one.problems) for one in found}


def test_a_value_moves_what_names_it_and_no_narrower_scope_answers():
    desired = Desired()
    state = desired.state(
        workloads=(
            desired.workload("api", base=HOST),
            desired.workload("own", base=HOST),
            desired.workload("pinned", base="host: '{{hq.var.repo.HOST}}'\n"),
            desired.workload("noted", base="# {{hq.var.HOST}}\na: 1\n"),
        ),
        overlays=(desired.overlay("edge", {"a.yaml": HOST}),),
        manifests=(desired.manifests("flags", {"b.yaml": "# {{hq.var.HOST}}\n"}),),
        variables=(
            variable("HOST", "old", "repo"),
            variable("HOST", "mine", "svc", "own"),
        ),
    )

    assert effects(desired, state, WIDE, variable("HOST", "new", "repo")) == {
        "api": (Effect.RENDERS, (), ()),
        "pinned": (Effect.RENDERS, (), ()),
        "edge": (Effect.RENDERS, (), ()),
        "own": (Effect.SHADOWED, ("svc",), ()),
    }


def test_a_text_is_read_by_the_kind_of_each_file_that_holds_it():
    """A kustomization needs no ending to be YAML: what a comment names is no use."""
    desired = Desired()
    note = "# {{hq.var.HOST}}\nresources: []\n"
    state = desired.state(
        overlays=(
            desired.overlay("plain", {"notes.txt": note}),
            desired.overlay("yaml", {"Kustomization": note, "b.YAML": note}),
        ),
        variables=(variable("HOST", "old", "repo"),),
    )

    found = effects(desired, state, WIDE, variable("HOST", "new", "repo"))

    assert set(found) == {"plain"}


def test_the_same_content_moves_nothing_wherever_it_is_set():
    desired = Desired()
    state = desired.state(
        workloads=(desired.workload("api", base=HOST),),
        variables=(variable("HOST", "old", "repo"),),
    )

    assert effects(desired, state, WIDE, variable("HOST", "old", "repo")) == {}
    assert effects(desired, state, ("env", "HOST", ""), variable("HOST", "old")) == {}
    moved = effects(desired, state, WIDE, variable("HOST", ANY_VALUE, "repo"))
    assert moved["api"][0] == Effect.RENDERS
    sealed = effects(desired, state, WIDE, secret("HOST", scope="repo"))
    assert sealed["api"][0] == Effect.RENDERS


@pytest.mark.parametrize(
    ("narrower", "effect"),
    [
        ("host: here\n", Effect.TEXT_ONLY),
        ("other: here\n", Effect.RENDERS),
        ("a: &a 1\nb: *a\n", Effect.RENDERS),
    ],
)
def test_a_value_that_a_narrower_layer_replaces_moves_text_alone(narrower, effect):
    desired = Desired()
    state = desired.state(
        workloads=(desired.workload("api", base=HOST, tenant=narrower),),
        variables=(variable("HOST", "old", "repo"),),
    )

    found = effects(desired, state, WIDE, variable("HOST", "new", "repo"))

    assert found["api"][0] == effect


def test_what_could_not_be_rendered_any_more_is_named_by_file_and_line():
    desired = Desired()
    base = "a: 1\nb: {{hq.var.HOST}}\nc: {{hq.var.GONE}}\n"
    state = desired.state(
        workloads=(desired.workload("api", base=base),),
        variables=(variable("HOST", "old", "repo"),),
    )

    _, _, (gone,) = effects(desired, state, WIDE, None)["api"]
    _, _, (empty,) = effects(desired, state, WIDE, variable("HOST", "", "repo"))["api"]

    assert gone.startswith("workloads/api/values.yaml:2: HOST is unresolved")
    assert empty.startswith("workloads/api/values.yaml:2: HOST: ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: {c: 2}\n", None),
        ("# why\na: 1\nb:\n  c: 2\n", (Effect.TEXT_ONLY, ())),
        ("a: 7\nb: {c: 2}\n", (Effect.SHADOWED, ("tenant",))),
        ("a: 1\nb: {c: 8}\n", (Effect.SHADOWED, ("target",))),
        ("a: 7\nb: {c: 8}\n", (Effect.SHADOWED, ("tenant", "target"))),
        ("a: 1\nb: {c: 2, d: 3}\n", (Effect.RENDERS, ())),
        ("a: '1'\nb: {c: '2'}\nd: 1\n", (Effect.RENDERS, ())),
        ("a: 1\nb: {c: {{hq.var.C}} }\n", (Effect.TEXT_ONLY, ())),
        ("", (Effect.SHADOWED, ("tenant", "target"))),
    ],
)
def test_a_layer_moves_what_no_narrower_layer_decides(text, expected):
    desired = Desired()
    api = desired.workload(
        "api", base="a: 1\nb: {c: 2}\n", tenant="a: 5\n", target="b:\n  c: 6\n"
    )
    state = desired.state(workloads=(api,), variables=(variable("C", "2"),))

    found = Foresight(desired.texts).of_layer(state, "api", "base", text)

    assert (found and (found.effect, found.by)) == expected


def test_a_layer_of_a_workload_that_is_not_bound_moves_nothing():
    desired = Desired()

    assert Foresight({}).of_layer(desired.state(), "api", "base", "a: 1\n") is None


def test_a_layer_that_names_what_is_not_defined_is_a_problem():
    desired = Desired()
    state = desired.state(workloads=(desired.workload("api", base="a: 1\n"),))

    found = Foresight(desired.texts).of_layer(
        state, "api", "environment", "a: {{hq.var.NONE}}\n"
    )

    assert found is not None
    assert found.effect == Effect.RENDERS
    assert "values.env.production.yaml:1: NONE is unresolved" in found.problems[0]
