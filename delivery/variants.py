"""Manifests of States that are compared and never shipped.

Only the units that matter are rendered, each once, in the children of this worker and
through the cache of units. Nothing but masked texts leaves (domain 6).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from delivery import rendered_trees, unit_cache
from delivery.diffs.causes import Version
from delivery.git import trees
from delivery.git.repository import Repository
from delivery.masking import Masker
from delivery.rendering.outlines import Outline
from delivery.rendering.units import SecretsInGit, UnitJob
from delivery.rendering_children import render_units
from delivery.unit_jobs import UnitJobs
from environments.desired.state import State
from environments.desired.text_store import Texts
from environments.models import Project


@dataclass
class Variants:
    """Renders files at *paths* for one State after another; open while in use.

    *beat* is called every few seconds while units are being rendered.
    """

    project: Project
    repository: Repository
    paths: Collection[str]
    texts: Texts
    engines: Mapping[str, str]
    secrets_in_git: SecretsInGit
    beat: Callable[[], None]
    _trees: dict[str, str | None] = field(default_factory=dict)
    """The folder of each unit by its key; None where it cannot be rendered."""
    _files: dict[str, dict[str, str]] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)

    @cached_property
    def units(self) -> dict[str, list[str]]:
        """The paths by the unit that they belong to."""
        found: dict[str, list[str]] = {}
        for path in self.paths:
            found.setdefault(path.partition("/")[0], []).append(path)
        return found

    @cached_property
    def _masker(self) -> Masker:
        return Masker()

    def versions(self, states: Sequence[State | None]) -> list[Version]:
        """Return the files of each State in turn; of None, that all are broken.

        :raises delivery.rendering.warmchild.RenderingBroke: when a child does not work
        """
        jobs = [self._jobs(state) if state else None for state in states]
        keys = [of.keys(self.engines) if of else None for of in jobs]
        self._render(jobs, keys)
        return [
            Version({}, frozenset(self.paths)) if of is None else self._version(of)
            for of in keys
        ]

    def _jobs(self, state: State) -> UnitJobs:
        return UnitJobs(state, self.texts, self.secrets_in_git, only=self.units.keys())

    def _render(
        self,
        jobs: Sequence[UnitJobs | None],
        keys: Sequence[Mapping[str, str] | None],
    ) -> None:
        """Have every unit in the cache, or known to be broken."""
        wanted = {key for of in keys if of for key in of.values()} - self._trees.keys()
        if not wanted:
            return
        self._trees |= unit_cache.folders_of(self.repository, self.project, wanted)
        fresh: dict[str, UnitJob] = {}
        for of, named in zip(jobs, keys, strict=True):
            if of is None or named is None:
                continue
            missing = {
                key: unit
                for unit, key in named.items()
                if key not in self._trees and key not in fresh
            }
            fresh |= dict(zip(missing, of.of(missing.values()), strict=True))
        results = render_units(list(fresh.values()), beat=self.beat)
        made = dict(zip(fresh, results, strict=True))
        good = {
            key: Outline(result.unit, result.documents)
            for key, result in made.items()
            if not result.errors
        }
        if good:
            written = rendered_trees.write_folders(self.repository, list(good.values()))
            folders = dict(zip(good, written, strict=True))
            unit_cache.keep(self.project, folders, anew=False)
            self._trees |= {key: folder.tree for key, folder in folders.items()}
        self._trees |= dict.fromkeys(made.keys() - good.keys())

    def _version(self, keys: Mapping[str, str]) -> Version:
        files: dict[str, str] = {}
        broken: set[str] = set()
        for unit, paths in self.units.items():
            if unit not in keys:
                continue
            tree = self._trees[keys[unit]]
            if tree is None:
                broken.update(paths)
                continue
            held = self._listed(tree)
            for path in paths:
                blob = held.get(path.partition("/")[2])
                if blob is not None:
                    files[path] = self._text(blob)
        return Version(files, frozenset(broken))

    def _listed(self, tree: str) -> dict[str, str]:
        if tree not in self._files:
            self._files[tree] = trees.list_files(self.repository, tree)
        return self._files[tree]

    def _text(self, blob: str) -> str:
        if blob not in self._texts:
            text = self.repository.read_blob(blob).decode()
            self._texts[blob] = self._masker.masked(text)
        return self._texts[blob]
