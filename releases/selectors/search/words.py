"""What somebody typed into the search field, read as a number, a commit or words."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import Case, Expression, IntegerField, Q, Value, When

LONGEST: Final = 100
MOST_WORDS: Final = 6

_NUMBER: Final = re.compile(r"(?:#|[rR]-)([1-9]\d{0,8})|([1-9]\d{0,5})")
_SHA: Final = re.compile(r"(?=.*[a-f])[0-9a-f]{4,40}|[0-9]{7,40}")
_BETWEEN: Final = re.compile(r"[\s/]+")
_AFTER_HEX: Final = "g"
_IN_A_TAG: Final = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True)
class Words:
    """A question: the text as typed, without what no name holds."""

    text: str

    @classmethod
    def of(cls, typed: str) -> "Words":
        """Read what was typed; control characters count as white space."""
        plain = "".join(c if c.isprintable() else " " for c in typed[:LONGEST])
        return cls(" ".join(plain.split()))

    def __bool__(self) -> bool:
        return bool(self.each)

    @cached_property
    def each(self) -> tuple[str, ...]:
        """The words; ``acme/prod`` is two. Every one of them must be found."""
        found = (word for word in _BETWEEN.split(self.text) if word)
        return tuple(dict.fromkeys(found))[:MOST_WORDS]

    @cached_property
    def number(self) -> int | None:
        """The number of a release: ``#42``, ``R-42`` or ``42``."""
        found = _NUMBER.fullmatch(self.text)
        return int(found[1] or found[2]) if found else None

    @cached_property
    def is_name(self) -> bool:
        """Whether it can only be the number of a release."""
        return self.number is not None and not self.text.isdigit()

    @cached_property
    def sha(self) -> str:
        """The beginning of a commit's id, from four hex digits; "" for other words."""
        text = self.text.lower()
        return text if _SHA.fullmatch(text) else ""

    def begins_sha(self, field: str) -> Q:
        """Return the condition that *field* begins with ``sha``.

        A range, which an index answers on every database: LIKE would read each row.
        """
        end = f"{self.sha}{_AFTER_HEX}"
        return Q(**{f"{field}__gte": self.sha, f"{field}__lt": end})

    def within(self, *fields: str, tags: str = "") -> Q:
        """Return the condition that each word stands in one of *fields*.

        *tags* is a list of tags as JSON; no mark that JSON adds is looked for in it.
        """
        condition = Q()
        for word in self.each:
            either = Q()
            for field in fields:
                either |= Q(**{f"{field}__icontains": word})
            if tags and _IN_A_TAG.fullmatch(word.lower()):
                either |= Q(**{f"{tags}__icontains": word})
            condition &= either
        return condition

    def closeness(self, field: str) -> Expression:
        """Return 0 where *field* is the text itself, 1 where it begins so, else 2."""
        return Case(
            When(self._near("iexact", field), then=Value(0)),
            When(self._near("istartswith", field), then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )

    def _near(self, lookup: str, field: str) -> Q:
        near: dict[str, Any] = {f"{field}__{lookup}": self.text}
        return Q(**near)
