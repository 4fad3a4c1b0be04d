"""The audit trail, for people: narrowed, in pages, one entry by itself, checked."""

import json
from datetime import UTC
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_POST

from gitopshq.core import audit, audit_checks, audit_reading
from gitopshq.core.answers import show
from gitopshq.core.api.lists import page_of
from gitopshq.core.asking import Own, asks
from gitopshq.core.errors import NotFound, NotPermitted, ValidationError
from gitopshq.core.instants import rfc3339
from gitopshq.core.models import AuditEntry, User
from gitopshq.core.web import PageRequest

WORDS: Final = ("project", "actor", "event", "about", "request_id")
MOMENTS: Final = ("since", "until")
_ASKED: Final = "release.break_glass_asked"
_CONFIRMED: Final = "release.break_glass_confirmed"
_ON_THE_WIRE: Final = {"about": "object", "request_id": "requestId"}


class ReadsTrail(Own):
    """For whoever may read a chain; which one is asked for stands in the form."""

    any_of = ("audit.view",)

    def ask(
        self, request: HttpRequest, user: User, about: None, *, by_token: bool
    ) -> None:
        """Refuse whoever may read none."""
        chains = audit_reading.chains_open_to(user)
        if chains is not None and not chains:
            raise NotPermitted(permission=self.any_of[0])


@require_GET
@login_required
def trail(request: PageRequest) -> HttpResponse:
    """Show the entries the reader may read, newest first."""
    chains = audit_reading.chains_open_to(request.user)
    asked = {name: request.GET.get(name, "") for name in (*WORDS, *MOMENTS)}
    wanted: dict[str, Any] = {name: asked[name] for name in WORDS if asked[name]}
    problem = ""
    for name in MOMENTS:
        try:
            wanted |= _moment(name, asked[name])
        except ValidationError as refused:
            problem = str(refused)
    mine = audit_reading.entries_open_to(request.user)
    entries = audit_reading.narrowed(mine, **wanted)
    rows, following = page_of(entries, request.GET)
    checked = _chains_asked(request, asked["project"])
    context = {
        "crumbs": [{"label": "Audit"}],
        "rows": [_shown(entry) for entry in rows],
        "next": following,
        "asked": asked,
        "problem": problem,
        "projects": sorted(chains) if chains is not None else _projects(),
        "may_read": chains is None or bool(chains),
        "set_count": sum(map(bool, asked.values())),
        "export": urlencode(_exported(wanted)),
        "standing": audit_checks.standing(checked),
        "unguarded": audit_checks.unguarded(),
    }
    return show(request, "core/audit.html", context)


@require_GET
@login_required
def entry(request: PageRequest, pk: int) -> HttpResponse:
    """Show one entry, and whether it still is what its hash says."""
    found = audit_reading.entries_open_to(request.user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    chain = AuditEntry.objects.filter(project=found.project)
    context = {
        "crumbs": [
            {"label": "Audit", "url": reverse("core:audit")},
            {"label": f"{found.project or 'installation'} #{found.sequence}"},
        ],
        "row": _shown(found),
        "is_right": audit.hash_of(found) == found.entry_hash,
        "earlier": chain.filter(sequence=found.sequence - 1).first(),
        "later": chain.filter(sequence=found.sequence + 1).first(),
    }
    return show(request, "core/audit_entry.html", context)


@require_POST
@login_required
@asks(ReadsTrail())
def verify(request: PageRequest) -> HttpResponse:
    """Read the chains now that the reader may read, and come back to the list."""
    query = QueryDict(request.POST.get("back", ""))
    chains = _chains_asked(request, query.get("project", ""))
    if chains is not None and not chains:
        raise NotPermitted(permission="audit.view")
    checks = audit_checks.check(chains)
    if not any(row.reason for row in checks):
        count = sum(row.through for row in checks)
        messages.success(request, f"Verified: {count} entries are as they were.")
    return redirect(f"{reverse('core:audit')}?{query.urlencode()}".rstrip("?"))


def _chains_asked(request: PageRequest, project: str) -> list[str] | None:
    """Return the chains that the reader may read, or the one asked for; None is all."""
    chains = audit_reading.chains_open_to(request.user)
    if not project:
        return None if chains is None else sorted(chains)
    return [project] if chains is None or project in chains else []


def _moment(name: str, text: str) -> dict[str, Any]:
    """Return a limit of time on the reader's clock, if one is asked for."""
    if not text:
        return {}
    try:
        moment = parse_datetime(text)
        if moment is not None and timezone.is_naive(moment):
            moment = timezone.make_aware(moment)
        # The database asks in UTC: the first and the last day may have no such hour.
        moment = moment and moment.astimezone(UTC)
    except (OverflowError, ValueError):
        moment = None
    if moment is None:
        raise ValidationError.of(f"/{name}", f"{name}: write it as 2026-12-31T18:00")
    return {name: moment}


def _exported(wanted: dict[str, Any]) -> dict[str, str]:
    """Return the filter as the API takes it: its clock is UTC, not the reader's."""
    return {
        _ON_THE_WIRE.get(name, name): (rfc3339(value) if name in MOMENTS else value)
        for name, value in wanted.items()
    }


def _shown(found: AuditEntry) -> dict[str, Any]:
    data = dict(found.data)
    caller = data.pop("caller", {})
    return {
        "entry": found,
        "address": caller.get("address", ""),
        "token": caller.get("token", ""),
        "before": _pretty(found.before),
        "after": _pretty(found.after),
        "data": _pretty(data),
        "is_override": found.event == _CONFIRMED or "breakGlass" in data,
        "is_asked": found.event == _ASKED,
    }


def _pretty(content: Any) -> str:
    if content in (None, {}, []):
        return ""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)


def _projects() -> list[str]:
    rows = AuditEntry.objects.exclude(project="").values_list("project", flat=True)
    return sorted(set(rows.distinct()))
