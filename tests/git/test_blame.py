"""Who brought a line: compared with what the real git says of the same commits."""

import random

import pytest

from delivery.git.blame import blame, last_changes
from delivery.git.repository import NoSuchObject, Repository
from tests.git import make

FILE = "acme/prod/api/a.yaml"


def lines_by_commit(main: Repository, tip: str, most: int = 500) -> list[str]:
    return [
        stretch.origin.id if stretch.origin else ""
        for stretch in blame(main, tip, FILE, most=most)
        for _ in stretch.lines
    ]


def named_by_git(main: Repository, tip: str) -> list[str]:
    told = make.git("blame", "-l", "-s", "--root", tip, "--", FILE, cwd=main.path)
    return [line.split(" ")[0].lstrip("^") for line in told.splitlines()]


def test_each_line_is_told_as_git_tells_it(main: Repository) -> None:
    dice = random.Random(7)
    text = [f"line {number}" for number in range(30)]
    tip = make.advance(main, {FILE: "\n".join([*text, ""]).encode()})
    for version in range(12):
        at = dice.randrange(len(text))
        text[at : at + dice.randrange(4)] = [
            f"version {version} line {step}" for step in range(dice.randrange(1, 4))
        ]
        tip = make.advance(main, {FILE: "\n".join([*text, ""]).encode()})
        make.advance(main, {"acme/prod/api/other.yaml": f"n: {version}\n".encode()})

    assert lines_by_commit(main, tip) == named_by_git(main, tip)
    stretches = blame(main, tip, FILE)
    assert [line for stretch in stretches for line in stretch.lines] == text
    assert [stretch.first for stretch in stretches] == [
        1 + sum(len(before.lines) for before in stretches[:at])
        for at in range(len(stretches))
    ]


def test_a_file_that_went_and_came_back_begins_anew(main: Repository) -> None:
    make.advance(main, {FILE: b"a: 1\nb: 2\n"})
    make.advance(main, {FILE: None})
    back = make.advance(main, {FILE: b"a: 1\n"})
    tip = make.advance(main, {FILE: b"a: 1\nb: 2\n"})

    assert lines_by_commit(main, tip) == [back, tip] == named_by_git(main, tip)


def test_what_is_older_than_is_looked_at_is_not_told(main: Repository) -> None:
    make.advance(main, {FILE: b"a: 1\nb: 1\nc: 1\n"})
    second = make.advance(main, {FILE: b"a: 1\nb: 2\nc: 1\n"})
    tip = make.advance(main, {FILE: b"a: 1\nb: 2\nc: 3\n"})

    assert lines_by_commit(main, tip, most=1) == ["", "", tip]
    assert lines_by_commit(main, tip, most=2) == ["", second, tip]
    assert last_changes(main, tip, "", most=0) == {"acme": None}


def test_each_entry_of_a_folder_is_told_with_its_last_commit(main: Repository) -> None:
    for number in range(4):
        make.advance(main, {f"acme/prod/s{number}/a.yaml": b"a: 1\n"})
        make.advance(main, {f"globex/prod/s{number}/a.yaml": b"a: 1\n"})
    make.advance(main, {"acme/prod/s1/b.yaml": b"b: 1\n", "acme/note.txt": b"x\n"})
    tip = make.advance(main, {"acme/prod/s2": None, "globex/prod/s0/a.yaml": b"a: 2\n"})

    for folder in ("", "acme", "acme/prod", "globex/prod"):
        found = last_changes(main, tip, folder)
        for name, origin in found.items():
            path = f"{folder}/{name}" if folder else name
            last = make.git(
                "log", "-1", "--format=%H", "main", "--", path, cwd=main.path
            )
            assert origin is not None, path
            assert origin.id == last, path
    with pytest.raises(NoSuchObject):
        last_changes(main, tip, "acme/none")
