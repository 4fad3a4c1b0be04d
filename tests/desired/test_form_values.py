"""A form made of a chart's schema, over a text that people write by hand."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.desired import form_values
from environments.desired.form_values import fill, read_field
from environments.desired.schema_forms import read_schema
from environments.desired.values import (
    CannotSet,
    diff_values,
    remove_value,
    set_list,
    set_plain,
)

SCHEMA = {
    "$defs": {"port": {"type": "integer", "minimum": 1, "maximum": 65535}},
    "required": ["replicas"],
    "properties": {
        "replicas": {"type": "integer", "minimum": 0, "description": "How many."},
        "ratio": {"type": ["number", "null"]},
        "debug": {"type": "boolean"},
        "level": {"enum": ["info", "warn"], "title": "Log level"},
        "name": {"type": "string", "maxLength": 9},
        "args": {"type": "array", "items": {"type": "string"}},
        "service": {
            "description": "How it is reached.",
            "properties": {"port": {"$ref": "#/$defs/port"}, "more": {}},
        },
        "env": {"type": "object"},
        "hosts": {"type": "array", "items": {"type": "object"}},
        "odd": {"$ref": "#/$defs/odd"},
    },
}
TEXT = """\
# Ours, by hand.

replicas: 2  # enough
debug: false
args:
  # first of all
  - --fast  # really
  - "--level=1"

service:
  # behind the proxy
  port: 8080
  other: kept   # no field
