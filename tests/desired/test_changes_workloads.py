"""Changes of workloads, their images and values, and of the target."""

from dataclasses import replace

import pytest

from environments.desired.change import Place
from environments.desired.changes import diff
from environments.desired.state import PolicyState, State, Target
from tests.desired.make_states import PLACE, Desired, variable

IMAGE = """\
image:
  repository: shop/api
  tag: v1.2.3
  pullPolicy: Always
"""


@pytest.fixture
def desired():
    return Desired()


def changed(desired, before, after):
    """Return the changes between two texts of the same layer."""
    a = desired.state(workloads=(desired.workload(environment=before),))
    b = desired.state(workloads=(desired.workload(environment=after),))
    return diff(a, b, desired.texts)


def told(changes):
    return [(c.facet, c.path, c.action, c.before, c.after) for c in changes]


def test_a_workload_on_one_side_is_one_change(desired):
    """S20, S21: with all it holds, layers and chart alike."""
    workload = desired.workload(base=IMAGE, target="replicas: 2\n")
    bare, full = desired.state(), desired.state(workloads=(workload,))
    (added,) = diff(bare, full, desired.texts)
    (removed,) = diff(full, bare, desired.texts)
    assert (added.type, added.object, added.facet) == (
        "workload",
        "api-gateway",
        "assignment",
    )
    assert (added.action, removed.action) == ("added", "removed")
    assert added.summary == "api-gateway added (web 1.2.0)"
    assert (added.before, added.after) == (None, "web 1.2.0, 2 values layers")
    assert added.id == removed.id


def test_values_change_path_by_path(desired):
    """S20, S21: an existing workload updated."""
    before = "replicas: 3\nresources:\n  cpu: 1\n  old: yes\n"
    after = "replicas: 5\nresources:\n  cpu: 1\n  new~/: |\n    two\n    lines\n"
    changes = changed(desired, before, after)
    assert told(changes)[0] == ("values", "/replicas", "updated", "3", "5")
    assert told(changes)[1][:3] == ("values", "/resources/new~0~1", "added")
    assert told(changes)[2] == ("values", "/resources/old", "removed", "yes", None)
    assert [c.summary for c in changes] == [
        "api-gateway replicas 3 → 5 in environment values",
        "api-gateway resources.new~/ added: | two lines in environment values",
        "api-gateway resources.old removed (was yes) in environment values",
    ]


def test_each_layer_has_changes_of_its_own(desired):
    layers = ("base", "environment", "tenant", "target")
    a = desired.state(
        workloads=(desired.workload(**dict.fromkeys(layers, "replicas: 1\n")),)
    )
    b = desired.state(
        workloads=(desired.workload(**dict.fromkeys(layers, "replicas: 2\n")),)
    )
    changes = diff(a, b, desired.texts)
    assert tuple(change.layer for change in changes) == layers
    assert len({change.id for change in changes}) == len(layers)


def test_a_layer_on_one_side_reads_as_an_empty_text_on_the_other(desired):
    changes = changed(desired, "", "replicas: 1\n")
    assert told(changes) == [("values", "/replicas", "added", None, "1")]
    changes = changed(desired, "replicas: 1\n", "")
    assert told(changes) == [("values", "/replicas", "removed", "1", None)]


def test_comments_and_layout_are_one_change_that_needs_the_others(desired):
    before = "# old\n\na: 1\nimage: x:1\n"
    after = "# new\n\na: 2\nimage: x:2\n"
    image, layout, value = changed(desired, before, after)
    assert (layout.facet, layout.path, layout.action) == ("values", "", "updated")
    assert set(layout.depends_on) == {image.id, value.id}
    assert layout.summary == "api-gateway environment values, comments and layout"
    assert (image.depends_on, value.depends_on) == ((), ())


def test_comments_alone_are_one_change_that_needs_nothing(desired):
    (change,) = changed(desired, "# old\na: 1\n", "# new\na: 1\n")
    assert (change.path, change.depends_on) == ("", ())


def test_a_text_that_cannot_be_cut_is_one_change(desired):
    (change,) = changed(desired, "a: &x 1\nb: *x\n", "a: &x 2\nb: *x\n")
    assert (change.facet, change.path, change.depends_on) == ("values", "", ())
    assert change.summary == "api-gateway environment values, as a whole"
    assert change.before == "a: &x 1\nb: *x\n"


def test_a_long_value_is_shown_by_its_size(desired):
    long = "a: |\n" + "  line\n" * 2000
    (change,) = changed(desired, "a: 1\n", long)
    assert change.after.startswith("<2")
    assert "lines, sha256 " in change.after
    (other,) = changed(desired, "a: 1\n", long + "  more\n")
    assert other.revision != change.revision


@pytest.mark.parametrize(
    ("chart", "summary"),
    [
        (("web", "1.3.0", "ab" * 32), "api-gateway chart web 1.2.0 → 1.3.0"),
        (("job", "1.2.0", "cd" * 32), "api-gateway chart web 1.2.0 → job 1.2.0"),
        (
            ("web", "1.2.0", "cd" * 32),
            "api-gateway chart web 1.2.0 (abababababab) → 1.2.0 (cdcdcdcdcdcd)",
        ),
    ],
)
def test_a_new_chart_version_is_one_change(desired, chart, summary):
    a = desired.state(workloads=(desired.workload(),))
    b = desired.state(workloads=(desired.workload(chart=chart),))
    (change,) = diff(a, b, desired.texts)
    assert (change.facet, change.action) == ("chart", "updated")
    assert change.summary == summary


