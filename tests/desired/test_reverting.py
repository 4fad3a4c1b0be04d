"""Going back to an earlier state: what goes back, what stays, and what conflicts."""

import pytest

from environments.desired.reverting import (
    Conflicts,
    Field,
    UnknownPart,
    differing_fields,
    revert_all,
    revert_fields,
    revert_services,
)
from environments.desired.state import ApprovalRequirements, PolicyState, Target
from tests.desired.make_states import Desired, secret, variable

VALUES = "targets/acme/production/values/api.yaml"
FLAGS = "targets/acme/production/manifests/flags/one.yaml"
TARGET = "targets/acme/production/target.yaml"
STRICT = PolicyState(ApprovalRequirements(required_approvals=2))


@pytest.fixture
def desired():
    return Desired()


def of_values(desired, text):
    return desired.state(workloads=(desired.workload("api", target=text),))


def back(desired, states, *fields):
    """Go back to the first of *states*; the last of them is deployed."""
    to, *since = states
    return revert_fields(since[-1], to, since, fields, desired.texts)


def text_of(desired, state):
    return desired.texts[state.workload_named["api"].layer("target")]


def texts_of(desired, *texts):
    return [of_values(desired, text) for text in texts]


def conflicts_of(desired, states, *fields):
    with pytest.raises(Conflicts) as refusal:
        back(desired, states, *fields)
    return [(one.file, one.path) for one in refusal.value.conflicts]


def test_all_goes_back_but_the_policy(desired):
    """S6: the policy is never rolled back."""
    then = of_values(desired, "a: 1\n")
    now = desired.state(policy=STRICT, target=Target("elsewhere"))

    state = revert_all(now, then)

    assert state.policy == STRICT
    assert state.rendering_digest == then.rendering_digest


def test_a_service_goes_back_with_its_overlays_and_variables(desired):
    """S120: and leaves the other service alone."""
    api, other = (desired.workload(name, base="a: 1\n") for name in ("api", "other"))
    labels = desired.overlay("labels", {"kustomization.yaml": "{}\n"}, "api")
    mine = variable("KEY", "old", "svc", "api")
    shared = variable("KEY", "old", "env")
    then = desired.state(
        workloads=(api, other), overlays=(labels,), variables=(mine, shared)
    )
    now = desired.state(
        workloads=(
            desired.workload("api", base="a: 2\n"),
            desired.workload("other", base="a: 2\n"),
        ),
        overlays=(desired.overlay("more", {}, "api"), desired.overlay("own", {})),
        variables=(secret("KEY", scope="svc", service="api"), variable("KEY", "new")),
    )

    state = revert_services(now, then, ["api"])

    assert state.workload_named["api"] == api
    assert state.workload_named["other"] == now.workload_named["other"]
    assert [overlay.name for overlay in state.overlays] == ["labels", "own"]
    assert set(state.variables) == {mine, variable("KEY", "new")}


def test_a_service_that_was_not_there_goes(desired):
    then = desired.state()
    now = of_values(desired, "a: 1\n")

    assert revert_services(now, then, ["api"]) == then


def test_an_unknown_service_is_named(desired):
    now = of_values(desired, "a: 1\n")

    with pytest.raises(UnknownPart) as refusal:
        revert_services(now, now, ["api", "apu"])

    assert (refusal.value.kind, refusal.value.index) == ("services", 1)


def test_a_name_taken_meanwhile_is_a_conflict(desired):
    then = desired.state(
        workloads=(desired.workload("api"),),
        overlays=(desired.overlay("x", {}, "api"),),
    )
    now = desired.state(manifests=(desired.manifests("api"), desired.manifests("x")))

    with pytest.raises(Conflicts) as refusal:
        revert_services(now, then, ["api"])

    assert [(c.file, c.path) for c in refusal.value.conflicts] == [
        (TARGET, "/kustomize/x"),
        (TARGET, "/workloads/api"),
    ]


def test_a_field_goes_back_and_later_edits_elsewhere_stay(desired):
    """S124: comments and other values keep their bytes."""
    states = texts_of(
        desired,
        "a: 1 # one\nb: 1\n",
        "a: 2 # one\nb: 1\n",
        "a: 2 # one\nb: 2\nc: 3\n",
    )

    state = back(desired, states, Field(VALUES, "/a"))

    assert text_of(desired, state) == "a: 1 # one\nb: 2\nc: 3\n"


