"""A small model of releases: what is pending, what a release ships, what comes of it.

It knows one environment with several targets, places that hold a number or nothing,
and people by name. Who may do what, and when, is in ``rules``. What the product
answers is compared with what this says.
"""

from collections.abc import Collection, Hashable, Mapping
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


class Model:
    """The whole little world, but for its rules."""

    def __init__(self, targets: int, terms: Terms) -> None:
        self.desired: list[Values] = [{} for _ in range(targets)]
        self.texts: list[Hashable] = [None] * targets
        """The service's own values, which outlive its binding."""
        self.deployed: list[Values] = [{} for _ in range(targets)]
        self.deployed_release: list[int | None] = [None] * targets
        self.holds: list[dict[Place, tuple[Change, int]]] = [{} for _ in range(targets)]
        self.edits: list[Edit] = []
        self.shipped: dict[tuple[int, Place], list[tuple[int, int]]] = {}
        self.wishes: dict[int, Wish] = {}
        self.turns = 0
        self.live, self.mode = terms, "manual"

    # The pool

    def now(self, target: int) -> Values:
        return {**self.desired[target], POLICY: self.live, MODE: self.mode, FACTS: 1}

    def pending(self, target: int) -> dict[Place, Change]:
        """Return what differs between what is deployed and what is desired."""
        return differing(self.deployed[target], self.now(target))

    def claims(self, target: int, besides: int | None = None) -> dict[Place, int]:
        """Return what open releases hold, with which of them."""
        return {
            place: number
            for number, wish in self.wishes.items()
            if wish.is_open and wish.target == target and number != besides
            for place in wish.claimed
        }

    def held(self, target: int) -> dict[Place, int]:
        """Return what was undone and is as it was then, with the rollback."""
        pool = self.pending(target)
        holds = self.holds[target].items()
        return {place: by for place, (was, by) in holds if pool.get(place) == was}

    def edited(self, *edits: Edit) -> None:
        """Write edits down; what is held and is something else now, is free."""
        self.edits += edits
        for target, holds in enumerate(self.holds):
            still = self.held(target)
            self.holds[target] = {p: hold for p, hold in holds.items() if p in still}

    def choice(
        self,
        target: int,
        wanted: Collection[Place] | None,
        besides: int | None = None,
    ) -> dict[Place, Change] | str:
        """Return what a release of *wanted* (None: all that is free) ships.

        Or the code of the refusal.
        """
        pool, taken = self.pending(target), self.claims(target, besides)
        is_first = self.deployed_release[target] is None
        carried = {(name, WHOLE) for name in CARRIED} if is_first else set()
        if wanted is None:
            chosen = pool.keys() - taken.keys() - self.held(target).keys()
        else:
            chosen = pool.keys() & set(wanted)
            if chosen & taken.keys() - carried:
                return "change_already_claimed"
        if not chosen - taken.keys():
            return "no_changes"
        return {place: pool[place] for place in pool if place in chosen | carried}

    def way_back(self, to: int, *, only_service: bool) -> dict[Place, Change] | str:
        """Return what going back to the release *to* ships, or the refusal.

        Of the policy nothing goes back.
        """
        wish = self.wishes[to]
        if wish.state not in ANCHORS:
            return "invalid_transition"
        base, then = self.deployed[wish.target], wish.result
        stays = base.keys() - {SERVICE} if only_service else {*CARRIED}
        if only_service and SERVICE not in {*base, *then}:
            return "validation_error"
        back = {name: value for name, value in then.items() if name not in stays}
        if only_service:
            back = {name: back[name] for name in back if name == SERVICE}
        kept = {name: base[name] for name in base if name in stays}
        return differing(base, {**kept, **back}) or "no_changes"

    # Releases

    def enter(
        self,
        number: int,
        target: int,
        chosen: dict[Place, Change],
        *,
        author: str,
        hands: set[str],
        takes_all: bool = False,
        back_to: int | None = None,
        only_service: bool = False,
    ) -> Wish:
        """Cut a release, anew where there is one; what it ticks is held no longer."""
        claimed: Collection[Place] = ()
        if back_to is None:
            claimed = chosen.keys() - self.claims(target, number).keys()
            for place in chosen:
                self.holds[target].pop(place, None)
        self.wishes[number] = Wish(
            number=number,
            target=target,
            author=author,
            hands=hands,
            takes_all=takes_all,
            base=dict(self.deployed[target]),
            base_release=self.deployed_release[target],
            baseline=dict(self.desired[target]),
            chosen=chosen,
            claimed=claimed,
            edits_at_cut=len(self.edits),
            terms_at_cut=self.live,
            mode_at_cut=self.mode,
            barred=hands | self._editors(target, chosen),
            back_to=back_to,
            only_service=only_service,
        )
        return self.wishes[number]

    def _editors(self, target: int, chosen: Mapping[Place, Change]) -> set[str]:
        return {
            edit.actor
            for place in chosen
            for edit in self.edits[self._shipped(target, place) :]
            if edit.name == place[0]
            and place[1] in edit.kinds
            and edit.target in (target, None)
        }

    def _shipped(self, target: int, place: Place, until: int | None = None) -> int:
        """Return how many edits there were when the place was shipped last."""
        rows = self.shipped.get((target, place), [])
        found = [edit for turn, edit in rows if until is None or turn <= until]
        return found[-1] if found else 0

    def is_stale(self, wish: Wish) -> bool:
        overtaken = wish.base_release != self.deployed_release[wish.target]
        moved = wish.baseline != self.desired[wish.target]
        return overtaken or (moved and wish.back_to is None)

    def deploy(self, wish: Wish) -> None:
        target, back_to = wish.target, wish.back_to
        before, held = self.pending(target), self.held(target)
        self.turns += 1
        wish.state, wish.turn = "deployed", self.turns
        self.deployed[target] = wish.result
        self.deployed_release[target] = wish.number
        anchor = None if back_to is None else self.wishes[back_to]
        for place in wish.chosen:
            edit = wish.edits_at_cut
            if anchor is not None:
                edit = self._shipped(target, place, until=anchor.turn)
            self.shipped.setdefault((target, place), []).append((wish.turn, edit))
        if anchor is None:
            return
        self.holds[target] = {
            place: (change, held[place] if before.get(place) == change else wish.number)
            for place, change in self.pending(target).items()
            if place not in before or place in held
        }
        if not wish.only_service:
            for other in self.wishes.values():
                if other.target == target and anchor.turn < other.turn < wish.turn:
                    other.state = "rolled_back"


def differing(before: Values, after: Values) -> dict[Place, Change]:
    """Return a change for each place; one side only is the whole of it."""
    found = {}
    for name in sorted(before.keys() | after.keys()):
        was, will = before.get(name), after.get(name)
        if was != will:
            whole = was is None or will is None or name in CARRIED
            found[name, WHOLE if whole else CONTENT] = Change(was, will)
    return found
