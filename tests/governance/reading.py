"""Going through the records once: what each release was, and what was wrong with it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.governance.circumstances import Circumstances, Policy, strictest
from tests.governance.records import Record

VOTE, DEPLOY, OVERRIDE = "releases.approve", "releases.deploy", "freeze.override"
GLASS_LASTS = timedelta(minutes=60)


@dataclass
class Glass:
    """A break-glass, as asked for and as confirmed."""

    asked_by: str
    asked_at: datetime
    confirmed_by: str = ""
    confirmed_at: datetime | None = None


@dataclass
class Story:
    """What the records say of one release up to now."""

    name: str
    target: str
    author: str
    hands: set[str]
    barred: set[str]
    cut: Policy
    state: str
    cut_after: str | None
    back_to: str | None
    is_full: bool
    votes: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    glasses: list[Glass] = field(default_factory=list)
    sent_by: str = ""
    turn: int = 0
    commit: str = ""


class Reading:
    """Takes the records in their order; ``wrong`` is what they admit."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.stories: dict[str, Story] = {}
        self.around = Circumstances()
        self.deployed: dict[str, str] = {}
        self.released: dict[str, Policy] = {}
        self.undone: dict[str, list[Story]] = {}
        self.trees: dict[str, tuple[str, str, str]] = {}

    def take(self, record: Record) -> None:
        self.around.take(record)
        handler = getattr(self, "_" + record.event.replace(".", "_"), None)
        if handler is not None:
            handler(record)

    def blame(self, record: Record, what: str) -> None:
        self.wrong.append(f"entry {record.sequence}: {record.release} {what}")

    def story_of(self, record: Record) -> Story:
        return self.stories[record.release]

    # A release is made, and made anew

    def _release_created(self, record: Record) -> None:
        self.stories[record.release] = Story(
            name=record.release,
            target=record.data["target"],
            author=record.actor,
            hands={record.actor},
            barred=set(record.data["barred"]),
            cut=self.around.live,
            state=record.after["state"],
            cut_after=self.deployed.get(record.data["target"]),
            back_to=record.data["rollbackTo"],
            is_full=record.data["rollbackScope"] == "full",
        )

    def _release_refreshed(self, record: Record) -> None:
        story = self.story_of(record)
        story.hands.add(record.actor)
        story.barred = set(record.data["barred"])
        story.cut = self.around.live
        story.cut_after = self.deployed.get(story.target)

    def _release_recreated(self, record: Record) -> None:
        self.stories[record.data["by"]].hands |= self.story_of(record).hands

    # People agree

    def _approval_voted(self, record: Record) -> None:
        vote = (record.data["digest"], record.at)
        self.story_of(record).votes[record.actor] = vote

    def _approval_vote_withdrawn(self, record: Record) -> None:
        self.story_of(record).votes.pop(record.actor, None)

    def _approval_votes_carried(self, record: Record) -> None:
        story = self.story_of(record)
        old, new = record.data["old"], record.data["new"]
        story.votes = {
            who: (new if digest == old else digest, at)
            for who, (digest, at) in story.votes.items()
        }

    def _release_break_glass_asked(self, record: Record) -> None:
        self.story_of(record).glasses.append(Glass(record.actor, record.at))

    def _release_break_glass_confirmed(self, record: Record) -> None:
        story, asked_by = self.story_of(record), record.data["asked_by"]
        if record.actor in (asked_by, story.author):
            self.blame(record, f"was set aside from a freeze by {record.actor} alone")
            return
        for glass in story.glasses:
            asked = glass.asked_by == asked_by and glass.confirmed_at is None
            if asked and record.at < glass.asked_at + GLASS_LASTS:
                glass.confirmed_by, glass.confirmed_at = record.actor, record.at
                return
        self.blame(record, "was set aside from a freeze, and nobody had asked")

    # It goes from state to state

    def _release_submitted(self, record: Record) -> None:
        self._step(record, "draft", "pending_approval")

    def _release_approved(self, record: Record) -> None:
        self._step(record, "pending_approval", "approved")

    def _release_reopened(self, record: Record) -> None:
        self._step(record, "approved", "pending_approval")

    def _release_cancelled(self, record: Record) -> None:
        self._step(record, "pending_approval approved draft", "cancelled")

    def _release_deploy_requested(self, record: Record) -> None:
        self._step(record, "approved", "deploying")
        self.story_of(record).sent_by = record.actor

    def _release_retry_requested(self, record: Record) -> None:
        self._step(record, "failed", "deploying")
        self.story_of(record).sent_by = record.actor

    def _release_deploy_failed(self, record: Record) -> None:
        self._step(record, "deploying", "failed")

    def _release_rolled_back(self, record: Record) -> None:
        self._step(record, "deployed", "rolled_back")
        self.undone.setdefault(record.data["by"], []).append(self.story_of(record))

    def _step(self, record: Record, before: str, after: str) -> None:
        story = self.story_of(record)
        if story.state not in before.split():
            self.blame(record, f"went from {story.state} to {after}")
        story.state = after

    # It is committed

    def _release_deployed(self, record: Record) -> None:
        self._step(record, "deploying", "deployed")
        story = self.story_of(record)
        story.commit, story.turn = record.data["commit"], len(self.trees) + 1
        frozen = self.around.is_frozen(story.target, record.at)
        if frozen and not self._is_set_aside(story, record.at):
            self.blame(record, "was committed while frozen")
        if story.cut_after != self.deployed.get(story.target):
            self.blame(record, "was committed past another deploy of its target")
        self._check_people(record, story)
        self._check_way_back(record, story)
        self.deployed[story.target] = story.name
        self.released[story.target] = record.data["policy"]
        tree = (record.data["tree"], story.target, story.name)
        if self.trees.setdefault(story.commit, tree) != tree:
            self.blame(record, "shares its commit with another release")

    def _is_set_aside(self, story: Story, at: datetime) -> bool:
        return any(
            glass.confirmed_at is not None
            and at < glass.confirmed_at + GLASS_LASTS
            and self.around.may(glass.asked_by, OVERRIDE)
            and self.around.may(glass.confirmed_by, OVERRIDE)
            for glass in story.glasses
        )

    def _check_people(self, record: Record, story: Story) -> None:
        """Enough agreed, and whoever sent it might."""
        here = self.released.get(story.target)
        carried = self.released.values() if here is None else [here]
        policy = strictest([self.around.live, story.cut, *carried])
        votes = len(self._counted(story, record, policy))
        if votes < policy["required_approvals"]:
            self.blame(record, f"had {votes} of {policy['required_approvals']} votes")
        if story.sent_by == "system":
            if not policy["deploys_itself"]:
                self.blame(record, "was sent by nobody")
        elif not self.around.may(story.sent_by, DEPLOY):
            self.blame(record, f"was sent by {story.sent_by}, who may not deploy")
        elif policy["block_self_deploy"] and story.sent_by == story.author:
            self.blame(record, "was sent by its author")

    def _counted(self, story: Story, record: Record, policy: Policy) -> set[str]:
        hours = policy["approval_expiry_hours"]
        blocks = policy["block_self_approval"]
        blocked = story.hands | story.barred if blocks else set()
        return {
            who
            for who, (digest, at) in story.votes.items()
            if digest == record.data["digest"]
            and self.around.may(who, VOTE)
            and who not in blocked
            and (hours is None or record.at < at + timedelta(hours=hours))
        }

    def _check_way_back(self, record: Record, story: Story) -> None:
        """A full rollback undoes what came after, and nothing else undoes any."""
        undone = self.undone.pop(story.name, [])
        if story.back_to is None:
            newer: list[Story] = []
        else:
            anchor = self.stories[story.back_to]
            if not anchor.turn or anchor.target != story.target:
                self.blame(record, f"went back to {anchor.name}, never deployed here")
            if record.data["policy"] != self.released.get(story.target):
                self.blame(record, "rolled the policy back")
            newer = [
                other
                for other in self.stories.values()
                if story.is_full
                and other.target == story.target
                and anchor.turn < other.turn < story.turn
            ]
        for other in undone:
            if other not in newer:
                self.blame(record, f"undid {other.name}, which it did not go behind")
        for other in newer:
            if other.state == "deployed":
                self.blame(record, f"left {other.name} standing")

    def end(self) -> list[str]:
        """Return what was wrong, once every record is taken."""
        for by, stories in self.undone.items():
            names = ", ".join(story.name for story in stories)
            self.wrong.append(f"{names} rolled back by {by}, which was not deployed")
        return self.wrong
