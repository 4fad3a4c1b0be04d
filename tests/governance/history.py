"""Proving from the records alone that governance held.

Reads audit entries and the branch that clusters follow, nothing else: no release row,
no approval row. What it finds wrong comes back in words; nothing found is the proof.
"""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gitopshq.core.models import AuditEntry

VOTE = "releases.approve"


@dataclass(frozen=True)
class Record:
    """One audit entry."""

    sequence: int
    at: datetime
    actor: str
    event: str
    object: str
    label: str
    before: Any
    after: Any
    data: dict[str, Any]


@dataclass
class Story:
    """What the records say of one release up to now."""

    target: str
    author: str
    hands: set[str]
    cut_required: int
    state: str
    cut_after: str | None
    votes: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    commit: str = ""


def read(project: str) -> list[Record]:
    """Return the audit entries of a project, oldest first."""
    return [
        Record(
            entry.sequence,
            entry.at,
            entry.actor_name,
            entry.event,
            f"{entry.object_type} {entry.object_id}",
            entry.object_label,
            entry.before,
            entry.after,
            entry.data,
        )
        for entry in AuditEntry.objects.filter(project=project).order_by("sequence")
    ]


def problems(records: Sequence[Record], main: Path) -> list[str]:
    """Return what in the history contradicts the rules; empty is the proof.

    One commit for each deployed release and one release for each commit; the quorum
    held by people eligible then, none of them an author, on that very digest, not
    lapsed; never frozen; never past another deploy of the target.
    """
    reading = _Reading()
    for record in records:
        reading.take(record)
    return [*reading.wrong, *_commits(reading, main)]


class _Reading:
    """Goes through the records once."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.stories: dict[str, Story] = {}
        self.policy: dict[str, Any] = {}
        self.frozen = False
        self.holders: dict[str, set[str]] = {}
        self.deployed: dict[str, str] = {}
        self.trees: dict[str, tuple[str, str, str]] = {}

    def take(self, record: Record) -> None:
        handler = getattr(self, "_" + record.event.replace(".", "_"), None)
        if handler is not None:
            handler(record)

    def blame(self, record: Record, what: str) -> None:
        self.wrong.append(f"entry {record.sequence}: {name_of(record)} {what}")

    def _policy_changed(self, record: Record) -> None:
        self.policy = {**self.policy, **(record.after or {})}

    def _environment_frozen(self, record: Record) -> None:
        self.frozen = True

    def _environment_unfrozen(self, record: Record) -> None:
        self.frozen = False

    def _access_granted(self, record: Record) -> None:
        who = record.data["grantee"].get("user", "")
        self.holders[who] = set(record.after)

    _access_revoked = _access_granted

    def _release_created(self, record: Record) -> None:
        self.stories[name_of(record)] = Story(
            target=record.data["target"],
            author=record.actor,
            hands={record.actor},
            cut_required=self.policy["required_approvals"],
            state=record.after["state"],
            cut_after=self.deployed.get(record.data["target"]),
        )

    def _release_refreshed(self, record: Record) -> None:
        story = self.stories[name_of(record)]
        story.hands.add(record.actor)
        story.cut_required = self.policy["required_approvals"]
        story.cut_after = self.deployed.get(story.target)

    def _approval_voted(self, record: Record) -> None:
        story = self.stories[name_of(record)]
        story.votes[record.actor] = (record.data["digest"], record.at)

    def _approval_vote_withdrawn(self, record: Record) -> None:
        self.stories[name_of(record)].votes.pop(record.actor, None)

    def _approval_votes_carried(self, record: Record) -> None:
        story = self.stories[name_of(record)]
        old, new = record.data["old"], record.data["new"]
        story.votes = {
            who: (new if digest == old else digest, at)
            for who, (digest, at) in story.votes.items()
        }

    def _release_approved(self, record: Record) -> None:
        self._step(record, "pending_approval", "approved")

    def _release_reopened(self, record: Record) -> None:
        self._step(record, "approved", "pending_approval")

    def _release_cancelled(self, record: Record) -> None:
        self._step(record, "pending_approval approved draft", "cancelled")

    def _release_deploy_requested(self, record: Record) -> None:
        self._step(record, "approved", "deploying")

    def _release_deployed(self, record: Record) -> None:
        self._step(record, "deploying", "deployed")
        story = self.stories[name_of(record)]
        if self.frozen:
            self.blame(record, "was committed while frozen")
        if story.cut_after != self.deployed.get(story.target):
            self.blame(record, "was committed past another deploy of its target")
        counted = self._counted(story, record)
        required = max(self.policy["required_approvals"], story.cut_required)
        if len(counted) < required:
            self.blame(record, f"had {len(counted)} of {required} votes")
        story.commit = record.data["commit"]
        self.deployed[story.target] = name_of(record)
        tree = (record.data["tree"], story.target, name_of(record))
        if self.trees.setdefault(story.commit, tree) != tree:
            self.blame(record, "shares its commit with another release")

    def _counted(self, story: Story, record: Record) -> set[str]:
        hours = self.policy.get("approval_expiry_hours")
        blocked = story.hands if self.policy["block_self_approval"] else set()
        return {
            who
            for who, (digest, at) in story.votes.items()
            if digest == record.data["digest"]
            and VOTE in self.holders.get(who, ())
            and who not in blocked
            and (hours is None or record.at < at + timedelta(hours=hours))
        }

    def _step(self, record: Record, before: str, after: str) -> None:
        story = self.stories[name_of(record)]
        if story.state not in before.split():
            self.blame(record, f"went from {story.state} to {after}")
        story.state = after


def _commits(reading: _Reading, main: Path) -> Iterator[str]:
    """Compare the branch with what the records say was committed."""
    found: dict[str, str] = {}
    for row in _git(
        main,
        "log",
        "--format=%H%x09%P%x09%(trailers:key=Release-Id,valueonly,separator=%x2C)",
        "main",
    ).splitlines():
        commit, parents, release = row.split("\t")
        if parents:
            found[commit] = release.rpartition("/")[2]
    for commit in found:
        if commit not in reading.trees:
            yield f"commit {commit} is on main, and no record says so"
    for commit, (tree, target, name) in reading.trees.items():
        if found.get(commit) != name:
            yield f"{name} was recorded as {commit}, which main does not hold for it"
        elif _git(main, "rev-parse", f"{commit}:{target}").strip() != tree:
            yield f"{name} committed another tree than the one on record"


def name_of(record: Record) -> str:
    """Return which release a record is about; requests are called like theirs."""
    return record.label.partition(" ")[0]


def files_of(repository: Path, place: str) -> dict[str, str]:
    """Return the texts below a place, such as ``main:acme/prod``, by path."""
    names = _git(repository, "ls-tree", "-r", "--name-only", place).splitlines()
    return {name: _git(repository, "show", f"{place}/{name}") for name in names}


def _git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", repository, *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout
