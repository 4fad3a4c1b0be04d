"""The causes of lines put together for people: by hunk, and by stretches of lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from delivery.diffs.causes import LineCauses, Nobody, Role
from delivery.diffs.hunks import Line
from delivery.diffs.moves import number_of

Stretches = tuple[tuple[int, int], ...]
"""First and last number of consecutive lines, counted from 1."""


@dataclass(frozen=True)
class Stretch:
    """Lines of a file that have the same causes; numbers as in ``moves``."""

    lines: frozenset[int]
    why: LineCauses

    def to_json(self) -> dict[str, Any]:
        """Return the stretch as JSON values."""
        return {
            "lines": [list(pair) for pair in stretches_of(self.lines)],
            "causes": [list(cause) for cause in self.why.causes],
            "nobody": self.why.nobody,
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Self:
        """Return the stretch that ``to_json`` wrote."""
        lines = (range(first, last + 1) for first, last in row["lines"])
        nobody = row["nobody"]
        return cls(
            frozenset().union(*lines),
            LineCauses(
                tuple((change, Role(role)) for change, role in row["causes"]),
                Nobody(nobody) if nobody else None,
            ),
        )


@dataclass(frozen=True)
class Named:
    """What is behind lines of a hunk: a change in its role, or that nobody is."""

    change: str
    role: Role | None
    nobody: Nobody | None
    removed: Stretches
    added: Stretches


def stretches(lines: Mapping[int, LineCauses]) -> list[Stretch]:
    """Return the lines of one file by what causes them, in order."""
    found: dict[LineCauses, set[int]] = {}
    for line, why in lines.items():
        found.setdefault(why, set()).add(line)
    return [Stretch(frozenset(held), why) for why, held in found.items()]


def causes_in(lines: Iterable[Line], found: Iterable[Stretch]) -> list[Named]:
    """Return what is behind lines of a hunk, each once: by role, then by line.

    A change is named in the greatest role that it has in the hunk; nobody comes last.
    """
    here = {number for line in lines if (number := number_of(line))}
    roles: dict[str, Role] = {}
    behind: dict[str | Nobody, set[int]] = {}
    ranks = list(Role)
    for stretch in found:
        shared = stretch.lines & here
        if not shared:
            continue
        for change, role in stretch.why.causes:
            roles[change] = min(roles.get(change, role), role, key=ranks.index)
            behind.setdefault(change, set()).update(shared)
        if stretch.why.nobody:
            behind.setdefault(stretch.why.nobody, set()).update(shared)
    named = {
        Named(
            "" if isinstance(one, Nobody) else one,
            None if isinstance(one, Nobody) else roles[one],
            one if isinstance(one, Nobody) else None,
            stretches_of({-line for line in held if line < 0}),
            stretches_of({line for line in held if line > 0}),
        ): min(map(abs, held))
        for one, held in behind.items()
    }

    def order(one: Named) -> tuple[int, int, str]:
        rank = ranks.index(one.role) if one.role else len(ranks)
        return (rank, named[one], one.change)

    return sorted(named, key=order)


def stretches_of(numbers: Iterable[int]) -> Stretches:
    """Return consecutive numbers joined."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)
