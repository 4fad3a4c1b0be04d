"""Pending changes: what is deployed against what is desired now (domain 3). Derived."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import Value
from django.utils import timezone

from environments import capture
from environments.desired.change import Change
from environments.desired.changes import diff, freeze_state
from environments.desired.state import State
from environments.models import TenantEnvironment
from gitopshq.core.rows import one_of
from releases.models import DeployedState, HeldChange, Release, ReleaseChange


@dataclass(frozen=True, slots=True)
class PendingChange:
    """One row of the pool, with the open release that claims it, if any."""

    change: Change
    claimed_by: Release | None = None
    held_by: Release | None = None

    @property
    def is_selectable(self) -> bool:
        return self.change.selectable and self.claimed_by is None

    @property
    def is_taken_by_default(self) -> bool:
        """Whether a release made without naming changes would take it."""
        return self.is_selectable and self.held_by is None


@dataclass(frozen=True)
class Pool:
    """Everything that differs in one target, read at one instant."""

    target: TenantEnvironment
    deployed: DeployedState | None
    base: State
    now: State
    texts: capture.DatabaseTexts
    rows: tuple[PendingChange, ...]

    @cached_property
    def by_id(self) -> Mapping[str, PendingChange]:
        return {row.change.id: row for row in self.rows}

    @property
    def default_rows(self) -> list[PendingChange]:
        """What a release made without naming changes takes.

        Not what is held or claimed, nor what needs something that is.
        """
        return [
            row
            for row in self.rows
            if row.is_taken_by_default
            and not any(
                need.held_by or need.claimed_by for need in self.needs_of(row.change.id)
            )
        ]

    def needs_of(self, change_id: str) -> list[PendingChange]:
        """Return what a change needs, and what that needs in turn; in reading order.

        What a first release carries comes by itself and is left out.
        """
        needed: set[str] = set()
        ahead = [change_id]
        while ahead:
            row = self.by_id.get(ahead.pop())
            new = set(row.change.depends_on) - needed if row else set()
            needed |= new
            ahead.extend(new)
        return [
            row
            for row in self.rows
            if row.change.id in needed and not row.change.carried
        ]

    @property
    def count(self) -> int:
        """Changes that wait for a release: neither claimed, nor held, nor fixed."""
        return sum(row.is_taken_by_default for row in self.rows)

    def besides(self, release: Release) -> "Pool":
        """Return the pool as it would be if *release* claimed nothing."""
        rows = (
            replace(row, claimed_by=None) if row.claimed_by == release else row
            for row in self.rows
        )
        return replace(self, rows=tuple(rows))

    @property
    def held(self) -> int:
        return sum(row.held_by is not None for row in self.rows)


def pool_of(target: TenantEnvironment, *, besides: Release | None = None) -> Pool:
    """Return the pool of *target*; claims of the release *besides* do not count."""
    deployed = deployed_state_of(target)
    return pool_from(target, deployed, capture.state_of(target), besides=besides)


def pool_from(
    target: TenantEnvironment,
    deployed: DeployedState | None,
    now: State,
    *,
    besides: Release | None = None,
    releases: Mapping[int, Release] | None = None,
) -> Pool:
    """Return the pool of a target whose states were read a moment ago.

    *releases* holds those of the target that the caller knows, by key.
    """
    base = base_state(target, deployed)
    texts = capture.DatabaseTexts()
    texts.prefetch(set(base.text_digests) ^ set(now.text_digests))
    changes = diff(base, now, texts)
    changes += _freeze_row(target, deployed)
    taken = _taken(target, besides)
    named = _named(taken.values(), releases or {})
    rows = tuple(
        PendingChange(
            change,
            claimed_by=named.get(taken.get((change.id, ""))),
            held_by=named.get(taken.get((change.id, change.revision))),
        )
        for change in changes
    )
    return Pool(target, deployed, base, now, texts, rows)


def deployed_state_of(target: TenantEnvironment) -> DeployedState | None:
    """Return what *target* runs, or None before its first deploy."""
    rows = DeployedState.objects.select_related(
        "release__project", "release__author", "snapshot"
    )
    return one_of(rows.filter(target=target))


def base_state(target: TenantEnvironment, deployed: DeployedState | None) -> State:
    """Return the State that a next release of *target* starts from."""
    if deployed is not None:
        return State.from_json(deployed.snapshot.document)
    return State.empty(target.project.slug, target.tenant.slug, target.environment.slug)


def _taken(
    target: TenantEnvironment, besides: Release | None
) -> dict[tuple[str, str], int]:
    """Return the keys of the releases that claim or hold changes of *target*.

    By the id of a change and, where it is held, its revision.
    """
    claims = ReleaseChange.objects.filter(target=target, is_claimed=True)
    if besides is not None:
        claims = claims.exclude(release=besides)
    holds = HeldChange.objects.filter(target=target, ended_at=None)
    rows = claims.values_list("change_id", Value(""), "release_id").union(
        holds.values_list("change_id", "revision", "by_release_id"), all=True
    )
    return {(change, revision): release for change, revision, release in rows}


def _named(keys: Collection[int], known: Mapping[int, Release]) -> dict[Any, Release]:
    found = {key: known[key] for key in keys if key in known}
    if missing := set(keys) - found.keys():
        rows = Release.objects.select_related("project").filter(pk__in=missing)
        found |= {row.pk: row for row in rows}
    return found


def _freeze_row(
    target: TenantEnvironment, deployed: DeployedState | None
) -> list[Change]:
    """Return the row that shows a freeze set or lifted since the last release."""
    then = (deployed.release.frozen_at_cut or {}) if deployed else {}
    before, now = then.get("toggle"), toggled_by(target)
    if before == now:
        return []
    return [freeze_state(target.environment.slug, before=before, after=now)]


def toggled_by(target: TenantEnvironment) -> str | None:
    """Return the reason for which the environment is frozen by hand now, or None."""
    environment = target.environment
    until = environment.frozen_until
    if environment.frozen_at is None or (until and until <= timezone.now()):
        return None
    return environment.freeze_reason


def counts_by_type(changes: list[Change]) -> dict[str, int]:
    """Return how many changes there are of each type."""
    counts: dict[str, int] = {}
    for change in changes:
        counts[change.type] = counts.get(change.type, 0) + 1
    return counts
