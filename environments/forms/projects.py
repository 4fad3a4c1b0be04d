"""Forms of a project's settings: itself, members, tenants, environments, targets."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.contrib.auth.models import Group

from environments.actions.projects import MAX_DESCRIPTION, MAX_NAME
from environments.checks import MAX_TAGS
from environments.forms.versioned import VersionedForm
from environments.models import Environment, SecretsInGit
from environments.permissions import Permission, Role
from gitopshq.core.forms import RefusableForm
from gitopshq.core.models import User

SINGLE: Final = ""
"""The choice of single permissions, in place of a role."""


class ProjectForm(VersionedForm):
    ids = "project"

    name = forms.CharField(max_length=MAX_NAME)
    description = forms.CharField(
        max_length=MAX_DESCRIPTION, required=False, widget=forms.Textarea
    )
    secrets_in_git = forms.ChoiceField(
        choices=SecretsInGit.choices,
        label="Secrets in rendered manifests",
        help_text=(
            "Whoever can clone the repository can read what stands in it. Refused, a "
            "release that would put a secret variable into Git cannot be rendered."
        ),
    )


class GrantForm(RefusableForm):
    """A role or single permissions, to a person or a group, on one place."""

    ids = "grant"

    name = forms.CharField(max_length=150, label="User or group")
    is_group = forms.BooleanField(required=False, label="It is a group")
    place = forms.ChoiceField(label="On", required=False)
    role = forms.ChoiceField(
        required=False,
        choices=[*Role.choices, (SINGLE, "Single permissions")],
        initial=Role.VIEWER,
    )
    permissions = forms.MultipleChoiceField(
        required=False,
        choices=[(p.value, f"{p.value}: {p.label}") for p in Permission],
        widget=forms.CheckboxSelectMultiple,
        help_text="Counted only with “Single permissions”.",
    )

    def __init__(
        self, data: Any = None, *, environments: Iterable[Environment], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.field("place").choices = [
            ("", "The whole project"),
            *((row.slug, f"Environment {row.slug}") for row in environments),
        ]

    def clean(self) -> dict[str, Any]:
        """Find whom is meant."""
        given = super().clean() or {}
        name = given.get("name")
        if name:
            given["grantee"] = self._grantee(name, is_group=given["is_group"])
            if given["grantee"] is None:
                what = "group" if given["is_group"] else "user"
                self.add_error("name", f"there is no {what} {name}")
        return given

    @property
    def chosen(self) -> frozenset[Permission]:
        """The single permissions that were ticked."""
        return frozenset(Permission(p) for p in self.cleaned_data["permissions"])

    def _grantee(self, name: str, *, is_group: bool) -> User | Group | None:
        if is_group:
            return Group.objects.filter(name=name).first()
        return User.objects.filter(username=name, is_active=True).first()


class TenantForm(VersionedForm):
    ids = "tenant"

    slug = forms.CharField(max_length=40, help_text="Never changes.")
    name = forms.CharField(max_length=MAX_NAME)
    tags = forms.CharField(
        max_length=500,
        required=False,
        help_text=(
            f"Short words such as eu or pilot, at most {MAX_TAGS}, with spaces or "
            "commas between. The matrix filters by them."
        ),
    )

    @property
    def words(self) -> list[str]:
        """The tags as they were typed."""
        given: str = self.cleaned_data["tags"]
        return given.replace(",", " ").split()


class EnvironmentForm(VersionedForm):
    ids = "environment"

    slug = forms.CharField(max_length=40, help_text="Never changes.")
    name = forms.CharField(max_length=MAX_NAME)
    rank = forms.IntegerField(
        initial=0, help_text="Its place in the order of stages, the lowest first."
    )
    colour = forms.CharField(
        max_length=20, required=False, help_text="As #rrggbb, or empty."
    )
    required_approvals = forms.IntegerField(
        label="Required approvals",
        required=False,
        min_value=0,
        max_value=100,
        initial=1,
        help_text="Everything else of the policy is edited on its own page.",
    )


class TargetForm(VersionedForm):
    """A target: where a tenant is delivered to in an environment."""

    ids = "target"
    names = {
        "kubernetesVersion": "kubernetes_version",
        "apiVersions": "api_versions",
    }

    tenant = forms.ChoiceField()
    environment = forms.ChoiceField()
    namespace = forms.CharField(max_length=63)
    cluster = forms.CharField(
        max_length=63, required=False, help_text="A name of yours. Empty: one cluster."
    )
    kubernetes_version = forms.CharField(
        max_length=20, initial="1.33.0", label="Kubernetes version"
    )
    api_versions = forms.CharField(
        required=False,
        label="Further API versions",
        help_text="What charts may ask for beside the built-in ones, one a line.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        tenants: Iterable[str] = (),
        environments: Iterable[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.field("tenant").choices = [(slug, slug) for slug in tenants]
        self.field("environment").choices = [(slug, slug) for slug in environments]

    @property
    def facts(self) -> dict[str, Any]:
        """What ``TargetFacts`` takes."""
        given = self.cleaned_data
        return {
            "namespace": given["namespace"],
            "cluster": given["cluster"],
            "kubernetes_version": given["kubernetes_version"],
            "api_versions": given["api_versions"].split(),
        }
