"""Where in ``source`` a change was made: what ties it to the edits that touched it."""

from typing import NamedTuple

from environments.desired import change as kinds
from environments.desired import source_layout
from environments.desired.change import Change
from environments.desired.source_files import requirements_shown
from environments.desired.state import ApprovalRequirements, VariableState
from environments.desired.values import pointer


class SourcePlace(NamedTuple):
    """A place inside a file; the empty pointer is all of it.

    A path that ends in ``/`` is a folder with all its files.
    """

    file: str
    pointer: str = ""

    def meets(self, file: str, touched: str) -> bool:
        """Say whether an edit that touched ``touched`` in ``file`` touched this."""
        if self.file.endswith("/"):
            return file.startswith(self.file)
        return file == self.file and _overlap(self.pointer, touched)


def places_of(
    change: Change, *, tenant: str, environment: str
) -> tuple[SourcePlace, ...]:
    """Return the places whose edits make up *change* in this tenant-environment."""
    return _Here(tenant, environment).of(change)


def places_of_variable(
    row: VariableState, *, tenant: str, environment: str
) -> tuple[SourcePlace, ...]:
    """Return the place of a variable that reaches this tenant-environment."""
    path = source_layout.variables_file(
        row.scope, tenant=tenant, environment=environment, service=row.service
    )
    return (SourcePlace(path, pointer((row.key,))),)


def _overlap(one: str, other: str) -> bool:
    """Say whether one of two JSON Pointers lies on the way to the other."""
    short, long = sorted((one, other), key=len)
    return not short or long == short or long.startswith(f"{short}/")


class _Here(NamedTuple):
    tenant: str
    environment: str

    def of(self, change: Change) -> tuple[SourcePlace, ...]:
        if change.type == kinds.WORKLOAD:
            return self.of_workload(change)
        if change.type == kinds.HQ_VARIABLE:
            path = source_layout.variables_file(
                change.facet,
                tenant=self.tenant,
                environment=self.environment,
                service=change.service,
            )
            return (SourcePlace(path, pointer((change.object,))),)
        if change.type == kinds.ENVIRONMENT_POLICY:
            return self.of_policy(change)
        return self.of_binding(change)

    def of_workload(self, change: Change) -> tuple[SourcePlace, ...]:
        name = change.object
        defined = source_layout.workload_file(name)
        if change.facet == kinds.ASSIGNMENT:
            layers = source_layout.values_files(
                name, tenant=self.tenant, environment=self.environment
            )
            texts = (SourcePlace(path) for path in (defined, *layers))
            return (self.bound("workloads", name), *texts)
        if change.facet == kinds.CHART and change.path:
            return (SourcePlace(defined, change.path),)
        if change.facet == kinds.CHART:
            override = self.bound("workloads", name, "chartVersion")
            return (SourcePlace(defined, "/chart"), override)
        if change.facet == kinds.TARGET and "/" in name:
            facts = ("/namespace", "/kubernetesVersion", "/apiVersions")
            return tuple(SourcePlace(self.target_file, fact) for fact in facts)
        if change.facet == kinds.TARGET:
            override = self.bound("workloads", name, "namespace")
            return (SourcePlace(defined, "/namespace"), override)
        layer = source_layout.values_file(
            name,
            change.layer or "base",
            tenant=self.tenant,
            environment=self.environment,
        )
        return (SourcePlace(layer, change.path),)

    def of_binding(self, change: Change) -> tuple[SourcePlace, ...]:
        is_overlay = change.type == kinds.KUSTOMIZE_BINDING
        at = source_layout.overlay_file if is_overlay else source_layout.manifest_file
        path = change.path if change.facet == kinds.FILE else ""
        files = SourcePlace(at(self.tenant, self.environment, change.object, path))
        if change.facet == kinds.FILE:
            return (files,)
        kind = "kustomize" if is_overlay else "manifests"
        return (self.bound(kind, change.object), files)

    def of_policy(self, change: Change) -> tuple[SourcePlace, ...]:
        file = source_layout.policy_file(self.environment)
        if change.facet == kinds.DEPLOY_MODE:
            return (SourcePlace(file, "/deployMode"),)
        if change.facet == kinds.APPROVAL_REQUIREMENTS:
            names = requirements_shown(ApprovalRequirements())
            return tuple(SourcePlace(file, f"/{name}") for name in names)
        return ()

    def bound(self, *path: str) -> SourcePlace:
        return SourcePlace(self.target_file, pointer(path))

    @property
    def target_file(self) -> str:
        return source_layout.target_file(self.tenant, self.environment)
