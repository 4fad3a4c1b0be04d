"""Lies about a history, each with the words in which the checker must find it.

The history is that of ``test_history``: R-3 is the last ordinary release, R-4 a full
rollback from R-2 to R-1 through a freeze that two people set aside.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.governance.records import Record

Records = list[Record]
Lie = Callable[[Records], Records]


def last(records: Records, event: str, of: str) -> int:
    """Return where the last entry of that event about that release stands."""
    found = [
        place
        for place, record in enumerate(records)
        if record.event == event and record.release == of
    ]
    return found[-1]


def without(event: str, *, of: str = "R-3") -> Lie:
    """Take an entry out."""

    def tell(records: Records) -> Records:
        place = last(records, event, of)
        return records[:place] + records[place + 1 :]

    return tell


def changed(
    event: str, *, of: str = "R-3", data: dict[str, Any] | None = None, **fields: Any
) -> Lie:
    """Rewrite an entry."""

    def tell(records: Records) -> Records:
        place = last(records, event, of)
        told = records[place]
        told = replace(told, data={**told.data, **(data or {})}, **fields)
        return [*records[:place], told, *records[place + 1 :]]

    return tell


def slipped_in(
    event: str, *, of: str = "R-3", before: str = "release.deployed", **fields: Any
) -> Lie:
    """Let something else have happened right before an entry."""

    def tell(records: Records) -> Records:
        place = last(records, before, of)
        fields.setdefault("label", "prod")
        told = replace(records[place], event=event, **fields)
        return [*records[:place], told, *records[place:]]

    return tell


def moved(event: str, *, before: str, of: str = "R-3") -> Lie:
    """Let one entry come right before another."""

    def tell(records: Records) -> Records:
        told = records[last(records, event, of)]
        rest = [record for record in records if record is not told]
        place = last(rest, before, of)
        return [*rest[:place], told, *rest[place:]]

    return tell


def earlier(minutes: int, *events: str) -> Lie:
    """Date entries back."""

    def tell(records: Records) -> Records:
        back = timedelta(minutes=minutes)
        return [
            replace(record, at=record.at - back) if record.event in events else record
            for record in records
        ]

    return tell


def together(*lies: Lie) -> Lie:
    """Tell several lies at once."""

    def tell(records: Records) -> Records:
        for lie in lies:
            records = lie(records)
        return records

    return tell


def done_by_the_same(event: str, as_in: str) -> Lie:
    """Let one person have done two things to the rollback."""

    def tell(records: Records) -> Records:
        who = records[last(records, as_in, "R-4")].actor
        return changed(event, of="R-4", actor=who)(records)

    return tell


def editor_votes(records: Records) -> Records:
    """Let the last vote on R-3 be of somebody who edited what is in it."""
    edits = [record for record in records if record.event == "manifests.changed"]
    return changed("approval.voted", actor=edits[-1].actor)(records)


def author_deploys(records: Records) -> Records:
    """Let the author press deploy, where authors may not."""
    who = records[last(records, "release.created", "R-3")].actor
    at_the_button = {"before": "release.deploy_requested"}
    blocks = {"block_self_deploy": True}
    grant = {"data": {"grantee": {"user": who}}, "after": ["releases.deploy"]}
    return together(
        slipped_in("access.granted", **at_the_button, **grant),
        slipped_in("policy.changed", **at_the_button, after=blocks),
        changed("release.deploy_requested", actor=who),
    )(records)


def breaker_leaves(records: Records) -> Records:
    who = records[last(records, CONFIRMED, "R-4")].actor
    gone = {"data": {"grantee": {"user": who}}, "after": []}
    return slipped_in("access.revoked", of="R-4", **gone)(records)


ASKED, CONFIRMED = "release.break_glass_asked", "release.break_glass_confirmed"
WINDOW = {
    "environment": None,
    "tenant": "globex",
    "starts_at": "2020-01-01T00:00:00Z",
    "ends_at": "2020-01-01T23:59:00Z",
    "rrule": "FREQ=DAILY",
    "time_zone": "UTC",
}

LIES: dict[str, tuple[Lie, str]] = {
    # Quorum
    "a vote less": (without("approval.voted"), "had 1 of 2 votes"),
    "a vote for other content": (
        changed("approval.voted", data={"digest": "0" * 64}),
        "had 1 of 2 votes",
    ),
    "votes of long ago": (earlier(25 * 60, "approval.voted"), "had 0 of 2 votes"),
    "a stranger's vote": (
        changed("approval.voted", actor="stranger"),
        "had 1 of 2 votes",
    ),
    "an editor's vote": (editor_votes, "had 1 of 2 votes"),
    "a policy that was loosened, and never released": (
        together(
            slipped_in(
                "policy.changed",
                of="R-4",
                before="release.created",
                after={"required_approvals": 1},
            ),
            without("approval.voted", of="R-4"),
        ),
        "had 1 of 2 votes",
    ),
    # The way of a release
    "no approval": (
        without("release.approved"),
        "went from pending_approval to deploying",
    ),
    "no deploy": (without("release.deployed"), "no record says so"),
    "another order": (
        moved("release.deployed", before="release.deploy_requested"),
        "went from approved to deployed",
    ),
    "a failure that nobody retried": (
        slipped_in("release.deploy_failed", label="R-3 Change"),
        "went from failed to deployed",
    ),
    # Who sent it
    "a stranger at the button": (
        changed("release.deploy_requested", actor="stranger"),
        "was sent by stranger, who may not deploy",
    ),
    "nobody at the button": (
        changed("release.deploy_requested", actor="system"),
        "was sent by nobody",
    ),
    "the author at the button": (author_deploys, "was sent by its author"),
    # Freezes
    "a freeze": (
        slipped_in("environment.frozen", after={"reason": "fair", "until": None}),
        "was committed while frozen",
    ),
    "a freeze window": (
        slipped_in("freeze_window.added", object="window 1", after=WINDOW),
        "was committed while frozen",
    ),
    "a break-glass for nobody": (
        without(ASKED, of="R-4"),
        "was set aside from a freeze, and nobody had asked",
    ),
    "a break-glass of one": (
        without(CONFIRMED, of="R-4"),
        "was committed while frozen",
    ),
    "a break-glass of one who is two": (
        done_by_the_same(CONFIRMED, ASKED),
        "was set aside from a freeze by may-",
    ),
    "a break-glass of its author": (
        done_by_the_same(CONFIRMED, "release.created"),
        "was set aside from a freeze by ann-",
    ),
    "a break-glass confirmed too late": (
        earlier(61, ASKED),
        "was set aside from a freeze, and nobody had asked",
    ),
    "a break-glass that was over": (
        earlier(61, ASKED, CONFIRMED),
        "was committed while frozen",
    ),
    "a break-glass of one who left": (breaker_leaves, "was committed while frozen"),
    # Rollbacks
    "a rollback to something else": (
        changed("release.created", of="R-4", data={"rollbackTo": "R-2"}),
        "R-4 went back to R-2 by another tree",
    ),
    "a rollback of another target": (
        changed("release.created", of="R-4", data={"rollbackTo": "R-3"}),
        "went back to R-3, never deployed here",
    ),
    "a rollback that undid too little": (
        without("release.rolled_back", of="R-2"),
        "left R-2 standing",
    ),
    "a rollback that undid too much": (
        changed("release.created", of="R-4", data={"rollbackScope": "service"}),
        "undid R-2, which it did not go behind",
    ),
    "a rollback that was never deployed": (
        changed("release.rolled_back", of="R-2", data={"by": "R-9"}),
        "R-2 rolled back by R-9, which was not deployed",
    ),
    "a rollback of the policy": (
        changed("release.deployed", of="R-4", data={"policy": {}}),
        "rolled the policy back",
    ),
}
