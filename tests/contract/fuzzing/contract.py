"""The operations that the API describes, and what an answer must be like to hold it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import yaml
from jsonschema import Draft202012Validator, FormatChecker

ROOT: Final = Path(__file__).parents[3]
PROBLEM: Final = "application/problem+json"
TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
FORMATS: Final = FormatChecker(formats=())

Schema = dict[str, Any]


def _is_utc(value: object) -> bool:
    return not isinstance(value, str) or TIME.fullmatch(value) is not None


FORMATS.checks("date-time")(_is_utc)


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    described: Schema

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def parameters(self, where: str) -> dict[str, Schema]:
        """Return the schemas of parameters in the path, the query or the headers."""
        listed = self.described.get("parameters", [])
        return {one["name"]: one["schema"] for one in listed if one["in"] == where}

    @property
    def required(self) -> set[str]:
        """Return the names of the parameters that must be there."""
        listed = self.described.get("parameters", [])
        return {one["name"] for one in listed if one.get("required")}

    @property
    def body(self) -> tuple[str, Schema] | None:
        """Return the media type that it takes, and the schema."""
        content = self.described.get("requestBody", {}).get("content", {})
        return next(((kind, told["schema"]) for kind, told in content.items()), None)

    @cached_property
    def promised(self) -> Mapping[str, Mapping[str, Schema | None]]:
        """What it may answer where it does not refuse: schema by status and type."""
        return {
            status: {
                kind: told.get("schema")
                for kind, told in response.get("content", {}).items()
            }
            for status, response in self.described["responses"].items()
            if status != "default"
        }


@cache
def document() -> Schema:
    """Return the description, in which objects hold nothing that is not described."""
    read = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text("utf-8"))
    for schema in _schemas(read["components"]["schemas"]):
        # What allOf adds up is one object of several: each sees only its part.
        if "properties" in schema:
            schema.setdefault("unevaluatedProperties", False)
    return dict(read)


def operations() -> list[Operation]:
    """Return every operation there is."""
    return [
        Operation(method.upper(), path, described)
        for path, methods in document()["paths"].items()
        for method, described in methods.items()
    ]


def complaint(operation: Operation, response: Any) -> str:
    """Say what is wrong with an answer; empty where it keeps what is promised."""
    operation = _asked(operation, response.wsgi_request.method)
    status = response.status_code
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    content = response.getvalue()
    if status >= 500:
        return f"{status}: {content[:300]!r}"
    if response.wsgi_request.method == "HEAD":
        return _complaint_about_head(operation, status, kind, content)
    if status >= 400:
        return _complaint_about_problem(status, kind, content)
    return _complaint_about_answer(operation, status, kind, content)


def _asked(operation: Operation, method: str) -> Operation:
    """Return the operation that a method at the same path is; one of no answers."""
    described = document()["paths"][operation.path]
    sought = "get" if method == "HEAD" else method.lower()
    return Operation(method, operation.path, described.get(sought, {"responses": {}}))


def _complaint_about_head(
    operation: Operation, status: int, kind: str, content: bytes
) -> str:
    if content:
        return f"{status} to HEAD has a body"
    known = {PROBLEM} if status >= 400 else operation.promised.get(str(status), ())
    return "" if kind in known else f"{status} to HEAD is {kind or 'of no type'}"


def _complaint_about_problem(status: int, kind: str, content: bytes) -> str:
    if kind != PROBLEM:
        return f"{status} is {kind or 'of no type'}: {content[:200]!r}"
    problem = json.loads(content)
    if problem.get("status") != status:
        return f"{status} says {problem.get('status')}"
    return _first(problem, {"$ref": "#/components/schemas/Problem"}, status)


def _complaint_about_answer(
    operation: Operation, status: int, kind: str, content: bytes
) -> str:
    if str(status) not in operation.promised:
        return f"{status} is not described"
    if status in {204, 304}:
        return f"{status} has a body" if content else ""
    by_kind = operation.promised[str(status)]
    if kind not in by_kind:
        return f"{status} is {kind or 'of no type'}, described are {sorted(by_kind)}"
    schema = by_kind[kind]
    if "json" not in kind or kind.endswith("ndjson") or schema is None:
        content.decode()
        return ""
    return _first(json.loads(content), schema, status)


def _first(value: Any, schema: Schema, status: int) -> str:
    for error in _validator(json.dumps(schema)).iter_errors(value):
        return f"{status} at {error.json_path}: {error.message[:300]}"
    return ""


@cache
def _validator(schema: str) -> Draft202012Validator:
    whole = {**json.loads(schema), "components": document()["components"]}
    return Draft202012Validator(whole, format_checker=FORMATS)


def _schemas(found: Any) -> Iterator[Schema]:
    """Yield every schema but those that are added to others."""
    if isinstance(found, list):
        found = dict(enumerate(found))
    if not isinstance(found, dict):
        return
    yield found
    for name, below in found.items():
        if name != "allOf":
            yield from _schemas(below)
