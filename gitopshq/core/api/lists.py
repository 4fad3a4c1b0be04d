"""Lists by keyset: a page is found by the last row seen, never by counting rows."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.http import QueryDict

from gitopshq.core.errors import ValidationError

RowT = TypeVar("RowT", bound=Model)

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200


def page_of(
    rows: QuerySet[RowT], query: QueryDict, *, order: Sequence[str] = ("-pk",)
) -> tuple[list[RowT], str | None]:
    """Return the rows asked for by ``limit`` and ``cursor``, and the next cursor.

    *order* names fields that are never null, ends in ``pk`` or ``-pk``, and may
    follow foreign keys (``environment__rank``).

    :raises ValidationError: when a parameter is not one of ours.
    """
    assert order[-1].lstrip("-") == "pk", "an order must be total"
    limit = _limit_of(query)
    if cursor := query.get("cursor"):
        rows = rows.filter(_after(rows.model, order, _decode(cursor, order)))
    found = list(rows.order_by(*order)[: limit + 1])
    if len(found) <= limit:
        return found, None
    return found[:limit], _encode(found[limit - 1], order)


def _limit_of(query: QueryDict) -> int:
    given = query.get("limit", str(DEFAULT_LIMIT))
    if not (given.isascii() and given.isdigit() and len(given) <= len(str(MAX_LIMIT))):
        raise ValidationError.of("/limit", f"say a number from 1 to {MAX_LIMIT}")
    limit = int(given)
    if not 1 <= limit <= MAX_LIMIT:
        raise ValidationError.of("/limit", f"say a number from 1 to {MAX_LIMIT}")
    return limit


def _encode(row: Model, order: Sequence[str]) -> str:
    values = [_plain(_value_of(row, name.lstrip("-"))) for name in order]
    content = json.dumps([",".join(order), *values], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def _decode(cursor: str, order: Sequence[str]) -> list[Any]:
    values: list[Any]
    try:
        content = base64.b64decode(
            cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True
        )
        known, *values = list(json.loads(content))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise _wrong_cursor() from None
    if known != ",".join(order) or len(values) != len(order):
        raise _wrong_cursor()
    return values


def _after(model: type[Model], order: Sequence[str], values: Sequence[Any]) -> Q:
    """Return the condition: behind the row with *values* in *order*."""
    behind, same = Q(), Q()
    for name, value in zip(order, values, strict=True):
        path = name.lstrip("-")
        python_value = _parsed(_field_of(model, path), value)
        step = "lt" if name.startswith("-") else "gt"
        behind |= same & Q(**{f"{path}__{step}": python_value})
        same &= Q(**{path: python_value})
    return behind


def _parsed(field: "Field[Any, Any]", value: Any) -> Any:
    if not isinstance(value, str | int | float):
        raise _wrong_cursor()
    try:
        parsed = field.to_python(value)
        # A number that no column holds would be the database's error, not ours.
        field.run_validators(parsed)
    except (DjangoValidationError, ValueError, OverflowError, TypeError):
        raise _wrong_cursor() from None
    if isinstance(parsed, str) and "\x00" in parsed:
        raise _wrong_cursor()
    return parsed


def _field_of(model: type[Model], path: str) -> "Field[Any, Any]":
    *relations, last = path.split("__")
    for relation in relations:
        related = model._meta.get_field(relation).related_model
        assert isinstance(related, type), f"{relation} leads to no model"
        model = related
    if last == "pk":
        return model._meta.pk
    field = model._meta.get_field(last)
    if not isinstance(field, Field):
        raise FieldDoesNotExist(f"{path} cannot order a list")
    return field


def _value_of(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def _plain(value: Any) -> Any:
    # Django's own JSON encoder cuts microseconds, and a cursor must not skip rows.
    return value.isoformat() if isinstance(value, date | datetime) else value


def _wrong_cursor() -> ValidationError:
    return ValidationError.of("/cursor", "this is no cursor of this list")
