"""Kustomize overlays and plain manifests over HTTP, with the texts of their files."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from environments import actions, asking, selectors
from environments.api.shared import EditQuery, Slug
from environments.locking import lock_project
from environments.models import KustomizeBinding, ManifestBinding, TenantEnvironment
from environments.stored import DatabaseTexts
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import Serializer
from gitopshq.core.api.views import MIB, ApiView
from gitopshq.core.errors import NotFound
from gitopshq.core.models import TokenScope

MAX_FILES_BODY = 8 * MIB


class FilesField(serializers.DictField):
    """Texts by path."""

    def __init__(self, **kwargs: Any) -> None:
        text = serializers.CharField(trim_whitespace=False, allow_blank=True)
        super().__init__(child=text, **kwargs)


class OverlaySerializer(Serializer[KustomizeBinding]):
    name = serializers.CharField()
    workload = serializers.CharField(
        source="workload.name", default=None, allow_null=True
    )
    on = serializers.BooleanField(source="is_on")
    files = serializers.SerializerMethodField()

    def get_files(self, binding: KustomizeBinding) -> dict[str, str]:
        return _texts(binding)


class OverlayInput(Serializer[None]):
    workload = Slug(required=False, allow_null=True)
    files = FilesField()


class ManifestsSerializer(Serializer[ManifestBinding]):
    name = serializers.CharField()
    on = serializers.BooleanField(source="is_on")
    files = serializers.SerializerMethodField()

    def get_files(self, binding: ManifestBinding) -> dict[str, str]:
        return _texts(binding)


class ManifestsInput(Serializer[None]):
    files = FilesField()


class SwitchInput(Serializer[None]):
    on = serializers.BooleanField(
        help_text="Off: the files are kept and are no part of the desired state."
    )


class ListedManifestsSerializer(Serializer[Any]):
    """A set of manifests, by the paths of its files alone."""

    name = serializers.CharField()
    on = serializers.BooleanField(source="is_on")
    paths = serializers.SerializerMethodField()

    def get_paths(self, binding: KustomizeBinding | ManifestBinding) -> list[str]:
        return sorted(binding.files)


class ListedOverlaySerializer(ListedManifestsSerializer):
    """An overlay, by the paths of its files alone."""

    workload = serializers.CharField(
        source="workload.name", default=None, allow_null=True
    )


class _OfTarget(ApiView):
    """A view of one target's files."""

    write_scope = TokenScope.CONFIG_WRITE
    max_body = MAX_FILES_BODY

    def target(self) -> TenantEnvironment:
        place = {key: self.kwargs[key] for key in ("project", "tenant", "environment")}
        return selectors.visible_target(self.actor, **place)

    @property
    def message(self) -> str:
        return str(self.query(EditQuery).get("message", ""))


class _FileSet(_OfTarget):
    """A view of one set of files, by its name."""

    asks = dict.fromkeys(["PUT", "PATCH", "DELETE"], asking.PUT_FILES)
    gives: ClassVar[type[Serializer[Any]]]

    def act(self, action: Callable[..., object], **given: Any) -> None:
        """Take *action* on the set, if it is still what the caller has seen."""
        target = self.target()
        with self.unchanged(self._shape, lock=partial(lock_project, target.project)):
            action(
                target,
                name=self.kwargs["name"],
                actor=self.actor,
                message=self.message,
                **given,
            )

    def _rows(self) -> QuerySet[Any]:
        """Return the set of that name, if there is one."""
        raise NotImplementedError

    def _shape(self) -> object:
        found = self._rows().first()
        if found is None:
            raise NotFound
        return self.shape(found, self.gives)


class OverlayList(_OfTarget):
    @operation(gives=ListedOverlaySerializer, is_list=True)
    def get(
        self, request: Request, project: str, tenant: str, environment: str
    ) -> Response:
        """List the overlays of a target."""
        rows = self.target().kustomize_bindings.select_related("workload")
        return self.page(rows, ListedOverlaySerializer)


class ManifestsList(_OfTarget):
    @operation(gives=ListedManifestsSerializer, is_list=True)
    def get(
        self, request: Request, project: str, tenant: str, environment: str
    ) -> Response:
        """List the sets of manifests of a target."""
        rows = self.target().manifest_bindings.all()
        return self.page(rows, ListedManifestsSerializer)


class Overlay(_FileSet):
    gives = OverlaySerializer

    @operation(gives=OverlaySerializer)
    def get(self, request: Request, **_: str) -> Response:
        """Show an overlay with its files."""
        return Response(self._shape())

    @operation(
        takes=OverlayInput,
        gives=OverlaySerializer,
        filters=EditQuery,
        other={201: OverlaySerializer},
    )
    def put(self, request: Request, **_: str) -> Response:
        """Save an overlay: all its files; standalone, or attached to a workload."""
        given = self.read(OverlayInput)
        workload = None
        if given.get("workload"):
            workload = selectors.visible_workload(
                self.actor, self.kwargs["project"], given["workload"]
            )
        is_new = not self._rows().exists()
        self.act(actions.put_overlay, files=given["files"], workload=workload)
        return Response(self._shape(), status=201 if is_new else 200)

    @operation(takes=SwitchInput, gives=OverlaySerializer, filters=EditQuery)
    def patch(self, request: Request, **_: str) -> Response:
        """Turn an overlay on or off; saving one turns it on."""
        self.act(actions.switch_overlay, on=self.read(SwitchInput)["on"])
        return Response(self._shape())

    @operation(status=204, filters=EditQuery)
    def delete(self, request: Request, **_: str) -> Response:
        """Delete an overlay."""
        self.act(actions.delete_overlay)
        return self.nothing()

    def _rows(self) -> QuerySet[KustomizeBinding]:
        rows = self.target().kustomize_bindings.select_related("workload")
        return rows.filter(name=self.kwargs["name"])


class Manifests(_FileSet):
    gives = ManifestsSerializer

    @operation(gives=ManifestsSerializer)
    def get(self, request: Request, **_: str) -> Response:
        """Show a set of manifests with its files."""
        return Response(self._shape())

    @operation(
        takes=ManifestsInput,
        gives=ManifestsSerializer,
        filters=EditQuery,
        other={201: ManifestsSerializer},
    )
    def put(self, request: Request, **_: str) -> Response:
        """Save a set of manifests: all its files."""
        files = self.read(ManifestsInput)["files"]
        is_new = not self._rows().exists()
        self.act(actions.put_manifests, files=files)
        return Response(self._shape(), status=201 if is_new else 200)

    @operation(takes=SwitchInput, gives=ManifestsSerializer, filters=EditQuery)
    def patch(self, request: Request, **_: str) -> Response:
        """Turn a set of manifests on or off; saving one turns it on."""
        self.act(actions.switch_manifests, on=self.read(SwitchInput)["on"])
        return Response(self._shape())

    @operation(status=204, filters=EditQuery)
    def delete(self, request: Request, **_: str) -> Response:
        """Delete a set of manifests."""
        self.act(actions.delete_manifests)
        return self.nothing()

    def _rows(self) -> QuerySet[ManifestBinding]:
        return self.target().manifest_bindings.filter(name=self.kwargs["name"])


def _texts(binding: KustomizeBinding | ManifestBinding) -> dict[str, str]:
    texts = DatabaseTexts()
    texts.prefetch(binding.files.values())
    return {path: texts[digest] for path, digest in sorted(binding.files.items())}
