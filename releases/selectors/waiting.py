"""What must happen before a release can ship, and who could make it happen.

When it then can is in ``shipping``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from environments.permissions import Permission
from gitopshq.core.models import User
from releases import people
from releases.earliest import Opening
from releases.gates import Gate, Question, Verdict
from releases.models import Status

_SHOWN: Final = 3
_MENDED_BY_REFRESH: Final = {
    "rendering": "mend what cannot be rendered, then refresh",
    "source": "the source moved: refresh or recreate",
    "policy_snapshot": "refresh with a policy result that denies nothing",
}


@dataclass(frozen=True, slots=True)
class Wait:
    """What must happen first: *action* by any *count* of *who* (user names)."""

    gate: str
    action: str
    said: str
    who: Sequence[str] = ()
    count: int = 1


class Able:
    """Who could do what the gates of one release wait for."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.release = question.release

    @property
    def deploys_itself(self) -> bool:
        """Whether the system deploys it; it tries once, after a failure people do."""
        failed = self.release.status == Status.FAILED
        return self.question.terms.deploys_itself and not failed

    @cached_property
    def deployers(self) -> list[str]:
        """Name who may deploy it: whoever has the right, the author if not barred."""
        holders = self.question.holders(Permission.DEPLOY_RELEASE)
        barred = self.question.terms.block_self_deploy
        author = people.person_of(self.release.author)
        return _names(one for one in holders if not (barred and one.pk == author))

    def deployers_gate(self) -> Gate:
        """Return the gate of permission and self-deploy, asked for everybody."""
        name, title = "deployers", "Deployers"
        details = {"deployers": self.deployers}
        if self.deploys_itself:
            said = "the system deploys it"
            return Gate(name, title, Verdict.PASS, said, details=details)
        if self.deployers:
            said = in_short(self.deployers)
            return Gate(name, title, Verdict.PASS, said, details=details)
        return Gate(name, title, Verdict.FAIL, "nobody may", details=details)

    def waits(
        self, gates: Sequence[Gate], opening: Opening, alone: Opening
    ) -> list[Wait]:
        """Return what people, or running work, must bring about, in order.

        *opening* is what the clock leads to, *alone* the same with all the votes.
        """
        red = {gate.name: gate for gate in gates if gate.verdict != Verdict.PASS}
        waits = [wait for gate in red.values() if (wait := self._wait(gate))]
        if "approvals" in opening.blocked_by:
            waits.append(self._votes(alone.at))
        elif "state" in red and self.release.status == Status.PENDING_APPROVAL:
            waits.append(self._completion())
        if "freeze" in alone.blocked_by:
            waits.append(self._thaw())
        return waits

    def _wait(self, gate: Gate) -> Wait | None:
        name = gate.name
        is_running = name == "rendering" and gate.verdict == Verdict.WAIT
        if is_running or name == "in_progress":
            return Wait(name, "wait", gate.reason)
        if name in _MENDED_BY_REFRESH:
            who = self._holders(Permission.CREATE_RELEASE)
            return Wait(name, "refresh", _MENDED_BY_REFRESH[name], who)
        if name == "deployers":
            who = self._holders(Permission.MANAGE_PROJECT)
            return Wait(name, "grant", "nobody may deploy it here", who)
        if name == "state" and self.release.status == Status.DRAFT:
            who = self._holders(Permission.CREATE_RELEASE)
            return Wait(name, "submit", "submit the draft", who)
        return None

    def _votes(self, opens_at: datetime | None) -> Wait:
        """Ask for the votes that are missing when everything else is open."""
        facts, tally = self.question.progress
        at = opens_at or self.question.at
        kept = {
            vote.decision.approver.username
            for vote in tally.votes
            if vote.counts and (vote.lapses_at is None or at < vote.lapses_at)
        }
        who = [name for name in self._voters() if name not in kept]
        count = facts.required - len(kept)
        said = f"{count} {'more ' if kept else ''}approval{'' if count == 1 else 's'}"
        if tally.is_met:
            said = f"{said}: votes lapse before it can ship"
        if len(who) < count:
            said = f"{said}; only {len(who)} may give one"
        return Wait("approvals", "approve", said, who, count)

    def _thaw(self) -> Wait:
        said = f"no end of the freeze is in sight: {self.question.freeze.reason}"
        who = self._holders(Permission.MANAGE_ENVIRONMENT)
        return Wait("freeze", "unfreeze", said, who)

    def _completion(self) -> Wait:
        said = "conclude the approval"
        return Wait("state", "complete-approval", said, self._voters())

    def _voters(self) -> list[str]:
        able = self.question.approvers
        return _names(one.user for one in able if not one.reason)

    def _holders(self, permission: Permission) -> list[str]:
        return _names(self.question.holders(permission))


def in_short(names: Sequence[str]) -> str:
    """Return the first few of *names*, and how many more there are."""
    rest = len(names) - _SHOWN
    said = ", ".join(names[:_SHOWN])
    return f"{said} and {rest} more" if rest > 0 else said


def _names(users: Iterable[User]) -> list[str]:
    return [user.username for user in users]
