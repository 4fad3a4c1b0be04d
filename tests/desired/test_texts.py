"""What may be saved, and how a refusal names its line."""

from itertools import pairwise

import pytest

from environments.desired import texts
from environments.desired.texts import TextRefused
from environments.desired.yamlreading import MAX_DEPTH

PATH = "workloads/web/values.yaml"


def refused(text: str | bytes, *, path: str = PATH, file: bool = False) -> TextRefused:
    check = texts.check_file if file else texts.check_values_text
    with pytest.raises(TextRefused) as caught:
        check(texts.clean_text(text, path=path), path=path)
    assert caught.value.path == path
    return caught.value


def accepted(text: str, *, path: str = PATH, file: bool = False) -> str:
    text = texts.clean_text(text, path=path)
    (texts.check_file if file else texts.check_values_text)(text, path=path)
    return text


@pytest.mark.parametrize(
    ("raw", "saved"),
    [
        ("a: 1\r\nb: 2\r\n", "a: 1\nb: 2\n"),
        ("a: 1", "a: 1\n"),
        (b"a: \xc3\xa9\n", "a: é\n"),
        ("a: 1\n\n\n", "a: 1\n"),
        ("a: |+\n  x\n\n\n", "a: |+\n  x\n\n\n"),
        ("", ""),
        ("\n\n", ""),
        ("# only a comment", "# only a comment\n"),
    ],
)
def test_line_ends_are_made_alike(raw, saved) -> None:
    assert accepted(raw) == saved


