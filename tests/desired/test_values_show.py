"""Values are shown as they are written, and images are found."""

import pytest

from environments.desired.values import display_value, image_paths, pointer

TEXT = """\
# file

# a map
map:
    # within
    one: 1  # first
    list:
    - x: 1
      y: 2
    -  z
block: |  # kept
    a

      b

plain: one
  two # c
quoted: 'it''s' # c
flow: [1,
  {a: {{hq.var.F}}}]
none: # nothing
braces: {}
placeholder: r/{{ hq.var.X }}:1
"""


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (("map", "one"), "1"),
        (("map",), "one: 1  # first\nlist:\n- x: 1\n  y: 2\n-  z"),
        (("map", "list"), "- x: 1\n  y: 2\n-  z"),
        (("map", "list", "0"), "x: 1\ny: 2"),
        (("block",), "|  # kept\n  a\n\n    b"),
        (("plain",), "one\ntwo"),
        (("quoted",), "'it''s'"),
        (("flow",), "[1,\n{a: {{hq.var.F}}}]"),
        (("none",), "null"),
        (("braces",), "{}"),
        (("placeholder",), "r/{{ hq.var.X }}:1"),
        ((), TEXT),
        (("nothing",), None),
        (("map", "one", "two"), None),
        (("map", "list", "7"), None),
    ],
    ids=lambda part: pointer(part) if isinstance(part, tuple) else "",
)
def test_a_value_is_shown_as_it_is_written(path, shown) -> None:
    assert display_value(TEXT, path) == shown


@pytest.mark.parametrize("text", ["a: [", "\x00", "[" * 200_000, "- a\n", ""])
def test_a_text_without_values_shows_none(text) -> None:
    assert display_value(text, ("a",)) is None
    assert image_paths(text) == {}


def test_images_are_maps_and_scalars_under_their_keys() -> None:
    text = (
        "image:\n  registry: r.io:5000\n  repository: acme/web\n  tag: '1.0'\n"
        "  digest:\n  pullPolicy: Always\n"
        "sidecar:\n  proxyImage: envoy:v1@sha256:ab\n"
        "initImage: {repository: busybox, tag: {{hq.var.T}}}\n"
        "imageName: no\nimages: no\nlist:\n- image: no\nemptyImage:\n"
        "portImage: host:5000/app\n"
    )

    images = image_paths(text)

    assert {pointer(path): image.reference for path, image in images.items()} == {
        "/image": "r.io:5000/acme/web:1.0",
        "/sidecar/proxyImage": "envoy:v1@sha256:ab",
        "/initImage": "busybox:{{hq.var.T}}",
        "/portImage": "host:5000/app",
    }
    assert images["image",].parts["tag"] == "1.0"
    assert images["sidecar", "proxyImage"].parts["digest"] == "sha256:ab"


def test_an_image_covers_its_own_parts_alone() -> None:
    image = image_paths("image:\n  tag: 1\n")["image",]

    assert image.covers(("image",))
    assert image.covers(("image", "digest"))
    assert not image.covers(("image", "pullPolicy"))
    assert not image.covers(("tag",))
