"""Saving and deleting overlays and manifests."""

import pytest

from environments import actions
from environments.models import Edit, KustomizeBinding
from gitopshq.core.errors import NotFound, NotPermitted, ValidationError
from tests import make

ROOT = "/api/v1/projects/shop/targets/acme/prod"
KUSTOMIZATION = {"kustomization.yaml": "resources: []\n"}


def test_an_overlay_is_an_edit_of_its_files(prod, pia):
    """S22: overlays are tracked when added, modified and removed."""
    files = {**KUSTOMIZATION, "patches/one.yaml": "kind: Deployment"}
    actions.put_overlay(prod, name="extra", files=files, actor=pia)
    folder = "targets/acme/prod/kustomize/extra"
    assert set(Edit.objects.latest("sequence").files) == {
        "targets/acme/prod/target.yaml",
        f"{folder}/kustomization.yaml",
        f"{folder}/patches/one.yaml",
    }

    actions.put_overlay(prod, name="extra", files=KUSTOMIZATION, actor=pia)
    assert Edit.objects.latest("sequence").files == {f"{folder}/patches/one.yaml": None}

    actions.delete_overlay(prod, name="extra", actor=pia)
    assert Edit.objects.latest("sequence").files[f"{folder}/kustomization.yaml"] is None
    with pytest.raises(NotFound):
        actions.delete_overlay(prod, name="extra", actor=pia)


def test_the_same_files_again_are_no_edit(prod, pia):
    actions.put_overlay(prod, name="extra", files=KUSTOMIZATION, actor=pia)
    before = Edit.objects.count()

    actions.put_overlay(prod, name="extra", files=KUSTOMIZATION, actor=pia)

    assert Edit.objects.count() == before


def test_an_overlay_is_attached_to_a_bound_workload_once(
    shop, prod, api_workload, dana
):
    def put(name, workload):
        return actions.put_overlay(
            prod, name=name, files=KUSTOMIZATION, workload=workload, actor=dana
        )

    put("patch", api_workload)
    with pytest.raises(ValidationError, match="already"):
        put("second", api_workload)
    with pytest.raises(ValidationError, match="not bound"):
        put("third", make.workload(shop, "unbound"))

    assert put("patch", None).workload is None
    assert put("second", api_workload).workload == api_workload


@pytest.mark.parametrize(
    "path",
    [
        *("", "/etc/passwd", "../up.yaml", "a/../b.yaml", "./a.yaml", "a//b.yaml"),
        *(
            "a/",
            ".git/config",
            "a\\b.yaml",
            "a b.yaml",
            "ä.yaml",
            "x" * 256,
            "a\n.yaml",
        ),
    ],
)
def test_paths_stay_inside_and_plain(prod, dana, path):
    with pytest.raises(ValidationError):
        actions.put_manifests(prod, name="m", files={path: "a: 1\n"}, actor=dana)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"a": "x: 1\n", "a/b.yaml": "x: 1\n"},
        {"A.yaml": "x: 1\n", "a.yaml": "x: 1\n"},
        {"a.yaml": "x: [\n"},
        {"a.yaml": "x: 1\nx: 2\n"},
        {f"{n}.yaml": "x: 1\n" for n in range(501)},
    ],
)
def test_sets_of_files_that_cannot_be_are_refused(prod, dana, files):
    with pytest.raises(ValidationError):
        actions.put_manifests(prod, name="m", files=files, actor=dana)


def test_an_overlay_needs_one_kustomization(prod, api_workload, dana):
    with pytest.raises(ValidationError, match="exactly one"):
        actions.put_overlay(prod, name="o", files={"a.yaml": "a: 1\n"}, actor=dana)
    with pytest.raises(ValidationError, match="own output"):
        actions.put_overlay(
            prod,
            name="o",
            files={**KUSTOMIZATION, "workload.yaml": "a: 1\n"},
            workload=api_workload,
            actor=dana,
        )


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ("resources:\n- https://example.com/base.yaml", "remote_base"),
        ("bases:\n- git@example.com:org/repo", "remote_base"),
        ("components:\n- oci://example.com/org/part:v1", "remote_base"),
        ("resources:\n- quay.example/org/base", "remote_base"),
        ("resources:\n- https://example.com/{{hq.var.BASE}}", "remote_base"),
        ("resources:\n- ../../globex/prod", "outside_root"),
        ("helmCharts:\n- repo: https://example.com/charts", "field_not_allowed"),
    ],
)
def test_the_api_refuses_to_save_what_is_to_be_fetched(
    as_user, prod, dana, named, reason
):
    """Refused when saved, not first when it is rendered."""
    files = {
        "kustomization.yaml": "resources: [parts]\n",
        "parts/kustomization.yaml": f"kind: Kustomization\n{named}\n",
    }

    answer = as_user(dana).put(f"{ROOT}/kustomize/extra", {"files": files})

    (error,) = answer.json()["errors"]
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_error")
    assert (error["pointer"], error["code"]) == (
        "/files/parts~1kustomization.yaml",
        reason,
    )
    line = 2 if reason == "field_not_allowed" else 3
    assert (error["file"], error["line"]) == ("parts/kustomization.yaml", line)
    assert not KustomizeBinding.objects.exists()


