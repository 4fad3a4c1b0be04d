"""The branches of a project as people browse them: each commit with its release."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from delivery import browsing
from delivery.browsing import CommitFile, FileContent, Place
from delivery.git.blame import Stretch
from delivery.git.history import HistoryEntry
from delivery.git.project import MAIN, SOURCE
from delivery.git.repository import NoSuchObject
from delivery.git.trees import FolderEntry
from delivery.models import RepositoryReader
from delivery.readers import sees_source
from delivery.reading import readers_of
from environments.models import Project
from environments.selectors import sees_whole, visible_project
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User
from releases.models import Release
from releases.selectors.finding import number_named

COMMITS_AT_ONCE: Final = 50
READERS_SHOWN: Final = 20


@dataclass(frozen=True)
class Told:
    """A commit, and the release that made it; the first one and edits have none."""

    commit: HistoryEntry
    release: Release | None

    @property
    def author(self) -> str:
        """Who asked for it: the release's author, else the commit's, by name."""
        if self.release:
            return self.release.author.label
        return self.commit.author.rpartition(" <")[0]


@dataclass(frozen=True)
class Row:
    """An entry of a folder; ``last`` is None where that is longer ago than is read."""

    entry: FolderEntry
    last: Told | None


@dataclass(frozen=True)
class Lines:
    """Consecutive lines of a file that one commit brought."""

    stretch: Stretch
    origin: Told | None


@dataclass(frozen=True)
class Standing:
    """Where in a project's branches somebody looks."""

    project: Project
    branches: tuple[str, ...]
    ref: str
    branch: str
    told: Told
    path: str


@dataclass(frozen=True)
class FolderPage:
    at: Standing
    rows: list[Row]


@dataclass(frozen=True)
class FilePage:
    """A file; ``lines`` is empty where it is not shown as text."""

    at: Standing
    content: FileContent
    lines: list[Lines]


@dataclass(frozen=True)
class CommitsPage:
    at: Standing
    rows: list[Told]
    next: str


@dataclass(frozen=True)
class CommitPage:
    at: Standing
    parent: str | None
    files: list[CommitFile]


@dataclass(frozen=True)
class Connection:
    """The objects that make a cluster follow one target, as YAML."""

    target: str
    argocd: str
    flux: str


@dataclass(frozen=True)
class Reader:
    """A program that reads the repository; what stood there when it last did."""

    row: RepositoryReader
    release: Release | None
    is_current: bool


@dataclass(frozen=True)
class ConnectPage:
    at: Standing
    connections: list[Connection]
    readers: list[Reader]


def browse(user: User, *, project: str, ref: str, path: str) -> FolderPage | FilePage:
    """Return the folder or the file at *path*.

    *ref* is a branch, a commit's id, or the name of a deployed release.

    :raises NotFound: where nothing is, or nothing that *user* may see
    """
    with _standing(user, project, ref, path) as (at, place):
        if browsing.is_folder(place, path):
            rows = browsing.folder(place, path)
            tell = _teller(at.project, (last for _, last in rows))
            return FolderPage(at, [Row(entry, tell(last)) for entry, last in rows])
        content = browsing.content(place, path)
        found = browsing.origins(place, path) if content.text is not None else []
        tell = _teller(at.project, (one.origin for one in found))
        return FilePage(at, content, [Lines(one, tell(one.origin)) for one in found])


def raw(user: User, *, project: str, ref: str, path: str) -> bytes:
    """Return the bytes of a file.

    :raises NotFound: where none is, or none that *user* may see
    """
    with _standing(user, project, ref, path) as (_, place):
        data = browsing.content(place, path).data
    if data is None:
        raise NotFound
    return data


def commits(
    user: User, *, project: str, ref: str, path: str, after: str
) -> CommitsPage:
    """Return the commits that changed *path*, newest first; *after* pages on.

    :raises NotFound: where nothing is, or nothing that *user* may see
    """
    with _standing(user, project, ref, path) as (at, place):
        found, following = browsing.commits(
            place, path, limit=COMMITS_AT_ONCE, after=after
        )
        tell = _teller(at.project, found)
        rows = [told for entry in found if (told := tell(entry))]
        return CommitsPage(at, rows, following)


def commit(user: User, *, project: str, sha: str) -> CommitPage:
    """Return one commit with what it changed.

    :raises NotFound: where none is, or none that *user* may see
    """
    with _standing(user, project, sha, "") as (at, place):
        return CommitPage(at, place.parent, browsing.changed(place))


def connections(user: User, *, project: str) -> ConnectPage:
    """Return the objects by which Argo CD and Flux follow each deployed target.

    :raises NotFound: where none is, or none that *user* may see
    """
    with _standing(user, project, MAIN, "") as (at, place):
        argocd = browsing.texts_below(place, ".argocd")
        flux = browsing.texts_below(place, ".flux")
        return ConnectPage(
            at,
            [
                Connection(path.removesuffix(".yaml"), text, flux.get(path, ""))
                for path, text in argocd.items()
            ],
            _readers(at),
        )


def _readers(at: Standing) -> list[Reader]:
    rows = list(readers_of(at.project)[:READERS_SHOWN])
    made = _releases_of(at.project, {row.commit for row in rows})
    now = at.told.commit.id
    return [Reader(row, made.get(row.commit), row.commit == now) for row in rows]


@contextmanager
def _standing(
    user: User, slug: str, ref: str, path: str
) -> Iterator[tuple[Standing, Place]]:
    project = visible_project(user, slug)
    if not sees_whole(user, project):
        raise NotFound
    with_source = sees_source(user, project)
    try:
        with browsing.opened(
            project, _commit_of(project, ref), with_source=with_source
        ) as place:
            told = _teller(project, [place.commit])(place.commit)
            assert told is not None
            branches = (MAIN, SOURCE) if with_source else (MAIN,)
            yield Standing(project, branches, ref, place.branch, told, path), place
    except NoSuchObject:
        raise NotFound from None


def _commit_of(project: Project, ref: str) -> str:
    """Return what stands for *ref* in Git: the commit, where it names a release."""
    number = number_named(ref)
    if number is None:
        return ref
    found = Release.objects.filter(project=project, number=number).first()
    if found is None or not found.commit_sha:
        raise NotFound
    return found.commit_sha


def _releases_of(project: Project, shas: set[str]) -> dict[str, Release]:
    """Return the releases that made the commits *shas*, by commit."""
    found = Release.objects.filter(project=project, commit_sha__in=shas - {""})
    rows = found.select_related("project", "author")
    return {release.commit_sha: release for release in rows}


class _Teller:
    """Knows the releases of commits, asked for once."""

    def __init__(self, project: Project, shas: set[str]) -> None:
        self._made = _releases_of(project, shas)

    def __call__(self, entry: HistoryEntry | None) -> Told | None:
        return Told(entry, self._made.get(entry.id)) if entry else None


def _teller(project: Project, entries: Iterable[HistoryEntry | None]) -> _Teller:
    return _Teller(project, {entry.id for entry in entries if entry})
