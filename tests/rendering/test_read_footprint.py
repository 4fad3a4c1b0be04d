"""Which overlays may share a call of Kustomize, and which go alone."""

import pytest

from delivery.rendering.footprints import MAX_TEXT, footprint
from tests.rendering.overlays import CONFIG, GENERATED, WEB

PLAIN = {
    "kustomization.yaml": "resources: [a.yaml]\n",
    "a.yaml": CONFIG.format("a", ""),
}


def _read(files):
    found = footprint(files)
    assert found is not None
    return found


def _patched(patch):
    return {
        "kustomization.yaml": (
            "resources: [a.yaml]\n"
            f"patches: [{{target: {{kind: ConfigMap}}, patch: {patch!r}}}]\n"
        )
    }


def _patch_at(path):
    return _patched(f"[{{op: replace, path: {path}, value: x}}]")


def test_names_are_all_that_a_resource_has_at_any_step():
    files = {
        "kustomization.yaml": GENERATED.format("web"),
        "web.yaml": WEB.format("web"),
    }

    found = _read(files)

    of_config = {name for name in found.names if "config" in name}
    assert of_config == {
        "web-config",
        "acme-web-config",
        "web-config-v2",
        "acme-web-config-v2",
    }
    assert "main" not in found.names
    assert {"main", "shop:1.0", "web", "shops"} <= found.words
    assert found.written == {"default", "elsewhere"}
    assert found.put == set()


def test_overlays_are_apart_where_no_word_is_a_name_of_the_other():
    shop, cart, front = (
        _read(
            {
                "kustomization.yaml": "resources: [web.yaml]\n",
                "web.yaml": WEB.format(name) + more,
            }
        )
        for name, more in (
            ("shop-api", ""),
            ("cart", ""),
            (
                "front",
                "---\n{apiVersion: v1, kind: X, metadata: {name: b}, to: cart}\n",
            ),
        )
    )

    assert shop.is_apart_from(cart)
    assert not front.is_apart_from(cart)
    assert not cart.is_apart_from(front)
    assert not (shop | cart).is_apart_from(front)


def test_a_plain_overlay_may_share_and_data_need_not_be_yaml():
    kustomization = (
        "resources: [a.yaml]\nconfigMapGenerator: [{name: b, files: [x.conf]}]\n"
    )
    files = {"kustomization.yaml": kustomization, "x.conf": "server { a: [ }\n"}

    assert footprint(PLAIN) is not None
    assert footprint(PLAIN | files) is not None


@pytest.mark.parametrize(
    "field",
    [
        "vars: [{name: A, objref: {kind: ConfigMap, name: a, apiVersion: v1}}]",
        "replacements: [{source: {kind: ConfigMap}, targets: []}]",
        "buildMetadata: [originAnnotations]",
        "sortOptions: {order: fifo}",
        "crds: [a.yaml]",
        "configurations: [a.yaml]",
        "openapi: {path: a.yaml}",
        "kind: Component",
        "apiVersion: kustomize.config.k8s.io/v2",
        "labels: [{pairs: {name: b}, fields: [{path: metadata, create: true}]}]",
        "patches: [{path: a.yaml, Options: {allowNameChange: true}}]",
        "namePrefix: '9-'",
        "namePrefix: [a]",
        "commonAnnotations: {internal.config.kubernetes.io/previousNames: b}",
    ],
)
def test_a_field_that_reaches_further_goes_alone(field):
    files = {"kustomization.yaml": f"resources: [a.yaml]\n{field}\n"}

    assert footprint(PLAIN | files) is None


@pytest.mark.parametrize(
    "path",
    [
        *("''", "/", "/metadata", "/metadata/name", "/metadata/namespace", "/kind"),
        *("/apiVersion", "metadata/name", "/metadata/ownerReferences", "[]"),
    ],
)
def test_a_patch_that_names_a_resource_anew_goes_alone(path):
    assert footprint(PLAIN | _patch_at(path)) is None
    assert footprint(PLAIN | _patch_at("/metadata/labels/name")) is not None
    assert footprint(PLAIN | _patch_at("/data/name")) is not None


@pytest.mark.parametrize(
    "text",
    [
        CONFIG.format("a", "annotations: {config.kubernetes.io/local-config: 'true'}"),
        CONFIG.format("a", 'annotations: {"\\x63onfig.kubernetes.io/function": x}'),
        CONFIG.format("a", "annotations: {kustomize.config.k8s.io/needs-hash: 'true'}"),
        "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a-}}\n",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: !!binary d2Vi}}\n",
        "a: &a {name: web}\nmetadata: {<<: *a}\n",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: 'ünï'}}\n",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: 'null'}}\n",
        "{apiVersion: v1, kind: [ConfigMap], metadata: {name: a}}\n",
        "broken: [\n",
        f"# {'x' * MAX_TEXT}\n",
    ],
)
def test_a_file_that_is_not_followed_goes_alone(text):
    assert footprint(PLAIN | {"a.yaml": text}) is None


def test_a_namespace_is_not_followed_where_a_field_names_it_anew():
    files = {"a.yaml": "{apiVersion: v1, kind: Namespace, metadata: {name: a}}\n"}
    put = {"kustomization.yaml": "resources: [a.yaml]\nnamespace: shops\n"}

    assert footprint(PLAIN | files) is not None
    assert footprint(PLAIN | files | put) is None