def test_a_part_of_an_image_goes_back(desired):
    states = texts_of(
        desired,
        "image:\n  repository: one\n  tag: v1\n",
        "image:\n  repository: two\n  tag: v2\n",
    )

    state = back(desired, states, Field(VALUES, "/image/tag"))

    assert text_of(desired, state) == "image:\n  repository: two\n  tag: v1\n"


def test_all_of_a_file_goes_back(desired):
    states = texts_of(desired, "# why\na: 1\n", "a: 2\nb: 1\n")

    assert back(desired, states, Field(VALUES)) == states[0]


def test_what_was_changed_again_is_a_conflict_unless_overwritten(desired):
    """S124: each such place is named; to overwrite it is somebody's decision."""
    states = texts_of(
        desired, "m:\n  a: 1\n  b: 1\n", "m:\n  a: 2\n  b: 1\n", "m:\n  a: 3\n  b: 2\n"
    )

    assert conflicts_of(desired, states, Field(VALUES, "/m")) == [(VALUES, "/m/a")]
    assert conflicts_of(desired, states, Field(VALUES)) == [(VALUES, "/m/a")]
    forced = back(desired, states, Field(VALUES, "/m", overwrite=True))
    assert forced == states[0]
    assert text_of(desired, back(desired, states, Field(VALUES, "/m/b"))) == (
        "m:\n  a: 3\n  b: 1\n"
    )


def test_a_value_that_was_back_in_between_is_no_conflict(desired):
    states = texts_of(desired, "a: 1\n", "a: 2\n", "a: 1\n", "b: 1\na: 1\n", "a: 3\n")

    assert text_of(desired, back(desired, states, Field(VALUES, "/a"))) == "a: 1\n"


def test_a_value_inside_what_came_or_went_names_what_goes_back_with_it(desired):
    went = texts_of(desired, "m:\n  a: 1\n  b: 1\nx: 1\n", "x: 1\n")
    listed = texts_of(desired, "m: [1, 2]\n", "m: [1, 3]\n")

    assert conflicts_of(desired, went, Field(VALUES, "/m/a")) == [(VALUES, "/m")]
    assert conflicts_of(desired, listed, Field(VALUES, "/m/1")) == [(VALUES, "/m")]
    assert back(desired, listed, Field(VALUES, "/m/0")) == listed[1]


def test_a_text_that_cannot_be_cut_goes_back_as_a_whole(desired):
    states = texts_of(desired, "a: &x 1\nb: *x\n", "a: &x 2\nb: *x\n", "a: &x 3\n")

    assert conflicts_of(desired, states, Field(VALUES, "/a")) == [(VALUES, "")]
    assert conflicts_of(desired, states, Field(VALUES)) == [(VALUES, "")]
    assert back(desired, states[:2], Field(VALUES)) == states[0]


def test_a_layer_that_was_empty_is_empty_again(desired):
    states = texts_of(desired, "", "a: 2\n")

    assert back(desired, states, Field(VALUES, "/a")) == states[0]


def of_flags(desired, **files):
    named = {f"{name}.yaml": text for name, text in files.items()}
    return desired.state(manifests=(desired.manifests("flags", named),))


def test_files_of_bindings_go_back_too(desired):
    then = of_flags(desired, one="a: 1\nb: 1\n", two="x: 1\n")
    now = of_flags(desired, one="a: 2\nb: 2\n")
    two = FLAGS.replace("one", "two")

    state = back(desired, [then, now], Field(FLAGS, "/a"), Field(two))

    assert state == of_flags(desired, one="a: 1\nb: 2\n", two="x: 1\n")
    assert conflicts_of(desired, [then, now], Field(two, "/x")) == [(two, "")]
    more = of_flags(desired, one="", two="y\n")
    assert conflicts_of(desired, [then, more, now], Field(two)) == [(two, "")]
    assert back(desired, [then, more, now], Field(two, overwrite=True))


