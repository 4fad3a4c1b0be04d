"""Any two releases, or what any two targets run, laid side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from delivery.diffs import FileDiff
from environments.models import Project, TenantEnvironment
from environments.selectors import visible_project, visible_targets
from gitopshq.core.errors import FieldError, NotFound
from gitopshq.core.models import User
from releases.models import DeployedState, Release
from releases.selectors.content import Diffs, Level
from releases.selectors.finding import number_named, releases_visible_to


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a release, and the *spec* that it was asked for by."""

    spec: str
    release: Release

    @property
    def is_target(self) -> bool:
        """Whether a target was named, not a release."""
        return self.spec != self.release.name


@dataclass(frozen=True)
class Comparison:
    """Two sides; what stands only on the second was added."""

    project: Project
    before: Side
    after: Side

    def diffs(self, level: Level) -> list[FileDiff]:
        """Return one of the three diffs.

        :raises RenderingLost: when what was rendered is not there any more
        """
        return self._diffs.at(level)

    @cached_property
    def _diffs(self) -> Diffs:
        old, new = self.before.release, self.after.release
        return Diffs(
            self.project,
            before=old.snapshot,
            after=new.snapshot,
            trees=(old.rendering.tree, new.rendering.tree),
        )


def comparison(user: User, *, project: str, before: str, after: str) -> Comparison:
    """Return what two specs name: ``R-42``, or ``acme/prod`` for what runs there.

    :raises NotFound: when *user* may view nothing of *project*, or a spec names
        nothing that they may view, or a target that runs nothing
    """
    home = visible_project(user, project)
    return Comparison(
        home,
        _side(user, home, before, pointer="/from"),
        _side(user, home, after, pointer="/to"),
    )


def targets_to_compare(user: User, project: Project) -> Iterator[TenantEnvironment]:
    """Yield the targets that run something, by environment and tenant."""
    running = DeployedState.objects.filter(target__project=project).values("target")
    rows = visible_targets(user, project).filter(pk__in=running)
    yield from rows.order_by("environment__rank", "environment__slug", "tenant__slug")


def _side(user: User, project: Project, spec: str, *, pointer: str) -> Side:
    rows = releases_visible_to(user).filter(project=project)
    rows = rows.select_related("snapshot")
    if number := number_named(spec):
        found = rows.filter(number=number).first()
    else:
        tenant, _, environment = spec.partition("/")
        state = DeployedState.objects.filter(
            target__project=project,
            target__tenant__slug=tenant,
            target__environment__slug=environment,
        )
        found = rows.filter(pk__in=state.values("release")).first()
    if found is None:
        said = f"{spec or 'nothing'} names no release, and no target that runs one"
        raise NotFound(errors=[FieldError(pointer, NotFound.code, said)])
    return Side(spec, found)