@pytest.mark.parametrize(
    "character",
    [
        "\r",
        "\0",
        "\x07",
        "\x7f",
        "\x85",
        "\u2028",
        "\u2029",
        "\ufeff",
        "\ue000",
        "\ue002",
    ],
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_a_forbidden_character_is_refused_with_its_line(character) -> None:
    refusal = refused(f"a: 1\nb: x{character}y\n")

    assert refusal.line == 2
    assert f"U+{ord(character):04X}" in refusal.reason


def test_a_byte_order_mark_is_refused() -> None:
    assert refused(b"\xef\xbb\xbfa: 1\n").line == 1


def test_bytes_that_are_not_utf8_are_refused_with_their_line() -> None:
    refusal = refused(b"a: 1\nb: \xff\xfe\n")

    assert (refusal.reason, refusal.line) == ("not UTF-8", 2)


def test_half_a_character_is_refused() -> None:
    assert refused("a: \ud800\n").line == 1


def test_a_text_of_too_many_bytes_is_refused() -> None:
    refused("a: " + "x" * texts.MAX_TEXT_BYTES)


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 1\nb: [1\n", 3, "flow"),
        ("a: 1\n b: 2\n", 2, "not YAML"),
        ("a: 1\n\tb: 2\n", 2, "not YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, "'a' for the second time"),
        ("a:\n  b: 1\n  'b': 2\n", 3, "'b' for the second time"),
        ("l:\n- {x: 1, x: 2}\n", 2, "'x' for the second time"),
        ("a: 1\n---\nb: 1\n", 2, "second document"),
        ("- 1\n", 1, "no map"),
        ("text\n", 1, "no map"),
        ("~\n", 1, "no map"),
        ("? [1]\n: 2\n", 1, "key"),
        ("? {a: 1}\n: 2\n", 1, "key"),
        ("a: *b\n", 1, "anchor"),
        ("a: &b [*b]\n", 1, "inside its own"),
        ("a: 1\n{{hq.var.X}}: 2\n", 2, "in a key"),
        ("a: {x{{hq.var.X}}: 1}\n", 1, "in a key"),
        ("b: 1\na: &x{{hq.var.X}} 1\n", 2, "in an anchor"),
        ("a: !x{{hq.var.X}} 1\n", 1, "in a tag"),
        ("b: &x 1\na: *x{{hq.var.X}}\n", 2, "in an alias"),
        ("a: 1\nb: {{ hq.vars.X }}\n", 2, "{{ hq"),
        ("a: {{hq.var.1X}}\n", 1, "{{ hq"),
        ("a: {{- hq.var.X }}\n", 1, "{{ hq"),
        ("a: {{hq.var.other.X}}\n", 1, "{{ hq"),
        ("a: 1 # {{hqvar.X}}\n", 1, "{{ hq"),
        ("a: {{\nhq.var.X}}\n", 1, "{{ hq"),
        ('a: "\\{{hq.var.X}}"\n', 1, "not YAML"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_line(text, line, word) -> None:
    refusal = refused(text)

    assert refusal.line == line
    assert word in refusal.reason
    assert str(refusal).startswith(f"{PATH}:{line}: ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "---\n",
        "a: {{hq.var.X}} # {{ hq.var.env.Y }}\n",
        "a: '{{ .Values.b }}'\n",
        "a: =\n=: 1\n",
        "a: &x {b: 1}\nc: *x\nd: {<<: *x}\n",
        "a: !!str 1\n",
        "%YAML 1.2\n---\na: 1\n...\n",
        "a: '{{hq.var.svc.X}}-{{hq.var.tenant.Y}}'\n",
    ],
)
def test_what_people_write_is_accepted(text) -> None:
    assert accepted(text) == text


def test_a_file_may_hold_several_documents() -> None:
    accepted("a: 1\n---\n- 1\n---\ntext\n", path="kustomization.yaml", file=True)


def test_each_document_of_a_file_is_checked() -> None:
    refusal = refused("a: 1\n---\nb: 1\nb: 2\n", path="x.yml", file=True)

    assert refusal.line == 4


def test_the_keys_of_two_documents_are_not_mixed_up() -> None:
    accepted("a: 1\n---\na: 2\n", path="x.yaml", file=True)


def test_a_file_of_plain_text_is_not_read_as_yaml() -> None:
    accepted("a: [\n{{hq.var.X}}: 1\n", path="files/nginx.conf", file=True)
    assert refused("x\n{{ hq.va.X }}\n", path="a.conf", file=True).line == 2


@pytest.mark.parametrize("path", ["a.json", "b/Kustomization", "c.YAML", "d.yml"])
def test_yaml_is_known_by_its_name(path) -> None:
    assert texts.is_yaml_path(path)


@pytest.mark.parametrize("path", ["a.conf", "yaml", "b.yaml/c.txt"])
def test_other_files_are_plain_text(path) -> None:
    assert not texts.is_yaml_path(path)


DEEP = 200_000


@pytest.mark.parametrize(
    "text",
    [
        "[" * DEEP,
        "[\n" * DEEP,
        "a: " + "{a: " * DEEP,
        "- " * DEEP,
        "a: " + "[" * DEEP + "]" * DEEP,
        "a: " + '{"a":' * DEEP,
        "".join(" " * level + "a:\n" for level in range(MAX_DEPTH + 2)),
    ],
    ids=lambda text: text[:8],
)
def test_a_text_too_deep_is_refused_before_it_can_harm(text) -> None:
    assert "levels deep" in refused(text, path="deep.yaml", file=True).reason


@pytest.mark.parametrize("text", ["{" * DEEP, "? " * DEEP, "- ? " * DEEP, "[? " * DEEP])
def test_keys_within_keys_are_refused(text) -> None:
    refused(text, path="deep.yaml", file=True)


def test_the_deepest_text_allowed_is_accepted() -> None:
    accepted("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))


def test_much_text_at_a_deep_level_is_refused() -> None:
    assert "deep" in refused("a: " + "[" * 900 + "1," * 100_000).reason


def test_aliases_that_grow_without_end_are_refused() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    names = "abcdefghijkl"
    for above, name in pairwise(names):
        lines.append(f"{name}: &{name} [{', '.join([f'*{above}'] * 9)}]")

    assert "aliases" in refused("\n".join(lines) + "\n").reason


@pytest.mark.parametrize(
    "value", ["", "x", "a: b\n---\n", "tab\tand é 😀", "{{ .Values.x }}", "{{hq}}", " "]
)
def test_a_value_may_be_any_text(value) -> None:
    texts.check_variable_value(value, key="X")


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("a\r\nb", 1),
        ("a\nb\x1b[0m", 2),
        ("\u2028", 1),
        ("{{hq.var.Y}}", 1),
        ("a\n{{ hq.var.env.", 2),
        ("x" * (texts.MAX_VALUE_BYTES + 1), None),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_value_that_could_do_more_than_stand_there_is_refused(value, line) -> None:
    with pytest.raises(TextRefused) as caught:
        texts.check_variable_value(value, key="X")

    assert (caught.value.path, caught.value.line) == ("X", line)


def test_the_digest_is_that_of_the_bytes() -> None:
    digest = "edd3a863872a04239eb29ad4bc12fc892b3d4ae57cc7e786a3697816f8e141c2"

    assert texts.text_digest("é\n") == digest
