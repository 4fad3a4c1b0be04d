"""What people do, and what happens around them, in the product and in the model."""

from datetime import timedelta

from django.utils import timezone

from approvals import actions as approvals
from approvals.subjects import request_for
from environments import actions as environments
from environments.permissions import Role
from releases import actions, lapses
from releases.pending import pool_of
from tests.governance.model import POLICY, Edit, Place
from tests.governance.world import World, place_of
from tests.releases.conftest import flag_files


class Deeds(World):
    """Everything that can happen; each checks the answer against the model's."""

    # What people do

    def edit(self, spot: int, name: str, value: int, who: str) -> None:
        if self.model.desired[spot].get(name) == value:
            return
        self.do(
            environments.put_manifests,
            self.targets[spot],
            name=name,
            files=flag_files(name, fast=str(value)),
            actor=self.people[who],
        )
        self.model.desired[spot][name] = value
        self.model.edits.append(Edit(spot, name, who))

    def delete(self, spot: int, name: str, who: str) -> None:
        if name not in self.model.desired[spot]:
            return
        self.do(
            environments.delete_manifests,
            self.targets[spot],
            name=name,
            actor=self.people[who],
        )
        del self.model.desired[spot][name]
        self.model.edits.append(Edit(spot, name, who))

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
        model.wishes[release.number] = model.cut(
            spot, chosen, author=who, hands={who}, takes_all=only is None
        )

    def named(self, target: int, only: set[str]) -> tuple[list[str], list[Place]]:
        """Return the ids of pending changes by name, and their places."""
        rows = [
            (row.change.id, place_of(row.change))
            for row in pool_of(self.targets[target]).rows
            if row.change.selectable
        ]
        named = [row for row in rows if row[1][0] in only]
        return [row[0] for row in named], list({row[1] for row in named})

    def vote(self, index: int, who: str) -> None:
        self.vote_for(self.wish_of(index), who)

    def vote_for(self, number: int, who: str) -> None:
        now = timezone.now()
        wish, release = self.model.wishes[number], self.release_of(number)
        expected = self.model.vote_refusal(wish, who, now)
        code, _ = self.answer(
            approvals.approve,
            request_for(release),
            actor=self.people[who],
            digest=release.digest,
        )
        assert code == expected
        if code is None:
            wish.votes[who] = now
            if len(self.model.counting(wish, now)) >= self.model.needed(wish):
                wish.state = "approved"

    def withdraw(self, index: int, who: str) -> None:
        number, now = self.wish_of(index), timezone.now()
        wish = self.model.wishes[number]
        given = wish.votes.get(who)
        if given is not None and now >= given + self.model.expiry:
            return
        request = request_for(self.release_of(number))
        code, _ = self.answer(approvals.withdraw_vote, request, actor=self.people[who])
        if wish.state != "pending_approval":
            assert code == "invalid_transition"
        elif given is None:
            assert code == "no_vote"
        else:
            assert code is None
            del wish.votes[who]

    def reject(self, index: int, who: str) -> None:
        number = self.wish_of(index)
        wish = self.model.wishes[number]
        request = request_for(self.release_of(number))
        code, _ = self.answer(
            approvals.reject, request, actor=self.people[who], reason="no"
        )
        if wish.state != "pending_approval":
            assert code == "invalid_transition"
        elif who not in self.model.approvers:
            assert code == "permission_denied"
        elif who in wish.barred:
            assert code == "self_approval_blocked"
        else:
            assert code is None
            wish.state = "cancelled"

    def cancel(self, index: int, who: str) -> None:
        number = self.wish_of(index)
        wish = self.model.wishes[number]
        code, _ = self.answer(
            actions.cancel_release, self.release_of(number), actor=self.people[who]
        )
        if wish.author != who:
            assert code == "permission_denied" or not wish.is_open
        elif not wish.is_open:
            assert code == "invalid_transition"
        else:
            assert code is None
            wish.state = "cancelled"

    def refresh(self, index: int, who: str) -> None:
        number, model = self.wish_of(index), self.model
        wish = model.wishes[number]
        code, _ = self.answer(
            actions.refresh_release, self.release_of(number), actor=self.people[who]
        )
        if not wish.is_open:
            assert code == "invalid_transition"
            return
        wanted = None
        if not wish.takes_all:
            wanted = wish.chosen.keys() & model.pending(wish.target).keys()
        chosen = model.choice(wish.target, wanted, besides=number)
        if isinstance(chosen, str):
            assert code == chosen
            return
        assert code is None
        renewed = model.cut(
            wish.target,
            chosen,
            author=wish.author,
            hands=wish.hands | {who},
            takes_all=wish.takes_all,
            besides=number,
        )
        renewed.state = wish.state
        if renewed.content == wish.content:
            renewed.votes = wish.votes
        else:
            renewed.state = "pending_approval"
        model.wishes[number] = renewed

    def deploy(self, index: int) -> None:
        self.deploy_number(self.wish_of(index))

    def deploy_number(self, number: int) -> None:
        expected = self.model.deploy_refusal(self.model.wishes[number], timezone.now())
        code, _ = self.answer(
            actions.deploy_release, self.release_of(number), actor=self.people["dee"]
        )
        assert code == expected
        if code is None:
            self.model.deploy(number)

    def ship(self, spot: int, who: str) -> None:
        """Try to take everything the whole way, past whatever stands against it."""
        before = len(self.model.wishes)
        self.create(spot, None, who)
        if len(self.model.wishes) > before:
            number = max(self.model.wishes)
            for voter in ("dan", "eve", "cat"):
                self.vote_for(number, voter)
            self.deploy_number(number)

    # What happens around them

    def freeze_or_thaw(self) -> None:
        self.environment.refresh_from_db()
        may = self.people["may"]
        if self.model.frozen:
            self.do(environments.unfreeze, self.environment, actor=may)
        else:
            self.do(environments.freeze, self.environment, reason="fair", actor=may)
        self.model.frozen = not self.model.frozen

    def change_policy(self, required: int) -> None:
        if required == self.model.required:
            return
        self.do(
            environments.set_policy,
            self.environment,
            terms={"required_approvals": required},
            actor=self.people["may"],
        )
        self.model.required = required
        self.model.edits.append(Edit(None, POLICY, "may"))

    def come_or_go(self, who: str) -> None:
        if who in self.model.approvers:
            self.do(
                environments.revoke_access,
                self.project,
                of=self.people[who],
                actor=None,
            )
            self.model.approvers.remove(who)
        else:
            self.hire(who, Role.APPROVER)
            self.model.approvers.add(who)

    def let_time_pass(self, hours: int) -> None:
        self.traveller.shift(timedelta(hours=hours))
        self.do(lapses.reopen_lapsed)
