"""What people do to releases and votes, in the product and in the model."""

from typing import Any

from django.utils import timezone

from approvals import actions as approvals
from approvals.subjects import request_for
from environments.permissions import Permission
from releases import actions
from releases.models import RollbackScope
from releases.pending import pool_of
from releases.rollbacks import Reversal
from tests.governance.surroundings import Surroundings
from tests.governance.wishes import SERVICE, Place, Wish
from tests.governance.world import place_of

FULL = Reversal(RollbackScope.FULL)
ONE_SERVICE = Reversal(RollbackScope.SERVICE, services=(SERVICE,))


class Deeds(Surroundings):
    """Everything that can happen; each checks the answer against the model's."""

    def create(self, spot: int, only: set[str] | None, who: str) -> None:
        model = self.model
        wanted: list[Place] | None = None
        ids = None
        if only is not None:
            ids, wanted = self.named(spot, only)
            if not wanted:
                return
        chosen = model.choice(spot, wanted)
        code, release = self.answer(
            actions.create_release,
            self.targets[spot],
            actor=self.people[who],
            content=actions.Content(title="Change"),
            change_ids=ids,
        )
        if isinstance(chosen, str):
            assert code == chosen
            return
        assert code is None
        takes_all = only is None
        model.enter(
            release.number, spot, chosen, author=who, hands={who}, takes_all=takes_all
        )

    def named(self, target: int, only: set[str]) -> tuple[list[str], list[Place]]:
        """Return the ids of pending changes by name, and their places."""
        rows = [
            (row.change.id, place_of(row.change))
            for row in pool_of(self.targets[target]).rows
            if row.change.selectable
        ]
        named = [row for row in rows if row[1][0] in only]
        return [row[0] for row in named], [row[1] for row in named]

    def roll_back(self, index: int, service: bool, who: str) -> None:
        to = self.wish_of(index, "deployed", "rolled_back")
        self.roll_back_to(to, service, who)

    def roll_back_to(self, to: Wish, service: bool, who: str) -> None:
        chosen = self.model.way_back(to.number, only_service=service)
        code, release = self.answer(
            actions.roll_back_release,
            self.release_of(to),
            actor=self.people[who],
            reversal=ONE_SERVICE if service else FULL,
        )
        if isinstance(chosen, str):
            assert code == chosen
            return
        assert code is None
        self.model.enter(
            release.number,
            to.target,
            chosen,
            author=who,
            hands={who},
            back_to=to.number,
            only_service=service,
        )

    def vote(self, index: int, who: str) -> None:
        self.vote_for(self.wish_of(index, "pending_approval"), who)

    def vote_for(self, wish: Wish, who: str) -> None:
        now, release = timezone.now(), self.release_of(wish)
        expected = self.model.refusal_to_vote(wish, who, now)
        code, _ = self.answer(
            approvals.approve,
            request_for(release),
            actor=self.people[who],
            digest=release.digest,
        )
        assert code == expected
        if code is None:
            wish.votes[who] = now
            if not self.model.is_short(wish, now):
                wish.state = "approved"
                self.try_by_itself(wish)

    def conclude(self, index: int, who: str) -> None:
        """Count the votes that stand: fewer may be needed than were."""
        wish = self.wish_of(index, "pending_approval")
        expected = self.model.refusal_to_conclude(wish, who, timezone.now())
        code, _ = self.answer(
            approvals.complete_approval,
            request_for(self.release_of(wish)),
            actor=self.people[who],
        )
        assert code == expected
        if code is None:
            wish.state = "approved"
            self.try_by_itself(wish)

    def withdraw(self, index: int, who: str) -> None:
        wish, now = self.wish_of(index, "pending_approval"), timezone.now()
        given = wish.votes.get(who)
        if given is not None and self.model.has_lapsed(given, now):
            return
        request = request_for(self.release_of(wish))
        code, _ = self.answer(approvals.withdraw_vote, request, actor=self.people[who])
        if wish.state != "pending_approval":
            assert code == "invalid_transition"
        elif given is None:
            assert code == "no_vote"
        else:
            assert code is None
            del wish.votes[who]

    def reject(self, index: int, who: str) -> None:
        wish = self.wish_of(index, "pending_approval")
        request = request_for(self.release_of(wish))
        code, _ = self.answer(
            approvals.reject, request, actor=self.people[who], reason="no"
        )
        assert code == self.model.refusal_of_voter(wish, who)
        if code is None:
            wish.state = "cancelled"

    def cancel(self, index: int, who: str) -> None:
        wish = self.wish_of(index)
        code, _ = self.answer(
            actions.cancel_release, self.release_of(wish), actor=self.people[who]
        )
        assert code == self.model.refusal_to_cancel(wish, who)
        if code is None:
            wish.state = "cancelled"

    def refresh(self, index: int, who: str) -> None:
        wish, model = self.wish_of(index), self.model
        may_create = model.may(who, Permission.CREATE_RELEASE)
        may_deploy = model.may(who, Permission.DEPLOY_RELEASE)
        code, _ = self.answer(
            actions.refresh_release, self.release_of(wish), actor=self.people[who]
        )
        if not (may_create or may_deploy):
            assert code == "permission_denied"
            return
        if wish.state not in ("pending_approval", "approved"):
            assert code == "invalid_transition"
            return
        chosen = self.chosen_anew(wish, besides=wish.number)
        if isinstance(chosen, str):
            assert code == chosen
            return
        holds = dict(model.holds[wish.target])
        renewed = self.enter_anew(wish, wish.number, chosen, who, wish.author)
        is_same = renewed.content == wish.content
        if not is_same and not may_create:
            assert code == "permission_denied"
            model.wishes[wish.number], model.holds[wish.target] = wish, holds
            return
        assert code is None
        renewed.state = wish.state if is_same else "pending_approval"
        renewed.votes = wish.votes if is_same else {}

    def recreate(self, index: int, who: str) -> None:
        wish, model = self.wish_of(index, "failed"), self.model
        code, made = self.answer(
            actions.recreate_release, self.release_of(wish), actor=self.people[who]
        )
        if wish.state != "failed":
            can_be = wish.state in ("pending_approval", "approved")
            refusal = model.refusal_to_cancel(wish, who) if can_be else None
            if not can_be or refusal:
                assert code == (refusal or "invalid_transition")
                return
        was, wish.state = wish.state, "cancelled" if wish.is_open else "failed"
        chosen = self.chosen_anew(wish)
        if isinstance(chosen, str):
            assert code == chosen
            wish.state = was
            return
        assert code is None
        self.enter_anew(wish, made.number, chosen, who, who)

    def chosen_anew(self, wish: Wish, besides: int | None = None) -> Any:
        """Return what the release would ship if it were cut now, or the refusal."""
        model = self.model
        if wish.back_to is not None:
            return model.way_back(wish.back_to, only_service=wish.only_service)
        wanted = None
        if not wish.takes_all:
            wanted = wish.chosen.keys() & model.pending(wish.target).keys()
        return model.choice(wish.target, wanted, besides=besides)

    def enter_anew(
        self, wish: Wish, number: int, chosen: Any, who: str, author: str
    ) -> Wish:
        return self.model.enter(
            number,
            wish.target,
            chosen,
            author=author,
            hands=wish.hands | {who},
            takes_all=wish.takes_all,
            back_to=wish.back_to,
            only_service=wish.only_service,
        )

    def ship(self, spot: int, who: str) -> None:
        """Try to take everything the whole way, past whatever stands against it."""
        before = len(self.model.wishes)
        self.create(spot, None, who)
        if len(self.model.wishes) > before:
            self.take_the_whole_way(self.model.wishes[max(self.model.wishes)])

    def take_the_whole_way(self, wish: Wish) -> None:
        for voter in ("dan", "eve", "cat"):
            self.vote_for(wish, voter)
        self.deploy_it(wish, "dee")

    # Longer ways, which single steps seldom find

    def edit_and_ship(self, spot: int, name: str, value: int, who: str) -> None:
        self.edit(spot, name, value, "ben")
        self.ship(spot, who)

    def go_back(self, spot: int, index: int, service: bool, who: str) -> None:
        """Roll back to something older, the whole way."""
        model = self.model
        older = [
            wish
            for wish in model.wishes.values()
            if wish.target == spot
            and wish.turn
            and wish.number != model.deployed_release[spot]
        ]
        before = len(model.wishes)
        if older:
            self.roll_back_to(older[index % len(older)], service, who)
        if len(model.wishes) > before:
            self.take_the_whole_way(model.wishes[max(model.wishes)])

    def go_through_a_freeze(self, spot: int, value: int, who: str) -> None:
        """Take an edit the whole way, past a freeze that two people set aside."""
        before = len(self.model.wishes)
        self.edit(spot, "b", value, "ben")
        self.create(spot, None, who)
        if len(self.model.wishes) == before:
            return
        was_frozen = self.model.frozen
        if not was_frozen:
            self.freeze_or_thaw(None)
        wish = self.model.wishes[max(self.model.wishes)]
        for voter in ("dan", "eve"):
            self.vote_for(wish, voter)
        self.ask_for(wish, "may")
        self.confirm_for(wish, "max")
        self.deploy_it(wish, "dee")
        if not was_frozen:
            self.freeze_or_thaw(None)
