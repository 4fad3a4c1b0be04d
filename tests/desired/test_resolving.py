"""Texts with their variables put in, for rendering and for people."""

import re

import pytest
import yaml
from hypothesis import given, settings

from environments.desired.placeholders import PLACEHOLDER
from environments.desired.resolving import (
    Unresolved,
    mask_of,
    plain_files,
    resolve,
    resolved_files,
    units,
)
from environments.desired.scoping import VariableIndex
from environments.desired.state import PolicyState
from tests.desired.make_states import (
    FINGERPRINT,
    PLACE,
    SCALE,
    Desired,
    Pair,
    pairs,
    secret,
    variable,
)

BASE = "workloads/api/values.yaml"


@pytest.fixture
def desired():
    return Desired()


def plaintext(fingerprint):
    return f"opened {fingerprint[:4]}"


def test_a_name_takes_the_value_of_the_narrowest_scope(desired):
    state = desired.state(
        workloads=(desired.workload("api", base="a: {{hq.var.A}}\n"),),
        variables=(variable("A", "1", "repo"), variable("A", "2", "tenant")),
    )
    assert resolve(state, desired.texts, plaintext).files == {BASE: "a: 2\n"}


def test_a_pinned_name_looks_at_its_scope_alone(desired):
    text = "a: {{hq.var.repo.A}}{{ hq.var.svc.A }}\n"
    state = desired.state(
        workloads=(desired.workload("api", base=text),),
        variables=(
            variable("A", "1", "repo"),
            variable("A", "2", "tenant"),
            variable("A", "3", "svc", "api"),
        ),
    )
    assert resolve(state, desired.texts, plaintext).files == {BASE: "a: 13\n"}


def test_service_variables_reach_a_workload_and_its_overlays_alone(desired):
    text = "a: {{hq.var.A}}\n"
    state = desired.state(
        workloads=(desired.workload("api", target=text),),
        overlays=(
            desired.overlay("mine", {"x.yaml": text}, "api"),
            desired.overlay("alone", {"x.yaml": text}),
        ),
        manifests=(desired.manifests("flags", {"x.yaml": text}),),
        variables=(variable("A", "svc", "svc", "api"), variable("A", "env")),
    )
    resolved = resolve(state, desired.texts, plaintext)
    assert resolved.files == {
        "targets/acme/production/values/api.yaml": "a: svc\n",
        "targets/acme/production/kustomize/mine/x.yaml": "a: svc\n",
        "targets/acme/production/kustomize/alone/x.yaml": "a: env\n",
        "targets/acme/production/manifests/flags/x.yaml": "a: env\n",
    }
    assert [(u.name, u.kind, u.service, len(u.texts)) for u in resolved.units] == [
        ("api", "workload", "api", 2),
        ("alone", "kustomize_binding", None, 1),
        ("flags", "manifest_binding", None, 1),
    ]


def test_everything_unresolved_is_reported_at_once(desired):
    """With file, line and the scopes looked at."""
    state = desired.state(
        workloads=(
            desired.workload(
                "api",
                base="a: {{hq.var.ONE}}\nb: {{hq.var.tenant.TWO}}\n# {{hq.var.NO}}\n",
            ),
        ),
        manifests=(
            desired.manifests(
                "flags", {"x.yaml": "\na: {{hq.var.ONE}}{{hq.var.svc.A}}\n"}
            ),
        ),
        variables=(
            variable("TWO", "1", "repo"),
            variable("A", "1", "svc", "api"),
        ),
    )
    with pytest.raises(Unresolved) as refusal:
        resolve(state, desired.texts, plaintext)
    flags = "targets/acme/production/manifests/flags/x.yaml"
    assert [
        (n.unit, n.path, n.line, n.name, n.pinned, n.scopes_looked_at)
        for n in refusal.value.names
    ] == [
        ("api", BASE, 1, "ONE", None, ("svc", "tenant", "env", "repo")),
        ("api", BASE, 2, "TWO", "tenant", ("tenant",)),
        ("flags", flags, 2, "ONE", None, ("tenant", "env", "repo")),
        ("flags", flags, 2, "A", "svc", ()),
    ]
    assert str(refusal.value.names[0]) == (
        f"{BASE}:1: ONE is unresolved (scopes: svc, tenant, env, repo)"
    )
    assert str(refusal.value.names[3]).endswith("(scopes: none is open here)")


def test_values_that_cannot_stand_in_their_place_are_reported_with_the_rest(desired):
    state = desired.state(
        workloads=(
            desired.workload(
                "api",
                base="a: {{hq.var.EMPTY}}\n",
                target="b: {{hq.var.MAP}}\nc: {{hq.var.GONE}}\n",
            ),
        ),
        variables=(variable("EMPTY", ""), variable("MAP", "x: 1")),
    )
    with pytest.raises(Unresolved) as refusal:
        resolve(state, desired.texts, plaintext)
    assert [(r.path, r.line) for r in refusal.value.refused] == [
        (BASE, 1),
        ("targets/acme/production/values/api.yaml", 1),
    ]
    assert [name.name for name in refusal.value.names] == ["GONE"]
    assert "EMPTY" in str(refusal.value)


def test_a_stored_text_that_cannot_be_read_is_reported_too(desired):
    """Texts saved under older rules must not hide what else is wrong."""
    state = desired.state(
        workloads=(
            desired.workload(
                "api", base="{{hq.var.A}}: 1\n", tenant="a: {{hq.var.A}}\n"
            ),
        ),
    )
    with pytest.raises(Unresolved) as refusal:
        resolve(state, desired.texts, plaintext)
    assert [(r.path, r.line) for r in refusal.value.refused] == [(BASE, 1)]
    assert [name.name for name in refusal.value.names] == ["A"]


