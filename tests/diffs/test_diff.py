"""Comparing texts: the hunks people see, and unified text that Git applies."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.diffs import FileStatus, LineKind, diff_files, hunks_of, unified
from delivery.diffs.matching import matches

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "  x: 1", "}"]), max_size=30)


@given(LINES, LINES)
def test_hunks_turn_one_text_into_the_other(old, new):
    before, after = "".join(f"{x}\n" for x in old), "".join(f"{x}\n" for x in new)

    rebuilt, at = [], 0
    for hunk in hunks_of(before, after):
        start = hunk.old_start - (1 if hunk.old_size else 0)
        rebuilt += old[at:start]
        rebuilt += [x.text for x in hunk.lines if x.kind != LineKind.REMOVED]
        at = start + hunk.old_size
    rebuilt += old[at:]

    assert rebuilt == new


@given(LINES, LINES)
def test_matches_are_equal_lines_in_rising_order(old, new):
    at_old = at_new = 0
    for match in matches(old, new):
        assert match.old >= at_old
        assert match.new >= at_new
        at_old, at_new = match.old + match.size, match.new + match.size
        assert old[match.old : at_old] == new[match.new : at_new]


def test_equal_texts_have_no_hunks():
    assert hunks_of("a\nb\n", "a\nb\n") == ()


def test_a_unique_line_holds_the_blocks_around_it_in_place():
    before = "}\n}\nanchor\n}\n"
    after = "}\nnew\nanchor\n}\n"

    lines = hunks_of(before, after)[0].lines

    changed = [(x.kind, x.text) for x in lines if x.kind != LineKind.SAME]
    assert changed == [(LineKind.REMOVED, "}"), (LineKind.ADDED, "new")]


def test_a_rewritten_text_of_many_lines_is_one_hunk():
    before = "".join(f"{i % 7}\n" for i in range(3000))
    after = "".join(f"{i % 5}x\n" for i in range(3000))

    (hunk,) = hunks_of(before, after)

    assert (hunk.old_size, hunk.new_size) == (3000, 3000)


def test_files_say_what_became_of_them():
    found = diff_files(
        {"a": "1\n", "b": "1\n", "c": "1\n"}, {"b": "2\n", "c": "1\n", "d": ""}
    )

    assert [(f.path, f.status, f.added, f.removed) for f in found] == [
        ("a", FileStatus.REMOVED, 0, 1),
        ("b", FileStatus.MODIFIED, 1, 1),
        ("d", FileStatus.ADDED, 0, 0),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"f": "1\n2\n3\n"}, {"f": "1\n3\n4\n"}),
        ({"f": "1\n2"}, {"f": "1\n2\n"}),
        ({"f": "1\n2\n"}, {"f": "1\n2"}),
        ({"f": "1"}, {"f": "2"}),
        ({"f": "1\n"}, {}),
        ({}, {"d/f": "1\n2\n"}),
        ({"f": "\n".join("abcdefghijklmnop")}, {"f": "\n".join("abcdxefghijklmnoq")}),
    ],
)
def test_git_applies_unified_text(tmp_path, before, after):
    """S37: the plain text form is one that standard tools read."""
    for path, text in before.items():
        (tmp_path / path).write_text(text)
    patch = unified(diff_files(before, after))

    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    subprocess.run(
        ["git", "apply", "-"], cwd=tmp_path, check=True, input=patch.encode()
    )

    left = {
        str(p.relative_to(tmp_path)): p.read_text()
        for p in tmp_path.rglob("*")
        if p.is_file() and ".git" not in p.parts
    }
    assert left == after
