"""Discarding a pending change: the deployed value is written back as an edit.

Only where the input belongs to the target: what other targets share is edited where
it stands, in sight of all of them.
"""

from collections.abc import Callable
from typing import Final, TypedDict

from django.db import transaction

from environments import access
from environments import actions as edits
from environments.desired import applying
from environments.desired.change import (
    ASSIGNMENT,
    CHART,
    ENVIRONMENT_POLICY,
    HQ_VARIABLE,
    KUSTOMIZE_BINDING,
    MANIFEST_BINDING,
    TARGET,
    WORKLOAD,
    Change,
)
from environments.desired.changes import diff
from environments.desired.state import State, WorkloadState
from environments.locking import lock_project
from environments.models import (
    ChartVersion,
    TenantEnvironment,
    Variable,
    VariableScope,
    Workload,
    WorkloadBinding,
)
from environments.permissions import Permission
from environments.selectors import values_text
from environments.stored import DatabaseTexts
from gitopshq.core import audit
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User
from releases import errors
from releases.events import ReleaseEvent
from releases.pending import Pool, pool_of
from releases.undoing import end_hold


@transaction.atomic
def discard_change(target: TenantEnvironment, *, actor: User, change: str) -> None:
    """Take the pending change with the id *change* back.

    The rights are those of the edit that it makes.

    :raises NotFound: when nothing is pending at that place
    :raises ChangeAlreadyClaimed: when an open release has it
    :raises NotTheTargetsOwn: when the input is shared with other targets
    :raises MissingDependency: when other pending changes build on it
    :raises NotPermitted: without the right to edit that input
    """
    lock_project(target.project)
    pool = pool_of(target)
    row = pool.by_id.get(change)
    if row is None:
        raise NotFound
    # First of all: who may not edit it hears neither whose it is nor what needs it.
    access.require(actor, _right_to(row.change), on=target)
    if row.claimed_by is not None:
        raise errors.ChangeAlreadyClaimed(claimed=row.claimed_by.name)
    wanted = _without(pool, row.change)
    write = _writer(row.change)
    if write is None:
        raise errors.NotTheTargetsOwn(summary=row.change.summary)
    write(_Discard(target, actor, row.change, wanted, pool.texts))
    end_hold(target, change)
    audit.record(
        ReleaseEvent.CHANGE_DISCARDED,
        target,
        actor=actor,
        project=target.project.slug,
        change=change,
        summary=row.change.summary,
    )


def _without(pool: Pool, change: Change) -> State:
    """Return the State now with the one place as it is deployed."""
    back = diff(pool.now, pool.base, pool.texts)
    if change.id not in {found.id for found in back}:
        raise errors.NotTheTargetsOwn(summary=change.summary)
    try:
        return applying.apply(pool.now, pool.base, [change.id], pool.texts)
    except applying.MissingDependency as refusal:
        ids = sorted({name for needed in refusal.missing.values() for name in needed})
        words = [pool.by_id[i].change.summary for i in ids if i in pool.by_id]
        raise errors.MissingDependency(
            missing="; ".join(words), details={"missing": {change.id: ids}}
        ) from refusal
    except applying.InseparableChanges as refusal:
        raise errors.InseparableChanges(reason=str(refusal)) from refusal


class _Said(TypedDict):
    actor: User
    message: str


class _Discard:
    """One edit to be made: where, by whom, and the State it leads to."""

    def __init__(
        self,
        target: TenantEnvironment,
        actor: User,
        change: Change,
        wanted: State,
        texts: DatabaseTexts,
    ) -> None:
        self.target = target
        self.change = change
        self.wanted = wanted
        self.texts = texts
        self.said: _Said = {"actor": actor, "message": f"Discard: {change.summary}"}

    @property
    def workload(self) -> Workload:
        name = self.change.service or self.change.object
        return Workload.objects.get(project=self.target.project, name=name)

    @property
    def workload_wanted(self) -> WorkloadState | None:
        return self.wanted.workload_named.get(self.change.object)


def _values(discard: _Discard) -> None:
    wanted = discard.workload_wanted
    assert wanted is not None
    edits.set_values(
        discard.workload,
        text=discard.texts[wanted.layer("target")],
        tenant=discard.target.tenant,
        environment=discard.target.environment,
        **discard.said,
    )


def _assignment(discard: _Discard) -> None:
    """Bind or unbind it; its values, which outlive a binding, go back with it."""
    _binding(discard)
    wanted, target = discard.workload_wanted, discard.target
    if wanted is not None:
        text = values_text(discard.workload, target.tenant, target.environment)
        if text != discard.texts[wanted.layer("target")]:
            _values(discard)


