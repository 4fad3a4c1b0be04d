"""Differences of two values texts are named by path; nothing else is."""

import pytest

from environments.desired.values import (
    TEXT_CHANGE,
    ValueChange,
    diff_values,
    parse_pointer,
    pointer,
)
from environments.desired.values.reading import WALKED_LEVELS

BASE = """\
# Values of web

# how many
replicas: 1  # small
image:
  repository: acme/web
  tag: "1.0"
env:
- name: A
  value: {{hq.var.A}}
resources: {}
"""


def differences(before: str, after: str) -> list[str]:
    return [f"{c.action} {pointer(c.path)}" for c in diff_values(before, after)]


def test_a_text_does_not_differ_from_itself() -> None:
    assert diff_values(BASE, BASE) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("replicas: 1", "replicas: 2", ["updated /replicas"]),
        ('tag: "1.0"', "tag: '1.1'", ["updated /image/tag"]),
        ("  repository: acme/web\n", "", ["removed /image/repository"]),
        ("image:\n", "image:\n  pull: x\n", ["added /image/pull"]),
        ("resources: {}", "resources:\n  cpu: 1", ["added /resources/cpu"]),
        ("resources: {}\n", "", ["removed /resources"]),
        ("resources: {}", "resources:", ["updated /resources"]),
        ("resources: {}", "resources: {a: 1}", ["updated /resources"]),
        ("value: {{hq.var.A}}", "value: {{hq.var.B}}", ["updated /env"]),
        ("- name: A", "- name: B", ["updated /env"]),
        ("# small", "# tiny", ["text "]),
        ("# how many", "# how many of it", ["text "]),
        ('"1.0"', "'1.0'", ["text "]),
        ('"1.0"', "1.0", ["updated /image/tag"]),
        ("1  #", "1   #", ["text "]),
        ("replicas: 1", "replicas: 01", ["updated /replicas"]),
    ],
)
def test_one_edit_is_one_change(old, new, found) -> None:
    assert differences(BASE, BASE.replace(old, new)) == found


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("a:\n", "a: {}\n", ["updated /a"]),
        ("a: null\n", "a: ~\n", ["updated /a"]),
        ("a: {}\n", "", ["removed /a"]),
        ("a: {}\n", "a: { }\n", ["text "]),
        ("a: |\n  x\n", 'a: "x\\n"\n', ["text "]),
        ("a: |\n  x\n", 'a: "x"\n', ["updated /a"]),
        ("a: x\n", 'a: "x"\n', ["updated /a"]),
        ("a: one two\n", "a: one\n  two\n", ["text "]),
        ("a: one two\n", "a: one\n\n  two\n", ["updated /a"]),
        ("a: [1, 2]\n", "a:\n- 1\n- 2\n", ["text "]),
        ("a: [1, 2]\n", "a: [2, 1]\n", ["updated /a"]),
        ("a:\n- x: 1\n  y: 2\n", "a:\n- y: 2\n  x: 1\n", ["text "]),
        ("a: {b: 1}\n", "a:\n  b: 1\n", ["text "]),
        ("a: {b: 1}\n", "a:\n  b: 2\n", ["updated /a"]),
        ("a: 1\nb: 2\n", "b: 2\na: 1\n", ["text "]),
        ("a: '{{hq.var.X}}'\n", 'a: "{{hq.var.X}}"\n', ["updated /a"]),
        ("a: '{{hq.var.X}}'\n", "a: '{{hq.var.Y}}'\n", ["updated /a"]),
        ("a: 1 # {{hq.var.X}}\n", "a: 1 # {{hq.var.Y}}\n", ["text "]),
        ("", "a: 1\nb:\n  c: 1\n", ["added /a", "added /b"]),
        ("a: 1\n", "", ["removed /a"]),
        ("", "# only words\n", ["text "]),
        ("a/b: 1\n~c: 2\n", "a/b: 2\n", ["updated /a~1b", "removed /~0c"]),
        ("a:\n  b: 1\n", "a:\n    b: 2\n", ["updated /a/b", "text "]),
    ],
)
def test_what_is_the_same_value_and_what_is_not(before, after, found) -> None:
    assert differences(before, after) == found


@pytest.mark.parametrize(
    "odd",
    [
        "a: 1\nb: &x 1\n",
        "a: &x 1\nb: *x\n",
        "a: 1\nb: !!str 2\n",
        "? a\n: 1\n",
        "a:\n- ? b\n  : 1\n",
        "a: |+\n  x\n\n",
        "a: >2+\n    x\n",
        "{a: 1, b: 2}\n",
        "{}\n",
        "a: &x {b: 1}\nc: {<<: *x}\n",
    ],
)
def test_a_text_that_cannot_be_cut_is_one_change(odd) -> None:
    assert diff_values(odd, "a: 1\n") == [TEXT_CHANGE]
    assert diff_values("a: 1\n", odd) == [TEXT_CHANGE]


def test_a_question_is_no_explicit_key() -> None:
    assert differences("a: what ?\nb: 1 # ? no\n", "a: what ?\nb: 2 # ? no\n") == [
        "updated /b"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "a: 1\na: 2\n",
        "a: 1\n---\nb: 1\n",
        "- 1\n",
        "a: 1",
        "a: 1\r\n",
        "\ue000\n",
        "\ud800\n",
        "[" * 200_000,
        "a: " + "{a: " * 200_000,
        "? " * 200_000,
        "a: &a [*a]\n",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_text_that_could_not_be_saved_is_one_change(text) -> None:
    assert diff_values(text, "a: 1\n") == [TEXT_CHANGE]
    assert diff_values("a: 1\n", text) == [TEXT_CHANGE]


def nested(levels: int, value: str) -> str:
    lines = [" " * level + "a:" for level in range(levels)]
    return "\n".join(lines) + f" {value}\n"


def test_maps_are_walked_down_to_a_level() -> None:
    (change,) = diff_values(nested(WALKED_LEVELS, "1"), nested(WALKED_LEVELS, "2"))

    assert change == ValueChange(("a",) * WALKED_LEVELS, "updated")


def test_what_lies_deeper_is_one_value() -> None:
    (change,) = diff_values(nested(900, "1"), nested(900, "2"))

    assert change == ValueChange(("a",) * WALKED_LEVELS, "updated")


@pytest.mark.parametrize(
    ("path", "text"),
    [((), ""), (("a", "b"), "/a/b"), (("a/b", "~c", ""), "/a~1b/~0c/")],
)
def test_paths_are_json_pointers(path, text) -> None:
    assert pointer(path) == text
    assert parse_pointer(text) == path


@pytest.mark.parametrize("text", ["a", "a/b", "/a~2", "/~"])
def test_other_text_is_no_json_pointer(text) -> None:
    with pytest.raises(ValueError, match="JSON Pointer"):
        parse_pointer(text)
