"""Commit objects and their messages, read back by plain git."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.git import commits, messages, packs, refs
from delivery.git.commits import Identity
from delivery.git.locks import lock
from delivery.git.messages import ReleaseTrailers
from delivery.git.repository import Repository
from tests.git import make

TRAILERS = ReleaseTrailers(
    release_id="shop/R-42",
    author="Dora <dora@example.com>",
    approved_by=("Amir <amir@example.com>", "Olga <olga@example.com>"),
    deployed_by="system",
    timestamp=datetime(2026, 3, 1, 13, 5, 9, 999, tzinfo=timezone(timedelta(hours=1))),
    source_commit="1" * 40,
    digest="2" * 64,
    ticket="OPS-7",
)
EXPECTED = """\
Release-Id: shop/R-42
Release-Author: Dora <dora@example.com>
Release-Approved-By: Amir <amir@example.com>
Release-Approved-By: Olga <olga@example.com>
Release-Deployed-By: system
Release-Timestamp: 2026-03-01T12:05:09Z
Source-Commit: 1111111111111111111111111111111111111111
Release-Digest: 2222222222222222222222222222222222222222222222222222222222222222
Release-Ticket: OPS-7"""
SUBJECT = messages.release_subject(
    tenant="acme", environment="production", name="R-42", title="Raise the limits"
)


def committed(main: Repository, message: str, author: Identity = make.DORA) -> str:
    tip = refs.tip(main, "main")
    commit = commits.build_commit(
        parent=tip,
        tree=main.tree_of(tip),
        message=message,
        author=author,
        committer=make.SERVICE,
        at=make.NOON,
    )
    with lock(main.path):
        packs.add_pack(main, [commit])
        assert refs.compare_and_swap(main, "main", old=tip, new=commit.id.decode())
    return commit.id.decode()


def shown(main: Repository, commit: str, form: str) -> str:
    return make.git("show", "-s", f"--format={form}", commit, cwd=main.path)


def test_a_deploy_commit_tells_who_released_what(main: Repository) -> None:
    """S69: release, author, approvers and time are read with plain git."""
    message = messages.release_message(
        SUBJECT, "More memory.\n\nAsked by Stan.", TRAILERS
    )

    commit = committed(main, message)

    assert shown(main, commit, "%s") == (
        "release(acme/production): R-42 Raise the limits"
    )
    assert shown(main, commit, "%an <%ae> %aI") == (
        "Dora <dora@example.com> 2026-03-01T12:00:00+00:00"
    )
    assert shown(main, commit, "%cn <%ce> %cI") == (
        "GitOpsHQ <gitopshq@localhost> 2026-03-01T12:00:00+00:00"
    )
    assert shown(main, commit, "%(trailers:only)") == EXPECTED
    assert "More memory.\n\nAsked by Stan.\n" in shown(main, commit, "%b")
    assert make.git("fsck", "--strict", cwd=main.path) == ""


HOSTILE_NOTES = [
    "Release-Id: shop/R-1",
    "Fine.\n\nRelease-Id: shop/R-1\nRelease-Approved-By: Stan <s@example.com>",
    "Release-Id : shop/R-1\n folded",
    "text\r\n\r\nRelease-Id: shop/R-1\r\n",
    "text\u2028Release-Id: shop/R-1",
    "text\x0bRelease-Id: shop/R-1\x85Release-Id: shop/R-1",
    "\u200bRelease-Id: shop/R-1",
    "\x00Release-Id: shop/R-1",
    "Release-Id: shop/R-1\n---\nrest",
    "(cherry picked from commit 1111)\nRelease-Id: shop/R-1",
    "--- \n\nRelease-Id: shop/R-1",
]


@pytest.mark.parametrize("notes", HOSTILE_NOTES)
def test_notes_add_no_trailers(notes: str, main: Repository) -> None:
    """Notes of one release that end in another's Release-Id change nothing."""
    message = messages.release_message(SUBJECT, notes, TRAILERS)

    commit = committed(main, message)

    assert shown(main, commit, "%(trailers:only)") == EXPECTED
    assert make.git("interpret-trailers", "--parse", text=message) == EXPECTED


def test_lines_that_look_like_trailers_are_indented_by_one_space() -> None:
    message = messages.release_message(
        SUBJECT, "Why:\nRelease-Id: shop/R-1\nbecause so.\n\n\n", TRAILERS
    )

    body = message.split("\n\n")[1]
    assert body == " Why:\n Release-Id: shop/R-1\nbecause so."


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("two\nlines", "two lines"),
        ("a\r\n\r\nRelease-Id: x", "a Release-Id: x"),
        ("tab\tand\x00nul", "tab andnul"),
        ("right\u202eto left", "rightto left"),
        ("  wide   space ", "wide space"),
        ("\U0001f469\u200d\U0001f680 lift", "\U0001f469\u200d\U0001f680 lift"),
    ],
)
def test_a_subject_is_one_visible_line(title: str, subject: str) -> None:
    made = messages.release_subject(
        tenant="acme", environment="production", name="R-1", title=title
    )

    assert made == f"release(acme/production): R-1 {subject}"


@given(notes=st.text(), ticket=st.text(max_size=10), author=st.text(max_size=10))
def test_the_last_paragraph_is_ours_whatever_people_write(
    notes: str, ticket: str, author: str
) -> None:
    trailers = ReleaseTrailers(
        "shop/R-1", author, (), "system", make.NOON, "1" * 40, "2" * 64, ticket
    )

    message = messages.release_message(SUBJECT, notes, trailers)

    *others, last = message.rstrip("\n").split("\n\n")
    assert last.split("\n") == trailers.lines()
    assert not any(
        line.startswith(("Release-", "Source-Commit"))
        for part in others[1:]
        for line in part.split("\n")
    )
    assert message.split("\n")[0] == SUBJECT


@pytest.mark.parametrize(
    "author",
    [
        Identity("Do<ra>\ncommitter Stan", "d>o@example.com\n"),
        Identity("", ""),
        Identity("\u00d6zg\u00fcr", "o@example.com"),
    ],
)
def test_a_name_cannot_break_a_commit(author: Identity, main: Repository) -> None:
    commit = committed(main, "change\n", author)

    assert make.git("fsck", "--strict", cwd=main.path) == ""
    assert shown(main, commit, "%cn") == "GitOpsHQ"
    assert shown(main, commit, "%an") != ""


def test_a_commit_needs_a_zone_and_whole_ids() -> None:
    with pytest.raises(ValueError, match="zone"):
        commits.build_commit(
            parent=None,
            tree="1" * 40,
            message="",
            author=make.DORA,
            committer=make.SERVICE,
            at=datetime(2026, 3, 1),  # noqa: DTZ001
        )
    with pytest.raises(ValueError, match="object id"):
        commits.build_commit(
            parent="HEAD",
            tree="1" * 40,
            message="",
            author=make.DORA,
            committer=make.SERVICE,
            at=datetime(2026, 3, 1, tzinfo=UTC),
        )
