"""Overlays are checked against an allow-list, then built by Kustomize."""

import subprocess

import pytest

from delivery.rendering.tools import tool_path
from environments.desired.kustomizations import check_overlay
from tests.rendering.charts import packed
from tests.rendering.jobs import overlay, standalone, variable, workload

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n"
FILES = {
    "kustomization.yaml": (
        "resources: [base, extra.yaml]\n"
        "components: [./parts/label]\n"
        "namePrefix: '{{hq.var.PREFIX}}-'\n"
        "patches:\n"
        "  - path: patch.yaml\n"
        "  - target: {kind: ConfigMap, name: extra}\n"
        "    patch: |-\n      - {op: add, path: /data, value: {a: b}}\n"
        "configMapGenerator:\n"
        "  - name: files\n    files: [motto=motto.txt]\n    envs: [some.env]\n"
        "generatorOptions: {disableNameSuffixHash: true}\n"
        "images: [{name: app, newTag: '2'}]\n"
    ),
    "extra.yaml": CONFIG.format("extra"),
    "patch.yaml": CONFIG.format("inner") + "data: {patched: '{{hq.var.PREFIX}}'}\n",
    "motto.txt": "{{hq.var.PREFIX}} shall hold\n",
    "some.env": "A=1\n",
    "base/kustomization.yml": "resources: [inner.yaml]\n",
    "base/inner.yaml": CONFIG.format("inner"),
    "parts/label/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
        "labels: [{pairs: {part: label}}]\n"
    ),
}


def test_a_standalone_overlay_comes_out_as_kustomize_prints_it(
    render, data_dir, tmp_path
):
    """S68: overlays are combined with resolved variables."""
    job = standalone(FILES, variables=(variable("PREFIX", "north"),))

    result = render(job)

    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text.replace("{{hq.var.PREFIX}}", "north"))
    printed = subprocess.run(
        [tool_path("kubectl", data_dir, search=""), "kustomize", str(tmp_path)],
        check=True,
        capture_output=True,
        env={"HOME": str(tmp_path)},
    ).stdout.decode()
    assert not result.errors
    assert "---\n".join(document.text for document in result.documents) == printed
    assert {document.name for document in result.documents} == {
        "north-inner",
        "north-extra",
        "north-files",
    }


def test_an_attached_overlay_replaces_what_its_workload_printed(render):
    """S68: the chart's output is a resource of the overlay."""
    data = packed("storefront")
    patch = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\n"
        "spec: {replicas: {{hq.var.svc.REPLICAS}}}\n"
    )
    first = overlay(
        {
            "kustomization.yaml": (
                "resources: [workload.yaml]\nnamespace: elsewhere\n"
                "patches: [{path: p.yaml, target: {kind: Deployment}}]\n"
            ),
            "p.yaml": patch,
        }
    )
    second = overlay(
        {"kustomization.yaml": "resources: [workload.yaml]\nnameSuffix: -x\n"},
        name="naming",
    )
    job = workload(
        data,
        overlays=(first, second),
        variables=(variable("REPLICAS", "9", scope="svc", service="shop"),),
    )

    result = render(job, data)

    assert not result.errors
    (deployment,) = (d for d in result.documents if d.kind == "Deployment")
    assert (deployment.name, deployment.namespace) == ("shop-x", "elsewhere")
    assert "  replicas: 9\n" in deployment.text
    assert {document.kind for document in result.documents} == {
        "Deployment",
        "Service",
        "Job",
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("resources: [https://example.com/a.yaml]\n", "remote_base"),
        ("resources: ['github.com/org/repo//base?ref=v1']\n", "remote_base"),
        ("resources: [github.com/org/repo]\n", "remote_base"),
        ("resources: ['git@example.com:org/repo']\n", "remote_base"),
        ("resources: ['git::https://example.com/x']\n", "remote_base"),
        ("resources: ['ssh://example.com/x.git']\n", "remote_base"),
        ("bases: [example.com/org/repo.git]\n", "remote_base"),
        ("components: ['file:///etc']\n", "remote_base"),
        ("resources: [/etc/passwd]\n", "remote_base"),
        ("resources: [../secrets]\n", "outside_root"),
        ("resources: [sub/../../secrets]\n", "outside_root"),
        ("resources: [gone.yaml]\n", "missing_file"),
        ("crds: [gone.yaml]\n", "missing_file"),
        ("configurations: [gone.yaml]\n", "missing_file"),
        ("patches: [{path: ../x.yaml}]\n", "outside_root"),
        ("patches: [{path: 'https://example.com/p'}]\n", "remote_base"),
        ("patchesStrategicMerge: [gone.yaml]\n", "missing_file"),
        ("patchesJson6902: [{path: gone.yaml}]\n", "missing_file"),
        ("replacements: [{path: gone.yaml}]\n", "missing_file"),
        ("openapi: {path: 'http://127.0.0.1/x'}\n", "remote_base"),
        ("configMapGenerator: [{files: [k=/etc/passwd]}]\n", "remote_base"),
        ("configMapGenerator: [{files: ['../x']}]\n", "outside_root"),
        ("configMapGenerator: [{Files: ['https://example.com/x']}]\n", "remote_base"),
        ("secretGenerator: [{ENVS: [/etc/passwd]}]\n", "remote_base"),
        ("configMapGenerator: [{file\u017f: [k=/etc/passwd]}]\n", "remote_base"),
        ("patches: [{Path: ../x.yaml}]\n", "outside_root"),
        ("patches: [{Patch: 'a: [', target: {kind: X}}]\n", "patch"),
        ("secretGenerator: [{envs: [gone.env]}]\n", "missing_file"),
        ("secretGenerator: [{env: gone.env}]\n", "missing_file"),
        ("helmCharts: [{name: x, repo: 'https://example.com'}]\n", "field_not_allowed"),
        ("helmGlobals: {chartHome: x}\n", "field_not_allowed"),
        ("generators: [a.yaml]\n", "field_not_allowed"),
        ("transformers: [a.yaml]\n", "field_not_allowed"),
        ("validators: [a.yaml]\n", "field_not_allowed"),
        ("anything: else\n", "field_not_allowed"),
        ("x: &x {files: [../a]}\nconfigMapGenerator: [{<<: *x}]\n", "bad_text"),
        ("- a list\n", "bad_text"),
        ("resources: [a.yaml\n", "bad_text"),
        ("patches: [{patch: 'a: [', target: {kind: X}}]\n", "patch"),
        ("patchesStrategicMerge: ['a: [']\n", "patch"),
    ],
)
def test_what_an_overlay_may_not_ask_for_is_refused(text, reason):
    files = {"kustomization.yaml": text, "a.yaml": CONFIG.format("a")}

    found = check_overlay(files, attached=False)

    assert reason in {finding.reason for finding in found}
    assert all(finding.path == "kustomization.yaml" for finding in found)


