"""One scalar is set on the text; a reader of YAML 1.1 gets it back as a string."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from environments.desired.texts import TextRefused, check_values_text, clean_text
from environments.desired.values import CannotSet, diff_values, pointer, set_scalar
from tests.desired.yaml_texts import scaled, values_texts

TAG = ("image", "tag")


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("image:\n  tag: '1' # c\n", "1.2", "image:\n  tag: '1.2' # c\n"),
        ('image:\n  tag: "1"\n', "v2", 'image:\n  tag: "v2"\n'),
        ("image:\n  tag: v1  # c\nb: 1\n", "v2", "image:\n  tag: v2  # c\nb: 1\n"),
        ("image:\n  tag: v1\n", "1.10", 'image:\n  tag: "1.10"\n'),
        ("image:\n  tag: 1.9\n", "1.10.0", "image:\n  tag: 1.10.0\n"),
        ("image:\n  tag:\nb: 1\n", "v1", "image:\n  tag: v1\nb: 1\n"),
        ("image:\n  tag: # c\n", "v1", "image:\n  tag: v1 # c\n"),
        ("image:\n  tag: ~\n", "v1", "image:\n  tag: v1\n"),
        (
            "image:\n  tag: |-  # c\n    v1\nb: 1\n",
            "2",
            'image:\n  tag: "2"  # c\nb: 1\n',
        ),
        ("image: {tag: v1, a: b}\n", "v2", "image: {tag: v2, a: b}\n"),
        ("image:\n  a: 1\n# c\nb: 1\n", "v1", "image:\n  a: 1\n  tag: v1\n# c\nb: 1\n"),
        ("image:\n    a: 1\n", "v1", "image:\n    a: 1\n    tag: v1\n"),
        ("image:\nb: 1\n", "v1", "image:\n  tag: v1\nb: 1\n"),
        ("image: null # c\nb: 1\n", "v1", "image: # c\n  tag: v1\nb: 1\n"),
        ("image: {}\n", "v1", "image: {tag: v1}\n"),
        ("image: {a: 1}\n", "v1", "image: {a: 1, tag: v1}\n"),
        ("a: 1\n", "v1", "a: 1\nimage:\n  tag: v1\n"),
        ("a: 1\n# end\n", "v1", "a: 1\nimage:\n  tag: v1\n# end\n"),
        ("", "v1", "image:\n  tag: v1\n"),
        ("# head\n", "v1", "# head\nimage:\n  tag: v1\n"),
        ("---\n", "v1", "---\nimage:\n  tag: v1\n"),
        ("{}\n", "v1", "{image: {tag: v1}}\n"),
        ("a: 1\n...\n", "v1", "a: 1\nimage:\n  tag: v1\n...\n"),
        ("a: &x 1\nimage:\n  tag: v1\n", "v2", "a: &x 1\nimage:\n  tag: v2\n"),
        (
            "image:\n  tag: v1\n",
            "{{hq.var.TAG}}",
            'image:\n  tag: "{{hq.var.TAG}}"\n',
        ),
    ],
)
def test_a_tag_is_set_where_it_belongs(before, value, after) -> None:
    assert set_scalar(before, TAG, value) == after


STRINGS = (
    "1", "1.2", "1e3", "123e456", "0x1f", "017", "0o17", "1_000", "true", "No", "on",
    "y", "null", "~", "", ".inf", "nan", "2001-12-14", "12:30", "=", "<<", "+1", " x",
    "x ", "a: b", "# c", "l1\nl2", "'", '"', "\\", "\t", "é😀", "[1]", "{a}", "-", "?",
    "*x", "&x", "!x", "%x", "@x", "`x", "v1.2.3", "1.2.3", "1.2.3-rc.1", "latest",
    "sha256:0a1b",
)  # fmt: skip
TEXTS = (
    "",
    "a: 1\n",
    "a: '1'\n",
    'a: "1"\n',
    "a: |\n  x\n",
    "{a: 1}\n",
    "a:\n",
    "{}\n",
)


@pytest.mark.parametrize("value", STRINGS)
def test_a_value_is_read_back_as_a_string(value) -> None:
    for text in TEXTS:
        result = set_scalar(text, ("a",), value)
        assert yaml.safe_load(result) == {"a": value}


@pytest.mark.parametrize("key", ["x.y/z", "a b", "1", "true", "é", "#", "", "a: b"])
def test_a_key_is_read_back_as_it_is(key) -> None:
    assert yaml.safe_load(set_scalar("b: 1\n", (key, key), "v")) == {
        "b": 1,
        key: {key: "v"},
    }


def test_a_scalar_within_a_list_is_set_by_its_index() -> None:
    text = "a:\n- image: x\n- image: y # c\n"

    assert set_scalar(text, ("a", "1", "image"), "z") == text.replace("y", "z")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: 1\n", ()),
        ("a: 1\n", ("a", "b")),
        ("a: [1]\n", ("a", "1")),
        ("a: [1]\n", ("a", "x")),
        ("a:\n  b: 1\n", ("a",)),
        ("a: []\n", ("a",)),
        ("a: &x 1\n", ("a",)),
        ("a: !!str 1\n", ("a",)),
        ("a: &x {b: 1}\nc: *x\n", ("c", "b")),
        ("a: [\n", ("a",)),
        ("a: 1\n---\nb: 1\n", ("a",)),
        ("[" * 200_000, ("a",)),
        ("? a\n: 1\n", ("b",)),
    ],
    ids=lambda part: repr(part)[:24],
)
def test_where_no_scalar_can_be_it_is_refused(text, path) -> None:
    with pytest.raises(CannotSet) as caught:
        set_scalar(text, path, "v")

    assert caught.value.path == path
    assert str(caught.value).startswith(pointer(path))


@pytest.mark.parametrize("value", ["\x00", "\r", "\u2028", "\ue000", "\ud800"])
def test_a_forbidden_character_is_refused(value) -> None:
    with pytest.raises(CannotSet):
        set_scalar("a: 1\n", ("a",), value)


PATHS = st.lists(st.sampled_from(["a", "b", "image", "tag", "q k", "new"]), min_size=1)
VALUES = st.one_of(
    st.sampled_from(STRINGS),
    st.text(st.sampled_from(list("ab1 \n\t:#'\"\\{}[],&*-?")), max_size=8),
)


@scaled(60)
@given(values_texts(odd=True), PATHS.map(tuple), VALUES)
def test_nothing_but_the_scalar_changes(text, path, value) -> None:
    text = clean_text(text, path="values.yaml")
    try:
        check_values_text(text, path="values.yaml")
        result = set_scalar(text, path, value)
    except (TextRefused, CannotSet):
        return

    check_values_text(result, path="values.yaml")
    changed = {c.path for c in diff_values(text, result)} - {()}
    assert all(path[: len(other)] == other for other in changed)
    assert set_scalar(result, path, value) == result
