"""What a change needs of others: the five kinds, one step each."""

import pytest

from environments.desired.changes import diff
from tests.desired.make_states import Desired, variable


@pytest.fixture
def desired():
    return Desired()


def needs(desired, a, b):
    """Return, by object and place of each change, those that it needs."""
    changes = diff(a, b, desired.texts)

    def name(change):
        place = change.path or change.facet
        return f"{change.object} {place}"

    by_id = {change.id: name(change) for change in changes}
    return {
        name(change): {by_id[needed] for needed in change.depends_on}
        for change in changes
        if change.depends_on
    }


def test_a_text_needs_the_variables_it_names(desired):
    uses = "a: '{{hq.var.NEW}}'\n# {{ hq.var.NOTE }}\nb: 1\n"
    a = desired.state(
        workloads=(desired.workload(base="b: 1\n"),),
        overlays=(desired.overlay("o", {"x.yaml": "c: 1\n"}),),
        manifests=(desired.manifests("m", {"y.yaml": "c: 1\n"}),),
    )
    b = desired.state(
        workloads=(desired.workload(base=uses),),
        overlays=(desired.overlay("o", {"x.yaml": "c: {{hq.var.env.NEW}}\n"}),),
        manifests=(
            desired.manifests("m", {"y.yaml": "c: {{hq.var.NEW}}\n"}),
            desired.manifests("n", {"y.yaml": "c: {{hq.var.NEW}}\n"}),
        ),
        variables=(variable("NEW", "1"), variable("NOTE", "1")),
    )
    assert needs(desired, a, b) == {
        "api-gateway /a": {"NEW env"},
        "o x.yaml": {"NEW env"},
        "m y.yaml": {"NEW env"},
        "n assignment": {"NEW env"},
        "api-gateway values": {"api-gateway /a"},
    }


def test_a_file_that_asks_for_a_service_moves_with_its_overlay(desired):
    uses, plain = "c: {{hq.var.KEY}}\n", "c: 1\n"
    places = (desired.workload("api"), desired.workload("web"))
    rows = (variable("KEY", "1", "svc", "api"),)
    at_api = desired.state(
        workloads=places,
        overlays=(desired.overlay("o", {"x.yaml": uses, "y.yaml": plain}, "api"),),
        variables=rows,
    )
    at_web = desired.state(
        workloads=places,
        overlays=(desired.overlay("o", {"x.yaml": plain, "y.yaml": "c: 2\n"}, "web"),),
        variables=rows,
    )

    assert needs(desired, at_web, at_api) == {"o x.yaml": {"o assignment"}}
    assert needs(desired, at_api, at_web) == {"o assignment": {"o x.yaml"}}


def test_a_variable_that_resolves_without_the_change_is_not_needed(desired):
    before = (variable("OLD", "1", "repo"),)
    after = (
        variable("OLD", "1", "repo"),
        variable("OLD", "2", "tenant"),
        variable("TWICE", "1"),
        variable("TWICE", "2", "tenant"),
        variable("OTHER", "1", "svc", "worker"),
    )
    uses = "a: {{hq.var.OLD}} {{hq.var.TWICE}} {{hq.var.OTHER}}\n"
    a = desired.state(workloads=(desired.workload(base="b: 1\n"),), variables=before)
    b = desired.state(
        workloads=(desired.workload(base="b: 1\n" + uses),), variables=after
    )
    assert needs(desired, a, b) == {}


def test_a_pinned_name_needs_its_own_scope(desired):
    before = (variable("A", "1", "repo"),)
    a = desired.state(workloads=(desired.workload(base="b: 1\n"),), variables=before)
    b = desired.state(
        workloads=(desired.workload(base="b: 1\na: {{hq.var.svc.A}}\n"),),
        variables=(*before, variable("A", "2", "svc", "api-gateway")),
    )
    assert needs(desired, a, b) == {"api-gateway /a": {"A api-gateway"}}


def test_the_image_and_a_new_workload_need_variables_too(desired):
    before = desired.state(
        workloads=(desired.workload("old", target="image: {tag: a}\nb: 1\n"),)
    )
    after = desired.state(
        workloads=(
            desired.workload("old", target="image: {tag: '{{hq.var.TAG}}'}\nb: 2\n"),
            desired.workload("new", tenant="image: {tag: '{{hq.var.TAG}}'}\n"),
        ),
        variables=(variable("TAG", "1"),),
    )
    assert needs(desired, before, after) == {
        "old /image": {"TAG env"},
        "new assignment": {"TAG env"},
    }


