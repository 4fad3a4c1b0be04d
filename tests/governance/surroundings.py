"""What happens around releases: edits, policy, freezes, people, and time."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from environments import actions as environments
from environments.models import FreezeWindow
from releases import actions, lapses
from releases.pending import pool_of
from releases.tasks import deploy_approved
from tests.governance.rules import Glass, Window
from tests.governance.sending import Sending
from tests.governance.wishes import (
    MODE,
    POLICY,
    SERVICE,
    WHOLE,
    Edit,
    Wish,
)
from tests.governance.world import place_of
from tests.releases.conftest import flag_files


class Surroundings(Sending):
    """Everything but the steps of a release."""

    # Edits

    def edit(self, spot: int, name: str, value: int, who: str) -> None:
        if name == SERVICE:
            self.bind(spot, who)
            self.set_values(spot, value, who)
        elif self.model.desired[spot].get(name) != value:
            self.do(
                environments.put_manifests,
                self.targets[spot],
                name=name,
                files=flag_files(name, fast=str(value)),
                actor=self.people[who],
            )
            self.model.desired[spot][name] = value
            self.model.edited(Edit(spot, name, who))

    def bind(self, spot: int, who: str) -> None:
        desired, text = self.model.desired[spot], self.model.texts[spot]
        if SERVICE not in desired:
            self.do(
                environments.bind_workload,
                self.service,
                to=self.targets[spot],
                actor=self.people[who],
            )
            desired[SERVICE] = 1 if text is None else text
            self.model.edited(Edit(spot, SERVICE, who, (WHOLE,)))

    def set_values(self, spot: int, value: int, who: str) -> None:
        target = self.targets[spot]
        self.do(
            environments.set_values,
            self.service,
            text=f"replicas: {value}\n",
            tenant=target.tenant,
            environment=target.environment,
            actor=self.people[who],
        )
        if self.model.texts[spot] != value:
            self.model.texts[spot] = self.model.desired[spot][SERVICE] = value
            self.model.edited(Edit(spot, SERVICE, who))

    def delete(self, spot: int, name: str, who: str) -> None:
        if name not in self.model.desired[spot]:
            return
        actor, target = self.people[who], self.targets[spot]
        if name == SERVICE:
            service = self.service
            self.do(environments.unbind_workload, service, from_=target, actor=actor)
        else:
            self.do(environments.delete_manifests, target, name=name, actor=actor)
        del self.model.desired[spot][name]
        kinds = (WHOLE,) if name == SERVICE else Edit.kinds
        self.model.edited(Edit(spot, name, who, kinds))

    def discard(self, spot: int, name: str, who: str) -> None:
        """Take a pending change back: what is deployed is written as an edit."""
        row = next(
            (
                row
                for row in pool_of(self.targets[spot]).rows
                if row.change.selectable and place_of(row.change)[0] == name
            ),
            None,
        )
        if row is None:
            return
        code, _ = self.answer(
            actions.discard_change,
            self.targets[spot],
            actor=self.people[who],
            change=row.change.id,
        )
        place = place_of(row.change)
        if name in (POLICY, MODE) and who != "may":
            assert code == "permission_denied"
        elif place in self.model.claims(spot):
            assert code == "change_already_claimed"
        elif name in (POLICY, MODE):
            assert code == "shared_input"
        else:
            assert code is None
            self.put_back(spot, name, who)

    def put_back(self, spot: int, name: str, who: str) -> None:
        desired = self.model.desired[spot]
        was, value = desired.pop(name, None), self.model.deployed[spot].get(name)
        if value is not None:
            desired[name] = value
        kinds = Edit.kinds
        if name == SERVICE:
            if value is not None:
                self.model.texts[spot] = value
            if None in (was, value):
                kinds = (WHOLE,)
        self.model.edited(Edit(spot, name, who, kinds))

    # Policy and people

    def change_policy(self, terms: tuple[str, Any]) -> None:
        """Set one field of it."""
        model, (field, value) = self.model, terms
        mode = value if field == "deploy_mode" else model.mode
        live = model.live
        if field == "required_approvals":
            live = live._replace(required=value)
        elif field == "block_self_approval":
            live = live._replace(bars_voting_authors=value)
        elif field == "block_self_deploy":
            live = live._replace(bars_deploying_author=value)
        may = self.people["may"]
        code, _ = self.answer(
            environments.set_policy, self.environment, terms={field: value}, actor=may
        )
        if mode == "auto" and live.bars_deploying_author:
            assert code == "validation_error"
            return
        assert code is None
        if live != model.live:
            model.edited(Edit(None, POLICY, "may"))
        if mode != model.mode:
            model.edited(Edit(None, MODE, "may"))
        model.live, model.mode = live, mode

    def come_or_go(self, who: str) -> None:
        if not self.model.roles[who]:
            self.hire(who)
            return
        gone = self.people[who]
        self.do(environments.revoke_access, self.project, of=gone, actor=None)
        self.model.roles[who] = set()

    # Freezes

    def freeze_or_thaw(self, hours: int | None) -> None:
        self.environment.refresh_from_db()
        may, model = self.people["may"], self.model
        if model.frozen:
            self.do(environments.unfreeze, self.environment, actor=may)
        else:
            until = hours and timezone.now() + timedelta(hours=hours)
            self.do(
                environments.freeze,
                self.environment,
                reason="fair",
                until=until,
                actor=may,
            )
            model.frozen_until = until
        model.frozen = not model.frozen

    def add_window(
        self, spot: int | None, minutes: int, hours: int, daily: bool, wide: bool
    ) -> None:
        start = timezone.now().replace(microsecond=0) + timedelta(minutes=minutes)
        length = timedelta(hours=hours)
        self.do(
            environments.add_freeze_window,
            self.project,
            terms=environments.WindowTerms(
                starts_at=start,
                ends_at=start + length,
                reason="night",
                rrule="FREQ=DAILY" if daily else "",
            ),
            environment=None if wide else self.environment,
            tenant=None if spot is None else self.targets[spot].tenant,
            actor=self.people["may"],
        )
        self.model.windows.append(Window(start, length, daily, spot))

    def end_window(self, index: int) -> None:
        rows = FreezeWindow.objects.filter(project=self.project).order_by("pk")
        if rows:
            place = index % len(rows)
            code, row = self.answer(
                environments.end_freeze_window, rows[place], actor=self.people["may"]
            )
            window = self.model.windows[place]
            assert code == (window.ended_at and "invalid_transition")
            window.ended_at = window.ended_at or row.ended_at

    def ask_to_break(self, index: int, who: str) -> None:
        self.ask_for(self.wish_of(index, "approved"), who)

    def ask_for(self, wish: Wish, who: str) -> None:
        now = timezone.now()
        expected = self.model.refusal_to_ask(wish, who, now)
        code, _ = self.answer(
            actions.ask_break_glass,
            self.release_of(wish),
            actor=self.people[who],
            reason="on fire",
        )
        assert code == expected
        if code is None:
            self.model.glasses.setdefault(wish.number, []).append(Glass(who, now))

    def confirm_the_break(self, index: int, who: str) -> None:
        waiting = [n for n in self.model.glasses if self.waits(n)]
        number = waiting[index % len(waiting)] if index and waiting else None
        wish = self.model.wishes[number] if number else self.wish_of(index)
        self.confirm_for(wish, who)

    def confirm_for(self, wish: Wish, who: str) -> None:
        now = timezone.now()
        expected = self.model.refusal_to_confirm(wish, who, now)
        code, _ = self.answer(
            actions.confirm_break_glass, self.release_of(wish), actor=self.people[who]
        )
        assert code == expected
        if code is None:
            glass = self.model.waiting_glass(wish, now)
            glass.confirmed_by, glass.confirmed_at = who, now
            self.try_by_itself(wish)

    def waits(self, number: int) -> bool:
        wish = self.model.wishes[number]
        return self.model.waiting_glass(wish, timezone.now()) is not None

    # Time

    def let_time_pass(self, minutes: int) -> None:
        """Let it pass, and all look that look from time to time."""
        self.traveller.shift(timedelta(minutes=minutes))
        self.do(lapses.reopen_lapsed)
        self.releases_stand_where_the_model_says()
        self.do(deploy_approved)
        for number in sorted(self.model.wishes):
            self.try_by_itself(self.model.wishes[number])
