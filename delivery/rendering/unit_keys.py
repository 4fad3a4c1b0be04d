"""The key of a unit: what its output is found by, made of all that decides about it.

Texts count by their digests and by the variables they name, so that those of units in
the cache need not be read.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from json import JSONEncoder
from typing import Final, NamedTuple

from delivery.rendering import api_versions
from delivery.rendering.kubernetes import schemas_for
from delivery.rendering.remembered import Remembered
from delivery.rendering.units import SecretsInGit, UnitFile, UnitJob, UnitKind
from environments.desired.placeholders import Placeholder, find
from environments.desired.scoping import VariableIndex
from environments.desired.substitution import find_used
from environments.desired.texts import TextRefused, text_digest

FORMAT: Final = 2
MAX_NAMES: Final = 50_000
"""Of texts whose variables are remembered, with those: some 300 bytes each."""

Names = tuple[tuple[str, str], ...]
"""The variables that a text makes use of: scope or nothing, and key; sorted."""

_to_json: Final = JSONEncoder(sort_keys=True).encode
_names: Final = Remembered[tuple[str, str], Names](
    MAX_NAMES, weigh=lambda names: 1 + len(names)
)
"""By the digest of the text, and by its file's name, which says how it is read."""


class TextAt(NamedTuple):
    """A text of a unit as `UnitFile` has it, by its SHA-256."""

    source: str
    path: str
    digest: str

    @property
    def kind(self) -> tuple[str, str]:
        """What the variables of the text depend on."""
        return self.digest, self.source.rpartition("/")[2]


@dataclass(slots=True)
class UnitPlan:
    """A unit as `UnitJob` has it, its texts by their digests."""

    unit: str
    kind: UnitKind
    namespace: str
    service: str | None = None
    chart: str | None = None
    layers: Sequence[TextAt] = ()
    overlays: Sequence[tuple[str, Sequence[TextAt]]] = ()
    files: Sequence[TextAt] = ()
    allow_nondeterministic: bool = False

    def texts(self) -> Iterable[TextAt]:
        """Yield every text in which placeholders may stand."""
        yield from self.layers
        for _, files in self.overlays:
            yield from files
        yield from self.files


@dataclass(frozen=True)
class UnitKeys:
    """Keys of units of one target: what they have in common is written once.

    ``index`` holds the variables that may win there; ``load`` gives a text by its
    digest, and is asked only where the names in it are not remembered.
    """

    kubernetes_version: str
    api_versions: Sequence[str]
    secrets_in_git: SecretsInGit
    engines: Mapping[str, str]
    index: VariableIndex
    load: Callable[[str], str]

    def of(self, plan: UnitPlan) -> str:
        """Give the name of a unit's output: SHA-256 in hex over all it depends on.

        Only variables that a text makes use of count, each by its value or, for a
        secret, by its fingerprint: an edit elsewhere keeps the key.
        """
        # JSON with its keys in order, as one encoder would write all of it.
        overlays = (
            f"[{_to_json(name)}, {self._texts(files, plan.service)}]"
            for name, files in plan.overlays
        )
        document = (
            f'{self._first}"chart": {_to_json(plan.chart)}, {self._engines}'
            f'"files": {self._texts(plan.files, plan.service)}, '
            f'"format": {FORMAT}, "kind": {_to_json(plan.kind)}, {self._kubernetes}'
            f'"layers": {self._texts(plan.layers, plan.service)}, '
            f'"namespace": {_to_json(plan.namespace)}, '
            f'"nondeterministic": {_to_json(plan.allow_nondeterministic)}, '
            f'"overlays": [{", ".join(overlays)}], {self._schemas}'
            f'"unit": {_to_json(plan.unit)}}}'
        )
        return hashlib.sha256(document.encode()).hexdigest()

    @cached_property
    def _first(self) -> str:
        apis = _to_json(list(self.api_versions))
        return f'{{"apiVersions": {api_versions.REVISION}, "apis": {apis}, '

    @cached_property
    def _engines(self) -> str:
        return f'"engines": {_to_json(dict(self.engines))}, '

    @cached_property
    def _kubernetes(self) -> str:
        return f'"kubernetes": {_to_json(self.kubernetes_version)}, '

    @cached_property
    def _schemas(self) -> str:
        schemas = _to_json(str(schemas_for(self.kubernetes_version) or ""))
        return f'"schemas": {schemas}, "secrets": {_to_json(self.secrets_in_git)}, '

    def _texts(self, texts: Sequence[TextAt], service: str | None) -> str:
        return f"[{', '.join(self._text(text, service) for text in texts)}]"

    def _text(self, text: TextAt, service: str | None) -> str:
        source, path, digest = text
        names = names_in(text, self.load)
        answers = _to_json(self._answers(names, service)) if names else "[]"
        return f'[{_to_json(source)}, {_to_json(path)}, "{digest}", {answers}]'

    def _answers(self, names: Names, service: str | None) -> list[object]:
        found: list[object] = []
        for scope, key in names:
            rows = self.index.answers(key, service, scope or None)
            value = [rows[0].value, rows[0].fingerprint] if rows else [None, None]
            found.append((f"{scope}.{key}", value))
        return found


def unit_key(job: UnitJob, engines: Mapping[str, str]) -> str:
    """Give the key of a job, as `UnitKeys.of` does."""
    held: dict[str, str] = {}

    def at(file: UnitFile) -> TextAt:
        digest = text_digest(file.text)
        held[digest] = file.text
        return TextAt(file.source, file.path, digest)

    plan = UnitPlan(
        job.unit,
        job.kind,
        job.namespace,
        job.service,
        job.chart.digest if job.chart else None,
        [at(file) for file in job.layers],
        [(o.name, [at(file) for file in o.files]) for o in job.overlays],
        [at(file) for file in job.files],
        job.allow_nondeterministic,
    )
    keys = UnitKeys(
        job.kubernetes_version,
        job.api_versions,
        job.secrets_in_git,
        engines,
        VariableIndex(job.variables),
        held.__getitem__,
    )
    return keys.of(plan)


def unread(texts: Iterable[TextAt]) -> set[str]:
    """Return the digests of texts whose names are not remembered."""
    return {text.digest for text in texts if _names.get(text.kind) is None}


def names_in(text: TextAt, load: Callable[[str], str]) -> Names:
    """Return the variables that a text makes use of, read once in this process."""
    names = _names.get(text.kind)
    if names is None:
        used = _used(load(text.digest), text.source)
        # The order of a key's answers: by the name as a whole.
        named = {f"{each.scope or ''}.{each.key}" for each in used}
        pairs = (name.partition(".") for name in sorted(named))
        names = tuple((scope, key) for scope, _, key in pairs)
        _names.put(text.kind, names)
    return names


def _used(text: str, source: str) -> list[Placeholder]:
    """List the placeholders that get a value; reading YAML only where it may matter."""
    found = find(text)
    if not any("#" in _before(text, each) for each in found):
        return found
    try:
        return find_used(text, path=source)
    except TextRefused:
        # Rendering it will say so; until then every name counts.
        return found


def _before(text: str, placeholder: Placeholder) -> str:
    """Give what stands on the line before a placeholder: comments begin there."""
    return text[text.rfind("\n", 0, placeholder.start) + 1 : placeholder.start]
