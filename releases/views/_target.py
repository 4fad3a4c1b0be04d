"""The page of a target as its template shows it."""

from collections.abc import Collection
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from environments import access
from environments.desired.state import OverlayState
from environments.models import TenantEnvironment
from environments.permissions import Permission
from environments.policy_words import too_few
from environments.views.frame import link
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User
from releases.check_gates import check_gates, drawn_of, state_of
from releases.pending import Pool
from releases.previewing import Preview
from releases.selectors import Diffs
from releases.selectors.content import Level
from releases.selectors.target_page import TargetPage
from releases.views import _changes, _diffs, _discards, _history
from releases.views._looking import Look
from releases.views._sheet import Source
from releases.views._values import Values
from releases.views._words import (
    freeze_in_short,
    plural,
    policy_words,
    sentence,
)


def selection(posted: QueryDict) -> list[str]:
    """Return what was ticked, as ``id@revision``."""
    return posted.getlist("changes")


def ticks(pool: Pool, posted: QueryDict | None) -> set[str]:
    """Return the ticked ids: what was sent and what was included, or the default."""
    if posted is None:
        return _changes.default_ticks(pool)
    sent = {named.partition("@")[0] for named in selection(posted)}
    include = set(posted.getlist("include"))
    for wanted in sent if _changes.NEEDED in include else include:
        sent = sent | _changes.with_needs(pool, wanted)
    return {
        row.change.id
        for row in pool.rows
        if row.change.id in sent and not _changes.why_not(pool, row)
    }


def context(
    target: TenantEnvironment, page: TargetPage, *, ticked: Collection[str], user: User
) -> dict[str, Any]:
    """Return what the page shows besides the form."""
    pool = page.pool
    groups = _changes.pending_groups(
        pool, page.documents, ticked=ticked, reach=page.reach, names=page.names
    )
    for group in groups:
        for change in group["changes"]:
            if not _discards.why_not(page, pool.by_id[change["id"]]):
                change["discard_url"] = discard_url(target, change["id"])
    selectable = sum(
        change["ticked"] or not change["why_not"]
        for group in groups
        for change in group["changes"]
    )
    chosen = sum(group["ticked"] for group in groups)
    missing = _changes.missing(pool, ticked)
    return {
        "target": target,
        "project": target.project,
        "deployed": pool.deployed,
        "policy": policy_words(page.terms),
        "policy_url": link(
            "environments:policy", target.project.slug, target.environment.slug
        ),
        "freeze": page.freeze,
        "freeze_words": freeze_in_short(page.freeze),
        "groups": groups,
        "pending": pool.count,
        "held": pool.held,
        "chosen": chosen,
        "selectable": selectable,
        "left_out": selectable - chosen,
        "outcome": outcome(page),
        "missing": missing,
        "closed": _closed(chosen, missing),
        "reason": f"{plural(chosen, 'change')} will travel together.",
        "last_change": max(
            (d["changed_at"] for d in page.documents if d["changed_at"]), default=None
        ),
        "releases": page.releases,
        "timeline": _history.timeline(
            page.deployments,
            pool.deployed,
            may_go_back=Permission.CREATE_RELEASE in page.rights,
        ),
        **_inputs(target, page),
    }


def discard_url(target: TenantEnvironment, change: str) -> str:
    """Return the page that asks whether a change is to be discarded."""
    where = [target.project.slug, target.tenant.slug, target.environment.slug]
    return reverse("releases:discard", args=[*where, change])


def discard_context(
    target: TenantEnvironment, page: TargetPage, change: str
) -> dict[str, Any]:
    """Return one pending change, what discarding it does, and why it cannot be.

    :raises NotFound: when nothing is pending at that place
    """
    row = page.pool.by_id.get(change)
    if row is None:
        raise NotFound
    groups = _changes.pending_groups(
        page.pool,
        [document for document in page.documents if document["id"] == change],
        ticked=(),
        reach=page.reach,
        names=page.names,
    )
    return {
        "target": target,
        "groups": groups,
        "refused": _discards.why_not(page, row),
        "url": discard_url(target, change),
    }


