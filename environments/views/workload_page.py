"""What the page of one workload shows, gathered in a handful of queries."""

import json
import shlex
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from environments.desired.state import EMPTY_TEXT
from environments.desired.values import Path, image_paths, pointer
from environments.forms.workloads import BindingForm, ImageForm, WorkloadSettingsForm
from environments.models import (
    ChartVersion,
    KustomizeBinding,
    Tenant,
    TenantEnvironment,
    ValuesLayer,
    Workload,
    WorkloadBinding,
)
from environments.permissions import Permission
from environments.saving import version_of
from environments.selectors.home import Home
from environments.selectors.layers import chart_values
from environments.views.frame import NEEDS, crumb, frame
from environments.views.switching import scopes

MANAGE = Permission.MANAGE_WORKLOADS
Parts = dict[str, str]


def facts_of(workload: Workload) -> dict[str, Any]:
    """Return what the settings form shows, to tell whether it has moved."""
    return {
        "chart_version": workload.chart_version_id,
        "namespace": workload.namespace,
        "allow_nondeterministic": workload.allow_nondeterministic,
    }


class WorkloadPage:
    """The page of one workload for one person."""

    def __init__(self, home: Home, workload: Workload) -> None:
        self.home = home
        self.workload = workload

    def context(self, *, is_bumping: bool = False, **forms: Any) -> dict[str, Any]:
        """Return everything the template needs; *forms* stand in for fresh ones."""
        home, workload = self.home, self.workload
        facts = facts_of(workload)
        fresh = {
            "settings": WorkloadSettingsForm(
                initial={**facts, "version": version_of(facts)}
            ),
            "bind": self.binding_form(),
            "image": self.image_form(),
        }
        shown = {**fresh, **forms}
        url = reverse("environments:workloads", args=[home.project.slug])
        return {
            **frame(home, "Workloads", crumb("Workloads", url), crumb(workload.name)),
            "workload": workload,
            "forms": shown,
            "bindings": list(self._bindings_shown()),
            "images": self._images,
            "layers": self._layers,
            "unbound": self._unbound,
            "scopes": scopes(home),
            "may_manage": home.may(MANAGE),
            "may_bump": bool(self._writable_layers),
            "why_not": NEEDS.format(MANAGE.value),
            "snippet": self._snippet(shown["image"]),
            "is_bumping": is_bumping or shown["image"].is_bound,
            "source": self._source,
        }

    def binding_form(self, data: Any = None) -> BindingForm:
        """Return the form: it offers what one may; what was sent the action judges."""
        return BindingForm(
            data,
            targets=[t for t in self.home.live_targets if data or self._may(t)],
            chart=self.workload.chart_version.chart_id,
        )

    def image_form(
        self, data: Any = None, *, bump: str = "", path: str = ""
    ) -> ImageForm:
        """Return the form: it offers what one may; what was sent the action judges.

        *bump* is the layer it begins with, as the address of the page names it.
        """
        layers = self._all_layers if data else self._writable_layers
        first = self._images[0]["path"] if self._images else "/image"
        initial = {"path": path or first, "layer": bump}
        return ImageForm(data, layers=layers, initial=initial)

    @cached_property
    def _bindings(self) -> list[WorkloadBinding]:
        targets = {target.pk: target for target in self.home.targets}
        rows = WorkloadBinding.objects.filter(
            workload=self.workload, target__in=targets
        ).select_related("chart_version")
        bindings = list(rows)
        for row in bindings:
            row.target = targets[row.target_id]
        places = {pk: at for at, pk in enumerate(targets)}
        return sorted(bindings, key=lambda row: places[row.target_id])

    @property
    def _source(self) -> dict[str, Any]:
        """What it is made of: the chart, its form, and a version that is newer."""
        version = self.workload.chart_version
        others = ChartVersion.objects.filter(chart=version.chart_id)
        return {
            "has_form": version.facts.get("schema", EMPTY_TEXT) != EMPTY_TEXT,
            "latest": others.order_by("-uploaded_at", "-pk").first(),
        }

    @property
    def _unbound(self) -> list[TenantEnvironment]:
        bound = {row.target_id for row in self._bindings}
        return [t for t in self.home.live_targets if t.pk not in bound and self._may(t)]

    def _bindings_shown(self) -> Iterator[dict[str, Any]]:
        overlays = {
            overlay.target_id: overlay
            for overlay in KustomizeBinding.objects.filter(workload=self.workload)
        }
        for row in self._bindings:
            yield {
                "row": row,
                "target": row.target,
                "overlay": overlays.get(row.target_id),
                "may": self._may(row.target),
            }

    @cached_property
    def _texts(self) -> dict[tuple[int | None, int | None], str]:
        """Every saved layer by the keys of its tenant and environment."""
        rows = ValuesLayer.objects.filter(workload=self.workload)
        return {
            (tenant, environment): body
            for tenant, environment, body in rows.values_list(
                "tenant", "environment", "text__body"
            )
        }

    @cached_property
    def _images(self) -> list[dict[str, Any]]:
        """The image of each bound target, and the layer that says so."""
        workload = self.workload
        versions = [workload.chart_version]
        versions += [row.chart_version for row in self._bindings if row.chart_version]
        defaults = chart_values(versions)
        rows = []
        for binding in self._bindings:
            target = binding.target
            version = binding.chart_version or workload.chart_version
            said = [(f"Chart {version.version}", defaults[version.pk])]
            said += [
                (label, self._texts.get(key, "")) for key, label in _reaching(target)
            ]
            rows += [
                {
                    "target": target,
                    "path": pointer(path),
                    "name": parts.get("repository", ""),
                    "tag": parts.get("tag") or parts.get("digest") or "",
                    "layer": label,
                    "may": self._may(target),
                }
                for path, (parts, label) in _images_of(said).items()
            ]
        return rows

    @property
    def _layers(self) -> list[dict[str, Any]]:
        """Links to every layer that holds a text, the base in any case."""
        tenants = {row.pk: row for row in self._tenants}
        environments = {row.pk: row for row in self.home.stages}
        rows = [_layer_row("Base", {}, self._texts.get((None, None), ""))]
        for (tenant, environment), body in self._texts.items():
            seen = (tenant is None or tenant in tenants) and (
                environment is None or environment in environments
            )
            if not body or not seen or (tenant, environment) == (None, None):
                continue
            chosen = {}
            if tenant is not None:
                chosen["tenant"] = tenants[tenant].slug
            if environment is not None:
                chosen["environment"] = environments[environment].slug
            label = " / ".join(chosen.values())
            if len(chosen) == 1:
                label = f"{next(iter(chosen)).title()} {label}"
            rows.append(_layer_row(label, chosen, body))
        return [rows[0], *sorted(rows[1:], key=lambda row: str(row["label"]))]

    @property
    def _tenants(self) -> list[Tenant]:
        """Those with a target: the layers of others reach nothing."""
        found = {target.tenant_id: target.tenant for target in self.home.targets}
        return list(found.values())

    @cached_property
    def _writable_layers(self) -> list[tuple[str, str]]:
        """The layers one may write, as choices: ``tenant/environment``, or parts."""
        places = {row.slug: row for row in self.home.stages}
        return [
            (name, label)
            for name, label in self._all_layers
            if self.home.may(MANAGE, places.get(name.partition("/")[2]))
        ]

    @property
    def _all_layers(self) -> list[tuple[str, str]]:
        """Every layer that takes edits, as choices."""
        home = self.home
        return [
            ("/", "Base"),
            *(
                (f"/{row.slug}", f"Environment {row.slug}")
                for row in home.stages
                if row.archived_at is None
            ),
            *(
                (f"{row.slug}/", f"Tenant {row.slug}")
                for row in self._tenants
                if row.archived_at is None
            ),
            *(
                (str(target), f"{target.tenant.slug} / {target.environment.slug}")
                for target in home.live_targets
            ),
        ]

    def _snippet(self, form: ImageForm) -> str:
        """Return the call that bumps what the form is about."""
        layer = form["layer"].value() or (
            str(self._bindings[0].target) if self._bindings else ""
        )
        tenant, _, environment = str(layer).partition("/")
        place = {"tenant": tenant, "environment": environment}
        path = str(form["path"].value())
        if path != "/image":
            place["path"] = path
        asked = {name: value for name, value in place.items() if value}
        body = json.dumps({"service": self.workload.name, "tag": "1.2.3", **asked})
        url = f"{settings.BASE_URL}/api/v1/projects/{self.home.project.slug}/images"
        return (
            f"curl -X POST {url} \\\n"
            '  -H "Authorization: Bearer $GITOPSHQ_TOKEN" \\\n'
            '  -H "Content-Type: application/json" \\\n'
            f"  -d {shlex.quote(body)}"
        )

    def _may(self, target: TenantEnvironment) -> bool:
        return self.home.may(MANAGE, target.environment)


def _reaching(
    target: TenantEnvironment,
) -> list[tuple[tuple[int | None, int | None], str]]:
    tenant, environment = target.tenant, target.environment
    return [
        ((None, None), "Base"),
        ((None, environment.pk), f"Environment {environment.slug}"),
        ((tenant.pk, None), f"Tenant {tenant.slug}"),
        ((tenant.pk, environment.pk), f"{tenant.slug} / {environment.slug}"),
    ]


def _images_of(said: list[tuple[str, str]]) -> dict[Path, tuple[Parts, str]]:
    """Return the images of texts, broad to narrow, each with who said it last."""
    found: dict[Path, tuple[Parts, str]] = {}
    for label, text in said:
        for path, image in image_paths(text).items():
            parts = found.get(path, ({}, ""))[0] if image.is_map else {}
            found[path] = ({**parts, **image.parts}, label)
    return found


def _layer_row(label: str, query: Parts, text: str) -> dict[str, Any]:
    return {"label": label, "query": urlencode(query), "lines": text.count("\n")}
