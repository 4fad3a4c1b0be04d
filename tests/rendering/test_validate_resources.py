"""Resources against the schemas of Kubernetes releases, and API versions that end."""

import subprocess
import sys

import pytest

from delivery.rendering import kubernetes
from delivery.rendering.api_versions import LIFETIMES, removal
from delivery.rendering.documents import read_documents, read_resources, split
from delivery.rendering.findings import findings
from delivery.rendering.kubernetes import Kind, Minor
from delivery.rendering.outlines import Outline
from delivery.rendering.units import UnitFile, UnitJob
from delivery.rendering.validation import MAX_ERRORS, faults
from delivery.rendering.warmchild import RenderChild
from environments.desired.yamljson import read_json

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {port: 80}}
spec:
  replicas: '2'
  selectr: {}
  template:
    spec:
      containers:
        - image: nginx
          resources: {limits: {cpu: [], memory: 1Gi, ephemeral-storage: null}}
          ports: [{containerPort: 0x50, hostPort: "80"}]
"""


def documents(text):
    return [found for chunk in split(text) for found in read_documents(chunk)]


def told(text, version="1.33.0"):
    return [
        fault.words
        for chunk in split(text)
        for found in read_resources(chunk)
        for fault in faults(found.document.versioned_kind, found.json, version)
    ]


def head(kind, api_version="v1", more=""):
    return f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: x}}\n{more}"


def test_a_fault_names_its_place_and_what_may_stand_there():
    """S74: by JSON Pointer, in words; never what stands there."""
    container = "/spec/template/spec/containers/0"
    assert sorted(told(DEPLOYMENT)) == [
        "/metadata/annotations/port must be a string (Kubernetes 1.33)",
        "/spec has no field selectr (Kubernetes 1.33)",
        "/spec lacks the required field selector (Kubernetes 1.33)",
        "/spec/replicas must be an integer (Kubernetes 1.33)",
        f"{container} lacks the required field name (Kubernetes 1.33)",
        f"{container}/ports/0/hostPort must be an integer (Kubernetes 1.33)",
        f"{container}/resources/limits/cpu must be a number or a string "
        "(Kubernetes 1.33)",
    ]
    many = "".join(f"  k{number}: {number}\n" for number in range(50))
    all_told = told(head("ConfigMap", more=f"data:\n{many}"))
    assert len(all_told) == MAX_ERRORS + 1
    assert all_told[-1] == "it has more that the schema refuses (Kubernetes 1.33)"


def test_scalars_are_what_the_cluster_reads():
    text = (
        "a: &a {b: yes, c: 'yes', d: ~, e: 1_000, f: 0o17, g: 1e3, h: 2001-01-01}\n"
        "i: {<<: *a, b: !!str yes, j: 0x1f, k: -.5, l: .inf, m: !!int '3', n: 017}\n"
    )
    base = {"c": "yes", "d": None, "e": 1000, "f": 15, "g": 1e3, "h": "2001-01-01"}
    assert read_json(text) == {
        "a": {"b": True, **base},
        "i": {"b": "yes", **base, "j": 31, "k": -0.5, "l": ".inf", "m": 3, "n": 15},
    }
    assert read_json("a: &x {p: 1}\nb: &y {<<: *x, q: 2}\nc: {<<: [*y], p: 3}")[
        "c"
    ] == {
        "p": 3,
        "q": 2,
    }
    assert len(read_json("9" * 5000)) == 5000


def test_a_target_is_held_against_its_own_release():
    """S74: a kind or field of later is unknown to an older cluster."""
    known = kubernetes.releases()
    assert kubernetes.schemas_for("1.33.0") == Minor(1, 33)
    assert kubernetes.schemas_for("v1.30.2-eks-1") == Minor(1, 30)
    assert kubernetes.schemas_for("") == known[-1]
    resize = "spec: {containers: [{name: a, resizePolicy: []}]}\n"
    assert told(head("Pod", more=resize), "1.33") == []
    old = "has no field resizePolicy (Kubernetes 1.25)"
    assert told(head("Pod", more=resize), "1.25") == [f"/spec/containers/0 {old}"]


@pytest.mark.parametrize("version", ["1.19", "1.99", "2.33", "1.999"])
def test_of_a_release_without_schemas_nothing_is_validated(version):
    """One of before or after has fields of its own: it would be refused wrongly."""
    wrong = head("Pod", more="spec: {containers: 3}\n")

    assert told(wrong, version) == []
    found = findings([Outline("shop", documents(wrong))], version)
    assert (found["schemas"], found["validated"]) == ("", 0)
    assert found["held"] == "1.25 to 1.37"
    assert found["notValidated"][0]["kind"] == "Pod"


def test_the_table_agrees_with_the_schemas():
    """Each API version is there while it is deprecated, and not when it is gone."""
    for release in kubernetes.releases():
        for end in LIFETIMES.values():
            if end.removed is not None and end.deprecated <= release:
                is_there = end.kind in kubernetes.kinds(release)
                assert is_there == (release < end.removed), (release, end)


def test_what_is_gone_is_an_error_and_what_will_go_is_noted():
    flow = head("FlowSchema", "flowcontrol.apiserver.k8s.io/v1beta3")
    text = f"{flow}---\n{head('Rollout', 'argoproj.io/v1alpha1')}---\n{head('Secret')}"
    resources = documents(text)
    kind = resources[0].versioned_kind

    assert removal(kind, "1.31") is removal(kind, "") is None
    assert removal(kind, "1.32.1") == (
        "flowcontrol.apiserver.k8s.io/v1beta3 is gone since Kubernetes 1.32, and the "
        "target runs 1.32; use flowcontrol.apiserver.k8s.io/v1"
    )

    found = findings([Outline("shop", resources)], "1.31")
    assert (found["validated"], found["schemas"]) == (2, "1.31")
    assert found["notValidated"] == [
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Rollout",
            "count": 1,
            "names": ["x"],
        }
    ]
    (ending,) = found["deprecated"]
    assert (ending["deprecatedIn"], ending["removedIn"]) == ("1.29", "1.32")
    assert findings([Outline("shop", resources)], "")["kubernetes"] == ""


def test_the_child_tells_faults_and_no_secret(data_dir):
    """Whatever an error names was named by us or by a chart, and is masked."""
    text = f"# two\n---\n{head('ConfigMap')}data: {{a: 1,\n  b: [correct-horse]}}\n"
    text += f"---\n{head('CronJob', 'batch/v1beta1')}"
    file = UnitFile("targets/acme/prod/manifests/m/a.yaml", "a.yaml", text)
    child = RenderChild(data_dir)
    result = child.render(
        UnitJob("m", "manifests", "shop", kubernetes_version="1.33.0", files=(file,)),
        load_chart=lambda _: b"",
    )
    child.stop()

    assert [(e.reason, e.file, e.line) for e in result.errors] == [
        ("schema_invalid", file.source, 6),
        ("schema_invalid", file.source, 7),
        ("api_removed", file.source, 9),
    ]
    assert "ConfigMap x: /data/a must be a string" in result.errors[0].message
    assert "correct-horse" not in str(result.errors)


def test_only_the_child_loads_the_validator():
    """A web process or a worker knows which kinds there are, and no more."""
    asked = "import delivery.rendering.findings, delivery.rendering.pool, sys; "
    asked += "sys.exit('jsonschema_rs' in sys.modules)"
    subprocess.run([sys.executable, "-c", asked], check=True)


@pytest.mark.parametrize("depth", [300, 990])
def test_a_hostile_depth_is_a_fault_or_nothing(depth):
    deep = "[" * depth + "]" * depth
    assert len(told(head("ConfigMap", more=f"data: {{a: {deep}}}\n"))) == 1
    custom = head("Anything", "example.com/v1", more=f"spec: {deep}\n")
    assert told(custom) == []
    assert Kind("example.com/v1", "Anything") not in kubernetes.kinds(Minor(1, 33))
