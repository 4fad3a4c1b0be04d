"""Where variables are used: every placeholder of every text, target by target."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from django.db.models import CharField, F, IntegerField, JSONField, Q, Value

from environments.desired import source_layout
from environments.desired.fitting import MARK, Uses
from environments.models import (
    KustomizeBinding,
    ManifestBinding,
    TenantEnvironment,
    ValuesLayer,
    Variable,
    WorkloadBinding,
)
from environments.stored import TextsHolding

_FEW: Final = 2
_Place = tuple[str, int, str | None]
"""A scope, the key of what it hangs on, and the service."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One placeholder as it counts in one target; ``service`` may be none."""

    target: TenantEnvironment
    service: str | None
    path: str
    line: int
    key: str
    pinned: str | None

    @property
    def place(self) -> str:
        """The file and line, as one word."""
        return f"{self.path}:{self.line}"


@dataclass(slots=True)
class Place:
    """A file and line that uses a variable, and the targets it counts in."""

    name: str
    key: str
    path: str = ""
    service: str | None = None
    """The workload whose text it is, if it is one's."""
    targets: set[str] = field(default_factory=set)

    @property
    def shown(self) -> list[str]:
        """The targets for people: by name, or by number where they are many."""
        names = sorted(self.targets)
        return names if len(names) <= _FEW else [f"{len(names)} targets"]


def references_in(
    targets: Sequence[TenantEnvironment], *, key: str = ""
) -> list[Reference]:
    """Return every use of a variable in *targets*; or those of *key*.

    The database picks the texts that hold one: what no text names costs nothing,
    however much runs there.

    :param targets: with tenant and environment
    """
    uses = Uses()
    return [
        Reference(held.target, held.service, held.path, used.line, used.key, used.scope)
        for held in _texts_holding(key or MARK, targets)
        for used in uses.of(held.text, held.path)
        if key in ("", used.key)
    ]


def undefined_among(
    references: Iterable[Reference], variables: Iterable[Variable]
) -> list[Reference]:
    """Return the references that no variable answers."""
    answers = _Answers(variables)
    return [asked for asked in references if answers.to(asked) is None]


def answered_by(
    row: Variable, references: Iterable[Reference], variables: Iterable[Variable]
) -> list[Reference]:
    """Return the references that *row*, one of *variables*, gives its value to."""
    answers = _Answers(variables)
    return [asked for asked in references if answers.to(asked) == row.pk]


def missing_without(
    row: Variable, references: Iterable[Reference], variables: Iterable[Variable]
) -> list[Reference]:
    """Return the references that nothing would answer if *row* were gone."""
    rows = list(variables)
    used = answered_by(row, references, rows)
    return undefined_among(used, [other for other in rows if other.pk != row.pk])


class _Answers:
    """Which variable answers a reference: the narrowest that has the key."""

    def __init__(self, variables: Iterable[Variable]) -> None:
        self._rows = {(_place_of(row), row.key): row.pk for row in variables}

    def to(self, asked: Reference) -> int | None:
        """Return the key of the row that answers, if one does."""
        target = asked.target
        narrow_first: dict[str, _Place] = {
            "svc": ("svc", target.pk, asked.service),
            "tenant": ("tenant", target.tenant_id, None),
            "env": ("env", target.environment_id, None),
            "repo": ("repo", target.project_id, None),
        }
        looked_at = [asked.pinned] if asked.pinned else list(narrow_first)
        found = (self._rows.get((narrow_first[s], asked.key)) for s in looked_at)
        return next((key for key in found if key is not None), None)


def places_using(references: Iterable[Reference]) -> list[Place]:
    """Return files and lines, each with the targets in which it counts."""
    found: dict[tuple[str, str], Place] = {}
    for asked in references:
        key = (asked.place, asked.key)
        place = found.setdefault(
            key, Place(asked.place, asked.key, asked.path, asked.service)
        )
        place.targets.add(str(asked.target))
    return [found[key] for key in sorted(found)]


def _place_of(row: Variable) -> _Place:
    if row.scope == "svc":
        service = row.workload.name if row.workload else None
        return "svc", row.target_id or 0, service
    key = {
        "repo": row.project_id,
        "env": row.environment_id,
        "tenant": row.tenant_id,
    }[str(row.scope)]
    return str(row.scope), key or 0, None


_LAYERS: Final = {
    (environment is None, tenant is None): ValuesLayer(
        environment_id=environment, tenant_id=tenant
    ).layer
    for environment in (None, 0)
    for tenant in (None, 0)
}
"""What a values layer is called, by whether it is for all environments, all tenants."""

_Row = tuple[int, str, str | None, str, Mapping[str, str]]
"""Target, layer or kind, service, name, and the digests of texts by their paths."""


class _Held(NamedTuple):
    """A text as it counts in one target, by its path."""

    target: TenantEnvironment
    service: str | None
    path: str
    text: str


def _texts_holding(word: str, targets: Iterable[TenantEnvironment]) -> Iterator[_Held]:
    """Yield the texts that hold a word, once for each target that they count in.

    Also some of their neighbours, which read empty.
    """
    by_key = {target.pk: target for target in targets}
    rows = list(_rows_holding(word, by_key))
    texts = TextsHolding(word)
    texts.prefetch({digest for *_, files in rows for digest in files.values()})
    for at, kind, service, name, files in rows:
        target = by_key[at]
        here = {"tenant": target.tenant.slug, "environment": target.environment.slug}
        for path, digest in files.items():
            if kind == "overlay":
                place = source_layout.overlay_file(**here, name=name, path=path)
            elif kind == "manifests":
                place = source_layout.manifest_file(**here, name=name, path=path)
            else:
                place = source_layout.values_file(name, kind, **here)
            yield _Held(target, service, place, texts[digest])


def _rows_holding(word: str, targets: Iterable[int]) -> Iterator[_Row]:
    """Yield layers, overlays and manifests: three tables in one query."""
    values = "workload__layers"
    layers = WorkloadBinding.objects.filter(
        Q(**{f"{values}__environment": None})
        | Q(**{f"{values}__environment": F("target__environment")}),
        Q(**{f"{values}__tenant": None})
        | Q(**{f"{values}__tenant": F("target__tenant")}),
        **{f"{values}__text__body__contains": word},
        target__in=targets,
    ).values_list(
        "target_id",
        Value("layer"),
        "workload__name",
        "workload__name",
        f"{values}__text_id",
        f"{values}__environment_id",
        f"{values}__tenant_id",
        Value(None, output_field=JSONField()),
    )
    overlays, manifests = (
        model.objects.filter(target__in=targets, is_on=True).values_list(
            "target_id",
            Value(kind),
            service,
            "name",
            Value(None, output_field=CharField()),
            Value(None, output_field=IntegerField()),
            Value(None, output_field=IntegerField()),
            "files",
        )
        for kind, model, service in (
            ("overlay", KustomizeBinding, F("workload__name")),
            ("manifests", ManifestBinding, Value(None, output_field=CharField())),
        )
    )
    rows = layers.union(overlays, manifests, all=True)
    for at, kind, service, name, digest, environment, tenant, files in rows:
        if digest is None:
            yield at, kind, service, name, files
        else:
            layer = _LAYERS[environment is None, tenant is None]
            yield at, layer, service, name, {"": digest}