def test_deleting_a_variable_needs_the_removal_of_its_last_uses(desired):
    uses = "a: {{hq.var.OLD}}\nb: {{hq.var.OLD}}\nc: {{hq.var.OLD}}\n"
    a = desired.state(
        workloads=(
            desired.workload("kept", base=uses),
            desired.workload("gone", base=uses),
        ),
        overlays=(desired.overlay("o", {"x.yaml": "c: {{hq.var.OLD}}\n"}),),
        variables=(variable("OLD", "1"),),
    )
    b = desired.state(
        workloads=(desired.workload("kept", base="a: 1\nc: 2\n"),),
        overlays=(desired.overlay("o", {}),),
    )
    assert needs(desired, a, b) == {
        "OLD env": {
            "kept /a",
            "kept /b",
            "kept /c",
            "gone assignment",
            "o x.yaml",
        }
    }


def test_a_variable_that_another_scope_still_answers_may_go_alone(desired):
    a = desired.state(
        workloads=(desired.workload(base="a: {{hq.var.OLD}}\n"),),
        variables=(variable("OLD", "1"), variable("OLD", "2", "repo")),
    )
    b = desired.state(
        workloads=(desired.workload(base="a: 1\n"),),
        variables=(variable("OLD", "2", "repo"),),
    )
    assert needs(desired, a, b) == {}


def test_an_attached_overlay_needs_its_workload(desired):
    a = desired.state(overlays=(desired.overlay("moved", {}),))
    b = desired.state(
        workloads=(desired.workload("api"),),
        overlays=(
            desired.overlay("moved", {}, "api"),
            desired.overlay("new", {}, "api"),
            desired.overlay("alone", {}),
        ),
    )
    assert needs(desired, a, b) == {
        "moved assignment": {"api assignment"},
        "new assignment": {"api assignment"},
    }


def test_removing_a_workload_needs_the_removal_of_its_overlays(desired):
    a = desired.state(
        workloads=(desired.workload("api"),),
        overlays=(
            desired.overlay("gone", {}, "api"),
            desired.overlay("freed", {}, "api"),
            desired.overlay("alone", {}),
        ),
    )
    b = desired.state(overlays=(desired.overlay("freed", {}),))
    assert needs(desired, a, b) == {
        "api assignment": {"gone assignment", "freed assignment"}
    }


def test_a_kustomization_needs_the_added_files_it_names(desired):
    old = {"kustomization.yaml": "resources: []\n"}
    new = {
        "kustomization.yaml": (
            "resources: [./one.yaml, base]\n"
            "patches: [{path: patches/two.yaml}]\n"
            "configMapGenerator: [{name: c, files: [key=three.txt]}]\n"
            "# four.yaml\n"
        ),
        "one.yaml": "a: 1\n",
        "patches/two.yaml": "a: 1\n",
        "three.txt": "text\n",
        "four.yaml": "a: 1\n",
        "base/kustomization.yml": "resources: [five.yaml, ../one.yaml]\n",
        "base/five.yaml": "a: 1\n",
    }
    a = desired.state(overlays=(desired.overlay("o", old),))
    b = desired.state(overlays=(desired.overlay("o", new),))
    expected = {
        "o kustomization.yaml": {
            "o one.yaml",
            "o patches/two.yaml",
            "o three.txt",
            "o base/kustomization.yml",
        },
        "o base/kustomization.yml": {"o base/five.yaml", "o one.yaml"},
    }
    assert needs(desired, a, b) == expected
    assert needs(desired, b, a) == {
        "o one.yaml": {"o kustomization.yaml", "o base/kustomization.yml"},
        "o patches/two.yaml": {"o kustomization.yaml"},
        "o three.txt": {"o kustomization.yaml"},
        "o base/kustomization.yml": {"o kustomization.yaml"},
        "o base/five.yaml": {"o base/kustomization.yml"},
    }


def test_a_name_must_be_free_before_another_kind_takes_it(desired):
    a = desired.state(workloads=(desired.workload("same"),))
    b = desired.state(manifests=(desired.manifests("same", {}),))
    changes = diff(a, b, desired.texts)
    removed, added = changes
    assert (removed.type, added.type) == ("workload", "manifest_binding")
    assert added.depends_on == (removed.id,)


def test_a_broken_kustomization_names_nothing(desired):
    a = desired.state(overlays=(desired.overlay("o", {"kustomization.yaml": "a\n"}),))
    files = {"kustomization.yaml": "resources: }\n- x.yaml\n", "x.yaml": "a: 1\n"}
    b = desired.state(overlays=(desired.overlay("o", files),))
    assert needs(desired, a, b) == {}
