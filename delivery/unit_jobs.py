"""From a State to its units: what their keys are made of, and the jobs to render them.

A unit is planned with its texts by their digests; only those to be rendered are read.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from delivery.rendering.unit_keys import TextAt, UnitKeys, UnitPlan, unread
from delivery.rendering.units import (
    ChartReference,
    SecretsInGit,
    UnitFile,
    UnitJob,
    UnitOverlay,
)
from environments import secrets
from environments.desired import source_layout
from environments.desired.placeholders import find
from environments.desired.scoping import VariableIndex
from environments.desired.state import (
    OverlayState,
    State,
    Target,
    VariableState,
    WorkloadState,
)
from environments.desired.text_store import Texts


@dataclass(frozen=True)
class UnitJobs:
    """The units of one State: each workload, standalone overlay, manifest binding.

    An overlay attached to a workload belongs to its unit. *only* names the units that
    matter, where not all do.
    """

    state: State
    texts: Texts
    secrets_in_git: SecretsInGit = "refuse"
    only: Collection[str] | None = None

    @cached_property
    def plans(self) -> dict[str, UnitPlan]:
        """Every unit by its name, by kind and name."""
        return {plan.unit: plan for plan in self._planned()}

    def keys(self, engines: Mapping[str, str]) -> dict[str, str]:
        """Return the key of each unit; of texts, only those in ``unread`` are asked."""
        if not self.plans:
            return {}
        keys = UnitKeys(
            self._target.kubernetes_version,
            self._target.api_versions,
            self.secrets_in_git,
            engines,
            self._index,
            self.texts.__getitem__,
        )
        return {unit: keys.of(plan) for unit, plan in self.plans.items()}

    def unread(self) -> set[str]:
        """Return the digests of the texts that the keys cannot be made without."""
        return unread(text for plan in self.plans.values() for text in plan.texts())

    def digests(self, units: Iterable[str]) -> set[str]:
        """Return the digests of the texts of some units."""
        return {text.digest for unit in units for text in self.plans[unit].texts()}

    def of(self, units: Iterable[str]) -> list[UnitJob]:
        """Return the jobs of some units, ready to be rendered.

        Each has the sealed text of the secrets that it names, and of no others.
        """
        jobs = [self._job(self.plans[unit]) for unit in units]
        named = {job.unit: self._fingerprints(job) for job in jobs}
        wanted = set().union(*named.values())
        sealed = secrets.sealed_values(wanted) if wanted else {}
        return [
            replace(
                job,
                sealed=tuple(
                    (found, sealed[found])
                    for found in sorted(named[job.unit])
                    if found in sealed
                ),
            )
            for job in jobs
        ]

    @cached_property
    def _index(self) -> VariableIndex:
        """Every variable of the State, to look up whatever a unit asks for."""
        return VariableIndex(self.state.variables)

    @property
    def _target(self) -> Target:
        target = self.state.target
        assert target is not None, "a State without a target has no units"
        return target

    def _fingerprints(self, job: UnitJob) -> set[str]:
        answers = (
            self._index.answers(asked.key, job.service, asked.scope)
            for file in job.texts()
            for asked in find(file.text)
        )
        return {rows[0].fingerprint for rows in answers if rows and rows[0].fingerprint}

    def _planned(self) -> Iterator[UnitPlan]:
        tenant, environment = self.state.tenant, self.state.environment
        for workload in self.state.workloads:
            if self._matters(workload.name):
                yield self._workload(workload)
        for overlay in self.state.overlays:
            if overlay.workload is None and self._matters(overlay.name):
                namespace = self._target.namespace
                overlays = (self._overlay(overlay),)
                yield UnitPlan(overlay.name, "overlay", namespace, overlays=overlays)
        for binding in self.state.manifests:
            if self._matters(binding.name):
                at = source_layout.manifest_file
                files = [
                    TextAt(at(tenant, environment, binding.name, path), path, digest)
                    for path, digest in binding.files
                ]
                namespace = self._target.namespace
                yield UnitPlan(binding.name, "manifests", namespace, files=files)

    def _matters(self, unit: str) -> bool:
        return self.only is None or unit in self.only

    def _workload(self, workload: WorkloadState) -> UnitPlan:
        tenant, environment = self.state.tenant, self.state.environment
        name, at = workload.name, source_layout.values_file
        return UnitPlan(
            name,
            "workload",
            workload.namespace or self._target.namespace,
            service=name,
            chart=workload.chart_digest,
            layers=[
                TextAt(
                    at(name, layer, tenant=tenant, environment=environment),
                    f"{layer}.yaml",
                    digest,
                )
                for layer, digest in workload.layers
            ],
            overlays=[*map(self._overlay, self._attached.get(name, ()))],
            allow_nondeterministic=workload.allow_nondeterministic,
        )

    @cached_property
    def _attached(self) -> dict[str, list[OverlayState]]:
        found: dict[str, list[OverlayState]] = defaultdict(list)
        for overlay in self.state.overlays:
            if overlay.workload is not None:
                found[overlay.workload].append(overlay)
        return found

    def _overlay(self, overlay: OverlayState) -> tuple[str, list[TextAt]]:
        tenant, environment = self.state.tenant, self.state.environment
        at = source_layout.overlay_file
        return overlay.name, [
            TextAt(at(tenant, environment, overlay.name, path), path, digest)
            for path, digest in overlay.files
        ]

    @cached_property
    def _variables(self) -> dict[str | None, list[VariableState]]:
        """Variables by the service that alone sees them; None is all."""
        found: dict[str | None, list[VariableState]] = defaultdict(list)
        for row in self.state.variables:
            found[row.service].append(row)
        return found

    def _job(self, plan: UnitPlan) -> UnitJob:
        own = [] if plan.service is None else self._variables[plan.service]
        return UnitJob(
            unit=plan.unit,
            kind=plan.kind,
            namespace=plan.namespace,
            kubernetes_version=self._target.kubernetes_version,
            api_versions=self._target.api_versions,
            service=plan.service,
            chart=None if plan.chart is None else self._chart(plan.unit),
            layers=self._files(plan.layers),
            overlays=tuple(
                UnitOverlay(name, self._files(files)) for name, files in plan.overlays
            ),
            files=self._files(plan.files),
            variables=(*self._variables[None], *own),
            secrets_in_git=self.secrets_in_git,
            allow_nondeterministic=plan.allow_nondeterministic,
        )

    def _chart(self, workload: str) -> ChartReference:
        of = self.state.workload_named[workload]
        return ChartReference(of.chart, of.chart_version, of.chart_digest)

    def _files(self, texts: Iterable[TextAt]) -> tuple[UnitFile, ...]:
        return tuple(
            UnitFile(source, path, self.texts[digest]) for source, path, digest in texts
        )
