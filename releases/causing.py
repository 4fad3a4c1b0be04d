"""Working out what each change between two snapshots did to the manifests.

Renders with changes left out, in a worker. How lines are told apart is in
``delivery.diffs.causes``; who asks, and what becomes of the answer, elsewhere.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from delivery.diffs import FileDiff, diff_files
from delivery.diffs.cause_groups import stretches
from delivery.diffs.causes import LineCauses, Version, find_causes
from delivery.git.repository import Repository
from delivery.manifests import manifest_texts
from delivery.rendering_requests import engines
from delivery.repositories import repositories_of
from delivery.variants import Variants
from environments.desired import applying
from environments.desired.change import ENVIRONMENT_POLICY, HQ_VARIABLE, Change
from environments.desired.changes import diff
from environments.desired.resolving import units
from environments.desired.state import State
from environments.desired.substitution import find_used
from environments.desired.text_store import TextStore
from environments.desired.texts import TextRefused
from environments.stored import DatabaseTexts
from releases.models import CauseSearch

MOST_USES = 5
"""Places told of a variable in one unit."""

Causes = Mapping[str, Mapping[int, LineCauses]]


class ScratchTexts(TextStore):
    """Texts of States that are tried out: read from the database, never written."""

    def __init__(self, digests: Iterable[str]) -> None:
        super().__init__()
        self._stored = DatabaseTexts()
        self._stored.prefetch(frozenset(digests))

    def __missing__(self, digest: str) -> str:
        return self._stored[digest]


def work_out(search: CauseSearch, *, beat: Callable[[], None]) -> dict[str, Any]:
    """Return what ``CauseSearch.result`` holds.

    ``files`` maps paths to stretches of lines with their causes, ``changes`` ids to
    words, and ``uses`` ids of variables to the places that name them, by unit.

    :raises NoSuchObject: when a tree is not there any more
    :raises FileNotFoundError: when there is no repository
    :raises RenderingBroke: when the children do not work
    """
    between = _Between.read(search)
    project = search.project
    files = diff_files(*manifest_texts(project, search.tree_before, search.tree_after))
    with Repository(repositories_of(project).renderings) as repository:
        variants = Variants(
            project=project,
            repository=repository,
            paths=[file.path for file in files],
            texts=between.texts,
            engines=engines(),
            secrets_in_git=search.secrets_in_git,  # type: ignore[arg-type]
            beat=beat,
        )

        def render(many: Sequence[frozenset[str]]) -> Sequence[Version]:
            beat()
            return variants.versions([between.state_with(chosen) for chosen in many])

        found = find_causes(files, between.needs, render)
    return _document(between, files, found)


@dataclass(frozen=True)
class _Between:
    """Two states and every change between them."""

    before: State
    after: State
    changes: Sequence[Change]
    texts: ScratchTexts

    @classmethod
    def read(cls, search: CauseSearch) -> "_Between":
        after = State.from_json(search.after.document)
        before = (
            State.from_json(search.before.document)
            if search.before
            else State.empty(*after.place)
        )
        texts = ScratchTexts(before.text_digests | after.text_digests)
        return cls(before, after, diff(before, after, texts), texts)

    @property
    def needs(self) -> dict[str, tuple[str, ...]]:
        """What can be left out, each with what it needs.

        Not the policy, which nothing is rendered from, nor what is shipped anyhow.
        """
        return {
            change.id: change.depends_on
            for change in self.changes
            if change.type != ENVIRONMENT_POLICY and not change.carried
        }

    def state_with(self, chosen: frozenset[str]) -> State | None:
        """Return the state with just these changes made; None if it cannot be cut."""
        always = {one.id for one in self.changes} - self.needs.keys()
        try:
            return applying.apply(self.before, self.after, chosen | always, self.texts)
        except (applying.InseparableChanges, applying.MissingDependency):
            return None


def _document(
    between: _Between, files: Sequence[FileDiff], found: Causes
) -> dict[str, Any]:
    named = {
        change
        for lines in found.values()
        for why in lines.values()
        for change, _ in why.causes
    }
    changes = [change for change in between.changes if change.id in named]
    reached = {path.partition("/")[0] for path in found}
    return {
        "files": {
            file.path: [one.to_json() for one in stretches(found[file.path])]
            for file in files
        },
        "changes": {
            change.id: {
                "type": change.type,
                "object": change.object,
                "summary": change.summary,
            }
            for change in changes
        },
        "uses": _uses(between, changes, reached),
    }


def _uses(
    between: _Between, changes: Iterable[Change], reached: Iterable[str]
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return where each changed variable is named, in the units it may have moved."""
    variables = {c.object: c.id for c in changes if c.type == HQ_VARIABLE}
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for state in (between.after, between.before) if variables else ():
        for unit in units(state, between.texts):
            if unit.name not in reached:
                continue
            for path, text in unit.texts.items():
                for key, line in _named(path, text):
                    if key not in variables:
                        continue
                    places = found.setdefault(variables[key], {}).setdefault(
                        unit.name, []
                    )
                    place = {"file": path, "line": line}
                    if place not in places and len(places) < MOST_USES:
                        places.append(place)
    return found


def _named(path: str, text: str) -> Iterable[tuple[str, int]]:
    if "{{" not in text:
        return ()
    try:
        return [(asked.key, asked.line) for asked in find_used(text, path=path)]
    except TextRefused:
        return ()
