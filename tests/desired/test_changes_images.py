"""Image changes: one for each image map, with the old tag and the new."""

import pytest

from environments.desired.changes import diff
from tests.desired.make_states import Desired

IMAGE = """\
image:
  repository: shop/api
  tag: v1.2.3
  pullPolicy: Always
"""


@pytest.fixture
def desired():
    return Desired()


def changed(desired, before, after):
    """Return the changes between two texts of the same layer."""
    a = desired.state(workloads=(desired.workload(environment=before),))
    b = desired.state(workloads=(desired.workload(environment=after),))
    return diff(a, b, desired.texts)


def told(changes):
    return [(c.facet, c.path, c.action, c.before, c.after) for c in changes]


def test_a_new_image_tag_shows_old_and_new(desired):
    """S21: image tag changed."""
    (change,) = changed(desired, IMAGE, IMAGE.replace("v1.2.3", "v1.3.0"))
    assert told([change]) == [
        ("image", "/image", "image_tag_changed", "v1.2.3", "v1.3.0")
    ]
    assert change.summary == "api-gateway image v1.2.3 → v1.3.0"
    assert change.layer == "environment"


@pytest.mark.parametrize(
    ("before", "after", "action", "shown"),
    [
        ('tag: "1.0"', "tag: v2", "image_tag_changed", ("1.0", "v2")),
        (
            "digest: sha256:aa",
            "digest: sha256:bb",
            "image_tag_changed",
            ("sha256:aa", "sha256:bb"),
        ),
        ("repository: a", "repository: b", "updated", ("a", "b")),
        (
            "repository: a\n  tag: v1",
            "repository: b\n  tag: v2",
            "image_tag_changed",
            ("a:v1", "b:v2"),
        ),
        (
            "registry: r\n  repository: a",
            "registry: r\n  repository: a\n  digest: d",
            "image_tag_changed",
            (None, "d"),
        ),
        (
            "tag: v1",
            "repository: a\n  tag: v2",
            "image_tag_changed",
            ("v1", "a:v2"),
        ),
        (
            "tag: v{{hq.var.TAG}}",
            "tag: v2",
            "image_tag_changed",
            ("v{{hq.var.TAG}}", "v2"),
        ),
    ],
)
def test_all_that_moves_in_an_image_is_one_change(
    desired, before, after, action, shown
):
    head = "sidecarImage:\n  "
    (change,) = changed(desired, f"{head}{before}\n", f"{head}{after}\n")
    assert (change.facet, change.path) == ("image", "/sidecarImage")
    assert (change.action, (change.before, change.after)) == (action, shown)


@pytest.mark.parametrize(
    ("before", "after", "action", "shown"),
    [
        ("a:1", "a:2", "image_tag_changed", ("1", "2")),
        ("host:5000/a", "host:5000/b", "updated", ("host:5000/a", "host:5000/b")),
        ("a:1@sha256:aa", "a:2@sha256:bb", "image_tag_changed", None),
        ("{repository: a, tag: v1}", "a:v2", "image_tag_changed", ("v1", "v2")),
        ('"a:1"', "a:1", "updated", ('"a:1"', "a:1")),
    ],
)
def test_an_image_may_be_a_scalar(desired, before, after, action, shown):
    (change,) = changed(desired, f"image: {before}\n", f"image: {after}\n")
    assert (change.facet, change.path, change.action) == ("image", "/image", action)
    if shown is not None:
        assert (change.before, change.after) == shown


def test_an_image_added_or_removed_is_a_change_of_the_image(desired):
    changes = changed(desired, "a: 1\n", "a: 1\n" + IMAGE)
    assert told(changes) == [("image", "/image", "added", None, "shop/api:v1.2.3")]
    changes = changed(desired, "a: 1\n" + IMAGE, "a: 1\n")
    assert told(changes) == [("image", "/image", "removed", "shop/api:v1.2.3", None)]


def test_what_stands_beside_an_image_is_a_value(desired):
    after = IMAGE.replace("Always", "Never").replace("v1.2.3", "v1.3.0")
    assert told(changed(desired, IMAGE, after)) == [
        ("image", "/image", "image_tag_changed", "v1.2.3", "v1.3.0"),
        ("values", "/image/pullPolicy", "updated", "Always", "Never"),
    ]


def test_a_list_under_an_image_key_is_a_value(desired):
    assert told(changed(desired, "image: [a]\n", "image: [b]\n")) == [
        ("values", "/image", "updated", "[a]", "[b]")
    ]
