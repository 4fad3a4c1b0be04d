"""Custom resources and their definitions in units of their own, cached and fresh."""

import pytest

from delivery import custom_checks, rendering_children
from delivery.rendering.remembered import Remembered
from tests.delivery.conftest import CONFIG

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: gates.example.com
spec:
  group: example.com
  scope: Namespaced
  names: {{kind: Gate, plural: gates}}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {{type: object, properties: {{size: {{type: {type}}}}}}}
"""
GATE = """\
apiVersion: example.com/v1
kind: Gate
metadata:
  name: {name}
spec:
  size: {size}
"""


@pytest.fixture(autouse=True)
def asked_of_children(monkeypatch):
    """Remember nothing of before, and count what the children are asked."""
    jobs = []

    def check(job, *, beat):
        jobs.append(job)
        return rendering_children.check_custom(job, beat=beat)

    monkeypatch.setattr(custom_checks, "_sound", Remembered(100))
    monkeypatch.setattr(custom_checks, "check_custom", check)
    return jobs


def names(job):
    return sorted(document.name for _, document in job.resources)


def test_a_definition_of_another_unit_counts_and_nothing_is_asked_twice(
    put, rendered, asked_of_children
):
    """S74: whichever was rendered first; only what changed is looked at again."""
    put(GATE.format(name="a", size=1), "one")
    assert rendered().facts["checks"]["notValidatedCount"] == 1
    assert asked_of_children == []

    put(DEFINITION.format(type="integer"), "kinds")
    checks = rendered().facts["checks"]
    assert (checks["notValidatedCount"], checks["custom"]) == (0, 1)
    put(GATE.format(name="b", size=2), "two")
    assert rendered().facts["checks"]["custom"] == 2
    put(CONFIG.format(name="c", value="1"), "elsewhere")
    assert rendered().facts["checks"]["custom"] == 2
    assert [names(job) for job in asked_of_children] == [["a"], ["b"]]

    put(DEFINITION.format(type="string"), "kinds")
    errors = rendered().errors
    assert [names(job) for job in asked_of_children[2:]] == [["a", "b"]]
    assert {(e["unit"], e["reason"], e["file"]) for e in errors} == {
        ("one", "schema_invalid", "targets/acme/prod/manifests/one/a.yaml"),
        ("two", "schema_invalid", "targets/acme/prod/manifests/two/a.yaml"),
    }
    assert errors[0]["message"].endswith("/spec/size must be a string (its definition)")


def test_what_is_refused_is_named_with_its_line_beside_all_else(put, rendered):
    put(DEFINITION.format(type="integer"), "kinds")
    put("# two\n---\n" + GATE.format(name="a", size="x"), "one")
    put("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: 3\n", "pod")

    errors = {error["unit"]: error for error in rendered().errors}

    assert errors.keys() == {"one", "pod"}
    assert errors["one"]["line"] == 8
    assert errors["one"]["message"] == (
        "Gate a: /spec/size must be an integer (its definition)"
    )
