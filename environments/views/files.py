"""The editor of overlays and manifests: a set of files, saved as a whole."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from environments import actions, asking, trials
from environments.desired import source_layout
from environments.forms.files import FilesForm, NewFilesForm
from environments.models import KustomizeBinding, ManifestBinding, Workload
from environments.permissions import Permission
from environments.places import SourcePlace
from environments.saving import NOTHING, version_of
from environments.selectors import last_edit_of
from environments.selectors.home import Home
from environments.stored import DatabaseTexts
from environments.views.comparing import compared
from environments.views.frame import NEEDS, crumb, frame
from environments.views.trying import shown_trial
from gitopshq.core.answers import show
from gitopshq.core.asking import asks
from gitopshq.core.errors import NotFound
from gitopshq.core.web import PageRequest

MANAGE = Permission.MANAGE_WORKLOADS
TEMPLATE = "environments/files.html"
MORE = 1
SWITCHES = {"try_on": True, "try_off": False, "on": True, "off": False}
"""Buttons that turn a set on or off, or try it, by what it is then."""


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.PUT_FILES)
def overlay(
    request: PageRequest, project: str, tenant: str, environment: str, name: str
) -> HttpResponse:
    """Show a Kustomize overlay; POST saves it."""
    return _edit(request, FilesPage(request, project, f"{tenant}/{environment}", name))


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.PUT_FILES)
def manifests(
    request: PageRequest, project: str, tenant: str, environment: str, name: str
) -> HttpResponse:
    """Show a set of plain manifests; POST saves it."""
    where = f"{tenant}/{environment}"
    return _edit(request, FilesPage(request, project, where, name, is_overlay=False))


@require_POST
@login_required
@asks(asking.PUT_FILES)
def delete_overlay(
    request: PageRequest, project: str, tenant: str, environment: str, name: str
) -> HttpResponse:
    """Delete an overlay."""
    target = Home(request.user, project).target(tenant, environment)
    actions.delete_overlay(target, name=name, actor=request.user)
    return _gone(request, project, f"Deleted the overlay {name} of {target}.")


@require_POST
@login_required
@asks(asking.PUT_FILES)
def delete_manifests(
    request: PageRequest, project: str, tenant: str, environment: str, name: str
) -> HttpResponse:
    """Delete a set of manifests."""
    target = Home(request.user, project).target(tenant, environment)
    actions.delete_manifests(target, name=name, actor=request.user)
    return _gone(request, project, f"Deleted the manifests {name} of {target}.")


@require_GET
@login_required
def new_files(request: PageRequest, project: str) -> HttpResponse:
    """Lead to the empty editor of a set that is to be made."""
    home = Home(request.user, project)
    form = NewFilesForm(request.GET, targets=home.live_targets)
    if not form.is_valid():
        said = "; ".join(f"{name}: {why[0]}" for name, why in form.errors.items())
        messages.error(request, said)
        return redirect("environments:workloads", project)
    given = form.cleaned_data
    is_overlay = given["kind"] == "kustomize"
    url_name = "environments:overlay" if is_overlay else "environments:manifests"
    return redirect(url_name, project, *given["target"].split("/"), given["name"])


class FilesPage:
    """The editor of one set, whether it exists already or is to be made."""

    def __init__(
        self,
        request: PageRequest,
        project: str,
        target: str,
        name: str,
        *,
        is_overlay: bool = True,
    ) -> None:
        self.request = request
        self.name = name
        self.is_overlay = is_overlay
        self.home = Home(request.user, project)
        self.target = self.home.target(*target.split("/"))
        self.may = self.home.may(MANAGE, self.target.environment)
        self.binding = self.read()
        if self.binding is None and not self.may:
            raise NotFound

    def read(self) -> KustomizeBinding | ManifestBinding | None:
        """Return the set as it is in the database."""
        if self.is_overlay:
            overlays = self.target.kustomize_bindings.select_related("workload")
            return overlays.filter(name=self.name).first()
        return self.target.manifest_bindings.filter(name=self.name).first()

    def version(self) -> str:
        """Tell the saved set from any other."""
        found = self.read()
        if found is None:
            return NOTHING
        workload = getattr(found, "workload_id", None)
        return version_of([found.files, workload, found.is_on])

    def texts(self) -> dict[str, str]:
        """Return the saved texts by path."""
        found = self.binding.files if self.binding else {}
        stored = DatabaseTexts()
        stored.prefetch(found.values())
        return {path: stored[digest] for path, digest in sorted(found.items())}

    def form(self, data: Any = None) -> FilesForm:
        """Return the form, fresh or with what was sent."""
        initial: dict[str, Any] = {"version": self.version() if data is None else ""}
        if isinstance(self.binding, KustomizeBinding):
            initial["workload"] = self.binding.workload
        texts = self.texts() if data is None else None
        if self.is_overlay and not texts and data is None:
            texts = {"kustomization.yaml": "resources: []\n"}
        return FilesForm(
            data,
            initial=initial,
            texts=texts,
            workloads=self._workloads() if self.is_overlay else None,
            more=MORE,
        )

    def save(self, form: FilesForm) -> object:
        given: dict[str, Any] = {
            "name": self.name,
            "files": form.texts,
            "actor": self.request.user,
            "message": form.cleaned_data["message"],
        }
        if not self.is_overlay:
            return actions.put_manifests(self.target, **given)
        workload = form.cleaned_data["workload"]
        return actions.put_overlay(self.target, workload=workload, **given)

    def context(self, form: FilesForm) -> dict[str, Any]:
        target, slug = self.target, self.home.project.slug
        here = (slug, target.tenant.slug, target.environment.slug, self.name)
        kind = "overlay" if self.is_overlay else "manifests"
        folder = self._folder()
        return {
            **frame(
                self.home,
                "Workloads",
                crumb("Workloads", reverse("environments:workloads", args=[slug])),
                crumb(str(target), target.get_absolute_url()),
                crumb(self.name),
            ),
            "name": self.name,
            "kind": kind,
            "noun": "Overlay" if self.is_overlay else "Manifests",
            "target": target,
            "binding": self.binding,
            "folder": folder,
            "form": form,
            "may_save": self.may,
            "why_not": NEEDS.format(MANAGE.value),
            "last": last_edit_of(
                self.home.project, {folder: [SourcePlace(folder)]}
            ).get(folder),
            "delete_url": reverse(f"environments:delete_{kind}", args=here),
            "comparisons": self._comparisons(form),
        }

    def _folder(self) -> str:
        at = (
            source_layout.overlay_file
            if self.is_overlay
            else source_layout.manifest_file
        )
        target = self.target
        return at(target.tenant.slug, target.environment.slug, self.name, "")

    def _workloads(self) -> Any:
        bound = self.target.workload_bindings.values("workload")
        return Workload.objects.filter(pk__in=bound).order_by("name")

    def _comparisons(self, form: FilesForm) -> list[dict[str, Any]]:
        """Return, per file, what saving now would change of what another one saved."""
        if not form.is_moved:
            return []
        self.binding = self.read()
        theirs = self.texts()
        mine = {path: text.replace("\r\n", "\n") for path, text in form.texts.items()}
        found = []
        for path in sorted({*theirs, *mine}):
            shown = compared(theirs.get(path, ""), mine.get(path, ""), caption=path)
            if shown is not None:
                found.append({"path": path, "theirs": theirs.get(path), **shown})
        return found


def _edit(request: PageRequest, page: FilesPage) -> HttpResponse:
    if request.method != "POST":
        return show(request, TEMPLATE, page.context(page.form()))
    data: Any = request.POST
    if data.get("do") == "more":
        # Without script, another file is another round through the server.
        data = data.copy()
        data["file-TOTAL_FORMS"] = str(_count(data.get("file-TOTAL_FORMS")) + 1)
        return show(request, TEMPLATE, page.context(page.form(data)))
    if data.get("do") in SWITCHES:
        return _switch(request, page, data)
    form = page.form(data)
    if form.saves(page.home.project, now=page.version, step=lambda: page.save(form)):
        messages.success(request, f"Saved {page.name}. The change is pending.")
        return redirect(request.path)
    return show(request, TEMPLATE, page.context(form), form)


def _switch(request: PageRequest, page: FilesPage, data: Any) -> HttpResponse:
    """Turn the set on or off, or show what that would render; texts are not saved."""
    if page.binding is None:
        raise NotFound
    do = data["do"]
    to_on = SWITCHES[do]
    if do not in {"on", "off"}:
        tried = trials.try_files(page.binding, on=to_on)
        context = {**page.context(page.form(data)), "trial": shown_trial(tried)}
        return show(request, TEMPLATE, context)
    act = actions.switch_overlay if page.is_overlay else actions.switch_manifests
    message = data.get("message", "")
    act(page.target, name=page.name, on=to_on, actor=request.user, message=message)
    messages.success(request, f"Turned {page.name} {do}. The change is pending.")
    return redirect(request.path)


def _count(given: str | None) -> int:
    return int(given) if given and given.isascii() and given.isdecimal() else 0


def _gone(request: PageRequest, project: str, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("environments:workloads", project)