def test_secrets_are_revealed_for_rendering_and_masked_for_people(desired):
    state = desired.state(
        workloads=(desired.workload("api", base="a: {{hq.var.PASSWORD}}\n"),),
        variables=(secret("PASSWORD"),),
    )
    opened = resolve(state, desired.texts, plaintext)
    assert opened.files == {BASE: "a: opened a1b2\n"}
    assert resolved_files(state, desired.texts) == {BASE: "a: <secret a1b2c3d4>\n"}
    assert mask_of(FINGERPRINT) == "<secret a1b2c3d4>"


def test_the_resolved_diff_shows_what_is_unresolved_in_its_place(desired):
    state = desired.state(
        workloads=(
            desired.workload(
                "api",
                base="a: {{hq.var.GONE}}\n",
                target="b: {{hq.var.EMPTY}}\n",
            ),
        ),
        variables=(variable("EMPTY", ""),),
    )
    assert resolved_files(state, desired.texts) == {
        BASE: "a: <unresolved GONE>\n",
        "targets/acme/production/values/api.yaml": "b: {{hq.var.EMPTY}}\n",
    }


@given(pairs())
@settings(max_examples=int(40 * SCALE), deadline=None)
def test_every_name_without_a_row_is_reported_and_no_other(pair: Pair):
    state, index = pair.b, VariableIndex(pair.b.variables)
    expected = [
        (path, number, found[2], found[1])
        for unit in units(state, pair.texts)
        for path, text in unit.texts.items()
        for number, line in enumerate(text.split("\n"), start=1)
        for found in PLACEHOLDER.finditer(re.sub("(^| )#.*", "", line))
        if not index.answers(found[2], unit.service, found[1])
    ]
    told, refused = [], ()
    try:
        files = resolve(state, pair.texts, plaintext).files
    except Unresolved as refusal:
        told = [(n.path, n.line, n.name, n.pinned) for n in refusal.names]
        refused = refusal.refused
    else:
        assert not any("{{" in re.sub("#.*", "", text) for text in files.values())
        assert files.keys() == resolved_files(state, pair.texts).keys()
    assert told == expected
    assert refused == ()


def test_plain_files_are_those_of_the_source_branch(desired):
    state = desired.state(
        workloads=(
            desired.workload("api", base="a: {{hq.var.A}}\n", environment="b: 1\n"),
            desired.workload("cron", tenant="c: 1\n", namespace="jobs"),
        ),
        overlays=(desired.overlay("labels", {"k/x.yaml": "x: 1\n"}, "api"),),
        manifests=(desired.manifests("flags", {"y.yaml": "y: 1\n"}),),
        variables=(
            variable("A", "1", "repo"),
            variable("A", "two\nlines\n"),
            secret("B", scope="tenant"),
            variable("A", "0x1F", "svc", "api"),
        ),
        policy=PolicyState(deploy_mode="auto"),
    )
    assert plain_files(state, desired.texts) == {
        "policies/production.yaml": (
            "requiredApprovals: 0\n"
            "blockSelfApproval: true\n"
            "approvalExpiryHours: null\n"
            "autoApprove: false\n"
            "blockSelfDeploy: false\n"
            "deployMode: auto\n"
        ),
        "targets/acme/production/kustomize/labels/k/x.yaml": "x: 1\n",
        "targets/acme/production/manifests/flags/y.yaml": "y: 1\n",
        "targets/acme/production/target.yaml": (
            "namespace: shop\n"
            'kubernetesVersion: "1.31.0"\n'
            "apiVersions:\n"
            "- batch/v1\n"
            "workloads:\n"
            "  api: {}\n"
            "  cron: {}\n"
            "kustomize:\n"
            "  labels:\n"
            "    workload: api\n"
            "manifests:\n"
            "  flags: {}\n"
        ),
        "targets/acme/production/variables/api.yaml": 'A:\n  value: "0x1F"\n',
        "variables/env/production.yaml": ("A:\n  value: |\n    two\n    lines\n"),
        "variables/repo.yaml": 'A:\n  value: "1"\n',
        "variables/tenant/acme.yaml": f'B:\n  secret: "{FINGERPRINT}"\n',
        "workloads/api/values.env.production.yaml": "b: 1\n",
        "workloads/api/values.yaml": "a: {{hq.var.A}}\n",
        "workloads/api/workload.yaml": (
            f'chart:\n  name: web\n  version: "1.2.0"\n  digest: "{"ab" * 32}"\n'
        ),
        "workloads/cron/values.tenant.acme.yaml": "c: 1\n",
        "workloads/cron/workload.yaml": (
            'chart:\n  name: web\n  version: "1.2.0"\n'
            f'  digest: "{"ab" * 32}"\n'
            "namespace: jobs\n"
        ),
    }
    assert state.place == PLACE


@given(pairs())
@settings(max_examples=int(15 * SCALE), deadline=None)
def test_files_that_we_write_are_yaml_that_says_the_same(pair: Pair):
    files = plain_files(pair.b, pair.texts)
    for row in pair.b.variables:
        path = {
            "repo": "variables/repo.yaml",
            "env": "variables/env/production.yaml",
            "tenant": "variables/tenant/acme.yaml",
            "svc": f"targets/acme/production/variables/{row.service}.yaml",
        }[row.scope]
        held = yaml.safe_load(files[path])[row.key]
        assert held == (
            {"secret": row.fingerprint} if row.secret else {"value": row.value}
        )