def test_what_a_workload_overrides_here_is_told_apart(desired):
    a = desired.state(workloads=(desired.workload(),))
    b = desired.state(
        workloads=(desired.workload(namespace="jobs", allow_nondeterministic=True),)
    )
    changes = diff(a, b, desired.texts)
    assert told(changes) == [
        ("chart", "/allowNondeterministic", "updated", "refused", "allowed"),
        ("target", "", "updated", None, "jobs"),
    ]
    assert changes[1].summary == "api-gateway namespace the target's → jobs"


def test_the_facts_of_the_target_are_one_change(desired):
    a = desired.state()
    b = replace(a, target=Target("jobs", "1.32.0", ("b/v1", "a/v1")))
    (change,) = diff(a, b, desired.texts)
    assert (change.type, change.object) == ("workload", "acme/production")
    assert (change.facet, change.action) == ("target", "updated")
    assert change.summary == (
        "acme/production namespace shop → jobs, Kubernetes 1.31.0 → 1.32.0, "
        "API versions batch/v1 → a/v1, b/v1"
    )
    assert not change.carried


def test_a_first_release_carries_the_policy_and_the_target(desired):
    """What else is ticked does not matter; all of it can be seen and selected."""
    empty = State.empty(*PLACE)
    full = desired.state(
        workloads=(desired.workload(),), variables=(variable("A", "1"),)
    )
    changes = diff(empty, full, desired.texts)
    assert [(c.type, c.facet, c.action) for c in changes if c.carried] == [
        ("workload", "target", "added"),
        ("environment_policy", "approval_requirements", "updated"),
        ("environment_policy", "deploy_mode", "updated"),
    ]
    assert [c.facet for c in changes if not c.carried] == ["assignment", "env"]
    assert changes[0].summary == (
        "acme/production namespace shop, Kubernetes 1.31.0, API versions batch/v1"
    )
    assert all(change.selectable for change in changes)


def test_only_texts_that_differ_are_loaded():
    """Of 200 workloads one changed: its two texts are read, no other."""

    class Counting(dict):
        def __getitem__(self, digest):
            loaded.append(digest)
            return super().__getitem__(digest)

    loaded = []
    desired = Desired()
    workloads = [
        desired.workload(f"w{n}", base=f"a: {n}\n", target=f"image: x:{n}\n")
        for n in range(200)
    ]
    overlay = desired.overlay(files={"kustomization.yaml": "{}\n"})
    a = desired.state(
        workloads=workloads, overlays=(overlay,), variables=(variable("A", "1"),)
    )
    workloads[7] = desired.workload("w7", base="a: 8888\n", target="image: x:7\n")
    b = replace(a, workloads=tuple(workloads), variables=(variable("B", "1"),))
    changes = diff(a, b, Counting(desired.texts))
    assert [c.object for c in changes] == ["w7", "A", "B"]
    assert set(loaded) == {
        desired.texts.add("a: 7\n"),
        desired.texts.add("a: 8888\n"),
    }


def test_an_id_names_the_place_and_a_revision_the_content(desired):
    def one(after):
        (change,) = changed(desired, "a: 1\n", after)
        return change

    assert one("a: 2\n").id == one("a: 3\n").id
    assert one("a: 2\n").revision != one("a: 3\n").revision
    assert one("a: 2\n") == one("a: 2\n")
    assert one("a: 2\n").id == "1093db06faace8fd09ef3c376f5c8ccb"
    assert len(one("a: 2\n").revision) == 64


def test_ids_of_two_places_never_run_together():
    places = [
        Place("workload", "a", "values", "base", "/b"),
        Place("workload", "a", "values", "target", "/b"),
        Place("workload", "a", "image", "base", "/b"),
        Place("workload", "ab", "values", "base", ""),
        Place("hq_variable", "a", "svc", None, "b"),
        Place("hq_variable", "a", "svc"),
    ]
    assert len({place.id for place in places}) == len(places)


def test_states_of_two_places_are_not_compared(desired):
    other = State.empty("shop", "globex", "production")
    with pytest.raises(ValueError, match="two places"):
        diff(other, desired.state(), desired.texts)


def test_changes_come_in_reading_order(desired):
    """S26, S29: by type, object and facet, the same each time."""
    a = State.empty(*PLACE)
    a = replace(a, policy=PolicyState(), target=desired.state().target)
    b = desired.state(
        workloads=(desired.workload("b"), desired.workload("a")),
        overlays=(desired.overlay("o"),),
        manifests=(desired.manifests("m"),),
        variables=(variable("Z", "1"), variable("A", "1", "repo")),
        policy=PolicyState(deploy_mode="auto"),
    )
    changes = diff(a, b, desired.texts)
    assert [(c.type, c.object) for c in changes] == [
        ("workload", "a"),
        ("workload", "b"),
        ("kustomize_binding", "o"),
        ("manifest_binding", "m"),
        ("hq_variable", "A"),
        ("hq_variable", "Z"),
        ("environment_policy", "production"),
    ]
