"""The checker finds every lie that is planted in a true history."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.repositories import repositories_of
from tests.governance import history
from tests.governance.deeds import Deeds
from tests.governance.lies import LIES
from tests.governance.records import read


@pytest.fixture
def world(own_repositories: None, db: None) -> Iterator[Deeds]:
    """Two releases of one target and one of another, two votes on each.

    Then the first target is rolled back, through a freeze.
    """
    made = Deeds()
    made.change_policy(("required_approvals", 2))
    for value, spot, editor in ((1, 0, "ann"), (2, 0, "ben"), (1, 1, "cat")):
        made.edit(spot, "a", value, editor)
        made.ship(spot, "ann")
    first, rollback = 1, 4
    made.freeze_or_thaw(None)
    made.roll_back_to(made.model.wishes[first], service=False, who="ann")
    made.vote(rollback, "dan")
    made.vote(rollback, "eve")
    made.ask_to_break(rollback, "may")
    made.confirm_the_break(rollback, "max")
    made.deploy(rollback, "dee")
    assert made.model.deployed_release == [rollback, 3]
    yield made
    made.close()


def test_no_lie_in_a_true_history_holds(world: Deeds, tmp_path: Path) -> None:
    """S1, S2, S3, S18, S93: what the rules forbid cannot be hidden in the records.

    Nor can a commit that no record knows: nothing else writes what clusters follow.
    """
    main = repositories_of(world.project).main
    records = read(world.project.slug)

    assert history.problems(records, main) == []
    assert sum(record.event == "release.deployed" for record in records) == 4
    for name, (lie, said) in LIES.items():
        found = history.problems(lie(records), main)
        assert any(said in problem for problem in found), (name, found)
    [found] = history.problems(records, with_a_quick_fix(main, tmp_path / "clone"))
    assert found.endswith("is on main, and no record says so")


def with_a_quick_fix(main: Path, clone: Path) -> Path:
    """Return a clone with one commit more."""
    run = ["git", "clone", "--quiet", "--branch", "main"]
    subprocess.run([*run, main, clone], check=True)
    name = ["-c", "user.name=Mallory", "-c", "user.email=mallory@example.com"]
    words = ["commit", "--quiet", "--allow-empty", "-m", "quick fix"]
    subprocess.run(["git", "-C", clone, *name, *words], check=True)
    return clone
