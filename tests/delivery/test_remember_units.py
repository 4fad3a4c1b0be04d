"""Units from the cache: what is known of them without their texts."""

import pytest

from delivery import unit_cache
from delivery.rendering.remembered import Remembered
from tests.delivery.conftest import CONFIG

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["the same worker", "another worker"])
def _again_by(request, monkeypatch):
    """Have cached units known to the process, or read from their rows."""
    if request.param == "another worker":
        monkeypatch.setattr(unit_cache, "_known", Remembered(0))


@pytest.mark.usefixtures("_again_by")
def test_an_error_between_cached_units_names_its_file(put, rendered):
    """The cache holds no texts, and the file all the same."""
    put(CONFIG.format(name="a", value="1"), "one")
    put(CONFIG.format(name="b", value="1"), "two")
    rendered()
    put(CONFIG.format(name="b", value="2"), "one")
    clash = rendered()

    assert [(e["unit"], e["file"]) for e in clash.errors] == [
        ("one", "targets/acme/prod/manifests/one/a.yaml")
    ]


@pytest.mark.usefixtures("_again_by")
def test_a_kind_defined_in_a_cached_unit_lives_outside_namespaces(put, rendered):
    definition = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: gates.example.com
spec:
  group: example.com
  scope: Cluster
  names: {kind: Gate, plural: gates}
  versions: [{name: v1, served: true, storage: true}]
"""
    gate = "apiVersion: example.com/v1\nkind: Gate\nmetadata:\n  name: g\n"
    put(definition, "kinds")
    rendered()
    put(gate + "  namespace: here\n", "one")
    put(gate + "  namespace: there\n", "two")

    assert [e["reason"] for e in rendered().errors] == ["duplicate_resource"]
