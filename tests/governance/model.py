"""A small model of releases: what governance allows, in plain Python.

It knows one environment with several targets, places that hold a number or nothing,
people by name, and hours. What the product answers is compared with what this says.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

POLICY = "policy"
"""The place that every first release of a target carries."""
WHOLE = "whole"

Place = tuple[str, str]
"""A name, and which of its changes: the whole of it, or its content."""

Values = dict[str, int]


@dataclass
class Change:
    """What was there, what will be."""

    before: int | None
    after: int | None


@dataclass
class Wish:
    """A release, as the model sees it."""

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
    required_at_cut: int
    barred: set[str]
    state: str = "pending_approval"
    votes: dict[str, datetime] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.state in ("pending_approval", "approved", "deploying")

    @property
    def content(self) -> tuple[object, ...]:
        """What a vote is for."""
        rows = {place: (row.before, row.after) for place, row in self.chosen.items()}
        return sorted(rows.items(), key=str), sorted(self.result.items())

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


class Model:
    """The whole little world."""

    def __init__(self, targets: int, *, required: int, expiry_hours: int) -> None:
        self.desired: list[Values] = [{} for _ in range(targets)]
        self.deployed: list[Values] = [{} for _ in range(targets)]
        self.deployed_release: list[int | None] = [None] * targets
        self.edits: list[Edit] = []
        self.shipped_at: dict[tuple[int, Place], int] = {}
        self.wishes: dict[int, Wish] = {}
        self.required = required
        self.expiry = timedelta(hours=expiry_hours)
        self.frozen = False
        self.approvers: set[str] = set()

    # The pool

    def now(self, target: int) -> Values:
        return {**self.desired[target], POLICY: self.required}

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

    def carried(self, target: int) -> Collection[Place]:
        """Return what a release of the target ships whatever is chosen."""
        return () if self.deployed_release[target] is not None else ((POLICY, WHOLE),)

    def choice(
        self,
        target: int,
        wanted: Collection[Place] | None,
        besides: int | None = None,
    ) -> dict[Place, Change] | str:
        """Return what a release of *wanted* (None: all that is free) ships.

        Or the code of the refusal.
        """
        taken, carried = self.claims(target, besides), self.carried(target)
        pool = self.pending(target)
        if wanted is None:
            chosen = pool.keys() - taken.keys()
        else:
            chosen = pool.keys() & set(wanted)
            if chosen & taken.keys() - set(carried):
                return "change_already_claimed"
        if not chosen - taken.keys():
            return "no_changes"
        return {place: pool[place] for place in pool if place in {*chosen, *carried}}

    # Releases

    def cut(
        self,
        target: int,
        chosen: dict[Place, Change],
        *,
        author: str,
        hands: set[str],
        takes_all: bool,
        besides: int | None = None,
    ) -> Wish:
        return Wish(
            target=target,
            author=author,
            hands=hands,
            takes_all=takes_all,
            base=dict(self.deployed[target]),
            base_release=self.deployed_release[target],
            baseline=dict(self.desired[target]),
            chosen=chosen,
            claimed=chosen.keys() - self.claims(target, besides).keys(),
            edits_at_cut=len(self.edits),
            required_at_cut=self.required,
            barred=hands | self._editors(target, chosen),
        )

    def _editors(self, target: int, chosen: Mapping[Place, Change]) -> set[str]:
        return {
            edit.actor
            for place in chosen
            for edit in self.edits[self.shipped_at.get((target, place), 0) :]
            if edit.name == place[0] and edit.target in (target, None)
        }

    def needed(self, wish: Wish) -> int:
        """Return the quorum: the strictest policy that counts for it."""
        here = self.deployed[wish.target].get(POLICY)
        carried = [values[POLICY] for values in self.deployed if POLICY in values]
        return max(
            self.required,
            wish.required_at_cut,
            *([here] if here is not None else carried),
        )

    def counting(self, wish: Wish, at: datetime) -> set[str]:
        return {
            who
            for who, given in wish.votes.items()
            if who in self.approvers
            and who not in wish.barred
            and at < given + self.expiry
        }

    def vote_refusal(self, wish: Wish, who: str, at: datetime) -> str | None:
        if wish.state != "pending_approval":
            return "invalid_transition"
        if who not in self.approvers:
            return "permission_denied"
        if who in wish.barred:
            return "self_approval_blocked"
        if who in wish.votes and at < wish.votes[who] + self.expiry:
            return "already_voted"
        return None

    def deploy_refusal(self, wish: Wish, at: datetime) -> str | None:
        """Return the first gate that is red for somebody who may deploy."""
        if wish.state != "approved":
            return "release_not_deployable"
        if self.frozen:
            return "environment_frozen"
        if self.is_stale(wish):
            return "stale_release_source"
        if len(self.counting(wish, at)) < self.needed(wish):
            return "approval_threshold_not_met"
        return None

    def is_stale(self, wish: Wish) -> bool:
        overtaken = wish.base_release != self.deployed_release[wish.target]
        return overtaken or wish.baseline != self.desired[wish.target]

    def deploy(self, number: int) -> None:
        wish = self.wishes[number]
        wish.state = "deployed"
        self.deployed[wish.target] = wish.result
        self.deployed_release[wish.target] = number
        for place in wish.chosen:
            self.shipped_at[wish.target, place] = wish.edits_at_cut


def differing(before: Values, after: Values) -> dict[Place, Change]:
    """Return a change for each place; one side only is the whole of it."""
    found = {}
    for name in sorted(before.keys() | after.keys()):
        was, will = before.get(name), after.get(name)
        if was != will:
            whole = was is None or will is None or name == POLICY
            found[name, WHOLE if whole else "content"] = Change(was, will)
    return found
