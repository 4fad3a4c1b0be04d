"""Custom resources against the definitions that are rendered with them."""

import time
from dataclasses import replace

import pytest

from delivery.rendering.custom import CustomJob
from delivery.rendering.custom_validation import check_custom
from delivery.rendering.documents import read_documents, split
from delivery.rendering.limits import Limits
from delivery.rendering.structural import MAX_LEVELS
from delivery.rendering.warmchild import RenderChild

HEAD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gates.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Gate, plural: gates}
  versions:
"""
SPEC = """\
size: {type: integer, minimum: 1, maximum: 9, exclusiveMaximum: true},
port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]},
mode: {type: string, enum: [open, closed], default: open},
note: {type: string, nullable: true, maxLength: 3},
host: {type: string, pattern: '^[a-z.]+$'},
tags: {type: object, additionalProperties: {type: string}},
free: {type: object, x-kubernetes-preserve-unknown-fields: true,
  properties: {a: {type: object, properties: {b: {type: string}}}}},
pod: {type: object, x-kubernetes-embedded-resource: true,
  properties: {spec: {type: object, properties: {c: {type: string}}}}},
way: {type: object, properties: {by: {type: string}, to: {type: string}},
  oneOf: [{required: [by]}, {required: [to]}]},
rows: {type: array, items: {type: object, required: [id],
  properties: {id: {type: string}}}}
"""
GATE = "apiVersion: example.com/v1\nkind: Gate\nmetadata: {name: g}\nspec: {%s}\n"


def version(spec, name="v1", served="true"):
    indented = spec.replace("\n", "\n        ")
    return (
        f"  - name: {name}\n    served: {served}\n    storage: true\n"
        "    schema:\n      openAPIV3Schema: {type: object, properties: {spec: {\n"
        f"        type: object, properties: {{{indented}}}}}}}}}\n"
    )


def documents(text):
    return [found for chunk in split(text) for found in read_documents(chunk)]


def job(resources, *definitions, kubernetes="1.33"):
    rows = tuple(("web", document) for document in documents(resources))
    return CustomJob("kinds", "kinds.yaml", kubernetes, definitions, rows)


DEFINITION = HEAD + version(SPEC)


def told(spec, *definitions):
    result = check_custom(job(GATE % spec, *(definitions or (DEFINITION,))))
    assert bool(result.valid) != bool(result.errors)
    return [error.message.removeprefix("Gate g: ") for error in result.errors]


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "size: 1, port: http, mode: null, note: null, host: a.b, tags: {x: z}",
        "free: {anything: [1], a: {b: c}}, port: 80, rows: [{id: a}], way: {by: a}",
        "pod: {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {c: d}}",
    ],
)
def test_what_a_definition_takes_is_valid(spec):
    assert told(spec) == []


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("size: 9", "/spec/size breaks the rule exclusiveMaximum"),
        ("size: 0", "/spec/size must be at least 1"),
        ("size: '1'", "/spec/size must be an integer"),
        ("size: null", "/spec/size must be an integer"),
        ("sizes: 1", "/spec has no field sizes"),
        ("mode: shut", "/spec/mode must be open or closed"),
        ("note: long", "/spec/note must be at most 3 characters long"),
        ("host: A", "/spec/host must match ^[a-z.]+$"),
        ("tags: {x: 1}", "/spec/tags/x must be a string"),
        ("free: {a: {c: d}}", "/spec/free/a has no field c"),
        ("pod: {spec: {d: e}}", "/spec/pod/spec has no field d"),
        (
            "pod: {metadata: {labels: {a: 1}}}",
            "/spec/pod/metadata/labels/a must be a string",
        ),
        ("way: {by: a, to: b}", "/spec/way fits several alternatives"),
        ("way: {}", "/spec/way fits no alternative"),
        ("rows: [{}]", "/spec/rows/0 lacks the required field id"),
    ],
)
def test_what_a_definition_refuses_is_said_with_its_place(spec, words):
    """As a cluster says it: unknown fields too, and never what stands there."""
    assert told(spec) == [f"{words} (its definition)"]


def test_a_version_that_is_not_served_is_refused():
    old = HEAD + version(SPEC, "v2") + version(SPEC, served="false")
    assert told("", old) == ["its definition does not serve version v1"]


@pytest.mark.parametrize(
    "definition",
    [
        HEAD.replace("kind: Gate,", "kind: Door,") + version(SPEC),
        HEAD.replace("group: example.com", "group: other.com") + version(SPEC),
        HEAD + "  - {name: v1, served: true, storage: true}\n",
        HEAD + version("host: {type: string, pattern: '(?=a)'}"),
        HEAD + version("host: {type: string, pattern: '((a{900}){900}){900}'}"),
        HEAD
        + version("a: " + "{properties: {a: " * MAX_LEVELS + "1" + "}}" * MAX_LEVELS),
        HEAD + version("a: {oneOf: 3}"),
        HEAD + version("a: {type: 3}"),
        HEAD.replace("  versions:\n", "  versions: 3\n"),
        "a: [",
    ],
    ids=str,
)
def test_what_has_no_usable_schema_is_not_validated(definition):
    """It is neither fine nor wrong: the gate counts and names it."""
    result = check_custom(job(GATE % "size: x", definition))
    assert (result.valid, result.errors) == ((), ())


def test_a_reference_of_a_definition_is_not_followed():
    """Nothing outside the definition is read, and nobody is dialled."""
    definition = HEAD + version("a: {$ref: 'http://127.0.0.1:1/schema', type: string}")
    assert told("a: b", definition) == []


BOMBS = ["^(a|aa)+$", "^(a*)*b$", "^(.*a){900}$", "^((a?){900}){3}a{900}$"]


@pytest.mark.parametrize("pattern", BOMBS)
def test_a_pattern_takes_time_in_proportion_to_the_text(pattern):
    """S12 of the security notes: the engine of patterns never goes back."""
    definition = HEAD + version(f"host: {{type: string, pattern: '{pattern}'}}")
    began = time.process_time()
    check_custom(job(GATE % f"host: {'a' * 20_000}!", definition))
    assert time.process_time() - began < 10


def test_definitions_that_take_too_long_end_with_their_child(data_dir):
    """Thousands of large patterns: an error with a name, and the next job is fine."""
    one = "type: string, pattern: '^[^a{}]{{600}}.{{300}}$'"
    heavy = ",\n".join(
        f"f{number}: {{{one.format(chr(0x4E00 + number))}}}" for number in range(1_000)
    )
    child = RenderChild(data_dir, replace(Limits(), cpu_seconds=1))
    try:
        stopped = child.check(job(GATE % "", HEAD + version(heavy)))
        fine = child.check(job(GATE % "size: 1", DEFINITION))
    finally:
        child.stop()
    (error,) = stopped.errors
    assert (error.unit, error.file) == ("kinds", "kinds.yaml")
    assert error.reason == "memory", "a child that spent its time is gone"
    assert fine.valid == (0,)
