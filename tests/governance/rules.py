"""The rules of the model: who may do what to a release, and when.

Every refusal is the code that the product answers; None is leave to do it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from environments.permissions import Permission, Role
from tests.governance.model import Model
from tests.governance.wishes import MODE, POLICY, Terms, Wish

EXPIRY: Final = timedelta(hours=24)
GLASS_LASTS: Final = timedelta(minutes=60)
DAY: Final = timedelta(days=1)
RETRYABLE: Final = ("environment_frozen", "git_conflict", "internal_error")


@dataclass
class Window:
    """Frozen from start to end, for one target or all, on one day or every day."""

    start: datetime
    length: timedelta
    is_daily: bool
    target: int | None
    ended_at: datetime | None = None

    def holds(self, target: int, at: datetime) -> bool:
        is_over = self.ended_at is not None and at >= self.ended_at
        if is_over or at < self.start or self.target not in (None, target):
            return False
        since = at - self.start
        return (since % DAY if self.is_daily else since) < self.length


@dataclass
class Glass:
    """A break-glass: who asked when, who confirmed when."""

    asked_by: str
    asked_at: datetime
    confirmed_by: str = ""
    confirmed_at: datetime | None = None

    def waits(self, at: datetime) -> bool:
        return self.confirmed_at is None and at < self.asked_at + GLASS_LASTS

    def is_open(self, at: datetime) -> bool:
        return self.confirmed_at is not None and at < self.confirmed_at + GLASS_LASTS


class Rules(Model):
    """The world with its rules."""

    def __init__(self, targets: int, terms: Terms) -> None:
        super().__init__(targets, terms)
        self.roles: dict[str, set[Role]] = {}
        self.windows: list[Window] = []
        self.frozen = False
        self.frozen_until: datetime | None = None
        self.glasses: dict[int, list[Glass]] = {}

    def may(self, who: str, permission: Permission) -> bool:
        return any(permission in role.permissions for role in self.roles[who])

    # What binds a release

    def terms(self, wish: Wish) -> Terms:
        """Return the strictest of what is set, was set at the cut, and was shipped."""
        all_of_them = [self.live, wish.terms_at_cut, *self._shipped_here(wish, POLICY)]
        return Terms(*map(max, zip(*all_of_them, strict=True)))

    def deploys_itself(self, wish: Wish) -> bool:
        modes = {self.mode, wish.mode_at_cut, *self._shipped_here(wish, MODE)}
        return modes == {"auto"}

    def _shipped_here(self, wish: Wish, name: str) -> list:
        """Return what the target ships; what the others do, where it has nothing."""
        here = self.deployed[wish.target]
        found = [here] if here else self.deployed
        return [values[name] for values in found if values]

    def counting(self, wish: Wish, at: datetime) -> set[str]:
        return {
            who
            for who, given in wish.votes.items()
            if self.may(who, Permission.APPROVE_RELEASE)
            and not self.is_barred(wish, who)
            and at < given + EXPIRY
        }

    def has_lapsed(self, given: datetime, at: datetime) -> bool:
        return at >= given + EXPIRY

    def is_barred(self, wish: Wish, who: str) -> bool:
        return self.terms(wish).bars_voting_authors and who in wish.barred

    def is_short(self, wish: Wish, at: datetime) -> bool:
        return len(self.counting(wish, at)) < self.terms(wish).required

    def is_frozen(self, target: int, at: datetime) -> bool:
        by_hand = self.frozen and (self.frozen_until is None or at < self.frozen_until)
        return by_hand or any(window.holds(target, at) for window in self.windows)

    def is_set_aside(self, wish: Wish, at: datetime) -> bool:
        """Say whether two people opened the freeze for the release, and still may."""
        return any(
            glass.is_open(at)
            and self.may(glass.asked_by, Permission.OVERRIDE_FREEZE)
            and self.may(glass.confirmed_by, Permission.OVERRIDE_FREEZE)
            for glass in self.glasses.get(wish.number, [])
        )

    # Refusals

    def refusal_of_voter(self, wish: Wish, who: str) -> str | None:
        if wish.state != "pending_approval":
            return "invalid_transition"
        if not self.may(who, Permission.APPROVE_RELEASE):
            return "permission_denied"
        return "self_approval_blocked" if self.is_barred(wish, who) else None

    def refusal_to_vote(self, wish: Wish, who: str, at: datetime) -> str | None:
        refusal = self.refusal_of_voter(wish, who)
        if refusal is None and who in wish.votes and at < wish.votes[who] + EXPIRY:
            return "already_voted"
        return refusal

    def refusal_to_conclude(self, wish: Wish, who: str, at: datetime) -> str | None:
        if wish.state != "pending_approval":
            return "invalid_transition"
        if not self.may(who, Permission.APPROVE_RELEASE):
            return "permission_denied"
        return "approval_threshold_not_met" if self.is_short(wish, at) else None

    def refusal_to_cancel(self, wish: Wish, who: str) -> str | None:
        if wish.author != who and not self.may(who, Permission.CANCEL_RELEASE):
            return "permission_denied"
        can_be = wish.state in ("pending_approval", "approved")
        return None if can_be else "invalid_transition"

    def refusal_to_send(self, wish: Wish, who: str | None, at: datetime) -> str | None:
        """Return the first gate that is red; who is None for the system."""
        return (
            self._refusal_of_sender(wish, who)
            or ("release_not_deployable" if wish.state != "approved" else None)
            or self._red_gate(wish, who, at)
            or self._other_deploy(wish)
        )

    def refusal_to_retry(self, wish: Wish, who: str, at: datetime) -> str | None:
        can_be = wish.state == "failed" and wish.failure in RETRYABLE
        return (
            self._refusal_of_sender(wish, who)
            or (None if can_be else "invalid_transition")
            or self._red_gate(wish, who, at)
            or self._other_deploy(wish)
            or ("change_already_claimed" if self._is_taken(wish) else None)
        )

    def refusal_to_commit(self, wish: Wish, at: datetime) -> str | None:
        who = wish.pressed_by
        return self._refusal_of_sender(wish, who) or self._red_gate(wish, who, at)

    def _refusal_of_sender(self, wish: Wish, who: str | None) -> str | None:
        may = who is None or self.may(who, Permission.DEPLOY_RELEASE)
        return None if may else "permission_denied"

    def _red_gate(self, wish: Wish, who: str | None, at: datetime) -> str | None:
        if who == wish.author and self.terms(wish).bars_deploying_author:
            return "self_deploy_blocked"
        if self.is_frozen(wish.target, at) and not self.is_set_aside(wish, at):
            return "environment_frozen"
        if self.is_stale(wish):
            return "stale_release_source"
        return "approval_threshold_not_met" if self.is_short(wish, at) else None

    def _other_deploy(self, wish: Wish) -> str | None:
        running = any(
            other.state == "deploying" and other.target == wish.target
            for other in self.wishes.values()
        )
        return "deploy_in_progress" if running else None

    def _is_taken(self, wish: Wish) -> bool:
        if wish.back_to is not None:
            return False
        taken = self.claims(wish.target).keys() & wish.chosen.keys()
        return bool(taken - wish.carried)

    def claim_again(self, wish: Wish) -> None:
        if wish.back_to is None:
            wish.claimed = wish.chosen.keys() - self.claims(wish.target).keys()

    # Break-glass

    def refusal_to_ask(self, wish: Wish, who: str, at: datetime) -> str | None:
        refusal = self._refusal_of_breaker(wish, who)
        if refusal is not None:
            return refusal
        if not self.is_frozen(wish.target, at):
            return "not_frozen"
        glasses = self.glasses.get(wish.number, [])
        stands = any(glass.waits(at) or glass.is_open(at) for glass in glasses)
        return "break_glass_exists" if stands else None

    def refusal_to_confirm(self, wish: Wish, who: str, at: datetime) -> str | None:
        refusal = self._refusal_of_breaker(wish, who)
        if refusal is not None:
            return refusal
        waiting = self.waiting_glass(wish, at)
        if waiting is None:
            return "no_break_glass"
        alone = who in (waiting.asked_by, wish.author)
        return "second_person_required" if alone else None

    def waiting_glass(self, wish: Wish, at: datetime) -> Glass | None:
        glasses = self.glasses.get(wish.number, [])
        return next((glass for glass in glasses if glass.waits(at)), None)

    def _refusal_of_breaker(self, wish: Wish, who: str) -> str | None:
        if not self.may(who, Permission.OVERRIDE_FREEZE):
            return "permission_denied"
        can_be = wish.state == "approved" or (
            wish.state == "failed" and wish.failure in RETRYABLE
        )
        return None if can_be else "invalid_transition"
