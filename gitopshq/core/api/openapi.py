"""How the API is described: one decorator for operations, and what all share.

The description is made from the code by drf-spectacular; ``docs/openapi.yaml`` is
its committed copy.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from gitopshq.core import http
from gitopshq.core.api import idempotency, lists
from gitopshq.core.naming import camel

HandlerT = TypeVar("HandlerT", bound=Callable[..., Any])
Shape = type[serializers.BaseSerializer[Any]]

_PROBLEM: Final = "Problem"
_COLUMN_BOUNDS: Final = frozenset(
    bound for bits in (15, 31, 63) for bound in (-(2**bits), 2**bits - 1)
)
_ANYTHING_OR_NULL: Final = [{}, {"type": "null"}]
_LIST_PARAMETERS: Final = (
    OpenApiParameter("cursor", str, description="The `next` of the page before."),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": lists.MAX_LIMIT, "default": 50},
        description="How many items at most.",
    ),
)
_IDEMPOTENCY_KEY: Final = OpenApiParameter(
    idempotency.HEADER,
    {"type": "string", "minLength": 1, "maxLength": 255},
    OpenApiParameter.HEADER,
    description="The same key with the same body does its work once and gets the same "
    "answer for 24 hours, whatever dies meanwhile; 409 `concurrent_update` while the "
    "first request runs.",
)
_UNCHANGED: Final = "304"
_IF_MATCH: Final = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` of the version that is meant; another one gets 412.",
)


def operation(
    *,
    gives: Shape | None = None,
    takes: Shape | Mapping[str, Any] | None = None,
    status: int = 200,
    is_list: bool = False,
    may_list: bool = False,
    filters: Shape | None = None,
    other: Mapping[Any, Any] | None = None,
) -> Callable[[HandlerT], HandlerT]:
    """Describe a method of an ``ApiView``; its docstring is the operation's summary.

    *takes* is the body (by media type where it is not JSON), *gives* the answer or,
    with *is_list*, an item, or with *may_list* one of both; *filters* the query
    string; *other* further responses, or all where nothing is given, by status, or by
    status and media type.
    """
    answer: Any = gives or OpenApiResponse(description="Done.")
    parameters: list[Any] = [filters] if filters else []
    if is_list or may_list:
        assert gives is not None, "a list has items"
        answer = _page_of(answer)
    if is_list:
        parameters += _LIST_PARAMETERS
    elif may_list:
        name = type(answer).__name__.removesuffix("Page") + "OrPage"
        either: list[Any] = [gives, answer]
        answer = PolymorphicProxySerializer(name, either, None)
    responses = {} if gives is None and other else {status: answer}
    return extend_schema(
        request=takes,
        responses={**responses, **(other or {})},
        parameters=parameters,
    )


class Description(AutoSchema):
    """Names operations by method and path, and adds the headers all of them know."""

    def get_operation_id(self) -> str:
        """Return ``postProjectsTargets`` for POST ``/projects/{project}/targets``."""
        path = re.sub(r"^/api/v1/", "", self.path)
        words = re.sub(r"\W+", "_", path).strip("_")
        return camel(f"{self.method.lower()}_{words}")

    def get_tags(self) -> list[str]:
        """Return what the operation is about: the last fixed word of its object."""
        words = [
            word
            for word in self.path.removeprefix("/api/v1/").split("/")
            if word and not word.startswith("{")
        ]
        return [words[1] if words[0] == "projects" and len(words) > 1 else words[0]]

    def get_override_parameters(self) -> list[Any]:
        """Return the headers: idempotency for POST, preconditions for the rest."""
        if self.method == "POST":
            return [_IDEMPOTENCY_KEY]
        if self.method in {"PUT", "PATCH", "DELETE"}:
            return [_IF_MATCH]
        return []


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The token, in the description."""

    target_class = "gitopshq.core.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "`Authorization: Bearer gohq_…`, limited by its scopes.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session, in the description."""

    target_class = "gitopshq.core.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "Unsafe methods also need the header `X-CSRFToken`.",
        }


def describe_problems(
    result: dict[str, Any], generator: Any, request: Any, public: object
) -> dict[str, Any]:
    """Add to each operation what all answer: unchanged, and the problem document."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})[_PROBLEM] = _problem_schema()
    components.setdefault("responses", {})[_PROBLEM] = {
        "description": "A refusal (RFC 9457); `code` says which.",
        "content": {
            http.PROBLEM_TYPE: {"schema": {"$ref": f"#/components/schemas/{_PROBLEM}"}}
        },
    }
    _tidy(result)
    for methods in result.get("paths", {}).values():
        for method, described in methods.items():
            if method == "get":
                described["responses"][_UNCHANGED] = {
                    "description": "The answer that `If-None-Match` names still holds."
                }
            described["responses"]["default"] = {
                "$ref": f"#/components/responses/{_PROBLEM}"
            }
    return result


def _tidy(described: Any) -> None:
    """Drop marks for hooks we do without, and bounds that differ by database.

    And the choice between anything and null, of which null would be both.
    """
    if isinstance(described, dict):
        described.pop("x-spec-enum-id", None)
        if described.get("oneOf") == _ANYTHING_OR_NULL:
            del described["oneOf"]
        if "integer" in described.get("type", ()):
            described.pop("format", None)
            for bound in ("minimum", "maximum"):
                if described.get(bound) in _COLUMN_BOUNDS:
                    del described[bound]
        described = list(described.values())
    if isinstance(described, list):
        for below in described:
            _tidy(below)


@cache
def _page_of(item: Shape) -> Any:
    return inline_serializer(
        f"{item.__name__.removesuffix('Serializer')}Page",
        {
            "items": item(many=True),
            "next": serializers.CharField(
                allow_null=True, help_text="Pass as `cursor`; null at the end."
            ),
        },
    )


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    wrong = {
        "type": "object",
        "properties": {
            "pointer": {**text, "description": "JSON Pointer into the body."},
            "code": text,
            "detail": text,
            "file": text,
            "line": {"type": "integer", "minimum": 1},
        },
        "required": ["pointer", "code", "detail"],
    }
    return {
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "code": text,
            "requestId": text,
            "errors": {"type": "array", "items": wrong},
            "details": {"type": "object"},
        },
        "required": ["type", "title", "status", "detail", "code", "requestId"],
    }
