"""The checker finds every lie that is planted in a true history."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from delivery.repositories import repositories_of
from tests.governance import history
from tests.governance.deeds import Deeds
from tests.governance.history import Record

Lie = Callable[[list[Record]], list[Record]]


@pytest.fixture
def world(own_repositories: None, db: None) -> Iterator[Deeds]:
    """Two releases of one target, two votes on each; then one of another target."""
    made = Deeds()
    made.change_policy(2)
    for value, spot in ((1, 0), (2, 0), (1, 1)):
        made.edit(spot, "a", value, "ann")
        made.ship(spot, "ann")
    assert made.model.deployed_release == [2, 3]
    yield made
    made.close()


def without(event: str, actor: str = "") -> Lie:
    """Take the last entry of that event out."""

    def tell(records: list[Record]) -> list[Record]:
        last = max(
            place
            for place, record in enumerate(records)
            if record.event == event and record.actor.startswith(actor)
        )
        return records[:last] + records[last + 1 :]

    return tell


def changed(event: str, **fields: Any) -> Lie:
    """Rewrite the last entry of that event."""

    def tell(records: list[Record]) -> list[Record]:
        last = max(p for p, record in enumerate(records) if record.event == event)
        told = replace(records[last], **fields)
        return [*records[:last], told, *records[last + 1 :]]

    return tell


def moved(event: str, *, before: str) -> Lie:
    """Let the last entry of an event come right before the last of another."""

    def tell(records: list[Record]) -> list[Record]:
        told = [record for record in records if record.event == event][-1]
        rest = [record for record in records if record is not told]
        place = max(p for p, record in enumerate(rest) if record.event == before)
        return [*rest[:place], told, *rest[place:]]

    return tell


def digest_changed(records: list[Record]) -> list[Record]:
    last = max(
        p for p, record in enumerate(records) if record.event == "approval.voted"
    )
    data = {**records[last].data, "digest": "0" * 64}
    told = replace(records[last], data=data)
    return [*records[:last], told, *records[last + 1 :]]


def frozen_before_the_commit(records: list[Record]) -> list[Record]:
    last = max(p for p, r in enumerate(records) if r.event == "release.deployed")
    freeze = replace(records[last], event="environment.frozen")
    return [*records[:last], freeze, *records[last:]]


def votes_long_ago(records: list[Record]) -> list[Record]:
    return [
        replace(record, at=record.at - timedelta(hours=25))
        if record.event == "approval.voted"
        else record
        for record in records
    ]


LIES = {
    "a vote less": (without("approval.voted"), "had 1 of 2 votes"),
    "a vote for other content": (digest_changed, "had 1 of 2 votes"),
    "votes of long ago": (votes_long_ago, "had 0 of 2 votes"),
    "a stranger's vote": (
        changed("approval.voted", actor="stranger"),
        "had 1 of 2 votes",
    ),
    "no approval": (
        without("release.approved"),
        "went from pending_approval to deploying",
    ),
    "no deploy": (without("release.deployed"), "no record says so"),
    "a freeze": (frozen_before_the_commit, "was committed while frozen"),
    "another order": (
        moved("release.deployed", before="release.deploy_requested"),
        "went from approved to deployed",
    ),
}


def test_a_true_history_holds_and_no_lie_in_it_does(world: Deeds) -> None:
    """S1, S2, S93: what the rules forbid cannot be hidden by changing the records."""
    main = repositories_of(world.project).main
    records = history.read(world.project.slug)

    assert history.problems(records, main) == []
    assert sum(record.event == "release.deployed" for record in records) == 3
    for name, (lie, said) in LIES.items():
        found = history.problems(lie(records), main)
        assert any(said in problem for problem in found), (name, found)


def test_a_commit_that_no_record_knows_is_found(world: Deeds, tmp_path: Path) -> None:
    """S3: nothing else writes what clusters follow."""
    records = history.read(world.project.slug)
    clone = tmp_path / "clone"
    run = ["git", "clone", "--quiet", "--branch", "main"]
    subprocess.run([*run, repositories_of(world.project).main, clone], check=True)
    name = ["-c", "user.name=Mallory", "-c", "user.email=mallory@example.com"]
    words = ["commit", "--quiet", "--allow-empty", "-m", "quick fix"]
    subprocess.run(["git", "-C", clone, *name, *words], check=True)

    [found] = history.problems(records, clone)

    assert found.endswith("is on main, and no record says so")
