"""Every operation of the API, called with what its description allows, and with worse.

``HQ_TEST_SCALE=50`` sends fifty times as many requests; ``HQ_FUZZ_SEED`` others.
"""

import os
from unittest.mock import patch

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from rest_framework.response import Response

from environments.api.projects import ProjectList
from environments.models import Project
from environments.permissions import Role
from gitopshq.core.models import User
from tests import make
from tests.contract.fuzzing import contract, known
from tests.contract.fuzzing.sending import Fuzz

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]

SCALE = int(os.environ.get("HQ_TEST_SCALE", "1"))
# Each database is asked otherwise.
SEED = f"{connection.vendor} {os.environ.get('HQ_FUZZ_SEED', '7')}"
TRIES = 6 * SCALE
"""Requests of each operation."""
EDITOR = {*Role.DEVELOPER.permissions, *Role.APPROVER.permissions}


@pytest.fixture
def fuzz(letter, db, caplog):
    """Nobody, who looks on, who edits and approves, and who runs it all."""
    shop = Project.objects.get(slug="shop")
    people = {
        "viewer": make.user("vera", role=Role.VIEWER, on=shop),
        "editor": make.user("edda", may=sorted(EDITOR), on=shop),
        "root": User.objects.get(username="root"),
    }
    clients = {"nobody": Client(raise_request_exception=False)}
    for name, person in people.items():
        make.token(person)
        make.notification(person)
        clients[name] = Client(raise_request_exception=False)
        clients[name].force_login(person)
    lists = ("audit", "projects/shop/releases", "projects/shop/targets", "charts")
    pages = [clients["root"].get(f"/api/v1/{path}?limit=1").json() for path in lists]
    holds = known.look_at(shop, [*people.values()], [page["next"] for page in pages])
    made = Fuzz(clients, holds)
    with made.watching(), caplog.at_level("CRITICAL"):
        yield made


def test_no_request_breaks_what_is_promised(fuzz):
    """Whoever calls: no crash, each refusal a problem, each answer as described."""
    operations = contract.operations()

    for operation in operations:
        fuzz.try_out(operation, times=TRIES, seed=SEED)

    assert not fuzz.wrong, "\n".join(fuzz.wrong.values())
    # Or nothing but doors was tried. Some steps fit one release, or none, of the shop.
    assert sum(fuzz.sent.values()) == TRIES * len(operations)
    assert len(fuzz.done) > 0.7 * len(operations)


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (ZeroDivisionError("a bug"), "500"),
        (HttpResponse("<h1>Not here</h1>", status=404), "404 is text/html"),
        (HttpResponse("<h1>Here</h1>"), "200 is text/html"),
        (Response({"items": [], "next": None}, status=202), "202 is not described"),
        (Response({"items": [], "next": 7}), "200 at $.next: 7 is not of type"),
        (Response({"items": [], "next": None, "more": 1}), "('more' was unexpected)"),
    ],
    ids=["crash", "page", "no-json", "status", "type", "field"],
)
def test_what_breaks_a_promise_is_noticed(fuzz, answer, complaint):
    listing = next(
        one for one in contract.operations() if one.path.endswith("projects")
    )

    with patch.object(ProjectList, "get", side_effect=[answer] * 99, autospec=True):
        fuzz.try_out(listing, times=40, seed=1)

    assert complaint in "\n".join(fuzz.wrong.values())
