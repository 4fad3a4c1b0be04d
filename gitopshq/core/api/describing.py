"""The API's description: the OpenAPI document, and a page that reads it out."""

from functools import cache
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from gitopshq.core import errors, http
from gitopshq.core.api.views import ApiView

_METHODS: Final = ("get", "post", "put", "patch", "delete")


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document; the same for everybody, made once a process."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    made: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


class Page(BaseRenderer):
    """Lets a browser ask for HTML; the page itself is a template."""

    media_type = "text/html"
    format = "html"


class _Open(ApiView):
    """Readable without signing in, and not described itself."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    schema = None


class Document(_Open):
    def get(self, request: Request) -> Response:
        """Answer with the OpenAPI document, as JSON (which is YAML, too)."""
        return Response(document())


class Docs(_Open):
    renderer_classes = (Page,)

    def get(self, request: Request) -> HttpResponse:
        """Show every operation by subject, the shapes, and the codes of refusals."""
        described = document()
        context = {
            "info": described["info"],
            "subjects": _subjects(described),
            "shapes": _shapes(described),
            "problems": _problems(),
        }
        return render(request._request, "core/api_docs.html", context)  # noqa: SLF001


def _subjects(described: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    subjects: dict[str, list[dict[str, Any]]] = {}
    for path, methods in described["paths"].items():
        for method in filter(methods.__contains__, _METHODS):
            said = _operation(path, method, methods[method])
            subjects.setdefault(said["subject"], []).append(said)
    return dict(sorted(subjects.items()))


def _operation(path: str, method: str, described: dict[str, Any]) -> dict[str, Any]:
    body = described.get("requestBody", {}).get("content", {})
    answers = {
        status: _reference(media)
        for status, answer in described["responses"].items()
        for media in answer.get("content", {"": {}}).values()
        if status != "default"
    }
    return {
        "id": described["operationId"],
        "subject": described["tags"][0],
        "method": method.upper(),
        "path": path,
        "text": described.get("description", ""),
        "parameters": described.get("parameters", []),
        "takes": {media: _reference(shape) for media, shape in body.items()},
        "answers": answers,
    }


def _reference(media: dict[str, Any]) -> str:
    """Return the name of the shape that *media* holds; empty when it has none."""
    return str(media.get("schema", {}).get("$ref", "")).rpartition("/")[2]


def _shapes(described: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [
            {
                "name": field,
                "kind": _kind(shape),
                "is_required": field in schema.get("required", ()),
                "text": shape.get("description", ""),
            }
            for field, shape in schema.get("properties", {}).items()
        ]
        for name, schema in described["components"]["schemas"].items()
    }


def _kind(shape: dict[str, Any]) -> str:
    if "$ref" in shape:
        return _reference({"schema": shape})
    for several in ("oneOf", "anyOf", "allOf"):
        if several in shape:
            return " or ".join(_kind(one) for one in shape[several])
    if shape.get("type") == "array":
        return f"list of {_kind(shape.get('items', {}))}"
    kinds = shape.get("type", "any")
    words = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{words} ({shape['format']})" if "format" in shape else words


def _problems() -> list[dict[str, Any]]:
    """Return status, code and words of every refusal the product knows."""
    found = {
        error.code: {
            "status": http.status_of_family(error),
            "code": error.code,
            "text": error.message,
        }
        for error in _subclasses(errors.DomainError)
        if hasattr(error, "code")
    }
    return sorted(found.values(), key=lambda said: (said["status"], said["code"]))


def _subclasses(error: type[errors.DomainError]) -> list[type[errors.DomainError]]:
    below = [deep for sub in error.__subclasses__() for deep in _subclasses(sub)]
    # Families last, or one that inherits a family's code would speak for it.
    return [*below, error]
