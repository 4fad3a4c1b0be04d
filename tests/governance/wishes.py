"""What the model is made of: places, changes, releases and edits."""

from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

POLICY, MODE, FACTS = "policy", "mode", "facts"
"""Who must agree, who presses deploy; what the target is, which nobody changes."""
CARRIED = (POLICY, MODE, FACTS)
SERVICE = "svc"
"""The one name that is a workload; the others are plain manifests."""
WHOLE, CONTENT = "whole", "content"
ANCHORS = ("deployed", "rolled_back")

Place = tuple[str, str]
"""A name, and which of its changes: the whole of it, or its content."""

Values = dict[str, Hashable]


class Terms(NamedTuple):
    """What must be met before a release is deployed; of two the greater binds."""

    required: int
    bars_voting_authors: bool = True
    bars_deploying_author: bool = False


class Change(NamedTuple):
    """What was there, what will be."""

    before: Hashable
    after: Hashable


class Shipment(NamedTuple):
    """Which deploy it was, of what, and to which deploy a rollback went back."""

    turn: int
    edits: int
    back_to: int


@dataclass
class Wish:
    """A release, as the model sees it. A rollback goes ``back_to`` another."""

    number: int
    target: int
    author: str
    hands: set[str]
    takes_all: bool
    base: Values
    base_release: int | None
    baseline: Values
    chosen: dict[Place, Change]
    claimed: Collection[Place]
    edits_at_cut: int
    terms_at_cut: Terms
    mode_at_cut: Hashable
    barred: set[str]
    back_to: int | None = None
    only_service: bool = False
    state: str = "pending_approval"
    failure: str = ""
    pressed_by: str | None = None
    turn: int = 0
    """Which deploy of all it was, from 1."""
    votes: dict[str, datetime] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.state in ("pending_approval", "approved", "deploying")

    @property
    def carried(self) -> set[Place]:
        """What a first release ships whatever is chosen."""
        is_first = self.base_release is None
        return {(name, WHOLE) for name in CARRIED} if is_first else set()

    @property
    def content(self) -> tuple[object, ...]:
        """What a vote is for."""
        return sorted(self.chosen.items(), key=str), sorted(self.result.items())

    @property
    def result(self) -> Values:
        """What the target holds once this is deployed."""
        values = dict(self.base)
        for (name, _), change in self.chosen.items():
            if change.after is None:
                values.pop(name, None)
            else:
                values[name] = change.after
        return values


@dataclass
class Edit:
    """Who touched what; the policy is touched for every target."""

    target: int | None
    name: str
    actor: str
    kinds: tuple[str, ...] = (WHOLE, CONTENT)


def differing(before: Values, after: Values) -> dict[Place, Change]:
    """Return a change for each place; one side only is the whole of it."""
    found = {}
    for name in sorted(before.keys() | after.keys()):
        was, will = before.get(name), after.get(name)
        if was != will:
            whole = was is None or will is None or name in CARRIED
            found[name, WHOLE if whole else CONTENT] = Change(was, will)
    return found
