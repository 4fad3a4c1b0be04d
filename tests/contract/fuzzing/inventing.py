"""Values for a schema: such as fit it, such as nearly fit, and such as never do.

A name that a shop knows is drawn from what is there, more often than not: an invented
one leads nowhere.
"""

import json
import string
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Final

from tests.contract.fuzzing.contract import Schema, document

Pool = Mapping[str, Sequence[Any]]
"""What the shop knows, by the name of a property or parameter."""

LONGEST: Final = 1_000_000
TIMES: Final = (
    *("2026-02-29T00:00:00Z", "2028-02-29T00:00:00Z", "2026-03-29T02:30:00+01:00"),
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"),
    *("9999-12-31T23:59:59-12:00", "2026-12-31T23:59:60Z", "2026-01-01", "12:00"),
    *("2026-01-01T00:00:00", "2026-01-01T24:00:00Z", "+10000-01-01T00:00:00Z"),
    *("2026-01-01T00:00:00.123456789Z", "2026-13-01T00:00:00Z", "now", "0", "∞"),
    *("-2026-01-01T00:00:00Z", "1970-01-01T00:00:00+99:99", "2026-01-01t00:00:00z"),
)
NUMBERS: Final = (
    *(-1, 0, 1, 2**15, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1),
    *(10**30, 10**400, 0.5, 1e308, -0.0, True, "1", "1e3", "٣", "0x10", "1_0", " 1"),
)
TEXTS: Final = (
    *("", " ", "\t", "\n", "\r\n", "a\x00b", "\x00", "\x1b[31m", "\x7f", "\x85"),
    *(
        "\u2028",
        "\ufeff",
        "\u202e",
        chr(0xD800),
        f"a{chr(0xDFFF)}b",
        "\ufffe",
        "💥" * 40,
    ),
    *("..", "../../etc/passwd", "/", "a/b", "a\\b", "%00", "%2e%2e", "{{hq.var.X}}"),
    *("{{ hq", "{{ .Values }}", "{% now %}", "'", '"', "';--", "<script>", "NULL"),
    *("javascript:alert(1)", "=1+1", "*", "%s", "{0}", "__proto__", "constructor"),
    *(
        "a: [",
        "- 1\n",
        "a: &a [*a]\n",
        "---\n---\n",
        "!!python/object:x {}",
        "[" * 5000,
    ),
    *("2026-01-01", "true", "null", "1e999", "NaN", "Infinity", "-0"),
)


def fitting(schema: Schema, name: str, pool: Pool, random: Random) -> Any:
    """Return a value that keeps to *schema*."""
    schema = resolved(schema)
    if "enum" in schema:
        return random.choice(schema["enum"])
    if choices := schema.get("oneOf"):
        return fitting(random.choice(choices), name, pool, random)
    if known := pool.get(schema.get("format", ""), pool.get(name)):
        return random.choice(known)
    kinds = schema.get("type", "object")
    kind = random.choice(kinds) if isinstance(kinds, list) else kinds
    return _MAKERS[kind](schema, name, pool, random)


def strange(schema: Schema, random: Random) -> Any:
    """Return a value that hardly anybody expects; some of them fit."""
    kinds = str(resolved(schema).get("type", ""))
    near: list[Callable[[], Any]] = [lambda: random.choice(TEXTS)]
    if "integer" in kinds:
        near = [lambda: random.choice(NUMBERS)]
    if resolved(schema).get("format") == "date-time":
        near = [lambda: random.choice(TIMES)]
    if "array" in kinds:
        near = [lambda: [random.choice(TEXTS)], lambda: [None] * 3000, lambda: [[]]]
    if "object" in kinds:
        near = [lambda: {random.choice(TEXTS): random.choice(TEXTS)}]
    far: list[Callable[[], Any]] = [
        lambda: random.choice(TEXTS),
        lambda: random.choice(NUMBERS),
        lambda: random.choice(TIMES),
        lambda: random.choice((None, True, False, [], {}, [[[]]], {"a": {"b": 1}})),
        lambda: random.choice("aé💥 \n") * random.choice((41, 101, 257, 70_000)),
        lambda: "x" * LONGEST,
        lambda: nested(random.choice((20, 300))),
    ]
    return random.choice([*near * 4, *far])()


def nested(depth: int) -> Any:
    """Return lists and maps in one another."""
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


def sent(value: Any) -> bytes:
    """Return *value* as JSON; half characters go as escapes."""
    return json.dumps(value).encode()


def resolved(schema: Schema) -> Schema:
    """Follow references, and put together what ``allOf`` adds up."""
    while reference := schema.get("$ref"):
        schema = document()["components"]["schemas"][reference.rpartition("/")[2]]
    if "allOf" in schema:
        parts = [resolved(part) for part in schema["allOf"]]
        return {name: told for part in parts for name, told in part.items()}
    return schema


def properties(schema: Schema) -> dict[str, Schema]:
    """Return what an object may hold."""
    return dict(resolved(schema).get("properties", {}))


def _object(schema: Schema, name: str, pool: Pool, random: Random) -> Any:
    held, needed = properties(schema), schema.get("required", [])
    if not held:
        below = schema.get("additionalProperties", {}) or {}
        texts = below if isinstance(below, dict) else {}
        return {_word(random): fitting({"type": "string", **texts}, "", pool, random)}
    some = random.choice((0.2, 0.5, 1.0))
    return {
        one: fitting(below, one, pool, random)
        for one, below in held.items()
        if one in needed or random.random() < some
    }


def _array(schema: Schema, name: str, pool: Pool, random: Random) -> Any:
    many = random.randint(schema.get("minItems", 0), 3)
    return [fitting(schema.get("items", {}), name, pool, random) for _ in range(many)]


def _text(schema: Schema, name: str, pool: Pool, random: Random) -> Any:
    if schema.get("format") == "date-time":
        return f"20{random.randint(10, 80)}-0{random.randint(1, 9)}-10T00:00:00Z"
    return _word(random)[: schema.get("maxLength")]


def _number(schema: Schema, name: str, pool: Pool, random: Random) -> Any:
    least = schema.get("minimum", 0)
    return random.randint(least, min(schema.get("maximum", 50), least + 50))


def _word(random: Random) -> str:
    return "".join(random.choices(string.ascii_lowercase, k=random.randint(1, 8)))


_MAKERS: Final[dict[str, Callable[[Schema, str, Pool, Random], Any]]] = {
    "object": _object,
    "array": _array,
    "string": _text,
    "integer": _number,
    "number": _number,
    "boolean": lambda *given: given[-1].random() < 0.5,
    "null": lambda *_: None,
}
