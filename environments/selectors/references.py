"""Where variables are used: every placeholder of every text, target by target."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from environments.desired.fitting import MARK, Uses
from environments.desired.resolving import units
from environments.models import TenantEnvironment, Variable
from environments.selectors.impact import Situation
from environments.stored import TextsHolding

_FEW: Final = 2
_Place = tuple[str, int, str | None]
"""A scope, the key of what it hangs on, and the service."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One placeholder as it counts in one target; ``service`` may be none."""

    target: TenantEnvironment
    service: str | None
    path: str
    line: int
    key: str
    pinned: str | None

    @property
    def place(self) -> str:
        """The file and line, as one word."""
        return f"{self.path}:{self.line}"


@dataclass(slots=True)
class Place:
    """A file and line that uses a variable, and the targets it counts in."""

    name: str
    key: str
    path: str = ""
    service: str | None = None
    """The workload whose text it is, if it is one's."""
    targets: set[str] = field(default_factory=set)

    @property
    def shown(self) -> list[str]:
        """The targets for people: by name, or by number where they are many."""
        names = sorted(self.targets)
        return names if len(names) <= _FEW else [f"{len(names)} targets"]


def references_in(situation: Situation, *, key: str = "") -> list[Reference]:
    """Return every use of a variable in the targets of *situation*; or those of *key*.

    The database picks the texts that hold one; no others are loaded.
    """
    uses, states = Uses(), situation.states
    texts = TextsHolding(key or MARK)
    texts.prefetch({d for state in states.values() for d in state.text_digests})
    return [
        Reference(target, unit.service, path, used.line, used.key, used.scope)
        for target in situation.targets
        for unit in units(states[target.pk], texts)
        for path, text in unit.texts.items()
        for used in uses.of(text, path)
        if key in ("", used.key)
    ]


def undefined_among(
    references: Iterable[Reference], variables: Iterable[Variable]
) -> list[Reference]:
    """Return the references that no variable answers."""
    answers = _Answers(variables)
    return [asked for asked in references if answers.to(asked) is None]


def answered_by(
    row: Variable, references: Iterable[Reference], variables: Iterable[Variable]
) -> list[Reference]:
    """Return the references that *row*, one of *variables*, gives its value to."""
    answers = _Answers(variables)
    return [asked for asked in references if answers.to(asked) == row.pk]


def missing_without(
    row: Variable, references: Iterable[Reference], variables: Iterable[Variable]
) -> list[Reference]:
    """Return the references that nothing would answer if *row* were gone."""
    rows = list(variables)
    used = answered_by(row, references, rows)
    return undefined_among(used, [other for other in rows if other.pk != row.pk])


class _Answers:
    """Which variable answers a reference: the narrowest that has the key."""

    def __init__(self, variables: Iterable[Variable]) -> None:
        self._rows = {(_place_of(row), row.key): row.pk for row in variables}

    def to(self, asked: Reference) -> int | None:
        """Return the key of the row that answers, if one does."""
        target = asked.target
        narrow_first: dict[str, _Place] = {
            "svc": ("svc", target.pk, asked.service),
            "tenant": ("tenant", target.tenant_id, None),
            "env": ("env", target.environment_id, None),
            "repo": ("repo", target.project_id, None),
        }
        looked_at = [asked.pinned] if asked.pinned else list(narrow_first)
        found = (self._rows.get((narrow_first[s], asked.key)) for s in looked_at)
        return next((key for key in found if key is not None), None)


def places_using(references: Iterable[Reference]) -> list[Place]:
    """Return files and lines, each with the targets in which it counts."""
    found: dict[tuple[str, str], Place] = {}
    for asked in references:
        key = (asked.place, asked.key)
        place = found.setdefault(
            key, Place(asked.place, asked.key, asked.path, asked.service)
        )
        place.targets.add(str(asked.target))
    return [found[key] for key in sorted(found)]


def _place_of(row: Variable) -> _Place:
    if row.scope == "svc":
        service = row.workload.name if row.workload else None
        return "svc", row.target_id or 0, service
    key = {
        "repo": row.project_id,
        "env": row.environment_id,
        "tenant": row.tenant_id,
    }[str(row.scope)]
    return str(row.scope), key or 0, None
