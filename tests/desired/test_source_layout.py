"""Paths of the source branch, and the files we write there ourselves."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from environments.desired import source_layout
from environments.desired.source_files import (
    target_text,
    variables_text,
    workload_text,
)
from environments.desired.state import LAYERS
from tests.desired.make_states import SCALE, variable

HERE = {"tenant": "acme", "environment": "production"}


def test_every_object_has_the_path_of_the_layout():
    paths = [
        source_layout.workload_file("api"),
        *source_layout.values_files("api", **HERE),
        source_layout.target_file("acme", "production"),
        source_layout.overlay_file("acme", "production", "labels", "base/x.yaml"),
        source_layout.manifest_file("acme", "production", "flags", "x.yaml"),
        source_layout.variables_file("repo", **HERE),
        source_layout.variables_file("env", **HERE),
        source_layout.variables_file("tenant", **HERE),
        source_layout.variables_file("svc", **HERE, service="api"),
        source_layout.policy_file("production"),
    ]
    assert paths == [
        "workloads/api/workload.yaml",
        "workloads/api/values.yaml",
        "workloads/api/values.env.production.yaml",
        "workloads/api/values.tenant.acme.yaml",
        "targets/acme/production/values/api.yaml",
        "targets/acme/production/target.yaml",
        "targets/acme/production/kustomize/labels/base/x.yaml",
        "targets/acme/production/manifests/flags/x.yaml",
        "variables/repo.yaml",
        "variables/env/production.yaml",
        "variables/tenant/acme.yaml",
        "targets/acme/production/variables/api.yaml",
        "policies/production.yaml",
    ]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_values_path_reads_back(layer):
    path = source_layout.values_file("api", layer, **HERE)
    assert source_layout.read_values_file(path, **HERE) == ("api", layer)


def test_a_path_tells_whom_it_can_reach():
    """What reaches more than it says is looked at anew; less would be a wrong count."""
    reached: dict[str, tuple[str | None, str | None]] = {
        source_layout.workload_file("api"): (None, None),
        source_layout.target_file("acme", "production"): ("acme", "production"),
        source_layout.overlay_file("acme", "production", "x", "base/x.yaml"): (
            "acme",
            "production",
        ),
        source_layout.manifest_file("acme", "production", "flags", "x.yaml"): (
            "acme",
            "production",
        ),
        source_layout.variables_file("repo", **HERE): (None, None),
        source_layout.variables_file("env", **HERE): (None, "production"),
        source_layout.variables_file("tenant", **HERE): ("acme", None),
        source_layout.variables_file("svc", **HERE, service="api"): (
            "acme",
            "production",
        ),
        source_layout.policy_file("production"): (None, "production"),
    }
    layers: dict[str, tuple[str | None, str | None]]
    layers = {"base": (None, None), "environment": (None, "production")}
    layers |= {"tenant": ("acme", None), "target": ("acme", "production")}
    for layer, reach in layers.items():
        reached[source_layout.values_file("api", layer, **HERE)] = reach
    assert {path: source_layout.reach_of(path) for path in reached} == reached


@pytest.mark.parametrize(
    "path",
    [
        "workloads/api/values.env.staging.yaml",
        "workloads/api/values.tenant.globex.yaml",
        "targets/acme/staging/values/api.yaml",
        "targets/globex/production/values/api.yaml",
        "workloads/api/workload.yaml",
        "workloads/api/values.yaml/x",
        "workloads/a/b/values.yaml",
        "",
    ],
)
def test_a_path_that_is_no_layer_of_the_target_is_refused(path):
    with pytest.raises(ValueError, match="no values layer of acme/production"):
        source_layout.read_values_file(path, **HERE)


values = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufeff")
    | st.sampled_from("\n\t :#'\"|>-{}[]&*!%@`\\"),
    max_size=20,
)


@given(
    st.dictionaries(st.from_regex("[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True), values)
)
@settings(max_examples=int(150 * SCALE), deadline=None)
def test_any_value_of_a_variable_reads_back(rows):
    text = variables_text(variable(key, value) for key, value in rows.items())
    held = yaml.load(text, Loader=yaml.CSafeLoader) or {}
    assert {key: row["value"] for key, row in held.items()} == rows


def test_no_rows_are_an_empty_text():
    assert variables_text([]) == ""


def test_variables_stand_in_order_whatever_order_they_come_in():
    rows = [variable("B", "1"), variable("A", "2"), variable("yes", "3")]
    assert variables_text(rows) == variables_text(reversed(rows))
    assert variables_text(rows) == (
        'A:\n  value: "2"\nB:\n  value: "1"\n"yes":\n  value: "3"\n'
    )


def test_a_target_shows_its_cluster_and_what_bindings_override():
    text = target_text(
        namespace="shop",
        kubernetes_version="",
        api_versions=(),
        workloads={"b": {"namespace": "jobs", "chartVersion": "2.0.0"}, "a": {}},
        overlays={},
        manifests=(),
        cluster="east",
    )
    assert text == (
        "namespace: shop\n"
        "cluster: east\n"
        "workloads:\n"
        "  a: {}\n"
        "  b:\n"
        "    chartVersion: 2.0.0\n"
        "    namespace: jobs\n"
    )


def test_a_workload_says_when_its_output_may_differ():
    text = workload_text(
        chart="web", version="1.10", digest="1e10", allow_nondeterministic=True
    )
    assert yaml.safe_load(text) == {
        "chart": {"name": "web", "version": "1.10", "digest": "1e10"},
        "allowNondeterministic": True,
    }
