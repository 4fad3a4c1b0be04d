"""The rows that reach targets, as they are in the database now: a few queries for all.

What they mean together is said in ``capture``. Texts stay where they are: rows hold
their digests.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

from django.db.models import (
    CharField,
    F,
    IntegerField,
    JSONField,
    Q,
    QuerySet,
    Value,
)

from environments.desired.state import (
    EMPTY_TEXT,
    ManifestState,
    OverlayState,
    VariableState,
)
from environments.models import (
    KustomizeBinding,
    ManifestBinding,
    TenantEnvironment,
    ValuesLayer,
    Variable,
    WorkloadBinding,
)
from environments.sourcing import variable_state

Layers = Mapping[tuple[int, int | None, int | None], str]
"""Digests of values texts by workload, environment and tenant."""
_NO_TEXT: Final = Value(None, output_field=CharField())
_NO_KEY: Final = Value(None, output_field=IntegerField())


def variables_reaching(targets: Sequence[TenantEnvironment]) -> QuerySet[Variable]:
    """Return the variables whose scope reaches *targets*, with their workloads."""
    return Variable.objects.filter(
        Q(scope="repo", project__in={target.project_id for target in targets})
        | Q(environment__in={target.environment_id for target in targets})
        | Q(tenant__in={target.tenant_id for target in targets})
        | Q(target__in=[target.pk for target in targets])
    ).select_related("workload")


class Bound(NamedTuple):
    """A workload bound to a target: what decides there, overrides already applied."""

    target: int
    workload: int
    name: str
    allow_nondeterministic: bool
    namespace: str
    chart: str
    chart_version: str
    chart_digest: str

    @classmethod
    def of(cls, binding: WorkloadBinding) -> Self:
        """Return a binding that was read with the charts of both."""
        workload = binding.workload
        version = binding.chart_version or workload.chart_version
        return cls(
            binding.target_id,
            workload.pk,
            workload.name,
            workload.allow_nondeterministic,
            binding.namespace or workload.namespace,
            version.chart.name,
            version.version,
            version.digest,
        )


@dataclass
class Inputs:
    """Rows that reach some targets, grouped by what they hang on."""

    bindings: dict[int, list[Bound]]
    layers: dict[tuple[int, int | None, int | None], str] = field(default_factory=dict)
    overlays: dict[int, list[OverlayState]] = field(
        default_factory=lambda: defaultdict(list)
    )
    manifests: dict[int, list[ManifestState]] = field(
        default_factory=lambda: defaultdict(list)
    )
    off: dict[int, list[OverlayState | ManifestState]] = field(
        default_factory=lambda: defaultdict(list)
    )
    variables: dict[tuple[str, int], list[VariableState]] = field(
        default_factory=lambda: defaultdict(list)
    )


def read(
    targets: Sequence[TenantEnvironment],
    *,
    bindings: Iterable[Bound] | None = None,
) -> Inputs:
    """Read what is bound in *targets*, and the variables that reach them."""
    inputs = read_bound(targets, bindings=bindings)
    hang(variables_reaching(targets), inputs)
    return inputs


def read_bound(
    targets: Sequence[TenantEnvironment],
    *,
    bindings: Iterable[Bound] | None = None,
) -> Inputs:
    """Read what is bound in *targets*, with the digests of its texts; no variables."""
    keys = [target.pk for target in targets]
    if bindings is None:
        bindings = bindings_in(keys)
    grouped: dict[int, list[Bound]] = defaultdict(list)
    for binding in bindings:
        grouped[binding.target].append(binding)
    inputs = Inputs(grouped)
    _read_files(keys, inputs)
    return inputs


def bindings_in(
    targets: Collection[int], workloads: Collection[str] | None = None
) -> Iterator[Bound]:
    """Yield what is bound in *targets*; of *workloads* if given."""
    rows = WorkloadBinding.objects.filter(target__in=targets)
    if workloads is not None:
        rows = rows.filter(workload__name__in=workloads)
    found = rows.values_list(
        "target_id",
        "workload_id",
        "workload__name",
        "workload__allow_nondeterministic",
        "workload__namespace",
        "namespace",
        *_chart("workload__chart_version"),
        *_chart("chart_version"),
    )
    for target, workload, name, may_differ, namespace, own, *charts in found:
        chart = charts[3:] if charts[3] else charts[:3]
        yield Bound(target, workload, name, may_differ, own or namespace, *chart)


def _chart(version: str) -> tuple[str, str, str]:
    return f"{version}__chart__name", f"{version}__version", f"{version}__archive"


def hang(rows: Iterable[Variable], inputs: Inputs) -> None:
    """Add variables to what was read."""
    for row in rows:
        inputs.variables[_hangs_on(row)].append(variable_state(row))


def _read_files(targets: Collection[int], inputs: Inputs) -> None:
    """Read values layers, overlays and manifests: three tables in one query.

    A row is of a workload or of a target, the ``place``.
    """
    workloads = {row.workload for rows in inputs.bindings.values() for row in rows}
    layers = (
        ValuesLayer.objects.filter(workload__in=workloads)
        .exclude(text=EMPTY_TEXT)
        .values_list(
            Value("layer"),
            "workload_id",
            "text_id",
            _NO_TEXT,
            "environment_id",
            "tenant_id",
            Value(None, output_field=JSONField()),
            Value(True),  # noqa: FBT003
        )
    )
    overlays, manifests = (
        model.objects.filter(target__in=targets).values_list(
            Value(kind),
            "target_id",
            "name",
            attached,
            _NO_KEY,
            _NO_KEY,
            "files",
            "is_on",
        )
        for kind, model, attached in (
            ("overlay", KustomizeBinding, F("workload__name")),
            ("manifests", ManifestBinding, _NO_TEXT),
        )
    )
    rows = layers.union(overlays, manifests, all=True)
    for kind, place, name, attached, environment, tenant, files, is_on in rows:
        if kind == "layer":
            inputs.layers[place, environment, tenant] = name
        elif kind == "overlay":
            overlay = OverlayState(name, attached, tuple(files.items()))
            (inputs.overlays if is_on else inputs.off)[place].append(overlay)
        else:
            binding = ManifestState(name, tuple(files.items()))
            (inputs.manifests if is_on else inputs.off)[place].append(binding)


def _hangs_on(row: Variable) -> tuple[str, int]:
    keys = {
        "repo": row.project_id,
        "env": row.environment_id,
        "tenant": row.tenant_id,
        "svc": row.target_id,
    }
    key = keys[row.scope]
    assert key is not None, "the scope names its place"
    return str(row.scope), key