def test_a_binding_that_is_gone_goes_back_by_its_place_in_the_target(desired):
    then, now = of_flags(desired, one="a: 1\n"), desired.state()

    assert conflicts_of(desired, [then, now], Field(FLAGS, "/a")) == [
        (TARGET, "/manifests/flags")
    ]
    assert back(desired, [then, now], Field(TARGET, "/manifests/flags")) == then
    assert back(desired, [now, then], Field(TARGET, "/manifests")) == now


def test_an_overlay_is_attached_as_it_was(desired):
    def at(home, text):
        return desired.state(overlays=(desired.overlay("x", {"a.yaml": text}, home),))

    state = back(
        desired,
        [at("api", "1\n"), at(None, "2\n")],
        *[Field(TARGET, "/kustomize/x/workload")],
    )

    assert state == at("api", "2\n")
    with pytest.raises(Conflicts, match="twice"):
        back(
            desired,
            [at("api", "1\n"), desired.state(manifests=(desired.manifests("x"),))],
            Field(TARGET, "/kustomize/x"),
        )


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("workloads/api/workload.yaml", "/chart"),
        ("workloads/api/workload.yaml", "/chart/version"),
        ("workloads/api/workload.yaml", "/namespace"),
        ("workloads/api/workload.yaml", "/allowNondeterministic"),
        (TARGET, "/namespace"),
        (TARGET, "/kubernetesVersion"),
        (TARGET, "/apiVersions"),
        ("variables/repo.yaml", "/KEY"),
        ("variables/env/production.yaml", "/KEY/secret"),
        ("variables/tenant/acme.yaml", ""),
        ("targets/acme/production/variables/api.yaml", "/KEY"),
    ],
)
def test_every_fact_goes_back_by_itself(desired, file, path):
    """S124: of workloads, of the target, and each variable."""
    then, between, now = (
        desired.state(
            target=Target(f"ns-{n}", f"1.3{n}.0", (f"batch/v{n}",)),
            workloads=(
                desired.workload(
                    "api",
                    chart=("web", f"1.{n}.0", f"{n}" * 64),
                    namespace=f"jobs-{n}",
                    allow_nondeterministic=n == 1,
                ),
            ),
            variables=(
                variable("KEY", f"{n}", "repo"),
                secret("KEY", f"{n}" * 64),
                variable("KEY", f"{n}", "tenant"),
                variable("KEY", f"{n}", "svc", "api"),
            ),
        )
        for n in (1, 2, 3)
    )

    state = back(desired, [then, now], Field(file, path))

    left = {(field.file) for field in differing_fields(state, then, desired.texts)}
    gone = differing_fields(now, state, desired.texts)
    assert len(gone) == 1
    assert gone[0].file == file
    assert file not in left or len(differing_fields(state, then, desired.texts)) == 9
    if path != "/allowNondeterministic":
        assert len(conflicts_of(desired, [then, between, now], Field(file, path))) == 1


@pytest.mark.parametrize(
    ("file", "path", "kind"),
    [
        ("policies/production.yaml", "/deployMode", "file"),
        ("workloads/none/values.yaml", "/a", "file"),
        ("variables/env/other.yaml", "/KEY", "file"),
        (VALUES, "/nothing", "path"),
        (VALUES, "nothing", "path"),
        (TARGET, "/cluster", "path"),
        ("workloads/api/workload.yaml", "/namespace", "path"),
    ],
)
def test_what_is_not_there_is_named(desired, file, path, kind):
    states = texts_of(desired, "a: 1\n", "a: 2\n")

    with pytest.raises(UnknownPart) as refusal:
        back(desired, states, Field(VALUES, "/a"), Field(file, path))

    assert (refusal.value.kind, refusal.value.index) == (kind, 1)


def test_a_service_that_came_goes_back_as_a_service(desired):
    states = [desired.state(), of_values(desired, "a: 1\n")]
    bound = [(TARGET, "/workloads/api")]

    assert conflicts_of(desired, states, Field(VALUES, "/a")) == bound
    assert conflicts_of(desired, states, Field(TARGET, "/workloads/api")) == bound
    defined = Field("workloads/api/workload.yaml", "/chart")
    assert conflicts_of(desired, states, defined) == bound
