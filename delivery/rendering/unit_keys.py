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
from delivery.rendering.units import SecretsInGit, UnitKind
from environments.desired.placeholders import Placeholder, find
from environments.desired.scoping import VariableIndex
from environments.desired.substitution import find_used
from environments.desired.texts import TextRefused

FORMAT: Final = 3
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
        document = {
            "target": self._target,
            "unit": plan.unit,
            "kind": plan.kind,
            "namespace": plan.namespace,
            "chart": plan.chart,
            "layers": self._texts(plan.layers, plan.service),
            "overlays": [
                [name, self._texts(files, plan.service)]
                for name, files in plan.overlays
            ],
            "files": self._texts(plan.files, plan.service),
            "nondeterministic": plan.allow_nondeterministic,
        }
        return _digest(document)

    @cached_property
    def _target(self) -> str:
        """What every unit of the target depends on, as its digest."""
        return _digest(
            {
                "format": FORMAT,
                "engines": dict(self.engines),
                "kubernetes": self.kubernetes_version,
                "apis": list(self.api_versions),
                "apiVersions": api_versions.REVISION,
                "schemas": str(schemas_for(self.kubernetes_version) or ""),
                "secrets": self.secrets_in_git,
            }
        )

    def _texts(self, texts: Sequence[TextAt], service: str | None) -> list[object]:
        return [
            [*text, self._answers(names_in(text, self.load), service)] for text in texts
        ]

    def _answers(self, names: Names, service: str | None) -> list[object]:
        found: list[object] = []
        for scope, key in names:
            rows = self.index.answers(key, service, scope or None)
            value = [rows[0].value, rows[0].fingerprint] if rows else [None, None]
            found.append((f"{scope}.{key}", value))
        return found


def _digest(document: Mapping[str, object]) -> str:
    return hashlib.sha256(_to_json(document).encode()).hexdigest()


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
