"""The arithmetic of agreement: which votes count. Plain Python, no clock of its own."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Vote:
    """One approving vote that is neither withdrawn nor voided."""

    approver: int
    digest: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for: how many people, for how long, and who may not."""

    required: int
    expiry_hours: int | None = None
    barred: frozenset[int] = frozenset()

    def lapses_at(self, vote: Vote) -> datetime | None:
        """Return when *vote* stops counting; None: never."""
        if self.expiry_hours is None:
            return None
        return vote.decided_at + timedelta(hours=self.expiry_hours)

    def has_lapsed(self, vote: Vote, now: datetime) -> bool:
        """Say whether *vote* counts no more: at the very hour it does not."""
        ends = self.lapses_at(vote)
        return ends is not None and ends <= now


def counting(
    votes: Iterable[Vote],
    terms: Terms,
    *,
    digest: str,
    eligible: Collection[int],
    now: datetime,
) -> list[Vote]:
    """Return the votes that count at *now*, at most one per person.

    A vote counts when it is bound to *digest*, given by one of *eligible* who is not
    barred, and has not lapsed.
    """
    found: dict[int, Vote] = {}
    for vote in votes:
        if (
            digest
            and vote.digest == digest
            and vote.approver in eligible
            and vote.approver not in terms.barred
            and not terms.has_lapsed(vote, now)
        ):
            found.setdefault(vote.approver, vote)
    return list(found.values())


def falls_below_at(
    votes: Iterable[Vote], terms: Terms, *, current: int
) -> datetime | None:
    """Return when the counting *votes* drop below the quorum by lapsing; None: never.

    *current* is how many of them count now.
    """
    spare = current - terms.required
    if terms.required == 0 or spare < 0:
        return None
    lapses = sorted(at for vote in votes if (at := terms.lapses_at(vote)) is not None)
    return lapses[spare] if spare < len(lapses) else None
