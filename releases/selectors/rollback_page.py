"""What the form for a rollback shows: what differs since, and what goes with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from environments import policies
from environments.desired.reverting import (
    Conflicts,
    FieldDifference,
    differing_fields,
    revert_services,
)
from environments.desired.state import State
from environments.freezing import FreezeVerdict
from environments.models import Workload
from environments.policies import PolicyTerms
from environments.selectors import freeze_of
from environments.stored import DatabaseTexts
from releases.models import DeployedState, Release
from releases.pending import deployed_state_of
from releases.previewing import Preview
from releases.rollbacks import newer_than
from releases.selectors.content import marks_left_between


@dataclass(frozen=True)
class RollbackPage:
    """A release to go back to, beside what is deployed now; nothing is refused yet."""

    to: Release
    deployed: DeployedState
    now: State
    then: State
    fields: list[FieldDifference]
    undone: list[Release]
    terms: PolicyTerms
    freeze: FreezeVerdict

    @cached_property
    def services(self) -> list[str]:
        """Services that are not what they were, by name."""
        names = self.now.workload_named.keys() | self.then.workload_named.keys()
        return [name for name in sorted(names) if self._differs(name)]

    @cached_property
    def variables(self) -> list[FieldDifference]:
        """Variables that were changed since, those of services too."""
        return [one for one in self.fields if "variables" in one.file.split("/")]

    @cached_property
    def archived(self) -> Sequence[str]:
        """Services that were archived since, and would come back."""
        gone = self.then.workload_named.keys() - self.now.workload_named.keys()
        rows = Workload.objects.filter(project=self.to.project, name__in=gone)
        return list(
            rows.exclude(archived_at=None)
            .order_by("name")
            .values_list("name", flat=True)
        )

    def warnings(self, found: Preview) -> list[str]:
        """Say what *found*, going back, cannot take back, and what it meets."""
        variables = [
            f"{one.path.removeprefix('/')} in {one.file} was changed since: "
            f"{_said(one.then)} then, {_said(one.now)} now."
            for one in self.variables
        ]
        return [*marks_left_by(found), *variables]

    @cached_property
    def marks_left(self) -> list[str]:
        """What going back to all of it cannot take back."""
        return marks_left_between(
            self.to.project,
            self.deployed.release.rendering.tree,
            self.to.rendering.tree,
        )

    @property
    def has_changed(self) -> bool:
        """Whether going back would change anything at all."""
        return self.now.rendering_digest != self.then.rendering_digest

    def _differs(self, name: str) -> bool:
        try:
            return revert_services(self.now, self.then, [name]) != self.now
        except Conflicts:
            return True


def marks_left_by(found: Preview) -> list[str]:
    """Say what *found* would do that cannot be taken back; [] until it is rendered."""
    if found.deployed is None:
        return []
    return marks_left_between(
        found.deployed.release.project,
        found.deployed.release.rendering.tree,
        found.rendering.tree,
    )


def rollback_page(to: Release) -> RollbackPage:
    """Return what can be chosen of *to*, which must have been deployed."""
    target = to.target
    deployed = deployed_state_of(target)
    assert deployed is not None, "a release was deployed here"
    now, then = (
        State.from_json(snapshot.document)
        for snapshot in (deployed.snapshot, to.snapshot)
    )
    texts = DatabaseTexts()
    texts.prefetch(now.text_digests ^ then.text_digests)
    return RollbackPage(
        to=to,
        deployed=deployed,
        now=now,
        then=then,
        fields=differing_fields(now, then, texts),
        undone=list(newer_than(to).select_related("project").order_by("-deployed_at")),
        terms=policies.effective_policy(target),
        freeze=freeze_of(target),
    )


def _said(value: str | None) -> str:
    return "none" if value is None else f"“{value}”"
