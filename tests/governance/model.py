"""A small model of releases: what is pending, what a release ships, what comes of it.

It knows one environment with several targets, places that hold a number or nothing,
and people by name. Who may do what, and when, is in ``rules``. What the product
answers is compared with what this says.
"""

from collections.abc import Collection, Hashable, Mapping

from tests.governance.wishes import (
    ANCHORS,
    CARRIED,
    FACTS,
    MODE,
    POLICY,
    SERVICE,
    WHOLE,
    Change,
    Edit,
    Place,
    Shipment,
    Terms,
    Values,
    Wish,
    differing,
)


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
        self.shipped: dict[tuple[int, Place], list[Shipment]] = {}
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

    def _shipped(self, target: int, place: Place) -> int:
        """Return how many edits there were when the place was shipped last.

        The whole of something ships its content; a rollback ships anew what had been
        shipped when what it goes back to was deployed.
        """
        places = {place, (place[0], WHOLE)}
        rows = [row for each in places for row in self.shipped.get((target, each), [])]
        found: list[tuple[int, int]] = [(0, 0)]
        for turn, edits, back_to in sorted(rows):
            then = [edit for at, edit in found if back_to and at <= back_to]
            found.append((turn, then[-1] if then else edits))
        return found[-1][1]

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
        shipment = Shipment(wish.turn, wish.edits_at_cut, anchor.turn if anchor else 0)
        for place in wish.chosen:
            self.shipped.setdefault((target, place), []).append(shipment)
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
