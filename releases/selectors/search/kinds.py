"""What can be found: for each kind of thing, its rows, their order, how one is shown.

Rows are those that the searcher may view (domain 11); everything else does not exist.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, QuerySet

from environments.selectors.everywhere import Everywhere
from releases.models import DeployedResource, Release
from releases.selectors.search import hits
from releases.selectors.search.hits import Hit, IsWhole
from releases.selectors.search.words import Words

Rows = QuerySet[Any]

TO_SHOW: Final = ("project", "target__tenant", "target__environment")
"""What the line of a release follows."""


@dataclass(frozen=True)
class Kind:
    """A group of the answer. ``find`` returns None where the words name none of it.

    ``order`` is that of its own page; ``best`` goes before it where few are shown.
    ``related`` is read of those shown alone: to find them, an index is enough.
    """

    code: str
    title: str
    icon: str
    find: Callable[[Everywhere, Words], Rows | None]
    show: Callable[[Any, IsWhole], Hit]
    order: tuple[str, ...]
    best: str = ""
    related: tuple[str, ...] = ()


def _named(rows: Rows, words: Words, *fields: str, tags: str = "") -> Rows | None:
    return None if words.is_name else rows.filter(words.within(*fields, tags=tags))


def _releases(user: Everywhere, words: Words) -> Rows | None:
    rows = Release.objects.filter(target__in=_keys(user))
    return _named(rows, words, "title")


def _numbered(user: Everywhere, words: Words) -> Rows | None:
    if words.number is None:
        return None
    return Release.objects.filter(
        number=words.number, project__in=user.projects, target__in=_keys(user)
    )


def _commits(user: Everywhere, words: Words) -> Rows | None:
    if not words.sha:
        return None
    rows = Release.objects.filter(target__in=_keys(user))
    return rows.filter(words.begins_sha("commit_sha"))


def _edits(user: Everywhere, words: Words) -> Rows | None:
    if not words.sha:
        return None
    return user.edits.filter(words.begins_sha("source_commit"))


def _resources(user: Everywhere, words: Words) -> Rows | None:
    rows = DeployedResource.objects.filter(target__in=_keys(user))
    return _named(rows, words, "path")


def _keys(user: Everywhere) -> Rows:
    return user.targets.select_related(None).values("pk")


def _desired(
    code: str,
    title: str,
    icon: str,
    show: Callable[[Any, IsWhole], Hit],
    fields: Sequence[str],
    *,
    order: tuple[str, ...] = (),
    tags: str = "",
) -> Kind:
    """Return the kind of what ``Everywhere`` calls *code*: its name is in *fields*.

    The first of them is the very name; *tags* is a list to look in as well. *order*
    where name and key are not enough.
    """

    def find(user: Everywhere, words: Words) -> Rows | None:
        return _named(getattr(user, code), words, *fields, tags=tags)

    best = fields[0]
    return Kind(code, title, icon, find, show, order or (best, "pk"), best=best)


KINDS: Final = (
    Kind(
        "number",
        "Releases of that number",
        "git-pull-request-arrow",
        _numbered,
        hits.release,
        ("-pk",),
        related=TO_SHOW,
    ),
    _desired("projects", "Projects", "boxes", hits.project, ("slug", "name")),
    _desired(
        "targets",
        "Tenant-environments",
        "server",
        hits.target,
        ("tenant__slug", "environment__slug"),
        order=("tenant__slug", "environment__rank", "pk"),
    ),
    _desired("tenants", "Tenants", "users", hits.tenant, ("slug", "name"), tags="tags"),
    _desired(
        "environments", "Environments", "layers", hits.environment, ("slug", "name")
    ),
    _desired("workloads", "Workloads", "package", hits.workload, ("name",)),
    _desired("variables", "Variables", "variable", hits.variable, ("key",)),
    Kind(
        "releases",
        "Releases",
        "git-pull-request-arrow",
        _releases,
        hits.release,
        ("-pk",),
        related=TO_SHOW,
    ),
    Kind(
        "commits",
        "Commits of deploys",
        "git-commit-horizontal",
        _commits,
        hits.commit,
        ("-pk",),
        related=TO_SHOW,
    ),
    Kind(
        "edits",
        "Commits of edits",
        "git-commit-horizontal",
        _edits,
        hits.edit,
        ("-pk",),
    ),
    Kind(
        "resources",
        "Deployed resources",
        "file-text",
        _resources,
        hits.resource,
        ("path", "pk"),
        related=("target__project", "target__tenant", "target__environment"),
    ),
)


def closest(rows: Rows, kind: Kind, words: Words) -> Rows:
    """Return *rows* in the order of a group: best first."""
    if not kind.best:
        return rows.order_by(*kind.order)
    near = rows.annotate(closeness=words.closeness(kind.best))
    ordered: Rows = near.order_by(F("closeness"), *kind.order)
    return ordered
