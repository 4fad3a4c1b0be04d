"""Where variables are used: every placeholder of every text, target by target."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from environments.desired import source_layout
from environments.desired.placeholders import Placeholder
from environments.desired.substitution import find_used
from environments.desired.texts import TextRefused
from environments.models import (
    KustomizeBinding,
    ManifestBinding,
    TenantEnvironment,
    Text,
    ValuesLayer,
    Variable,
    WorkloadBinding,
)

_BATCH: Final = 500
_MARK: Final = "hq.var"


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
    targets: set[str] = field(default_factory=set)

    @property
    def targets_in_order(self) -> list[str]:
        return sorted(self.targets)


Bound = Sequence[tuple[int, int, str]]
"""Target, workload and the workload's name of each binding."""


def bound_in(targets: Sequence[TenantEnvironment]) -> Bound:
    """Return what is bound in *targets*."""
    rows = WorkloadBinding.objects.filter(target__in=[t.pk for t in targets])
    return list(rows.values_list("target", "workload", "workload__name"))


def references_in(
    targets: Sequence[TenantEnvironment], bound: Bound
) -> list[Reference]:
    """Return every use of a variable in *targets*, in four queries."""
    texts = list(_texts(targets, bound))
    bodies = _bodies({digest for _, _, _, digest in texts})
    read: dict[tuple[str, bool], list[Placeholder]] = {}
    found = []
    for target, service, path, digest in texts:
        if digest not in bodies:
            continue
        name = path.rpartition("/")[2]
        known = (digest, name.endswith((".yaml", ".yml", ".json")))
        if known not in read:
            read[known] = _used(bodies[digest], path)
        found += [
            Reference(target, service, path, used.line, used.key, used.scope)
            for used in read[known]
        ]
    return found


def undefined_among(
    references: Iterable[Reference], variables: Iterable[Variable]
) -> list[Reference]:
    """Return the references that no variable answers."""
    keys: dict[tuple[str, int, str | None], set[str]] = defaultdict(set)
    for row in variables:
        keys[_place_of(row)].add(row.key)

    def answered(asked: Reference) -> bool:
        target = asked.target
        scopes = {
            "svc": ("svc", target.pk, asked.service),
            "tenant": ("tenant", target.tenant_id, None),
            "env": ("env", target.environment_id, None),
            "repo": ("repo", target.project_id, None),
        }
        looked_at = [asked.pinned] if asked.pinned else list(scopes)
        return any(asked.key in keys.get(scopes[scope], ()) for scope in looked_at)

    return [asked for asked in references if not answered(asked)]


def places_using(references: Iterable[Reference]) -> list[Place]:
    """Return files and lines, each with the targets in which it counts."""
    found: dict[tuple[str, str], Place] = {}
    for asked in references:
        key = (asked.place, asked.key)
        place = found.setdefault(key, Place(asked.place, asked.key))
        place.targets.add(str(asked.target))
    return [found[key] for key in sorted(found)]


def _place_of(row: Variable) -> tuple[str, int, str | None]:
    if row.scope == "svc":
        service = row.workload.name if row.workload else None
        return "svc", row.target_id or 0, service
    key = {
        "repo": row.project_id,
        "env": row.environment_id,
        "tenant": row.tenant_id,
    }[str(row.scope)]
    return str(row.scope), key or 0, None


def _texts(
    targets: Sequence[TenantEnvironment], bound: Bound
) -> Iterator[tuple[TenantEnvironment, str | None, str, str]]:
    """Yield target, service, path and digest of every text that counts there."""
    by_key = {target.pk: target for target in targets}
    layers = _layers({workload for _, workload, _ in bound})
    for key, workload, name in bound:
        target = by_key[key]
        places = (
            ("base", None, None),
            ("environment", None, target.environment_id),
            ("tenant", target.tenant_id, None),
            ("target", target.tenant_id, target.environment_id),
        )
        for layer, tenant, environment in places:
            digest = layers.get((workload, tenant, environment))
            if digest is not None:
                path = source_layout.values_file(
                    name,
                    layer,
                    tenant=target.tenant.slug,
                    environment=target.environment.slug,
                )
                yield target, name, path, digest
    overlays = KustomizeBinding.objects.filter(target__in=by_key)
    for overlay in overlays.select_related("workload"):
        target = by_key[overlay.target_id]
        service = overlay.workload.name if overlay.workload else None
        for file, digest in overlay.files.items():
            path = source_layout.overlay_file(
                target.tenant.slug, target.environment.slug, overlay.name, file
            )
            yield target, service, path, digest
    for row in ManifestBinding.objects.filter(target__in=by_key):
        target = by_key[row.target_id]
        for file, digest in row.files.items():
            path = source_layout.manifest_file(
                target.tenant.slug, target.environment.slug, row.name, file
            )
            yield target, None, path, digest


def _layers(
    workloads: Iterable[int],
) -> Mapping[tuple[int, int | None, int | None], str]:
    rows = ValuesLayer.objects.filter(workload__in=set(workloads))
    return {
        (workload, tenant, environment): text
        for workload, tenant, environment, text in rows.values_list(
            "workload", "tenant", "environment", "text"
        )
    }


def _bodies(digests: Iterable[str]) -> dict[str, str]:
    """Return those of the texts that hold a placeholder at all."""
    wanted = sorted(digests)
    bodies: dict[str, str] = {}
    for start in range(0, len(wanted), _BATCH):
        rows = Text.objects.filter(
            digest__in=wanted[start : start + _BATCH], body__contains=_MARK
        )
        bodies.update(rows.values_list("digest", "body"))
    return bodies


def _used(text: str, path: str) -> list[Placeholder]:
    try:
        return find_used(text, path=path)
    except TextRefused:
        return []
