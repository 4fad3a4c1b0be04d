"""The audit trail, for people: narrowed, in pages, each entry with both sides."""

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from gitopshq.core import audit_reading
from gitopshq.core.answers import show
from gitopshq.core.api.lists import page_of
from gitopshq.core.errors import ValidationError
from gitopshq.core.models import AuditEntry
from gitopshq.core.web import PageRequest

WORDS = ("project", "actor", "event", "about")
MOMENTS = ("since", "until")


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
    entries = audit_reading.narrowed(
        audit_reading.entries_open_to(request.user), **wanted
    )
    rows, following = page_of(entries, request.GET)
    kept = {name: value for name, value in asked.items() if value}
    renamed = {"object" if name == "about" else name: v for name, v in kept.items()}
    context = {
        "crumbs": [{"label": "Audit"}],
        "rows": [_shown(entry) for entry in rows],
        "next": following,
        "asked": asked,
        "problem": problem,
        "projects": sorted(chains) if chains is not None else _projects(),
        "may_read": chains is None or bool(chains),
        "is_narrowed": bool(kept),
        "export": urlencode(renamed),
    }
    return show(request, "core/audit.html", context)


def _moment(name: str, text: str) -> dict[str, Any]:
    """Return a limit of time on the reader's clock, if one is asked for."""
    if not text:
        return {}
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise ValidationError.of(f"/{name}", f"{name}: write it as 2026-12-31T18:00")
    return {name: timezone.make_aware(moment) if timezone.is_naive(moment) else moment}


def _shown(entry: AuditEntry) -> dict[str, Any]:
    return {
        "entry": entry,
        "before": _pretty(entry.before),
        "after": _pretty(entry.after),
        "data": _pretty(entry.data),
    }


def _pretty(content: Any) -> str:
    if content in (None, {}, []):
        return ""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)


def _projects() -> list[str]:
    rows = AuditEntry.objects.exclude(project="").values_list("project", flat=True)
    return sorted(set(rows.distinct()))
