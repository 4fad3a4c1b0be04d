"""Any two releases, or what any two targets run, laid side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from delivery.diffs import FileDiff
from environments.models import Project, TenantEnvironment
from environments.selectors import visible_project, visible_targets
from gitopshq.core.errors import FieldError, NotFound
from gitopshq.core.models import User
from releases.models import DeployedState, Release
from releases.selectors.content import Diffs, Level
from releases.selectors.finding import number_named, releases_open_to

_FOLLOWED = (
    "project",
    "target__tenant",
    "target__environment",
    "snapshot",
    "rendering",
)
_SHOWN = (
    "number",
    "title",
    "project__slug",
    "target__tenant__slug",
    "target__environment__slug",
    "snapshot__document",
    "rendering__tree",
)


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
    named = _named(user, home, {before, after})
    return Comparison(
        home,
        _side(named, before, pointer="/from"),
        _side(named, after, pointer="/to"),
    )


def targets_to_compare(user: User, project: Project) -> Iterator[TenantEnvironment]:
    """Yield the targets that run something, by environment and tenant."""
    running = DeployedState.objects.filter(target__project=project).values("target")
    rows = visible_targets(user, project).filter(pk__in=running)
    yield from rows.order_by("environment__rank", "environment__slug", "tenant__slug")


def _named(user: User, project: Project, specs: set[str]) -> dict[str, Release]:
    """Return the releases that *specs* name, those that *user* may view."""
    numbers = {spec: number for spec in specs if (number := number_named(spec))}
    running = _running(project, specs - numbers.keys())
    rows = releases_open_to(user).filter(project=project)
    rows = rows.filter(Q(number__in=numbers.values()) | Q(pk__in=running.values()))
    found = list(rows.select_related(*_FOLLOWED).only(*_SHOWN))
    by_pk = {release.pk: release for release in found}
    return {release.name: release for release in found} | {
        spec: by_pk[pk] for spec, pk in running.items() if pk in by_pk
    }


def _running(project: Project, specs: set[str]) -> dict[str, int]:
    """Return the releases that run in the targets that *specs* name, by their keys."""
    if not specs:
        return {}
    places = [spec.partition("/") for spec in specs]
    rows = DeployedState.objects.filter(
        target__project=project,
        target__tenant__slug__in={tenant for tenant, _, _ in places},
        target__environment__slug__in={environment for _, _, environment in places},
    )
    names = ("target__tenant__slug", "target__environment__slug", "release")
    return {f"{t}/{e}": release for t, e, release in rows.values_list(*names)}


def _side(named: dict[str, Release], spec: str, *, pointer: str) -> Side:
    if spec not in named:
        said = f"{spec or 'nothing'} names no release, and no target that runs one"
        raise NotFound(errors=[FieldError(pointer, NotFound.code, said)])
    return Side(spec, named[spec])
