"""The form beside a values text, made of the chart's schema by the server.

A field tells what the text says, and what would count without it. What somebody
changed in it is written into the text; what they changed in the text stays.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote

from environments.desired.form_values import FieldValue, Filled, fill, read_field
from environments.desired.schema_forms import SchemaField, SchemaGroup
from environments.desired.values import Path, pointer
from environments.selectors.merged import MergedValue

TYPED: Final = "f:"
SHOWN: Final = "w:"
"""What the names of inputs begin with: what is typed, and what was shown at first."""


@dataclass(frozen=True, slots=True)
class Row:
    """One field as the page shows it."""

    about: SchemaField
    name: str
    shown_name: str
    value: str
    shown: str
    inherited: MergedValue | None
    why_not: str = ""
    problem: str = ""

    @property
    def id(self) -> str:
        """One for each path: ``a-b`` is no ``b`` in ``a``, and no id holds a space."""
        return f"field-{quote(pointer(self.about.path), safe='')}"

    @property
    def options(self) -> list[tuple[str, str]]:
        """The choices, what is there in any case among them."""
        found = [(choice, choice) for choice in self.about.choices]
        if self.value and self.value not in self.about.choices:
            found.append((self.value, self.value))
        return [("", self.otherwise), *found]

    @property
    def otherwise(self) -> str:
        """What counts as long as the field is empty."""
        if self.inherited is None or self.inherited.layer is None:
            return "not set"
        said = self.inherited.value.replace("\n", " ")
        return f"{said} ({self.inherited.layer.label})"

    @property
    def is_number(self) -> bool:
        return self.about.kind in {"integer", "number"}

    @property
    def lines(self) -> int:
        """The height of a list's text area."""
        return min(8, max(2, self.value.count("\n") + 2))


@dataclass(frozen=True, slots=True)
class Section:
    """A group of fields under its title; groups inside follow it."""

    title: str
    help: str
    rows: list[Row]

    @property
    def is_used(self) -> bool:
        """Whether this layer says anything here, or something is wrong."""
        return any(row.value or row.problem for row in self.rows)


@dataclass
class SchemaForm:
    """The form over one text.

    ``broader`` is what the layers below say, by path; ``posted`` what was sent.
    """

    schema: SchemaGroup
    text: str
    broader: Mapping[Path, MergedValue]
    posted: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def filled(self) -> Filled:
        """The text with what was typed into fields."""
        return fill(
            self.text,
            self._fields,
            shown=self._sent(SHOWN),
            typed=self._sent(TYPED),
        )

    @property
    def sections(self) -> Iterator[Section]:
        """The groups, outermost first, each with its fields."""
        yield from self._sections(self.schema, "")

    @property
    def rest(self) -> list[str]:
        """What no field shows: it is edited in the text."""
        return [".".join(path) for path in self.schema.every_rest()]

    @cached_property
    def _fields(self) -> list[SchemaField]:
        return list(self.schema.every_field())

    def _sent(self, prefix: str) -> dict[Path, str]:
        names = {one.path: prefix + pointer(one.path) for one in self._fields}
        return {
            path: str(self.posted[name])
            for path, name in names.items()
            if name in self.posted
        }

    def _sections(self, group: SchemaGroup, title: str) -> Iterator[Section]:
        if group.fields:
            rows = [self._row(one) for one in group.fields]
            yield Section(title or "General", group.help, rows)
        for inner in group.groups:
            over = f"{title} / " if title else ""
            yield from self._sections(inner, f"{over}{inner.title}")

    def _row(self, about: SchemaField) -> Row:
        text, problem = self.filled.text, self.filled.problems.get(about.path, "")
        says: FieldValue = read_field(text, about)
        name, shown_name = (mark + pointer(about.path) for mark in (TYPED, SHOWN))
        value = shown = says.value
        if problem:
            value, shown = str(self.posted[name]), str(self.posted[shown_name])
        return Row(
            about=about,
            name=name,
            shown_name=shown_name,
            value=value,
            shown=shown,
            inherited=self.broader.get(about.path),
            why_not=says.why_not,
            problem=problem,
        )
