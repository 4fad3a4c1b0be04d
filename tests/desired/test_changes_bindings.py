"""Changes of overlays and manifest bindings."""

import pytest

from environments.desired.changes import diff
from tests.desired.make_states import Desired

FILES = {"kustomization.yaml": "resources: []\n", "labels.yaml": "a: 1\n"}


@pytest.fixture
def desired():
    return Desired()


def test_an_overlay_is_added_and_removed_as_a_whole(desired):
    """S22: Kustomize overlay added and removed."""
    overlay = desired.overlay("labels", FILES, "api-gateway")
    bare, full = desired.state(), desired.state(overlays=(overlay,))
    (added,) = diff(bare, full, desired.texts)
    (removed,) = diff(full, bare, desired.texts)
    assert (added.type, added.facet) == ("kustomize_binding", "assignment")
    assert (added.action, removed.action) == ("added", "removed")
    assert added.after == removed.before == "2 files, attached to api-gateway"
    assert removed.summary == (
        "overlay labels removed (2 files, attached to api-gateway)"
    )


def test_an_overlay_is_modified_file_by_file(desired):
    """S22: Kustomize overlay modified."""
    after = {"kustomization.yaml": "resources: [x]\n", "new.yaml": "b: 1\n"}
    a = desired.state(overlays=(desired.overlay("labels", FILES),))
    b = desired.state(overlays=(desired.overlay("labels", after),))
    changes = diff(a, b, desired.texts)
    assert [(c.facet, c.path, c.action, c.before, c.after) for c in changes] == [
        (
            "file",
            "kustomization.yaml",
            "modified",
            "resources: []\n",
            "resources: [x]\n",
        ),
        ("file", "labels.yaml", "removed", "a: 1\n", None),
        ("file", "new.yaml", "added", None, "b: 1\n"),
    ]
    assert changes[0].summary == "overlay labels: kustomization.yaml modified"


def test_an_overlay_is_attached_elsewhere_apart_from_its_files(desired):
    a = desired.state(overlays=(desired.overlay("labels", FILES),))
    b = desired.state(overlays=(desired.overlay("labels", FILES, "api-gateway"),))
    (change,) = diff(a, b, desired.texts)
    assert (change.facet, change.action) == ("assignment", "modified")
    assert change.summary == "overlay labels standalone → attached to api-gateway"


def test_a_manifest_binding_is_added_removed_and_modified(desired):
    """S23: manifest binding added or modified."""
    one = desired.state(manifests=(desired.manifests("flags", {"a.yaml": "a: 1\n"}),))
    two = desired.state(manifests=(desired.manifests("flags", {"a.yaml": "a: 2\n"}),))
    (added,) = diff(desired.state(), one, desired.texts)
    (modified,) = diff(one, two, desired.texts)
    (removed,) = diff(two, desired.state(), desired.texts)
    assert {c.type for c in (added, modified, removed)} == {"manifest_binding"}
    assert added.summary == "manifests flags added (1 file)"
    assert modified.summary == "manifests flags: a.yaml modified"
    assert (modified.before, modified.after) == ("a: 1\n", "a: 2\n")
    assert removed.action == "removed"


def test_a_long_file_is_shown_by_its_size(desired):
    long = "a: 1\n" * 2000
    one = desired.state(manifests=(desired.manifests("flags", {"a.yaml": "a: 1\n"}),))
    two = desired.state(manifests=(desired.manifests("flags", {"a.yaml": long}),))
    (change,) = diff(one, two, desired.texts)
    assert change.after.startswith("<2000 lines, sha256 ")


def test_the_content_of_an_added_binding_counts_in_its_revision(desired):
    revisions = set()
    for text in ("a: 1\n", "a: 2\n"):
        overlay = desired.overlay("labels", {"a.yaml": text})
        b = desired.state(overlays=(overlay,))
        (change,) = diff(desired.state(), b, desired.texts)
        revisions.add(change.revision)
    assert len(revisions) == 2
