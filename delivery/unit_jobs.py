"""From a State to the jobs of its units: everything that rendering one depends on."""

from collections.abc import Iterable, Iterator

from delivery.rendering.units import (
    ChartReference,
    SecretsInGit,
    UnitFile,
    UnitJob,
    UnitOverlay,
)
from environments import secrets
from environments.desired import source_layout
from environments.desired.state import (
    OverlayState,
    State,
    VariableState,
    WorkloadState,
)
from environments.desired.text_store import Texts


def unit_jobs(
    state: State, texts: Texts, *, secrets_in_git: SecretsInGit
) -> list[UnitJob]:
    """Return one job for each workload, standalone overlay and manifest binding.

    Secrets stay sealed. An overlay attached to a workload belongs to its job.
    """
    maker = _Maker(state, texts, secrets_in_git)
    return list(maker.jobs())


class _Maker:
    """Makes the jobs of one State; sealed secrets are looked up once."""

    def __init__(
        self, state: State, texts: Texts, secrets_in_git: SecretsInGit
    ) -> None:
        self._state = state
        self._texts = texts
        self._secrets_in_git = secrets_in_git
        fingerprints = {row.fingerprint for row in state.variables if row.fingerprint}
        self._sealed = secrets.sealed_values(fingerprints) if fingerprints else {}

    def jobs(self) -> Iterator[UnitJob]:
        for workload in self._state.workloads:
            yield self._workload(workload)
        for overlay in self._state.overlays:
            if overlay.workload is None:
                yield self._job(
                    overlay.name, "overlay", None, overlays=(self._overlay(overlay),)
                )
        for binding in self._state.manifests:
            tenant, environment = self._state.tenant, self._state.environment
            files = tuple(
                UnitFile(
                    source_layout.manifest_file(
                        tenant, environment, binding.name, path
                    ),
                    path,
                    self._texts[digest],
                )
                for path, digest in binding.files
            )
            yield self._job(binding.name, "manifests", None, files=files)

    def _workload(self, workload: WorkloadState) -> UnitJob:
        layers = tuple(
            UnitFile(
                source_layout.values_file(
                    workload.name,
                    layer,
                    tenant=self._state.tenant,
                    environment=self._state.environment,
                ),
                f"{layer}.yaml",
                self._texts[digest],
            )
            for layer, digest in workload.layers
        )
        attached = tuple(
            self._overlay(overlay)
            for overlay in self._state.overlays
            if overlay.workload == workload.name
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
            overlays=attached,
            allow_nondeterministic=workload.allow_nondeterministic,
        )

    def _overlay(self, overlay: OverlayState) -> UnitOverlay:
        files = tuple(
            UnitFile(
                source_layout.overlay_file(
                    self._state.tenant, self._state.environment, overlay.name, path
                ),
                path,
                self._texts[digest],
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
        target = self._state.target
        assert target is not None, "a State without a target has no units"
        rows = tuple(self._seen(service))
        sealed = tuple(
            (row.fingerprint, self._sealed[row.fingerprint])
            for row in rows
            if row.fingerprint
        )
        return UnitJob(
            unit=unit,
            kind=kind,  # type: ignore[arg-type]
            namespace=namespace or target.namespace,
            kubernetes_version=target.kubernetes_version,
            api_versions=target.api_versions,
            service=service,
            variables=rows,
            sealed=sealed,
            secrets_in_git=self._secrets_in_git,
            **parts,  # type: ignore[arg-type]
        )

    def _seen(self, service: str | None) -> Iterable[VariableState]:
        return (
            row
            for row in self._state.variables
            if row.service is None or row.service == service
        )
