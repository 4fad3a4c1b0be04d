"""The shop that the matrix is tried on, made once for a module, and its callers.

Nothing is rendered and nothing is committed: each try is undone when it is over.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client, override_settings
from django.utils import timezone
from guardian.shortcuts import assign_perm

from approvals.actions import save_view
from approvals.subjects import request_for
from delivery.git.repository import Repository
from delivery.models import Rendering
from delivery.repositories import repositories_of
from environments import actions
from environments.actions import VariablePlace, WindowTerms
from environments.models import VariableScope as Scope
from environments.permissions import CREATE_PROJECT, Role
from environments.selectors.members import Member
from gitopshq.core import tokens
from gitopshq.core.models import ApiToken, AuditEntry, User
from releases import actions as releasing
from releases import previewing
from releases.pending import pool_of
from tests import make
from tests.git import make as git_make
from tests.permissions import routes
from tests.permissions.callers import ALLOWED, LOGIN, Caller
from tests.permissions.rows import Door
from tests.permissions.table.own import CHART
from tests.permissions.table.repository import FILE
from tests.seeded import own_folder

LOGINS = ("/accounts/login/", "/admin/login/")


class World:
    """A shop with two environments, a draft, a release that waits, and people."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._people: dict[str, User] = {}
        self._asked: dict[tuple[object, ...], str] = {}
        shop = self.shop = make.project("shop")
        make.environment(shop, "prod")
        self.prod = make.target(shop, environment="prod")
        self.dev = make.target(shop, environment="dev")
        make.tenant(shop, "globex")
        self.mart = make.project("mart")
        make.target(self.mart, environment="prod")
        self.workload = make.workload(shop, "api", on=[self.prod, self.dev])
        actions.set_values(self.workload, text="image: {tag: '1'}\n", actor=None)
        overlay = {"kustomization.yaml": "resources: []\n"}
        actions.put_overlay(self.prod, name="patch", files=overlay, actor=None)
        self._manifests("extra")
        self.ids = self._variables() | self._windows() | self._members()
        self._releases()
        token, _ = make.token(make.user("tina"))
        self.ids |= {
            "chart": str(self.workload.chart_version_id),
            "token": token.pk,
            "message": make.notification(token.user).pk,
            "view": save_view(actor=token.user, name="Old", query="stale=1").pk,
            "commit": self._published(),
            "entry": AuditEntry.objects.filter(project="shop").latest("pk").pk,
        }

    def _manifests(self, name: str) -> None:
        files = {f"{name}.yaml": f"kind: ConfigMap\nmetadata: {{name: {name}}}\n"}
        actions.put_manifests(self.prod, name=name, files=files, actor=None)

    def _variables(self) -> dict[str, object]:
        prod, shop = self.prod, self.shop
        places = {
            Scope.REPO: {},
            Scope.ENV: {"environment": prod.environment},
            Scope.TENANT: {"tenant": prod.tenant},
            Scope.SVC: {"target": prod, "workload": self.workload},
        }
        return {
            f"{scope.value}_variable": actions.set_variable(
                VariablePlace(shop, scope, **where), key="KEY", value="1", actor=None
            ).pk
            for scope, where in places.items()
        }

    def _windows(self) -> dict[str, object]:
        now, keeper = timezone.now(), make.user("kim", is_superuser=True)
        terms = WindowTerms(
            starts_at=now + timedelta(days=90),
            ends_at=now + timedelta(days=91),
            reason="holidays",
        )
        add = actions.add_freeze_window
        return {
            "window": add(
                self.shop,
                terms=terms,
                environment=self.prod.environment,
                actor=keeper,
            ).pk,
            "wide_window": add(self.shop, terms=terms, actor=keeper).pk,
        }

    def _members(self) -> dict[str, object]:
        hugo = make.user("hugo")
        Group.objects.create(name="crew")
        held = Role.VIEWER.permissions
        found: dict[str, object] = {}
        for name, place in (("member", self.shop), ("staged", self.prod.environment)):
            actions.grant_role(place, to=hugo, role=Role.VIEWER, actor=None)
            found[name] = Member(hugo, place, held).id
        return found

    def _releases(self) -> None:
        author = make.user("author", role=Role.DEVELOPER, on=self.shop)
        cut = releasing.create_release
        content = releasing.Content(title="A draft")
        cut(self.prod, actor=author, content=content)
        terms = {"required_approvals": 1}
        actions.set_policy(self.prod.environment, terms=terms, actor=None)
        self._manifests("more")
        content = releasing.Content(title="Waits for a vote")
        waiting = cut(self.prod, actor=author, content=content)
        self._manifests("late")
        row = next(
            row
            for row in pool_of(self.prod).rows
            if row.claimed_by is None and row.change.object == "late"
        )
        request = request_for(waiting)
        assert request is not None
        self.ids |= {
            "change": row.change.id,
            "request": request.pk,
            "snapshot": previewing.preview(self.prod, change_ids=None).snapshot.digest,
        }

    def _published(self) -> str:
        """Put a file on ``main``; nothing was deployed, but there is what to read."""
        with Repository(repositories_of(self.shop).main) as main:
            return git_make.advance(main, {FILE: b"a: 1\n"})

    @cached_property
    def chart(self) -> bytes:
        return make.chart_archive("fresh", "2.0.0")

    def client(self, caller: Caller) -> Client:
        """Return what *caller* calls with."""
        if caller.name not in self._clients:
            self._clients[caller.name] = self._new_client(caller)
        return self._clients[caller.name]

    def _new_client(self, caller: Caller) -> Client:
        client = Client(
            raise_request_exception=False, enforce_csrf_checks=caller.is_forged
        )
        if not caller.signed_in:
            return client
        if caller.is_token:
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {self.secret_of(caller)}"
            return client
        person = self.person(caller)
        client.force_login(person)
        if caller.is_dead:
            User.objects.filter(pk=person.pk).update(is_active=False)
        return client

    def secret_of(self, caller: Caller) -> str:
        """Return the secret of the token that *caller* is."""
        name = caller.owner or caller.name
        owner = self._people.get(name) or self.person(_owner(name, caller))
        token, secret = tokens.issue_token(
            owner,
            name="matrix",
            scopes=sorted(caller.scopes or ()),
            project=caller.bound_to,
            actor=None,
        )
        if caller.name == "a token that expired":
            past = timezone.now() - timedelta(seconds=1)
            ApiToken.objects.filter(pk=token.pk).update(expires_at=past)
        elif caller.name == "a token revoked":
            tokens.revoke_token(token, actor=None)
        elif caller.is_dead:
            User.objects.filter(pk=owner.pk).update(is_active=False)
        return secret

    def person(self, caller: Caller) -> User:
        """Return the person that *caller* is, made with what they hold."""
        if caller.name not in self._people:
            person = make.user(is_superuser=caller.is_superuser)
            self._people[caller.name] = person
            self._give(caller, person)
        return self._people[caller.name]

    def _give(self, caller: Caller, person: User) -> None:
        to: User | Group = person
        if caller.in_group:
            to = Group.objects.create(name=caller.name)
            person.groups.add(to)
        for place, held in (
            (self.shop, caller.on_shop),
            (self.prod.environment, caller.on_prod),
            (self.dev.environment, caller.on_dev),
            (self.mart, caller.on_mart),
        ):
            for permission in sorted(held):
                assign_perm(permission.codename, to, place)
        if caller.may_create:
            codename = CREATE_PROJECT.partition(".")[2]
            person.user_permissions.add(Permission.objects.get(codename=codename))

    def answer(self, door: Door, caller: Caller, *, body: Any = None) -> str:
        """Try *door* as *caller*, undo it, and return what came of it."""
        client = self.client(caller)
        with transaction.atomic():
            response = self._call(client, door, door.body if body is None else body)
            transaction.set_rollback(True)
        return told(response)

    def asked(self, door: Door, caller: Caller) -> str:
        """Ask what *door* declares of the person *caller*, without going through it."""
        asked = routes.asked_at(door, self.filled(door.url))
        key = (*asked.key, caller.name)
        if key not in self._asked:
            self._asked[key] = asked.answer_to(self.person(caller))
        return self._asked[key]

    def _call(self, client: Client, door: Door, body: Any) -> Any:
        url = self.filled(door.url)
        if door.is_safe:
            return client.get(url)
        if body is CHART:
            sent = SimpleUploadedFile("fresh-2.0.0.tgz", self.chart)
            return client.post(url, {"file": sent})
        if door.kind == "page":
            return client.post(url, self.filled(body or {}))
        if door.media == "multipart/form-data":
            return client.post(url, body)
        sent = body if isinstance(body, str) else json.dumps(body or {})
        return client.generic(door.method, url, sent, door.media)

    def filled(self, what: Any) -> Any:
        """Put the keys of rows where the table names them."""
        if isinstance(what, dict):
            return {name: self.filled(value) for name, value in what.items()}
        if isinstance(what, str) and "{" in what:
            return what.format(**self.ids)
        return what


def told(response: Any) -> str:
    """Say how a door answered: the status with its code where it says no."""
    status = response.status_code
    if status == 302 and response["Location"].startswith(LOGINS):
        return LOGIN
    if status in {401, 403, 404} or status >= 500:
        if response.headers.get("Content-Type") == "application/problem+json":
            return f"{status} {response.json()['code']}"
        return str(status)
    return ALLOWED


@contextmanager
def made(folder: Path, *, draws: bool = False) -> Iterator[World]:
    """Make the world, in a transaction that is undone in the end.

    Unless it *draws*, a page is what it lets through; how it looks is tried elsewhere.
    """
    blank = patch.object(Template, "render", lambda *_, **__: "")
    with (
        own_folder(folder),
        override_settings(API_CALLS_PER_MINUTE=10**9),
        nullcontext() if draws else blank,
        patch("delivery.rendering_requests.wait_for", _as_it_is),
        transaction.atomic(),
    ):
        yield World()
        transaction.set_rollback(True)


def _as_it_is(rendering: Rendering, *, seconds: float) -> Rendering:
    return rendering


def _owner(name: str, caller: Caller) -> Caller:
    return replace(caller, name=name, scopes=None, bound_to="", is_dead=False)
