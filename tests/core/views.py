"""A tiny API over notifications, which stand for any object, and some broken pages."""

from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from gitopshq.core import audit, errors, pages, refusals
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import ModelSerializer, Query, Serializer
from gitopshq.core.api.views import ApiView
from gitopshq.core.asking import OWN
from gitopshq.core.errors import FieldError
from gitopshq.core.models import Notification, TokenScope, User


class Frozen(errors.Locked):
    code = "tests_frozen"
    message = "frozen until {until_when}"


class Lacking(errors.NotPermitted):
    code = "tests_lacking"
    message = "not you"


class Missing(errors.Conflict):
    code = "tests_missing"
    message = "{current}/{required}"


class NoteSerializer(ModelSerializer[Notification]):
    class Meta:
        model = Notification
        fields = ["id", "title", "created_at", "read_at"]
        read_only_fields = ["id", "created_at", "read_at"]


class ItemInput(Serializer[None]):
    file_path = serializers.CharField()
    line_count = serializers.IntegerField(min_value=0, max_value=99)


class NoteInput(Serializer[None]):
    title = serializers.CharField(max_length=50)
    is_loud = serializers.BooleanField(required=False)
    line_items = ItemInput(many=True, required=False)
    first_item = ItemInput(required=False)
    policy_snapshot_json = serializers.JSONField(required=False)
    made_by = serializers.CharField(read_only=True)


class NoteFilters(Query):
    title_like = serializers.CharField(required=False)


class NoteList(ApiView):
    asks = {"POST": OWN}
    write_scope = TokenScope.CONFIG_WRITE
    calls = 0

    @operation(gives=NoteSerializer, is_list=True, filters=NoteFilters)
    def get(self, request: Request) -> Response:
        chosen = self.query(NoteFilters)
        mine = Notification.objects.filter(recipient=self.actor)
        if "title_like" in chosen:
            mine = mine.filter(title__contains=chosen["title_like"])
        order = ("title", "-pk") if request.headers.get("X-By-Title") else ("-pk",)
        return self.page(mine, NoteSerializer, order=order)

    @operation(takes=NoteInput, gives=NoteSerializer, status=201)
    def post(self, request: Request) -> Response:
        given = self.read(NoteInput)
        title = str(given["title"])
        NoteList.calls += 1
        if title == "crash":
            raise RuntimeError(title)
        if title == "frozen":
            raise Frozen(until_when="noon", details={"reason": "holiday"})
        note = Notification.objects.create(
            recipient=self.actor, event="tests.noted", title=title
        )
        return self.show(note, NoteSerializer, status=201)


class NoteDetail(ApiView):
    asks = {"PATCH": OWN, "DELETE": OWN}
    write_scope = TokenScope.CONFIG_WRITE
    scopes = {"DELETE": TokenScope.RELEASES_WRITE}

    @operation(gives=NoteSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.show(self._note(), NoteSerializer)

    @operation(takes=NoteInput, gives=NoteSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        given = self.read(NoteInput, partial=True)
        with self.unchanged(
            lambda: self.shape(self._note(), NoteSerializer), lock=lambda: None
        ):
            Notification.objects.filter(pk=pk).update(**given)
        return self.show(self._note(), NoteSerializer)

    @operation(status=204)
    def delete(self, request: Request, pk: int) -> Response:
        self._note().delete()
        return self.nothing()

    def _note(self) -> Notification:
        mine = Notification.objects.filter(recipient=self.actor)
        note = mine.filter(pk=self.kwargs["pk"]).first()
        if note is None:
            raise errors.NotFound
        return note


class Secret(ApiView):
    asks = {"POST": OWN}
    secret_fields = ("token",)

    @operation(status=201)
    def post(self, request: Request) -> Response:
        return Response({"id": 1, "token": "gohq_once"}, status=201)


class Whoami(ApiView):
    @operation()
    def get(self, request: Request) -> Response:
        return Response({"actor": self.actor.username, "isToken": self.is_token})


class Of(ApiView):
    write_scope = TokenScope.CONFIG_WRITE

    @operation()
    def get(self, request: Request, project: str) -> Response:
        return Response({"project": project, "only": self.token_project})


class Everywhere(ApiView):
    asks = {"POST": OWN}
    spans_projects = True
    write_scope = TokenScope.CONFIG_WRITE

    @operation()
    def get(self, request: Request) -> Response:
        return Response({"only": self.token_project})

    @operation()
    def post(self, request: Request) -> Response:
        return Response({})


tried = {"times": 0}


def fail(how: str, actor: User | None = None) -> None:
    """Raise what *how* names, or return."""
    if how == "missing" and actor is not None:
        with transaction.atomic():
            audit.record("tests.undone", actor, actor=actor)
            raise Missing(current=1, required=2)
    tried["times"] += "locked" in how
    if how == "locked" and tried["times"] == 3:
        return
    if how in FAILURES:
        raise FAILURES[how]


FAILURES: dict[str, Exception] = {
    "frozen": Frozen(until_when="noon", details={"reason": "holiday"}),
    "lacking": Lacking(),
    "missing": Missing(current=1, required=2),
    "wrong": errors.ValidationError(
        summary="wrong files",
        errors=[FieldError("/files/a~1b", "bad", "no map", file="a/b", line=3)],
    ),
    "locked": OperationalError("database is locked"),
    "always-locked": OperationalError("database is locked"),
    "duplicate": IntegrityError("UNIQUE constraint failed: a.b"),
    "broken-rule": IntegrityError("CHECK constraint failed: a_rule"),
    "crash": RuntimeError("the canary word"),
}


class Failing(ApiView):
    asks = {"POST": OWN}
    max_body = 100
    write_scope = TokenScope.RELEASES_DEPLOY

    @operation()
    def get(self, request: Request, how: str) -> Response:
        fail(how)
        return Response({"tries": tried["times"]})

    @operation()
    def post(self, request: Request, how: str) -> Response:
        self.attempting("release.deploy", self.actor, project="shop")
        fail(how, self.actor)
        return Response({})


def page(request: HttpRequest, how: str) -> HttpResponse:
    if isinstance(request.user, User):
        refusals.attempting(request, "release.deploy", request.user, project="shop")
    fail(how)
    return HttpResponse(f"tries: {tried['times']}")


api: list[Any] = [
    path("notes", NoteList.as_view()),
    path("notes/<int:pk>", NoteDetail.as_view()),
    path("secret", Secret.as_view()),
    path("whoami", Whoami.as_view()),
    path("everywhere", Everywhere.as_view()),
    path("projects/<slug:project>", Of.as_view()),
    path("failing/<slug:how>", Failing.as_view()),
]
handler404 = pages.page_not_found
handler500 = pages.server_error
urlpatterns = [
    path("api/v1/", include(api)),
    path("api/<path:rest>", pages.unknown_route),
    path("accounts/", include("allauth.urls")),
    path("", include("gitopshq.core.urls")),
    path("page/<slug:how>", page),
]
