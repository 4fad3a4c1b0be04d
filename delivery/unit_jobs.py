"""From a State to the jobs of its units: everything that rendering one depends on."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

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
    VariableState,
    WorkloadState,
)
from environments.desired.text_store import Texts


@dataclass(frozen=True)
class UnitJobs:
    """The jobs of one State: each workload, standalone overlay, manifest binding.

    An overlay attached to a workload belongs to its job. Jobs come without sealed
    secrets until they are asked for: most are found in the cache. *only* names the
    units that matter, where not all do.
    """

    state: State
    texts: Texts
    secrets_in_git: SecretsInGit = "refuse"
    only: Collection[str] | None = None

    @cached_property
    def all(self) -> list[UnitJob]:
        """Every job, by kind and name."""
        return list(self._made())

    @cached_property
    def index(self) -> VariableIndex:
        """Every variable of the State, to look up whatever a job asks for."""
        return VariableIndex(self.state.variables)

    def with_secrets(self, jobs: Collection[UnitJob]) -> list[UnitJob]:
        """Give each job the sealed text of the secrets that it names, and no others."""
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

    def _fingerprints(self, job: UnitJob) -> set[str]:
        answers = (
            self.index.answers(asked.key, job.service, asked.scope)
            for file in job.texts()
            for asked in find(file.text)
        )
        return {rows[0].fingerprint for rows in answers if rows and rows[0].fingerprint}

    def _made(self) -> Iterator[UnitJob]:
        for workload in self.state.workloads:
            if self._matters(workload.name):
                yield self._workload(workload)
        for overlay in self.state.overlays:
            if overlay.workload is None and self._matters(overlay.name):
                yield self._job(
                    overlay.name, "overlay", None, overlays=(self._overlay(overlay),)
                )
        for binding in self.state.manifests:
            if not self._matters(binding.name):
                continue
            tenant, environment = self.state.tenant, self.state.environment
            files = tuple(
                UnitFile(
                    source_layout.manifest_file(
                        tenant, environment, binding.name, path
                    ),
                    path,
                    self.texts[digest],
                )
                for path, digest in binding.files
            )
            yield self._job(binding.name, "manifests", None, files=files)

    def _matters(self, unit: str) -> bool:
        return self.only is None or unit in self.only

    def _workload(self, workload: WorkloadState) -> UnitJob:
        layers = tuple(
            UnitFile(
                source_layout.values_file(
                    workload.name,
                    layer,
                    tenant=self.state.tenant,
                    environment=self.state.environment,
                ),
                f"{layer}.yaml",
                self.texts[digest],
            )
            for layer, digest in workload.layers
        )
        return self._job(
            workload.name,
            "workload",
            workload.name,
            namespace=workload.namespace,
            chart=ChartReference(
                workload.chart, workload.chart_version, workload.chart_digest
            ),
            layers=layers,
            overlays=tuple(map(self._overlay, self._attached[workload.name])),
            allow_nondeterministic=workload.allow_nondeterministic,
        )

    @cached_property
    def _attached(self) -> dict[str, list[OverlayState]]:
        found: dict[str, list[OverlayState]] = defaultdict(list)
        for overlay in self.state.overlays:
            if overlay.workload is not None:
                found[overlay.workload].append(overlay)
        return found

    @cached_property
    def _variables(self) -> dict[str | None, list[VariableState]]:
        """Variables by the service that alone sees them; None is all."""
        found: dict[str | None, list[VariableState]] = defaultdict(list)
        for row in self.state.variables:
            found[row.service].append(row)
        return found

    def _overlay(self, overlay: OverlayState) -> UnitOverlay:
        files = tuple(
            UnitFile(
                source_layout.overlay_file(
                    self.state.tenant, self.state.environment, overlay.name, path
                ),
                path,
                self.texts[digest],
            )
            for path, digest in overlay.files
        )
        return UnitOverlay(overlay.name, files)

    def _job(
        self,
        unit: str,
        kind: str,
        service: str | None,
        *,
        namespace: str | None = None,
        **parts: object,
    ) -> UnitJob:
        target = self.state.target
        assert target is not None, "a State without a target has no units"
        own = self._variables[service] if service is not None else []
        return UnitJob(
            unit=unit,
            kind=kind,  # type: ignore[arg-type]
            namespace=namespace or target.namespace,
            kubernetes_version=target.kubernetes_version,
            api_versions=target.api_versions,
            service=service,
            variables=(*self._variables[None], *own),
            secrets_in_git=self.secrets_in_git,
            **parts,  # type: ignore[arg-type]
        )
