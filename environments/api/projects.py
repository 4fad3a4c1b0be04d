"""Projects over HTTP."""

from functools import partial

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from environments import access, actions, asking, selectors
from environments.api.shared import SECRETS_IN_GIT, Slug
from environments.locking import lock_project
from environments.models import Project
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import ModelSerializer, Query, Serializer
from gitopshq.core.api.views import ApiView
from gitopshq.core.models import TokenScope


class ProjectSerializer(ModelSerializer[Project]):
    """A project; who may view one environment only is shown its name alone."""

    description = serializers.SerializerMethodField()
    secrets_in_git = serializers.SerializerMethodField()
    archived = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = [
            "slug",
            "name",
            "description",
            "secrets_in_git",
            "archived",
            "created_at",
        ]

    def get_description(self, project: Project) -> str | None:
        return project.description if self._whole(project) else None

    def get_secrets_in_git(self, project: Project) -> str | None:
        return str(project.secrets_in_git) if self._whole(project) else None

    def get_archived(self, project: Project) -> bool:
        return project.archived_at is not None

    def _whole(self, project: Project) -> bool:
        seen: set[int] = self.context["whole"]
        return project.pk in seen


class ProjectInput(Serializer[None]):
    slug = Slug()
    name = serializers.CharField(max_length=100)
    description = serializers.CharField(
        required=False, allow_blank=True, max_length=10_000
    )
    secrets_in_git = serializers.ChoiceField(SECRETS_IN_GIT, required=False)


class ProjectPatch(Serializer[None]):
    name = serializers.CharField(max_length=100)
    description = serializers.CharField(allow_blank=True, max_length=10_000)
    secrets_in_git = serializers.ChoiceField(SECRETS_IN_GIT)
    archived = serializers.BooleanField()


class ProjectFilters(Query):
    archived = serializers.BooleanField(
        required=False, help_text="Only those in the archive, or only those not."
    )


class ProjectList(ApiView):
    asks = {"POST": asking.CREATE_PROJECT}
    write_scope = TokenScope.CONFIG_WRITE
    spans_projects = True

    @operation(gives=ProjectSerializer, is_list=True, filters=ProjectFilters)
    def get(self, request: Request) -> Response:
        """List the projects one may view."""
        rows = access.projects_visible_to(self.actor)
        archived = self.query(ProjectFilters).get("archived")
        if archived is not None:
            rows = rows.filter(archived_at__isnull=not archived)
        if self.token_project:
            rows = rows.filter(slug=self.token_project)
        whole = selectors.projects_seen_whole(self.actor)
        return self.page(rows, ProjectSerializer, whole=whole)

    @operation(takes=ProjectInput, gives=ProjectSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Create a project; whoever does becomes its maintainer."""
        made = actions.create_project(actor=self.actor, **self.read(ProjectInput))
        return self.show(made, ProjectSerializer, status=201, whole={made.pk})


class ProjectDetail(ApiView):
    asks = {"PATCH": asking.CHANGE_PROJECT}
    write_scope = TokenScope.CONFIG_WRITE

    @operation(gives=ProjectSerializer)
    def get(self, request: Request, project: str) -> Response:
        """Show a project."""
        return Response(self._shape())

    @operation(takes=ProjectPatch, gives=ProjectSerializer)
    def patch(self, request: Request, project: str) -> Response:
        """Change or archive a project."""
        row = self._project()
        given = self.read(ProjectPatch, partial=True)
        with self.unchanged(self._shape, lock=partial(lock_project, row)):
            actions.change(row, actor=self.actor, **given)
        return Response(self._shape())

    def _shape(self) -> object:
        row = self._project()
        whole = {row.pk} if selectors.sees_whole(self.actor, row) else set()
        return self.shape(row, ProjectSerializer, whole=whole)

    def _project(self) -> Project:
        return selectors.visible_project(self.actor, self.kwargs["project"])