def outcome(page: TargetPage) -> dict[str, Any]:
    """Say what will come of pressing Create: the state, who decides, who cannot."""
    terms = page.terms
    gated = terms.is_gated
    required = terms.required_approvals if gated else 0
    return {
        "status": "pending_approval" if gated else "draft",
        "then": "" if gated else "Submit it when it is ready; the system approves it.",
        "required": required,
        "needs": plural(required, "approval"),
        "eligible": [person.user for person in page.eligible],
        "barred": [person for person in page.approvers if person.reason],
        "short": too_few(required, [one.user.label for one in page.eligible]),
    }


def preview_source(target: TenantEnvironment, found: Preview, url: str) -> Source:
    """Return where the diffs of a preview come from that is shown at *url*."""
    diffs = Diffs.of_preview(found.deployed, found.snapshot, found.rendering)
    values = Values.of_preview(target, found.snapshot, diffs)
    return Source(
        diffs.at,
        url,
        below={Level.RESOLVED: values.of},
        resources=found.rendering.facts.get("resources"),
    )


def preview_context(
    target: TenantEnvironment, found: Preview, look: Look, user: User, *, url: str
) -> dict[str, Any]:
    """Return what a preview shows at *url*: how its rendering stands, and one diff."""
    where = [target.project.slug, target.tenant.slug, target.environment.slug]
    rendering = found.rendering
    checks = [
        {
            "name": gate["title"],
            "state": state_of(gate),
            "why": sentence(gate["reason"]),
        }
        for gate in drawn_of(one.document for one in check_gates(rendering))
    ]
    return {
        "target": target,
        "project": target.project,
        "deployed": found.deployed,
        "rendering": rendering,
        "is_pending": rendering.state == "pending",
        "problems": rendering.errors,
        "checks": checks,
        "checks_quiet": sum(gate["state"] == "pass" for gate in checks),
        "why_not_create": _why_not_create(target, found, user),
        "url": url,
        "create_url": reverse("releases:create", args=where),
        "no_manifests": "" if rendering.tree else "Nothing is rendered.",
        **_diffs.review(preview_source(target, found, url), look),
    }


def _why_not_create(target: TenantEnvironment, found: Preview, user: User) -> str:
    """Return why what is previewed cannot be made from here; "" where it can."""
    needed = Permission.CREATE_RELEASE
    if not access.allowed(user, needed, on=target.environment):
        return f"This needs the permission {needed.value}."
    return "It cannot be rendered: mend that first." if found.rendering.errors else ""


def _closed(chosen: int, missing: Collection[str]) -> str:
    """Return why the form cannot be sent as it stands; "" where it can."""
    if missing:
        return f"Include {', '.join(missing)}, or untick what needs it."
    return "" if chosen else "Tick at least one change."


def _inputs(target: TenantEnvironment, page: TargetPage) -> dict[str, Any]:
    """Return what is configured here, with links to its editors."""
    project = target.project.slug
    where = [project, target.tenant.slug, target.environment.slug]
    query = f"tenant={target.tenant.slug}&environment={target.environment.slug}"
    workloads = [
        {
            "name": binding.workload.name,
            "chart": binding.workload.chart_version.chart.name,
            "version": (
                binding.chart_version or binding.workload.chart_version
            ).version,
            "url": link("environments:workload", project, binding.workload.name),
            "values_url": link(
                "environments:values", project, binding.workload.name, query=query
            ),
            "unbind_url": reverse(
                "releases:unbind", args=[*where, binding.workload.name]
            ),
        }
        for binding in page.workloads
    ]
    now = page.pool.now
    files = [
        {
            "kind": "Overlay" if is_overlay else "Manifests",
            "name": row.name,
            "note": (isinstance(row, OverlayState) and row.workload) or "",
            "is_off": row in page.off,
            "count": len(row.files),
            "url": link(
                f"environments:{'overlay' if is_overlay else 'manifests'}",
                *where,
                row.name,
            ),
        }
        for row in (*now.overlays, *now.manifests, *page.off)
        for is_overlay in [isinstance(row, OverlayState)]
    ]
    return {
        "workloads": workloads,
        "files": files,
        "unbound": page.unbound,
        "may_bind": Permission.MANAGE_WORKLOADS in page.rights,
        "bind_url": reverse("releases:bind", args=where),
        "create_url": reverse("releases:create", args=where),
        "variables_url": link("environments:variables", project, query=query),
        "new_files_url": link("environments:new_files", project),
        "history_url": reverse("releases:history", args=where),
        "releases_url": reverse("releases:releases", args=[project]) + f"?{query}",
    }
