"""The checks of a rendering as gates: on the API, the page, the inbox, the record."""

import pytest

from delivery.models import Rendering, RenderingState
from delivery.rendering.findings import findings
from delivery.rendering.outlines import Outline
from delivery.rendering.units import Document
from environments import actions as environments
from releases import actions
from releases.check_gates import check_gates
from releases.gates import ahead_of, evaluate
from releases.locking import fresh
from releases.models import Release
from releases.selectors.peek import peek_at_release
from tests.people import signed_in

ODD = {
    "policy.yaml": "apiVersion: admissionregistration.k8s.io/v1beta1\n"
    "kind: ValidatingAdmissionPolicy\nmetadata: {name: limits}\n",
    "rollout.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\n"
    "metadata: {name: web}\n",
}
WRONG = {
    "map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: 1}\n",
    "again.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n",
}
GONE = {
    "budget.yaml": "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\n"
    "metadata: {name: b}\n"
}
UNKNOWN = "1 resource not validated: 1 Rollout argoproj.io/v1alpha1"
ENDING = (
    "1 resource of deprecated API versions: ValidatingAdmissionPolicy "
    "admissionregistration.k8s.io/v1beta1 "
    "(gone in 1.34; use admissionregistration.k8s.io/v1)"
)


def put(do, target, files, name="odd"):
    do(environments.put_manifests, target, name=name, files=files, actor=None)


def test_what_nobody_could_check_and_what_will_end_is_said_everywhere(
    prod, do, create, approve, deploy, reader, alice, bob, dora
):
    """S111, S116, S126, S128: it passes with a warning, and stays on the record."""
    put(do, prod, ODD)
    release = create(prod)

    listed = (
        signed_in(alice)
        .get(f"/api/v1/projects/shop/releases/{release.number}/gates")
        .json()
    )
    gates = {gate["name"]: gate for gate in listed["items"]}
    assert gates["schemas"]["verdict"] == gates["api_versions"]["verdict"] == "pass"
    assert gates["schemas"]["details"]["warnings"] == [UNKNOWN]
    assert (
        gates["schemas"]["reason"] == f"1 resource valid for Kubernetes 1.33; {UNKNOWN}"
    )
    assert gates["api_versions"]["details"]["warnings"] == [ENDING]
    assert gates["duplicates"]["reason"] == "every resource is rendered once"
    page = reader.read(alice, release.get_absolute_url())
    assert UNKNOWN in page
    assert ENDING in page
    peek = peek_at_release(release.pk, bob)
    assert [one["state"] for one in peek["gates"][:2]] == ["warn", "warn"]

    deployed = deploy(approve(release))

    kept = {gate["name"]: gate for gate in deployed.attempts.get().gates}
    assert kept["schemas"]["details"]["notValidatedCount"] == 1
    assert kept["namespaces"]["verdict"] == "pass"
    evidence = reader.read(dora, f"{release.get_absolute_url()}/evidence")
    assert UNKNOWN in evidence


def test_what_a_cluster_would_refuse_turns_its_gate_red(
    prod, do, create, reader, alice
):
    """S74, S107, S111: before there is a release, and on it; the others wait."""
    put(do, prod, WRONG)
    put(do, prod, {"b.yaml": WRONG["again.yaml"]}, name="twin")
    api, url = signed_in(alice), "/api/v1/projects/shop/targets/acme/prod/preview"
    do(api.post, url, {}, format="json")  # a worker renders once it has answered

    preview = api.post(url, {}, format="json").json()
    release = create(prod)

    gates = {gate["name"]: gate for gate in preview["gates"]}
    made = {gate.name: gate.reason for gate in check_gates(release.rendering)}
    assert {name: gate["reason"] for name, gate in gates.items()} == made
    verdicts = {name: gate["verdict"] for name, gate in gates.items()}
    assert verdicts == {
        "schemas": "fail",
        "api_versions": "wait",
        "namespaces": "wait",
        "duplicates": "wait",
        "placeholders": "wait",
    }
    assert gates["schemas"]["code"] == "template_error"
    assert gates["schemas"]["reason"] == (
        "ConfigMap a: /data/a must be a string (Kubernetes 1.33)"
    )
    (error,) = gates["schemas"]["details"]["errors"]
    assert (error["file"], error["line"]) == (
        "targets/acme/prod/manifests/odd/map.yaml",
        4,
    )
    page = reader.read(alice, release.get_absolute_url())
    assert "/data/a must be a string" in page
    assert "known once" not in page

    put(do, prod, {"again.yaml": WRONG["again.yaml"]})
    put(do, prod, GONE, name="gone")
    do(actions.refresh_release, release, actor=alice)
    mended = {gate.name: gate for gate in check_gates(fresh(release.pk).rendering)}
    assert mended["duplicates"].reason == (
        "ConfigMap b in namespace shop-acme-prod is rendered twice, "
        "by units odd and twin"
    )
    assert (
        "policy/v1beta1 is gone since Kubernetes 1.25" in mended["api_versions"].reason
    )


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        (
            "1.33",
            "1 resource valid for Kubernetes 1.33; "
            "1 resource valid by definitions rendered with them; "
            "1 resource not validated: 1 Rollout argoproj.io/v1alpha1",
        ),
        (
            "1.99",
            "1 resource valid by definitions rendered with them; "
            "not validated for 1.99: there are schemas of 1.25 to 1.37; "
            "2 resources not validated: 1 Rollout argoproj.io/v1alpha1, 1 Service v1",
        ),
        (
            "",
            "1 resource valid for Kubernetes 1.37; "
            "1 resource valid by definitions rendered with them; "
            "the target names no version: the schemas are of 1.37; "
            "1 resource not validated: 1 Rollout argoproj.io/v1alpha1",
        ),
    ],
)
def test_the_gate_says_by_what_it_was_judged(version, reason):
    """S74: the release whose schemas were used, definitions, and what had none."""
    gate = Document("example.com/v1", "Gate", None, "g", "")
    documents = [
        Document("v1", "Service", None, "s", ""),
        Document("argoproj.io/v1alpha1", "Rollout", None, "r", ""),
        gate,
    ]
    checks = findings([Outline("shop", documents)], version, {gate})
    facts = {"resources": 3, "checks": checks}

    schemas, *_ = check_gates(Rendering(state=RenderingState.READY, facts=facts))

    assert schemas.reason == reason
    assert schemas.verdict == "pass"
    assert schemas.details["warnings"] == reason.split("; ")[1 + (version != "1.99") :]


def test_an_old_rendering_says_that_nobody_looked(prod, edit, create, dora):
    """What was rendered before there was a check is not rendered again for it."""
    edit(prod)
    release = create(prod)
    rendering = release.rendering
    del rendering.facts["checks"]
    rendering.save(update_fields=["facts"])

    gates = evaluate(ahead_of(fresh(Release.objects.get().pk), dora))

    found = next(gate for gate in gates if gate.name == "schemas")
    assert found.verdict == "pass"
    assert found.details["warnings"] == [found.reason]