env: {A: 1}
"""
FORM = read_schema(json.dumps(SCHEMA))
FIELDS = {"/".join(field.path): field for field in FORM.every_field()}


def filled(text, **typed):
    """Fill in what is typed into fields that show what *text* says."""
    by_path = {FIELDS[name.replace("__", "/")]: said for name, said in typed.items()}
    return fill(
        text,
        FIELDS.values(),
        shown={field.path: read_field(text, field).value for field in by_path},
        typed={field.path: said for field, said in by_path.items()},
    )


def test_common_types_become_fields_and_the_rest_is_named():
    kinds = {name: field.kind for name, field in FIELDS.items()}

    assert kinds == {
        "replicas": "integer",
        "ratio": "number",
        "debug": "boolean",
        "level": "string",
        "name": "string",
        "args": "list",
        "service/port": "integer",
    }
    assert FIELDS["replicas"].is_required
    assert (FIELDS["replicas"].help, FIELDS["level"].title) == (
        "How many.",
        "Log level",
    )
    assert FIELDS["level"].choices == ("info", "warn")
    assert FIELDS["service/port"].maximum == 65535
    (service,) = FORM.groups
    assert (service.title, service.help) == ("service", "How it is reached.")
    rest = {"/".join(path) for path in FORM.every_rest()}
    assert rest == {"service/more", "env", "hosts", "odd"}


@pytest.mark.parametrize("text", ["", "[]", "{", "{}", '{"properties": {"a": {}}}'])
def test_what_offers_no_field_is_no_form(text):
    assert read_schema(text) is None


def test_a_schema_that_goes_round_in_circles_ends():
    loop = {"$defs": {"a": {"properties": {"x": {"type": "string"}}}}}
    loop["$defs"]["a"]["properties"]["next"] = {"$ref": "#/$defs/a"}

    form = read_schema(json.dumps({**loop, "$ref": "#/$defs/a"}))

    assert 1 < len(list(form.every_field())) < 20


def test_a_schema_that_branches_into_itself_ends_too():
    """A chart is untrusted: eight levels of ten would be a hundred million groups."""
    inner = {f"p{number}": {"$ref": "#/$defs/a"} for number in range(10)}
    tree = {"$defs": {"a": {"properties": inner}}, "$ref": "#/$defs/a"}

    assert read_schema(json.dumps(tree)) is None


def test_bounds_beyond_all_numbers_are_none():
    schema = """{"properties": {
        "a": {"type": "string", "minLength": NaN, "maxLength": 1e999},
        "b": {"type": "integer", "minimum": 1%s, "enum": [5, null]}
    }}""" % ("0" * 400)

    a, b = read_schema(schema).every_field()

    assert (a.shortest, a.longest, b.minimum, b.choices) == (0, None, None, ("5",))
    assert (a.problem("any"), b.problem("5")) == ("", "")


def test_a_placeholder_in_a_list_excuses_its_own_line_alone():
    items = {"type": "array", "items": {"type": "integer"}}
    (field,) = read_schema(json.dumps({"properties": {"ports": items}})).every_field()

    assert field.problem("{{hq.var.PORT}}\n8080") == ""
    assert field.problem("{{hq.var.PORT}}\nmany") == "line 2 is no whole number"


def test_every_byte_that_no_field_changed_stays():
    """Comments, order, quotes: only the changed values differ."""
    done = filled(
        TEXT,
        replicas="5",
        debug="true",
        args="--fast\n--new one\n--level=1",
        service__port="{{hq.var.PORT}}",
        level="warn",
    )

    assert not done.problems
    assert done.text == TEXT.replace("replicas: 2  #", "replicas: 5  #").replace(
        "debug: false", "debug: true"
    ).replace("# really\n", '# really\n  - "--new one"\n').replace(
        "port: 8080", "port: {{hq.var.PORT}}"
    ).replace("env: {A: 1}\n", "env: {A: 1}\nlevel: warn\n")


def test_an_emptied_field_is_left_to_the_broader_layers():
    done = filled(TEXT, replicas="", args="", service__port=" ")

    assert done.text == (
        "# Ours, by hand.\n\ndebug: false\n\nservice:\n"
        "  other: kept   # no field\nenv: {A: 1}\n"
    )
    assert not done.problems
    assert {change.action for change in diff_values(TEXT, done.text)} <= {
        "removed",
        "text",
    }


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("replicas", "two", "no whole number"),
        ("replicas", "-1", "less than 0"),
        ("ratio", "1,5", "no number"),
        ("debug", "yes", "none of true, false"),
        ("level", "loud", "none of info, warn"),
        ("name", "far too long", "more than 9"),
        ("service__port", "70000", "more than 65535"),
    ],
)
def test_what_a_field_may_not_hold_is_said_and_not_written(name, typed, said):
    done = filled(TEXT, **{name: typed})

    (problem,) = done.problems.values()
    assert said in problem
    assert done.text == TEXT


def test_a_field_and_the_text_changed_at_once_are_left_to_the_person():
    port = FIELDS["service/port"]
    text = TEXT.replace("8080", "9090")

    done = fill(text, [port], shown={port.path: "8080"}, typed={port.path: "7070"})
    agreed = fill(text, [port], shown={port.path: "8080"}, typed={port.path: "9090"})

    assert "the text says 9090" in done.problems[port.path]
    assert done.text == text
    assert (agreed.text, agreed.problems) == (text, {})


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("replicas: &n 2\nname: *n\n", "replicas"),
        ("args: 3\n", "args"),
        ("args:\n  - a: 1\n", "args"),
        ("name: |\n  two\n  lines\n", "name"),
        ("service: 3\n", "service/port"),
    ],
)
def test_what_a_form_cannot_show_stays_in_the_text(text, name):
    assert read_field(text, FIELDS[name]).why_not
    done = fill(
        text,
        [FIELDS[name]],
        shown={FIELDS[name].path: ""},
        typed={FIELDS[name].path: "1"},
    )
    assert done.text == text
    assert done.problems


def test_many_fields_of_a_long_text_are_written_in_several_goes(monkeypatch):
    """Each reads the text again: a form of 150 would hold a page for minutes."""
    monkeypatch.setattr(form_values, "_MOST_READ", len(TEXT))
    typed = {"replicas": "5", "debug": "true", "service__port": "99"}

    first = filled(TEXT, **typed)
    second = filled(first.text, **typed)

    assert [path[-1] for path in first.problems] == ["port"]
    assert "replicas: 5" in first.text
    assert not second.problems
    assert "port: 99" in second.text


def test_lists_and_keys_that_have_no_lines_of_their_own_are_refused():
    flow = "limits: {cpu: 1, args: [a, # why\n  b]}\n"

    for step in (
        lambda: remove_value(flow, ("limits", "cpu")),
        lambda: set_list(flow, ("limits", "args"), ["c"]),
        lambda: set_list(flow, ("limits", "cpu"), ["c"]),
    ):
        with pytest.raises(CannotSet):
            step()
    assert set_list("a: [x]  # c\n", ("a",), ["y"]) == "a: [y]  # c\n"
    assert set_plain("a:\n", ("a", "b"), "3") == "a:\n  b: 3\n"


WORDS = st.text("abz:#-'\"{}[], 01", min_size=1, max_size=8)


@given(
    st.lists(WORDS.filter(str.strip), min_size=1, max_size=4),
    st.integers(0, 9),
    WORDS,
)
def test_whatever_is_typed_is_what_the_form_shows_then(items, count, name):
    """And every comment of the text is still there."""
    wanted = [item.strip() for item in items]

    done = filled(TEXT, args="\n".join(wanted), replicas=str(count), name=name)

    assert not done.problems
    assert read_field(done.text, FIELDS["args"]).value == "\n".join(wanted)
    assert read_field(done.text, FIELDS["name"]).value == name.strip()
    assert read_field(done.text, FIELDS["replicas"]).value == str(count)
    for comment in ("# Ours, by hand.", "# enough", "# behind", "# no field"):
        assert comment in done.text
