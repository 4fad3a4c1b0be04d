"""A part of the differences is applied on the text, and the rest keeps its bytes."""

import pytest

from environments.desired.values import (
    TEXT_CHANGE,
    Inseparable,
    ValueChange,
    apply_values,
    comparing,
    diff_values,
    parse_pointer,
)
from environments.desired.values.reading import read_values

BEFORE = """\
# Values of web

# how many
replicas: 1  # small
image:
    repository: acme/web  # ours
    # never latest
    tag: "1.0"   # now
command: |
    run   # all
    it
old:
    # the last of its kind
    only: 1
empty: {}  # nothing yet
"""
AFTER = """\
# Values of web, version 2

replicas: 3  # more
# where from
image:
  repository: acme/web
  tag: "2.0"  # soon
  # new here
  pullPolicy: Always
# how it runs
command: |
  run
  fast
old: {}
empty:
  cpu: 1
  # enough
  memory: 1Gi
"""


def applied(*pointers: str, before: str = BEFORE, after: str = AFTER) -> str:
    paths = [parse_pointer(text) for text in pointers]
    changes = [c for c in diff_values(before, after) if c.path in paths and c.path]
    assert len(changes) == len(pointers)
    return apply_values(before, after, changes)


def test_nothing_chosen_changes_nothing() -> None:
    assert apply_values(BEFORE, AFTER, []) == BEFORE


def test_everything_chosen_gives_the_other_text() -> None:
    assert apply_values(BEFORE, AFTER, diff_values(BEFORE, AFTER)) == AFTER
    assert apply_values(AFTER, BEFORE, diff_values(AFTER, BEFORE)) == BEFORE


def test_an_updated_value_comes_with_its_comment_at_the_old_indent() -> None:
    assert applied("/replicas") == BEFORE.replace("1  # small", "3  # more")
    assert applied("/image/tag") == BEFORE.replace('"1.0"   # now', '"2.0"  # soon')
    assert applied("/command") == BEFORE.replace(
        "    run   # all\n    it\n", "  run\n  fast\n"
    )


def test_an_updated_map_moves_to_the_old_indent() -> None:
    before = "a:\n    b: 1\n    c: 2\n"
    after = "a:\n  b:\n    - x: |\n        one\n\n        two\n  c: 3\n"

    assert applied("/a/b", before=before, after=after) == (
        "a:\n    b:\n      - x: |\n          one\n\n          two\n    c: 2\n"
    )


def test_an_added_key_comes_with_the_lines_above_it_behind_its_sibling() -> None:
    assert applied("/image/pullPolicy") == BEFORE.replace(
        "# now\n", "# now\n    # new here\n    pullPolicy: Always\n"
    )


def test_an_added_key_without_earlier_sibling_comes_first() -> None:
    after = "z: 1\na: 1\nb: 1\n"

    assert applied("/z", before="a: 1\n", after=after) == "z: 1\na: 1\n"
    assert applied("/b", before="a: 1\n", after=after) == "a: 1\nb: 1\n"
    assert applied("/b", before="", after=after) == "b: 1\n"


def test_a_removed_key_goes_with_the_lines_above_it() -> None:
    before = "a: 1\n\n# about b\n\n# more\nb: 2 # it\nc: 3\n"

    assert applied("/b", before=before, after="a: 1\nc: 4\n") == "a: 1\nc: 3\n"


def test_an_emptied_map_becomes_braces_and_keeps_its_comment() -> None:
    before = "a: # here\n  # in\n  b: 1\nc: 1\n"

    assert applied("/old/only") == BEFORE.replace(
        "old:\n    # the last of its kind\n    only: 1\n", "old: {}\n"
    )
    assert applied("/a/b", before=before, after="a: {}\nc: 2\n") == (
        "a: {} # here\nc: 1\n"
    )


def test_braces_open_for_what_is_added() -> None:
    assert applied("/empty/memory") == BEFORE.replace(
        "empty: {}  # nothing yet\n",
        "empty:  # nothing yet\n  # enough\n  memory: 1Gi\n",
    )
    assert applied("/a/b", before="a:\n  {}\nc: 1\n", after="a:\n  b: 1\nc: 2\n") == (
        "a:\n  b: 1\nc: 1\n"
    )


def test_an_emptied_text_keeps_the_comments_of_the_file() -> None:
    before = "# of the file\n\n# of a\na: 1\n# the end\n"

    assert applied("/a", before=before, after="") == "# of the file\n\n# the end\n"


def test_the_head_and_the_end_of_the_file_stay() -> None:
    before = "# top\n---\n# a\na: 1\n\n# end\n"
    after = "---\nb: 1\na: 2\n"

    assert applied("/a", before=before, after=after) == before.replace("a: 1", "a: 2")
    assert applied("/b", before=before, after=after) == before.replace(
        "# a\n", "b: 1\n# a\n"
    )


def test_what_follows_a_block_does_not_fall_into_it() -> None:
    before = "a: |\n  x\nb: 1\n"
    after = "a: |\n  x\nb: 2\n     \n    # far right\nc: 1\n"

    text = applied("/c", before=before.replace("b: 1\n", ""), after=after)

    assert text == "a: |\n  x\n\n# far right\nc: 1\n"


def test_placeholders_move_like_any_text() -> None:
    before = "a: {{hq.var.A}}\nb: '{{hq.var.B}}'\n"
    after = "a: {{ hq.var.env.A }}\nb: '{{hq.var.C}}'\n"

    assert applied("/a", before=before, after=after) == (
        "a: {{ hq.var.env.A }}\nb: '{{hq.var.B}}'\n"
    )


def test_layout_comes_with_all_changes_only() -> None:
    with pytest.raises(Inseparable):
        apply_values(BEFORE, AFTER, [TEXT_CHANGE])


def test_a_change_that_is_none_of_them_is_an_error() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        apply_values(BEFORE, AFTER, [ValueChange(("nowhere",), "added")])


def test_a_result_that_means_something_else_is_refused_with_its_path() -> None:
    before, after = read_values("a: 1\nb: 1\n"), read_values("a: 2\nb: 2\n")
    chosen = {ValueChange(("b",), "updated")}

    for wrong in ("a: 2\nb: 2\n", "a: 1\n", "a: 1\nb: 2\nc: 1\n", "a: 1\nb: [\n"):
        with pytest.raises(Inseparable) as caught:
            comparing._check(before, after, chosen, wrong)
        assert caught.value.path == ("b",)
