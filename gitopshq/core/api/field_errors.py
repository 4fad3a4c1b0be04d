"""The errors of serializers as a flat list with JSON Pointers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rest_framework.settings import api_settings

from gitopshq.core.errors import FieldError
from gitopshq.core.naming import pointer


def flatten(detail: Any) -> tuple[FieldError, ...]:
    """Return every error in *detail*, the ``detail`` of a DRF ``ValidationError``."""
    return tuple(_walk(detail, ()))


def summary(errors: Sequence[FieldError]) -> str:
    """Return one line for a reader: the first error, and how many more there are."""
    if not errors:
        return "the request is not valid"
    first, *rest = errors
    place = f"{first.pointer}: " if first.pointer else ""
    more = f" (and {len(rest)} more)" if rest else ""
    return f"{place}{first.detail}{more}"


def _walk(detail: Any, place: tuple[str | int, ...]) -> Iterator[FieldError]:
    if isinstance(detail, Mapping):
        for key, below in detail.items():
            is_own = key == api_settings.NON_FIELD_ERRORS_KEY
            yield from _walk(below, place if is_own else (*place, key))
    elif isinstance(detail, list | tuple):
        for index, item in enumerate(detail):
            is_nested = isinstance(item, Mapping | list | tuple)
            yield from _walk(item, (*place, index) if is_nested else place)
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield FieldError(pointer(*place), code, str(detail))
