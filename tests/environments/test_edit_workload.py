"""Making, changing, binding and unbinding workloads."""

import pytest

from environments import actions, capture, errors
from environments.models import Edit, ValuesLayer
from gitopshq.core.errors import NotFound, NotPermitted, ValidationError
from gitopshq.core.models import AuditEntry
from tests import make

WORKLOADS = "/api/v1/projects/shop/workloads"
BOUND = "/api/v1/projects/shop/targets/acme/prod/workloads/api"


def test_a_workload_is_an_edit_of_its_file(shop, dana):
    """S20: S21: a workload is tracked when it is added."""
    actions.create_workload(
        shop, name="api", chart_version=make.chart_version(), actor=dana
    )

    edit = Edit.objects.latest("sequence")
    assert list(edit.files) == ["workloads/api/workload.yaml"]
    assert (edit.actor, edit.object_type, edit.object_name) == (
        dana,
        "workload",
        "api",
    )
    with pytest.raises(ValidationError, match="taken"):
        make.workload(shop, "api")


def test_a_new_chart_version_reaches_the_state(shop, prod, api_workload, dana):
    newer = make.chart_version(version="1.1.0")

    actions.update_workload(api_workload, chart_version=newer, actor=dana)

    (workload,) = capture.state_of(prod).workloads
    assert (workload.chart_version, workload.chart_digest) == ("1.1.0", newer.digest)
    edit = Edit.objects.latest("sequence")
    assert {p.pointer for p in edit.places.all()} == {"/chart/digest", "/chart/version"}


def test_workloads_are_the_projects_and_bindings_the_environments(
    shop, prod, dev, api_workload, pia
):
    with pytest.raises(NotPermitted):
        actions.update_workload(api_workload, namespace="x", actor=pia)
    with pytest.raises(NotPermitted):
        actions.bind_workload(api_workload, to=dev, actor=pia)

    actions.bind_workload(api_workload, to=prod, namespace="apart", actor=pia)
    (workload,) = capture.state_of(prod).workloads
    assert workload.namespace == "apart"


def test_a_binding_overrides_the_version_of_the_same_chart_alone(
    prod, api_workload, dana
):
    older = make.chart_version(version="0.9.0")
    actions.bind_workload(api_workload, to=prod, chart_version=older, actor=dana)
    (workload,) = capture.state_of(prod).workloads
    assert workload.chart_version == "0.9.0"

    with pytest.raises(ValidationError, match="another chart"):
        actions.bind_workload(
            api_workload, to=prod, chart_version=make.chart_version("db"), actor=dana
        )
    with pytest.raises(ValidationError, match="overrides"):
        actions.update_workload(
            api_workload, chart_version=make.chart_version("db"), actor=dana
        )


def test_unbinding_keeps_the_values(prod, api_workload, dana):
    actions.set_values(api_workload, text="a: 1\n", actor=dana)

    actions.unbind_workload(api_workload, from_=prod, actor=dana)

    assert not capture.state_of(prod).workloads
    assert ValuesLayer.objects.filter(workload=api_workload).exists()
    with pytest.raises(NotFound):
        actions.unbind_workload(api_workload, from_=prod, actor=dana)


def test_a_workload_with_an_overlay_stays_bound(prod, api_workload, dana):
    actions.put_overlay(
        prod,
        name="patch",
        files={"kustomization.yaml": "resources: [workload.yaml]\n"},
        workload=api_workload,
        actor=dana,
    )

    with pytest.raises(errors.InUse, match="patch"):
        actions.unbind_workload(api_workload, from_=prod, actor=dana)


def test_units_of_a_target_share_one_name_space(shop, prod, dana):
    files = {"config.yaml": "kind: ConfigMap\n"}
    actions.put_manifests(prod, name="api", files=files, actor=dana)

    with pytest.raises(ValidationError, match="manifests"):
        make.workload(shop, "api", on=[prod])


def test_a_strange_workload_is_not_bound(prod, dana):
    strange = make.workload(make.project(), "strange")

    with pytest.raises(NotFound):
        actions.bind_workload(strange, to=prod, actor=dana)


def test_the_api_makes_changes_and_binds(as_user, shop, prod, dana):
    make.chart_version()
    make.chart_version(version="1.1.0")
    api = as_user(dana)
    body = {"name": "api", "chart": "web", "chartVersion": "1.0.0"}

    made = api.post(f"{WORKLOADS}?message=First", body)

    assert made.status_code == 201, made.json()
    assert Edit.objects.latest("sequence").message == "First"
    bound = api.put(BOUND, {})
    assert (bound.status_code, bound.json()) == (
        201,
        {
            "workload": "api",
            "tenant": "acme",
            "environment": "prod",
            "namespace": None,
            "chartVersion": None,
        },
    )
    assert api.put(BOUND, {"chartVersion": "1.1.0"}).json()["chartVersion"] == "1.1.0"
    assert api.put(BOUND, {"chartVersion": "9.9.9"}).status_code == 422
    assert api.get(f"{WORKLOADS}/api").json()["targets"] == ["acme/prod"]
    changed = api.patch(f"{WORKLOADS}/api", {"chartVersion": "1.1.0"})
    assert changed.json()["chartVersion"] == "1.1.0"
    unknown = api.patch(f"{WORKLOADS}/api", {"chartVersion": "8.8.8"})
    assert unknown.json()["errors"][0]["pointer"] == "/chartVersion"
    assert api.delete(BOUND).status_code == 204
    assert api.get(BOUND).status_code == 404


def test_the_api_hides_and_refuses(as_user, api_workload, olga, stan, pia):
    assert as_user(stan).get(WORKLOADS).status_code == 404
    assert as_user(stan).put(BOUND, {}).status_code == 404
    assert as_user(olga).put(BOUND, {"namespace": "x"}).status_code == 403
    assert as_user(olga).patch(f"{WORKLOADS}/api", {}).status_code == 403
    refused = as_user(pia).patch(f"{WORKLOADS}/api", {"namespace": "x"})
    assert refused.status_code == 403


def test_who_views_one_environment_sees_what_is_bound_there(
    as_user, shop, api_workload, pia
):
    make.workload(shop, "hidden")

    items = as_user(pia).get(WORKLOADS).json()["items"]

    assert [item["name"] for item in items] == ["api"]
    assert as_user(pia).get(f"{WORKLOADS}/hidden").status_code == 404


def test_audit_entries_hold_both_sides(api_workload, prod, dana):
    actions.update_workload(api_workload, namespace="apart", actor=dana)

    entry = AuditEntry.objects.get(event="workload.changed")

    assert (entry.before, entry.after) == ({"namespace": ""}, {"namespace": "apart"})
