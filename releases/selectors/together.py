"""The questions that many releases raise, answered together for a list.

In as many queries for one release as for a page of them. What is stale is read from
the flags that lists show.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType

from approvals.models import ApprovalDecision
from approvals.tally import standing_votes
from environments import access, policies
from environments.models import TenantEnvironment
from environments.permissions import Permission
from environments.policies import PolicyTerms
from environments.selectors import calendars_of
from environments.selectors.voters import voters_in
from gitopshq.core.models import User
from releases import quorum
from releases.gates import ahead_of
from releases.models import (
    CANCELLABLE,
    BreakGlass,
    DeployedState,
    Evidence,
    Release,
    Status,
)
from releases.questions import RIGHTS, Question
from releases.staleness import Staleness


def questions_about(releases: Sequence[Release], user: User) -> list[Question]:
    """Return for each release the question of its next step, its answers known.

    Targets with their environments, authors and renderings should be selected.
    """
    targets = {release.target_id: release.target for release in releases}
    progress = _progress(releases, _terms(releases, targets))
    calendars = calendars_of(list(targets.values())) if targets else {}
    rights = _rights(user, {target.environment_id for target in targets.values()})
    running = _running(targets)
    deployed = {
        row.release_id: row
        for row in DeployedState.objects.filter(release__in=releases)
    }
    glasses = _glasses(releases)
    evidence = _evidence(releases)
    found = []
    for release in releases:
        question = ahead_of(release, user)
        question.rights.update(rights[release.target.environment_id])
        others = running.get(release.target_id, [])
        _know(
            question,
            terms=progress[release.pk][0],
            progress=progress[release.pk][1],
            stale=_flagged(release),
            calendar=calendars[release.target_id],
            glasses=glasses[release.pk],
            evidence=evidence[release.pk],
            running=next((one for one in others if one != release), None),
            deployed=deployed.get(release.pk),
        )
        if not glasses[release.pk]:
            _know(question, glass=None)
        found.append(question)
    return found


def _know(question: Question, **answers: Any) -> None:
    """Put answers where the cached properties of *question* look first."""
    vars(question).update(answers)


def _terms(
    releases: Iterable[Release], targets: Mapping[int, TenantEnvironment]
) -> dict[int, PolicyTerms]:
    """Return the policy that judges each release, as ``quorum.terms_of`` does."""
    effective = policies.effective_policies(list(targets.values()))
    return {
        release.pk: policies.strictest(
            effective[release.target_id],
            *(
                [PolicyTerms.from_json(release.policy_at_cut)]
                if release.policy_at_cut
                else []
            ),
        )
        for release in releases
    }


def _progress(
    releases: Sequence[Release], terms: Mapping[int, PolicyTerms]
) -> dict[int, tuple[PolicyTerms, quorum.Progress]]:
    votes: dict[int, list[ApprovalDecision]] = {}
    decisions = ApprovalDecision.objects.filter(
        request__subject_type=ContentType.objects.get_for_model(Release),
        request__subject_id__in=terms,
    )
    standing = standing_votes(decisions).select_related("request")
    for decision in standing.order_by("decided_at", "pk"):
        votes.setdefault(decision.request.subject_id, []).append(decision)
    voted = (release for release in releases if release.pk in votes)
    voters = voters_in({release.target.environment_id for release in voted})
    summaries = quorum.summary_of(releases)
    found = {}
    for release in releases:
        facts = quorum.facts_of(
            release, terms=terms[release.pk], summary=summaries[release.pk]
        )
        progress = quorum.counted(
            facts,
            votes.get(release.pk, []),
            eligible=voters.get(release.target.environment_id, {}),
        )
        found[release.pk] = (terms[release.pk], progress)
    return found


def _rights(user: User, environments: set[int]) -> dict[int, dict[Permission, bool]]:
    held: dict[int, dict[Permission, bool]] = {pk: {} for pk in environments}
    for permission in RIGHTS:
        open_here = access.environments_open_to(user, permission)
        there = set(open_here.filter(pk__in=environments).values_list("pk", flat=True))
        for pk, rights in held.items():
            rights[permission] = pk in there
    return held


def _running(targets: Iterable[int]) -> dict[int, list[Release]]:
    found: dict[int, list[Release]] = {}
    rows = Release.objects.filter(target__in=targets, status=Status.DEPLOYING)
    for release in rows.order_by("pk"):
        found.setdefault(release.target_id, []).append(release)
    return found


def _glasses(releases: Iterable[Release]) -> dict[int, list[BreakGlass]]:
    found: dict[int, list[BreakGlass]] = {release.pk: [] for release in releases}
    rows = BreakGlass.objects.filter(release__in=found)
    for row in rows.select_related("asked_by", "confirmed_by").order_by("-pk"):
        found[row.release_id].append(row)
    return found


def _evidence(releases: Iterable[Release]) -> dict[int, Evidence]:
    """Return what is on record of each, but for its texts."""
    rows = Evidence.objects.filter(release__in=releases)
    known = {row.release_id: row for row in rows.defer("document", *Evidence.EDITABLE)}
    found = {}
    for release in releases:
        row = known.get(release.pk) or Evidence(release=release)
        row.release = release
        found[release.pk] = row
    return found


def _flagged(release: Release) -> Staleness | None:
    is_flagged = release.is_stale and release.status in CANCELLABLE
    known = release.stale_reason if is_flagged else None
    return Staleness.from_json(known) if known else None