def _binding(discard: _Discard) -> None:
    wanted = discard.workload_wanted
    workload = discard.workload
    if wanted is None:
        edits.unbind_workload(workload, from_=discard.target, **discard.said)
        return
    own = workload.chart_version
    version = None
    if (own.chart.name, own.version) != (wanted.chart, wanted.chart_version):
        version = ChartVersion.objects.get(
            chart__name=wanted.chart, version=wanted.chart_version
        )
    namespace = wanted.namespace or ""
    edits.bind_workload(
        workload,
        to=discard.target,
        namespace="" if namespace == workload.namespace else namespace,
        chart_version=version,
        **discard.said,
    )


def _overridden_binding(discard: _Discard) -> None:
    """Write back what the binding overrides; what the workload says is shared."""
    binding = WorkloadBinding.objects.filter(
        workload=discard.workload, target=discard.target
    ).first()
    is_chart = discard.change.facet == CHART
    own = binding and (binding.chart_version_id if is_chart else binding.namespace)
    if not own:
        raise errors.NotTheTargetsOwn(summary=discard.change.summary)
    _binding(discard)


def _target_facts(discard: _Discard) -> None:
    wanted = discard.wanted.target
    if wanted is None:
        raise errors.NotTheTargetsOwn(summary=discard.change.summary)
    edits.update_target(
        discard.target,
        facts={
            "namespace": wanted.namespace,
            "kubernetes_version": wanted.kubernetes_version,
            "api_versions": list(wanted.api_versions),
        },
        **discard.said,
    )


def _overlay(discard: _Discard) -> None:
    name = discard.change.object
    wanted = next((o for o in discard.wanted.overlays if o.name == name), None)
    if wanted is None:
        edits.delete_overlay(discard.target, name=name, **discard.said)
        return
    attached = wanted.workload and Workload.objects.get(
        project=discard.target.project, name=wanted.workload
    )
    files = {path: discard.texts[digest] for path, digest in wanted.files}
    edits.put_overlay(
        discard.target,
        name=name,
        files=files,
        workload=attached or None,
        **discard.said,
    )


def _manifests(discard: _Discard) -> None:
    name = discard.change.object
    wanted = next((m for m in discard.wanted.manifests if m.name == name), None)
    if wanted is None:
        edits.delete_manifests(discard.target, name=name, **discard.said)
        return
    files = {path: discard.texts[digest] for path, digest in wanted.files}
    edits.put_manifests(discard.target, name=name, files=files, **discard.said)


def _variable(discard: _Discard) -> None:
    key, service = discard.change.object, discard.change.service
    workload = discard.workload
    wanted = next(
        (
            row
            for row in discard.wanted.variables
            if (row.scope, row.key, row.service) == (VariableScope.SVC, key, service)
        ),
        None,
    )
    if wanted is None:
        row = Variable.objects.get(target=discard.target, workload=workload, key=key)
        edits.delete_variable(row, **discard.said)
        return
    edits.restore_variable(
        edits.VariablePlace(
            discard.target.project,
            VariableScope.SVC,
            target=discard.target,
            workload=workload,
        ),
        key=key,
        value=wanted.value,
        fingerprint=wanted.fingerprint,
        **discard.said,
    )


_BY_TYPE: Final[dict[str, Callable[[_Discard], None]]] = {
    KUSTOMIZE_BINDING: _overlay,
    MANIFEST_BINDING: _manifests,
}


def _right_to(change: Change) -> Permission:
    """Return the permission that the edit of the same place needs."""
    if change.type == HQ_VARIABLE:
        return Permission.MANAGE_VARIABLES
    facts = change.type == WORKLOAD and change.facet == TARGET and "/" in change.object
    if facts or change.type == ENVIRONMENT_POLICY:
        return Permission.MANAGE_ENVIRONMENT
    return Permission.MANAGE_WORKLOADS


def _writer(change: Change) -> Callable[[_Discard], None] | None:
    """Return what writes the place back, None where it is not the target's own."""
    if change.type == WORKLOAD:
        return _workload_writer(change)
    if change.type == HQ_VARIABLE:
        return _variable if change.scope == VariableScope.SVC else None
    return _BY_TYPE.get(change.type)


def _workload_writer(change: Change) -> Callable[[_Discard], None] | None:
    if change.facet == ASSIGNMENT:
        return _assignment
    if change.facet == TARGET and "/" in change.object:
        return _target_facts
    if change.facet in (CHART, TARGET):
        return _overridden_binding
    return _values if change.layer == "target" else None