def test_a_folder_named_like_a_host_is_refused_though_it_is_there():
    files = {
        "kustomization.yaml": "resources: [github.com/org/repo]\n",
        "github.com/org/repo/kustomization.yaml": "namePrefix: a\n",
    }

    found = check_overlay(files, attached=False)

    assert [finding.reason for finding in found] == ["remote_base"]


def test_every_kustomization_of_an_overlay_is_checked(render):
    """All refusals come at once, each with the file that asks."""
    job = standalone(
        {
            "kustomization.yaml": "resources: [base, 'https://example.com/x']\n",
            "base/kustomization.yaml": "helmCharts: []\nresources: [../../up]\n",
        }
    )

    result = render(job)

    at = "targets/acme/dev/kustomize/edge"
    assert [(error.reason, error.file) for error in result.errors] == [
        ("remote_base", f"{at}/kustomization.yaml"),
        ("field_not_allowed", f"{at}/base/kustomization.yaml"),
        ("outside_root", f"{at}/base/kustomization.yaml"),
    ]
    assert "https://example.com/x" in result.errors[0].message


def test_an_overlay_without_kustomization_is_refused(render):
    result = render(standalone({"a.yaml": CONFIG.format("a")}))

    assert [error.reason for error in result.errors] == ["no_kustomization"]


def test_an_overlay_may_not_hold_the_file_of_its_workload():
    files = {"kustomization.yaml": "resources: [workload.yaml]\n", "workload.yaml": ""}

    assert [f.reason for f in check_overlay(files, attached=True)] == ["reserved_name"]
    assert check_overlay(files, attached=False) == []


@pytest.mark.parametrize(
    ("files", "file", "words"),
    [
        ({"a.yaml": "just: data\n"}, "a.yaml", "missing"),
        (
            {"a.yaml": CONFIG.format("a"), "b.yaml": CONFIG.format("a")},
            "b.yaml",
            "already registered",
        ),
    ],
)
def test_what_kustomize_refuses_names_the_file(render, files, file, words):
    """S74: an overlay that does not build is recognised, with its file."""
    names = ", ".join(files)
    job = standalone({"kustomization.yaml": f"resources: [{names}]\n", **files})

    result = render(job)

    (error,) = result.errors
    assert error.reason == "kustomize"
    assert error.file == f"targets/acme/dev/kustomize/edge/{file}"
    assert words in error.message


def test_yaml_bombs_are_refused_before_kustomize_sees_them(render):
    levels = "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
    )
    bomb = f"{CONFIG.format('a')}a0: &a0 [x]\n{levels}"
    job = standalone(
        {"kustomization.yaml": "resources: [bomb.yaml]\n", "bomb.yaml": bomb}
    )

    result = render(job)

    assert [(error.reason, error.file) for error in result.errors] == [
        ("bad_text", "targets/acme/dev/kustomize/edge/bomb.yaml")
    ]


def test_a_file_that_leaves_the_folder_is_not_written(render):
    job = standalone(
        {"kustomization.yaml": "resources: []\n", "../../escape.txt": "words\n"}
    )

    result = render(job)

    assert [error.message for error in result.errors] == ["the file leaves the overlay"]
