"""Placeholders: found, hidden from the YAML reader, and replaced in context."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from environments.desired.placeholders import find, find_illegal, mask, unmask
from environments.desired.substitution import (
    PlaceholderRefused,
    find_used,
    substitute,
)
from environments.desired.texts import (
    TextRefused,
    check_values_text,
    check_yaml_file,
    clean_text,
)
from tests.desired.yaml_texts import scaled, values_texts

PATH = "targets/acme/prod/values/web.yaml"


def filled(text: str, *, path: str = PATH, **values: str) -> str:
    return substitute(text, lambda placeholder: values[placeholder.key], path=path)


def loaded(text: str) -> object:
    documents = list(yaml.load_all(text, Loader=yaml.CSafeLoader))
    return documents[0] if len(documents) == 1 else documents


def outcome(
    text: str, *, key: str | None = None, value: str
) -> tuple[str, PlaceholderRefused | None]:
    """Put a value into one variable of a text, 1 into others; into all without key."""
    try:
        return substitute(
            text, lambda p: value if key in (None, p.key) else "1", path=PATH
        ), None
    except PlaceholderRefused as refusal:
        return "", refusal


def refused(text: str, *, path: str = PATH, **values: str) -> PlaceholderRefused:
    with pytest.raises(PlaceholderRefused) as caught:
        filled(text, path=path, **values)
    assert caught.value.path == path
    return caught.value


def test_placeholders_are_found_with_scope_and_line() -> None:
    text = "a: {{hq.var.X}}\nb: '{{ hq.var.env.Y }}' # {{\thq.var.svc.Z}}\n"

    found = find(text)

    assert [(p.scope, p.key, p.line) for p in found] == [
        (None, "X", 1),
        ("env", "Y", 2),
        ("svc", "Z", 2),
    ]
    assert [text[p.start : p.end] for p in found][1] == "{{ hq.var.env.Y }}"
    assert [p.name for p in found] == ["X", "env.Y", "svc.Z"]


def test_a_scope_alone_is_a_key() -> None:
    assert [(p.scope, p.key) for p in find("{{hq.var.repo}}")] == [(None, "repo")]


@pytest.mark.parametrize(
    "text",
    [
        "{{hq.var.a-b}}",
        "{{hq.var.}}",
        "{{ hq.X }}",
        "{{hq.var.x.Y}}",
        "{{hq\n.var.X}}",
        "{{hq.var." + "x" * 129 + "}}",
    ],
)
def test_what_only_looks_like_a_placeholder_is_illegal(text) -> None:
    assert find(text) == []
    assert find_illegal("a\n" + text) == [2]


def test_the_words_of_others_are_none_of_ours() -> None:
    assert find_illegal("{{ .Values.hq }} {{ include 'hq' . }} hq.var.X") == []


def test_a_mask_keeps_every_offset() -> None:
    text = "a: {{hq.var.X}} é😀 {{ hq.var.env.Y }}\n"

    masked = mask(text)

    assert len(masked) == len(text)
    assert "{" not in masked
    assert unmask(masked, ["1", "2"]) == "a: 1 é😀 2\n"


def test_those_in_comments_are_not_used() -> None:
    text = "# {{hq.var.A}}\na: {{hq.var.B}} # {{hq.var.C}}\nb: | # {{hq.var.D}}\n  x\n"

    assert [p.key for p in find_used(text, path=PATH)] == ["B"]
    assert [p.key for p in find_used(text, path="notes.txt")] == ["A", "B", "C", "D"]


def test_a_text_without_placeholders_is_not_even_read() -> None:
    assert filled("a: [") == "a: ["


CONTEXTS = {
    "plain": "a: {{hq.var.X}}\nb: 1\n",
    "within plain": "a: r/{{hq.var.X}}:v{{hq.var.X}}-y # c\nb: 1\n",
    "single": "a: 'p {{hq.var.X}} s'\nb: 1\n",
    "double": 'a: "{{hq.var.X}}"\nb: 1\n',
    "double over lines": 'a: "p\n  {{hq.var.X}}\n  s"\nb: 1\n',
    "literal": "a: |\n  p\n  {{hq.var.X}}\nb: 1\n",
    "literal, stripped": "a: |-\n  k={{hq.var.X}};\nb: 1\n",
    "literal, indented": "a:\n  - |2\n      {{hq.var.X}}\n    z\nb: 1\n",
    "folded": "a: >\n  p {{hq.var.X}}\n  q\nb: 1\n",
    "flow map": "a: {x: {{hq.var.X}}, y: [{{hq.var.X}}, 2]}\nb: 1\n",
    "list": "a:\n- {{hq.var.X}}\n- b\n",
    "item of a list": "- x: {{hq.var.X}}\n  y: '{{hq.var.X}}'\n",
    "plain over lines": "a: one {{hq.var.X}}\n  two\nb: 1\n",
    "documents": "a: {{hq.var.X}}\n---\nb: '{{hq.var.X}}'\n",
    "last": "b: 1\na: {{hq.var.X}}\n",
    "root": "--- {{hq.var.X}}\n",
    "JSON": '{"a": "{{hq.var.X}}", "b": {{hq.var.X}}}\n',
    "anchored": "a: &x {{hq.var.X}}\nb: *x\n",
    "tagged": "a: !!str {{hq.var.X}}\nb: 1\n",
}
HOSTILE = {
    "number": "3",
    "words": "two words",
    "map entry": "a: b",
    "comment": "x # c",
    "only comment": "# c",
    "lines": "l1\nl2",
    "key on a new line": "l1\nevil: true",
    "key at the margin": "\nevil: true",
    "certificate": "-----BEGIN\nabc\n-----END\n",
    "quotes": 'it\'s "q" \\',
    "end of quotes": '", evil: "',
    "end of single quotes": "', evil: '",
    "list": "[1, 2]",
    "map": "{a: 1}",
    "alias": "*x",
    "anchor": "&x y",
    "tag": "!!int 3",
    "local tag": "!x",
    "empty": "",
    "spaces": " lead trail ",
    "only spaces": "   ",
    "tab": "a\tb",
    "leading tab": "\ta",
    "documents": "a\n---\nb",
    "document end": "\n...\nb: 2",
    "directive": "\n%YAML 1.1\n---\n",
    "comma": "1, z",
    "closing brace": "1}",
    "closing bracket": "], evil: [",
    "item": "- x",
    "explicit key": "? x",
    "colon": ":",
    "colon at the end": "x:",
    "literal": "|",
    "folded": ">-",
    "indented": "  a\nb",
    "blank lines": "a\n\n  b\n",
    "line ends": "\n\n",
    "boolean": "yes",
    "null": "~",
    "right to left": "a\u202eb",
    "reserved": "@x `y %z",
    "merge": "<<",
    "emoji": "😀",
    "escapes": "\\n\\u0041\\x41",
    "template": "{{ .Values.x }}",
    "placeholder": "{{hq.var.Y}}",
    "long": "x" * 3000,
    "carriage return": "a\rb",
    "next line": "a\x85b",
    "line separator": "a\u2028b",
    "byte order mark": "\ufeffa",
    "mask": "\ue000\ue001\ue002",
    "escape": "\x1b[0m",
}


def only_scalars_differ(text: str, result: str, *, key: str | None, value: str) -> None:
    """Hold the result against the text with harmless words for its placeholders."""
    before = events(mask(text))
    after = events(result)
    keys = [p.key for p in find_used(text, path=PATH)]
    for old, new in zip(before, after, strict=True):
        assert type(old) is type(new)
        assert getattr(old, "anchor", None) == getattr(new, "anchor", None)
        assert getattr(old, "tag", None) == getattr(new, "tag", None)
        if not isinstance(old, yaml.ScalarEvent):
            continue
        # A literal block takes no final line end from a value.
        put = value.removesuffix("\n") if old.style == "|" else value
        count = old.value.count("\ue000")
        puts = [put if key in (None, k) else "1" for k in keys[:count]]
        del keys[:count]
        assert (new.style, new.value) == (old.style, unmask(old.value, puts))


def events(text: str) -> Any:
    return yaml.parse(text, Loader=yaml.CSafeLoader)


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
def test_a_value_changes_scalars_or_is_refused(context) -> None:
    for value in HOSTILE.values():
        result, refusal = outcome(context, value=value)

        if refusal:
            assert refusal.variable == "X"
            assert 1 <= refusal.line <= context.count("\n")
            assert len(value) < 4 or value not in str(refusal)
        else:
            only_scalars_differ(context, result, key=None, value=value)


@pytest.mark.parametrize(
    ("text", "value", "result"),
    [
        ("a: {{hq.var.X}}\n", "3", {"a": 3}),
        ("a: '{{hq.var.X}}'\n", "3", {"a": "3"}),
        ("a: {{hq.var.X}}\n", "yes", {"a": True}),
        ("a: {{hq.var.X}}\n", "two words", {"a": "two words"}),
        ("a: '{{hq.var.X}}'\n", "it's", {"a": "it's"}),
        ("a: '{{hq.var.X}}'\n", "", {"a": ""}),
        ('a: "{{hq.var.X}}"\n', 'l1\n"l2"\t\\', {"a": 'l1\n"l2"\t\\'}),
        ('a: "p\n  {{hq.var.X}}\n  s"\n', " x ", {"a": "p  x  s"}),
        ("a: |\n  {{hq.var.X}}\n", "l1\nl2\n", {"a": "l1\nl2\n"}),
        ("a: |-\n  {{hq.var.X}}\n", "l1\n\nl2", {"a": "l1\n\nl2"}),
        ("a:\n  - |2\n      k={{hq.var.X}};\n", "1\n2", {"a": ["  k=1\n2;\n"]}),
        ("a: >-\n  p\n  {{hq.var.X}}\n", "one line", {"a": "p one line"}),
        ("a: [{{hq.var.X}}, 2]\n", "x", {"a": ["x", 2]}),
        ('{"a": "{{hq.var.X}}"}\n', ' é"\n', {"a": ' é"\n'}),
    ],
)
def test_a_value_is_written_as_its_place_wants_it(text, value, result) -> None:
    assert loaded(filled(text, X=value)) == result


def test_a_json_file_stays_json() -> None:
    text = filled('{"a": "{{hq.var.X}}"}\n', path="a.json", X=' a"b\\c\td\n ')

    assert json.loads(text) == {"a": ' a"b\\c\td\n '}


def test_a_block_gets_no_blanks_at_the_ends_of_its_lines() -> None:
    text = filled("a:\n    k: |\n        {{hq.var.X}}\n", X="l1\n\nl2\n")

    assert text == "a:\n    k: |\n        l1\n\n        l2\n"


def test_comments_and_the_rest_of_the_text_keep_their_bytes() -> None:
    text = "# {{hq.var.X}}\n\na:   {{hq.var.X}}   # {{hq.var.X}}\r".strip("\r") + "\n"

    assert filled(text, X="1") == "# {{hq.var.X}}\n\na:   1   # {{hq.var.X}}\n"


def test_a_comment_needs_no_value() -> None:
    assert filled("a: 1 # {{hq.var.X}}\n") == "a: 1 # {{hq.var.X}}\n"


@pytest.mark.parametrize(
    ("text", "value", "word"),
    [
        ("b: 1\na: {{hq.var.X}}\n", "", "null"),
        ("b: 1\na: {{hq.var.X}}\n", "l1\nl2", "double quotes"),
        ("b: 1\na: '{{hq.var.X}}'\n", "l1\nl2", "double quotes"),
        ("b: >\n  {{hq.var.X}}\n", "l1\nl2", "folded"),
        ("b: 1\na: {{hq.var.X}}\n", "x: 1", "quotes"),
        ("b: 1\na: |\n  {{hq.var.X}}\n  x\n", "  x\ny", "change more"),
        ("b: 1\na: '{{hq.var.X}}'\n", "\x00", "U+0000"),
        ("b: 1\na: [{{hq.var.X}}]\n", "http://x/?y", "?"),
    ],
)
def test_a_refusal_names_variable_file_line_and_reason(text, value, word) -> None:
    refusal = refused(text, X=value)

    line = text[: text.index("{{")].count("\n") + 1
    assert (refusal.variable, refusal.line) == ("X", line)
    assert word in refusal.reason


def test_of_several_variables_the_one_that_does_not_fit_is_named() -> None:
    text = "a: {{hq.var.A}}\nb: {{hq.var.B}}\nc: {{hq.var.env.C}}\nd: {{hq.var.D}}\n"

    refusal = refused(text, A="1", B="2", C="x # y", D="4")
    assert (refusal.variable, refusal.line) == ("env.C", 3)

    refusal = refused(text, A="1", B="[", C="3", D="4")
    assert (refusal.variable, refusal.line) == ("B", 2)


def test_a_file_of_plain_text_takes_one_line_as_it_is() -> None:
    text = "listen {{hq.var.P}}; # {{hq.var.P}}\n"

    assert filled(text, path="nginx.conf", P="80 'x'") == "listen 80 'x'; # 80 'x'\n"
    assert "several lines" in refused(text, path="nginx.conf", P="8\n9").reason


@pytest.mark.parametrize(
    "text", ["{{hq.var.X}}: 1\n", "a: {b{{hq.var.X}}: 1}\n", "? {{hq.var.X}}\n: 1\n"]
)
def test_a_key_takes_no_value(text) -> None:
    with pytest.raises(TextRefused):
        filled(text, X="x")


def test_a_text_that_is_no_yaml_is_refused() -> None:
    with pytest.raises(TextRefused) as caught:
        filled("a: 1\nb: [{{hq.var.X}}\n", X="x")

    assert caught.value.line == 3


def test_a_value_may_not_make_a_text_too_deep() -> None:
    assert refused("a: {{hq.var.X}}\n", X="[" * 200_000).variable == "X"


def test_the_text_of_a_value_is_in_no_message() -> None:
    message = str(refused("a: {{hq.var.X}}\n", X="*top-secret"))

    assert "secret" not in message


VALUES = st.text(
    st.sampled_from(list("ab 1\n\t:#-?,[]{}&*!|>'\"%@`~\\=.é😀<\xa0")), max_size=12
)


@scaled(60)
@given(values_texts(odd=True), VALUES, VALUES)
def test_no_value_changes_more_than_scalars(text, first, second) -> None:
    text = clean_text(text, path=PATH)
    try:
        check_values_text(text, path=PATH)
    except TextRefused:
        return
    used = {p.key for p in find_used(text, path=PATH)}

    for key, value in [*((key, first) for key in sorted(used)), (None, second)]:
        result, refusal = outcome(text, key=key, value=value)
        if refusal:
            assert key in (None, refusal.variable)
        else:
            only_scalars_differ(text, result, key=key, value=value)


@scaled(150)
@given(st.sampled_from(sorted(CONTEXTS.values())), VALUES)
def test_no_value_changes_more_than_scalars_in_any_context(context, value) -> None:
    check_yaml_file(context, path="x.yaml")

    result, refusal = outcome(context, value=value)

    if not refusal:
        only_scalars_differ(context, result, key=None, value=value)
