"""The units of a target become one tree of files, or every error at once."""

import hashlib

import pytest

from delivery.rendering.assemble import AssembledTarget, assemble
from delivery.rendering.units import Document, RenderError, UnitRefused, UnitResult

HERE = AssembledTarget("acme-dev", {"acme-prod", "globex-dev"})


def document(name, kind="ConfigMap", api="v1", namespace=None, text=None, source=""):
    text = text or f"# {kind} {name} {namespace}\n"
    return Document(api, kind, namespace, name, text, source)


def unit(name, *documents, errors=()):
    return UnitResult(name, tuple(documents), tuple(errors))


def suffix(*identity):
    return hashlib.sha256("\0".join(identity).encode()).hexdigest()[:8]


def refusals(results, target=HERE):
    with pytest.raises(UnitRefused) as refused:
        assemble(results, target)
    return refused.value.errors


def test_each_resource_is_a_file_of_its_unit():
    files = assemble(
        [
            unit("web", document("web", "Deployment", "apps/v1"), document("web")),
            unit("api", document("system:api:A b", "ClusterRole", "rbac/v1")),
        ],
        HERE,
    )

    assert files == {
        "api/clusterrole-system_api___b.yaml": b"# ClusterRole system:api:A b None\n",
        "web/configmap-web.yaml": b"# ConfigMap web None\n",
        "web/deployment-web.yaml": b"# Deployment web None\n",
    }


def test_resources_that_would_share_a_file_all_get_a_suffix():
    files = assemble(
        [
            unit(
                "web",
                document("a", namespace="x"),
                document("a", namespace="y"),
                document("b:c"),
                document("b_c"),
                document("s", "Service"),
                document("s", "Service", "serving.example.com/v1"),
                document("alone"),
            )
        ],
        HERE,
    )

    assert set(files) == {
        f"web/configmap-a-{suffix('', 'x', 'a')}.yaml",
        f"web/configmap-a-{suffix('', 'y', 'a')}.yaml",
        f"web/configmap-b_c-{suffix('', '', 'b:c')}.yaml",
        f"web/configmap-b_c-{suffix('', '', 'b_c')}.yaml",
        f"web/service-s-{suffix('', '', 's')}.yaml",
        f"web/service-s-{suffix('serving.example.com', '', 's')}.yaml",
        "web/configmap-alone.yaml",
    }


def test_the_same_name_in_two_units_is_no_shared_file():
    files = assemble(
        [
            unit("a", document("x", namespace="one")),
            unit("b", document("x", namespace="two")),
        ],
        HERE,
    )

    assert set(files) == {"a/configmap-x.yaml", "b/configmap-x.yaml"}


def test_a_long_name_is_cut_and_gets_a_suffix():
    name = "n" * 253

    (path,) = assemble([unit("web", document(name))], HERE)

    assert path.endswith(f"-{suffix('', '', name)}.yaml")
    assert len(path.rpartition("/")[2]) < 255


def test_an_empty_rendering_holds_one_empty_file():
    assert assemble([unit("web")], HERE) == {".gitkeep": b""}
    assert assemble([], HERE) == {".gitkeep": b""}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (document("x"), document("x")),
        (document("x"), document("x", namespace="acme-dev")),
        (document("x", "Job", "batch/v1"), document("x", "Job", "batch/v1beta1")),
        (
            document("x", "Namespace"),
            document("x", "Namespace", namespace="odd"),
        ),
    ],
    ids=["same", "default namespace", "version", "cluster kind"],
)
def test_one_resource_of_two_units_is_refused_naming_both(one, other):
    (error,) = refusals([unit("web", one), unit("api", other)])

    assert error.reason == "duplicate_resource"
    assert "units web and api" in error.message
    assert f"{one.kind} x" in error.message


def test_one_resource_twice_in_a_unit_is_refused():
    (error,) = refusals([unit("web", document("x"), document("x"))])

    assert error.message.endswith("by unit web")


def test_custom_kinds_are_outside_namespaces_where_their_definition_says_so():
    definition = document(
        "gateways.example.com",
        "CustomResourceDefinition",
        "apiextensions.k8s.io/v1",
        text=(
            "kind: CustomResourceDefinition\nspec:\n  group: example.com\n"
            "  scope: Cluster\n  names: {kind: Gateway}\n"
        ),
    )
    gateways = [
        unit("a", document("g", "Gateway", "example.com/v1", namespace="one")),
        unit("b", document("g", "Gateway", "example.com/v1", namespace="two")),
    ]

    assert len(assemble(gateways, HERE)) == 2
    (error,) = refusals([*gateways, unit("c", definition)])
    assert error.reason == "duplicate_resource"


@pytest.mark.parametrize(
    "escaping",
    [document("x", namespace="acme-prod"), document("globex-dev", "Namespace")],
    ids=["inside", "itself"],
)
def test_a_resource_in_the_namespace_of_another_target_is_refused(escaping):
    (error,) = refusals([unit("web", document("fine"), escaping)])

    assert error.reason == "namespace_escape"
    assert error.unit == "web"
    assert "belongs to another target" in error.message


def test_other_namespaces_are_nobody_elses():
    fine = [document("x", namespace="kube-system"), document("acme-dev", "Namespace")]

    assert len(assemble([unit("web", *fine)], HERE)) == 2


def test_errors_of_units_and_between_units_come_at_once():
    own = RenderError("template_error", "broken", "no template")
    source = "chart/templates/c.yaml"

    errors = refusals(
        [
            unit("broken", errors=[own]),
            unit("a", document("x")),
            unit(
                "b", document("x", source=source), document("y", namespace="acme-prod")
            ),
        ]
    )

    assert [(error.unit, error.reason, error.file) for error in errors] == [
        ("broken", "", ""),
        ("b", "duplicate_resource", "chart/templates/c.yaml"),
        ("b", "namespace_escape", ""),
    ]