def test_what_a_variable_decides_is_left_to_the_rendering(prod, dana):
    files = {"kustomization.yaml": "resources: ['{{hq.var.BASE}}', later.yaml]\n"}

    actions.put_overlay(prod, name="extra", files=files, actor=dana)

    assert KustomizeBinding.objects.get().name == "extra"


def test_names_are_taken_once_in_a_target(prod, api_workload, dana):
    with pytest.raises(ValidationError, match="a workload"):
        actions.put_overlay(prod, name="api", files=KUSTOMIZATION, actor=dana)
    actions.put_manifests(prod, name="extra", files={"a.yaml": "a: 1\n"}, actor=dana)
    with pytest.raises(ValidationError, match="a set of manifests"):
        actions.put_overlay(prod, name="extra", files=KUSTOMIZATION, actor=dana)


def test_another_environment_is_not_edited(dev, pia):
    with pytest.raises(NotPermitted):
        actions.put_overlay(dev, name="extra", files=KUSTOMIZATION, actor=pia)


def test_the_api_saves_shows_and_deletes_an_overlay(as_user, api_workload, dana):
    api, url = as_user(dana), f"{ROOT}/kustomize/patch"
    body = {"workload": "api", "files": {"kustomization.yaml": "resources: []"}}

    made = api.put(url, body)

    assert made.status_code == 201, made.json()
    assert made.json() == {
        "name": "patch",
        "workload": "api",
        "on": True,
        "files": {"kustomization.yaml": "resources: []\n"},
    }
    assert api.put(url, body, headers={"If-Match": made["ETag"]}).status_code == 200
    assert api.put(url, body, headers={"If-Match": '"x"'}).status_code == 412
    assert api.get(url).json() == made.json()
    listed = api.get(f"{ROOT}/kustomize").json()["items"]
    paths = ["kustomization.yaml"]
    assert listed == [{"name": "patch", "paths": paths, "workload": "api", "on": True}]
    assert api.delete(url).status_code == 204
    assert api.get(url).status_code == 404
    assert not KustomizeBinding.objects.exists()


def test_the_api_saves_shows_and_deletes_manifests(as_user, prod, dana):
    """S23: manifests are tracked when added and modified."""
    api, url = as_user(dana), f"{ROOT}/manifests/extra"

    made = api.put(url, {"files": {"cm.yaml": "kind: ConfigMap"}})

    files = {"cm.yaml": "kind: ConfigMap\n"}
    assert made.json() == {"name": "extra", "on": True, "files": files}
    assert api.get(url).json() == made.json()
    assert len(api.get(f"{ROOT}/manifests").json()["items"]) == 1
    assert api.delete(url).status_code == 204


def test_the_api_points_at_the_file_and_line(as_user, prod, dana):
    answer = as_user(dana).put(
        f"{ROOT}/manifests/extra", {"files": {"a/b.yaml": "x: 1\nx: 2\n"}}
    )

    (error,) = answer.json()["errors"]
    assert answer.status_code == 422
    assert error["pointer"] == "/files/a~1b.yaml"
    assert (error["file"], error["line"]) == ("a/b.yaml", 2)


def test_the_api_hides_and_refuses(as_user, prod, olga, stan):
    for kind in ("kustomize", "manifests"):
        url, body = f"{ROOT}/{kind}/extra", {"files": KUSTOMIZATION}
        assert as_user(stan).put(url, body).status_code == 404
        assert as_user(olga).put(url, body).status_code == 403
        assert as_user(stan).get(f"{ROOT}/{kind}").status_code == 404
        assert as_user(olga).delete(url).status_code == 403
