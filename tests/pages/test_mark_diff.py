"""Diff lines as rows: pairing, words, colours, and nothing of the text as markup."""

import html
import re

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from gitopshq.core import diff_markup
from gitopshq.core.changed_words import changed_words
from gitopshq.core.diff_markup import Look
from tests.pages import samples
from tests.pages.samples import Line


def seen(markup):
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80))
def test_a_painted_line_reads_as_the_line_itself(text):
    assert seen(diff_markup.code_html(text)) == text


@given(st.text(st.sampled_from("ab1:, #-<&'\"\\{}[]."), max_size=40), st.booleans())
def test_colours_add_and_lose_nothing(text, is_json):
    """S45: what is read is what the file says, in YAML and in JSON."""
    assert seen(diff_markup.code_html(text, is_json=is_json)) == text


@given(
    st.text(st.sampled_from("ab: #-<&'\"."), max_size=30),
    st.text(st.sampled_from("ab: #-<&'\"."), max_size=30),
)
def test_marked_words_are_all_that_differs(old, new):
    left, right = changed_words(old, new)

    if left or right:
        assert without(old, left) == without(new, right)
    assert seen(diff_markup.code_html(old, left)) == old


def without(text, spans):
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text


@pytest.mark.parametrize(
    "line",
    ["key: <script>alert(1)</script>", "# <b>", "- '\"><img src=x>'", "<a>: <b>"],
)
def test_markup_in_a_line_stays_text(line):
    shown = diff_markup.code_html(line)

    assert "<script" not in shown
    assert "<img" not in shown
    assert "<b>" not in shown
    assert seen(shown) == line


def test_characters_that_hide_or_reorder_text_become_visible():
    shown = diff_markup.code_html("image: a\u202eb\u200bc")

    assert "U+202E" in shown
    assert "U+200B" in shown
    assert "\u202e" not in shown


def test_yaml_has_colours():
    """S45: keys, numbers and comments."""
    shown = diff_markup.code_html('  replicas: 3 # three, "3"')

    assert '<span class="y-key">replicas</span>' in shown
    assert '<span class="y-num">3</span>' in shown
    assert '<span class="y-com"># three, &quot;3&quot;</span>' in shown


def test_json_has_colours():
    """S45: keys, texts, numbers, with the commas and brackets left plain."""
    shown = diff_markup.code_html(
        '  "ports": [{"name": "a: b", "port": -80.5}], "on": true,', is_json=True
    )

    assert '<span class="y-key">&quot;ports&quot;</span>: [{' in shown
    assert '<span class="y-str">&quot;a: b&quot;</span>, ' in shown
    assert '<span class="y-num">-80.5</span>}],' in shown
    assert '<span class="y-num">true</span>,' in shown


def test_the_name_of_a_file_tells_its_language():
    """S45: a file that ends in .json is read as JSON."""
    part = {"lines": [Line("added", None, 1, '"a": 1,')]}
    file = samples.file(hunks=[part], letter="A")
    looks = [
        render_to_string("ui/_diff.html", {"file": {**file, "path": path}})
        for path in ("patch.json", "patch.yaml")
    ]

    assert [look.count('<span class="y-num">1</span>') for look in looks] == [1, 0]


def test_removed_lines_stand_beside_the_added_ones_that_follow():
    rows = list(diff_markup.pair(samples.hunk()["lines"]))

    assert [row.kind for row in rows] == [
        "same",
        "changed",
        "same",
        "same",
        "added",
        "added",
        "same",
    ]


def test_unified_shows_what_goes_before_what_comes():
    lines = [
        Line("removed", 1, None, "a: 1"),
        Line("removed", 2, None, "b: 1"),
        Line("added", None, 1, "a: 2"),
        Line("added", None, 2, "b: 2"),
    ]

    shown = diff_markup.rows_html(lines, Look("m"), side_by_side=False)

    kinds = re.findall(r'data-line="(\w+)"', shown)
    assert kinds == ["removed", "removed", "added", "added"]
    assert re.findall(r' id="([^"]+)"', shown) == ["m-L1", "m-L2", "m-R1", "m-R2"]


def test_every_changed_line_says_so_without_colour():
    shown = diff_markup.rows_html(samples.hunk()["lines"], Look("m"), side_by_side=True)

    assert 'aria-label="removed line 27"' in shown
    assert 'aria-label="added line 27"' in shown
    assert "<del>" in shown
    assert "<ins>" in shown
    assert '<span class="diff__word">2.7.4</span>' in shown


def test_numbers_of_an_unchanged_line_lead_to_its_one_place():
    """S47: both numbers of a line that is the same link to where it stands."""
    lines = [Line("same", 26, 31, "a: 1")]
    near = diff_markup.rows_html(lines, Look("m"), side_by_side=True)
    far = diff_markup.rows_html(lines, Look("m", "/r?a&line="), side_by_side=True)

    assert near.count('href="#m-R31"') == 2
    assert far.count('href="/r?a&amp;line=m-R31#m-R31"') == 2


def test_lines_without_an_anchor_have_no_ids():
    shown = diff_markup.rows_html(samples.hunk()["lines"], Look(), side_by_side=True)

    assert " id=" not in shown
    assert "<a " not in shown


def test_a_very_long_line_is_shown_plain():
    line = "a: " + "x" * 5000

    assert changed_words(line, line + "y") == ([], [])
    assert "y-key" not in diff_markup.code_html(line)
