"""Copying rows under new keys and new names."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db.models import ForeignKey, JSONField, Model

STRIDE: Final = 100_000
"""Between the key of a row and that of its first copy, and so on."""

_NAMES: Final = re.compile(
    r"\b(?P<tenant>acme|globex|initech)\b(?!\.example)"
    r"|(?P<release>\bR-|/releases/)(?P<number>\d+)\b"
    r"|(?P<item>\?item=)(?P<key>\d+)\b"
)


class Copy:
    """The copy of that number (2 is the first one) of many rows."""

    def __init__(self, number: int, releases: int) -> None:
        self.number = number
        self.releases = releases * (number - 1)
        self.shift = STRIDE * (number - 1)
        self._copied: dict[type[Model], set[Any]] = defaultdict(set)

    def key(self, model: type[Model], key: Any) -> Any:
        """Return the key of the copy of a row, or its own where it has none."""
        return key + self.shift if key in self._copied[model] else key

    def named(self, value: Any) -> Any:
        """Return a JSON value with the names of the copied tenants and releases."""
        if isinstance(value, str):
            return _NAMES.sub(self._name, value)
        if isinstance(value, dict):
            return {self.named(name): self.named(held) for name, held in value.items()}
        if isinstance(value, list):
            return [self.named(held) for held in value]
        return value

    def rows(self, originals: Iterable[Any]) -> list[Any]:
        """Return copies of rows of one model, not saved yet."""
        originals = list(originals)
        if originals:
            model = type(originals[0])
            self._copied[model] |= {row.pk for row in originals}
        return [self._row(row) for row in originals]

    def _row(self, row: Model) -> Model:
        return type(row)(
            **{
                field.attname: self._value(row, field)
                for field in row._meta.concrete_fields
            }
        )

    def _value(self, row: Model, field: Any) -> Any:
        value = getattr(row, field.attname)
        if field.primary_key:
            return value + self.shift
        if isinstance(field, ForeignKey):
            return self.key(field.related_model, value)
        if isinstance(field, JSONField) or isinstance(value, str):
            return self.named(value)
        return value

    def _name(self, found: re.Match[str]) -> str:
        if tenant := found["tenant"]:
            return f"{tenant}-{self.number}"
        if found["item"]:
            return f"{found['item']}{int(found['key']) + self.shift}"
        return f"{found['release']}{int(found['number']) + self.releases}"


def save(rows: list[Any]) -> None:
    """Save copies of one model with the times of their originals."""
    if rows:
        with _clock_of_rows(type(rows[0])):
            type(rows[0])._base_manager.bulk_create(rows, batch_size=200)


@contextmanager
def _clock_of_rows(model: type[Model]) -> Iterator[None]:
    timed = [
        (field, name)
        for field in model._meta.concrete_fields
        for name in ("auto_now", "auto_now_add")
        if getattr(field, name, False)
    ]
    for field, name in timed:
        setattr(field, name, False)
    try:
        yield
    finally:
        for field, name in timed:
            setattr(field, name, True)
