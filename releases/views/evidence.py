"""The page of a release's evidence: read, written, verified, closed, taken along."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from environments.saving import version_of
from gitopshq.core.asking import asks
from gitopshq.core.models import User
from gitopshq.core.web import PageRequest
from releases import actions, asking, record
from releases.forms import EvidenceForm, VerifyForm
from releases.models import Evidence, Release
from releases.record import evidence_of
from releases.selectors import visible_release
from releases.views import _evidence
from releases.views._doors import go, release_tabs
from releases.views.releases import crumbs

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@asks(asking.EDIT_EVIDENCE)
def show(request: PageRequest, project: str, number: int) -> HttpResponse:
    """Show the evidence; a form writes what people fill in."""
    found = visible_release(request.user, project=project, number=number)
    if request.method != "POST":
        return _page(request, found)
    _may_edit(found, request.user)
    form = EvidenceForm(request.POST)
    if form.saves(
        found.project,
        now=lambda: _version(found),
        step=lambda: actions.edit_evidence(
            found, actor=request.user, changed=form.written()
        ),
    ):
        return _done(request, found, "The evidence was saved.")
    return _page(request, found, form=form)


@require_POST
@login_required
@asks(asking.VERIFY_EVIDENCE)
def verify(request: PageRequest, project: str, number: int) -> HttpResponse:
    """Say in person that one has looked at how the release runs."""
    found = visible_release(request.user, project=project, number=number)
    form = VerifyForm(request.POST)
    if not form.is_valid():
        return _page(request, found, verify=form)
    actions.verify_evidence(found, actor=request.user, note=form.cleaned_data["note"])
    return _done(request, found, f"You verified {found.name}.")


@require_POST
@login_required
@asks(asking.CLOSE_EVIDENCE)
def close(request: PageRequest, project: str, number: int) -> HttpResponse:
    """Close the release: its evidence is frozen."""
    found = visible_release(request.user, project=project, number=number)
    actions.close_evidence(found, actor=request.user)
    return _done(request, found, f"{found.name} is closed.")


def _may_edit(found: Release, user: User) -> None:
    """Raise the refusal that no form can mend."""
    evidence = evidence_of(found)
    refusal = record.refuse_edit(evidence, actor=user)
    if refusal is not None:
        raise refusal


def _done(request: PageRequest, found: Release, said: str) -> HttpResponse:
    messages.success(request, said)
    where = [found.project.slug, found.number]
    return go(request, reverse("releases:evidence", args=where))


def _page(
    request: PageRequest,
    found: Release,
    *,
    form: EvidenceForm | None = None,
    verify: VerifyForm | None = None,
) -> HttpResponse:
    evidence = evidence_of(found)
    context: dict[str, Any] = {
        **_evidence.context(found, evidence, request.user),
        "crumbs": [*crumbs(found), {"label": "Evidence"}],
        "siblings": release_tabs(found, "Evidence"),
        "form": form or EvidenceForm(initial=_initial(evidence)),
        "verify_form": verify or VerifyForm(),
    }
    refused = form is not None or verify is not None
    return render(
        request,
        "releases/evidence.html",
        context,
        status=UNPROCESSABLE if refused else 200,
    )


def _initial(evidence: Evidence) -> dict[str, str]:
    texts = {name: getattr(evidence, name) for name in Evidence.EDITABLE}
    return {**texts, "version": version_of(texts)}


def _version(release: Release) -> str:
    return _initial(evidence_of(release))["version"]
