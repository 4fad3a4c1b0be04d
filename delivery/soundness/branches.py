"""The branches on disk against their rows, move for move and edit for edit."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from delivery.git import refs
from delivery.git.project import MAIN, SOURCE
from delivery.git.repository import Repository
from delivery.models import HostedRepository, RefMove
from delivery.repositories import places_of
from delivery.soundness.findings import Finding, Kind
from delivery.source_mirror import recorded_edit
from delivery.tips import Standing, standing
from environments.locking import lock_project
from environments.models import Edit, Project

GRAVE: Final = frozenset({Kind.MAIN_ASTRAY, Kind.UNREADABLE})
"""Findings below which nothing else can be told."""


@dataclass(frozen=True)
class _Known:
    """What rows and branches say, read while nobody moves them."""

    main: str
    source: str
    main_tip: str
    source_tip: str
    moves: dict[str, str]
    edits: dict[int, str]


def missing(project: Project) -> list[Finding]:
    """Return the repositories that are gone; a new project has none yet."""
    is_known = HostedRepository.objects.filter(project=project).exists()
    gone = places_of(project).missing() if is_known else []
    return [
        Finding(
            Kind.REPOSITORY_MISSING,
            project.slug,
            path.name,
            "the repository is not there",
            "restore it from a backup; fsck --repair makes it anew from the others",
        )
        for path in gone
    ]


def check(project: Project) -> Iterator[Finding]:
    """Yield where a branch and its rows differ."""
    places = places_of(project)
    with Repository(places.main) as served, Repository(places.source) as source:
        known = _read(project, served, source)
        yield from _main(project.slug, known, served)
        yield from _source(project.slug, known, source)


@transaction.atomic
def _read(project: Project, served: Repository, source: Repository) -> _Known:
    lock_project(project)
    row = HostedRepository.objects.filter(project=project).first()
    edits = Edit.objects.filter(project=project).order_by("sequence")
    return _Known(
        main=row.main_commit if row else "",
        source=row.source_commit if row else "",
        main_tip=refs.tip(served, MAIN),
        source_tip=refs.tip(source, SOURCE),
        moves=dict(
            RefMove.objects.filter(repository=row).values_list(
                "new_commit", "old_commit"
            )
        ),
        edits=dict(edits.values_list("sequence", "source_commit")),
    )


def _main(project: str, known: _Known, served: Repository) -> Iterator[Finding]:
    match standing(served, tip=known.main_tip, known=known.main):
        case Standing.ASTRAY:
            yield Finding(
                Kind.MAIN_ASTRAY,
                project,
                known.main,
                f"{MAIN} stands at {known.main_tip}, which lacks this commit",
                "fsck --repair brings it forward where the renderings hold the "
                "commits; else restore a newer main.git",
            )
            return
        case Standing.AHEAD:
            yield Finding(
                Kind.MAIN_AHEAD,
                project,
                known.main_tip,
                f"{MAIN} was moved here and no row says so",
                "fsck --repair writes it down",
            )
    history = {
        commit.id.decode(): commit.parents[0].decode()
        for commit in refs.first_parents(served, known.main_tip)
        if commit.parents
    }
    for new, old in history.items():
        if known.moves.get(new) != old:
            yield Finding(
                Kind.MOVE_UNRECORDED,
                project,
                new,
                f"this commit of {MAIN} is in no recorded move from {old}",
                "fsck --repair writes it down",
            )
    for new in known.moves.keys() - history.keys():
        yield Finding(
            Kind.MOVE_UNKNOWN,
            project,
            new,
            f"{MAIN} was moved to this commit and does not hold it",
            "find out who rewrote main.git; restore it",
        )


def _source(project: str, known: _Known, source: Repository) -> Iterator[Finding]:
    history = {
        found.id.decode() for found in refs.first_parents(source, known.source_tip)
    }
    lost = [
        (sequence, commit)
        for sequence, commit in known.edits.items()
        if commit and commit not in history
    ]
    if lost:
        sequence, commit = lost[0]
        yield Finding(
            Kind.SOURCE_ASTRAY,
            project,
            commit,
            f"{SOURCE} lacks {len(lost)} edits, from edit {sequence} on",
            "fsck --repair makes their commits again where the same come out; "
            "else restore a newer source.git",
        )
        return
    here = recorded_edit(source, known.source_tip)
    is_on_its_way = known.edits.get(here) == ""
    where = standing(source, tip=known.source_tip, known=known.source)
    if where is not Standing.SAME and not is_on_its_way:
        yield Finding(
            Kind.SOURCE_AHEAD,
            project,
            known.source_tip,
            f"{SOURCE} was moved here, to edit {here}, and no row says so",
            "fsck --repair turns back what no edit tells",
        )
