"""What people are told and how is theirs to choose, at both doors."""

import ast
from pathlib import Path

import pytest
from django.test import Client

from environments.permissions import Role
from gitopshq.core import notices
from gitopshq.core.models import (
    AuditEntry,
    Delivery,
    Notification,
    NotificationPreference,
)
from gitopshq.core.notifying import notifications_of, notify
from gitopshq.core.preferences import matrix_of, set_preferences, ways_of
from tests import make
from tests.core.conftest import client_of

PAGE = "/me/notifications/preferences"
PATH = "/api/v1/notifications/preferences"
JSON = "application/json"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def amir(db):
    """Approves in the shop; there is also a project that he does not see."""
    make.project("elsewhere")
    on = make.project("shop")
    return make.user("amir", role=Role.APPROVER, on=on, email="amir@example.test")


@pytest.fixture
def client(amir):
    client = Client()
    client.force_login(amir)
    return client


def ways(person, event, project="shop"):
    return set(ways_of([person.pk], event, project=project)[person.pk])


def choose(person, project="", *, muted=False, **wanted):
    named = {event.replace("__", "."): chosen for event, chosen in wanted.items()}
    return set_preferences(wanted=named, project=project, muted=muted, actor=person)


def test_who_never_chose_is_told_by_default(amir):
    assert ways(amir, "approval.requested") == {"in_app", "email"}
    assert ways(amir, "release.deployed") == {"in_app"}
    assert ways(amir, "of.tomorrow") == {"in_app"}


def test_a_choice_holds_everywhere_and_one_for_a_project_goes_before_it(amir):
    """S134: per person and per project."""
    choose(amir, approval__requested=["email"])
    choose(amir, "shop", approval__requested=["in_app"])

    assert ways(amir, "approval.requested", "bank") == {"email"}
    assert ways(amir, "approval.requested", "shop") == {"in_app"}


def test_what_equals_the_rule_above_follows_it(amir):
    choose(amir, "shop", approval__requested=["in_app", "email"])
    choose(amir, approval__requested=[])

    assert ways(amir, "approval.requested") == set()


def test_a_muted_project_says_nothing_and_forgets_nothing(amir):
    choose(amir, "shop", approval__requested=["email"])
    choose(amir, "shop", muted=True, approval__requested=["email"])

    assert ways(amir, "approval.requested") == set()
    assert ways(amir, "approval.requested", "bank") == {"in_app", "email"}
    matrix = matrix_of(amir, project="shop")
    assert matrix.is_muted
    assert matrix.rows[0].ways == {"email"}
    choose(amir, "shop", approval__requested=["email"])
    assert ways(amir, "approval.requested") == {"email"}


def test_only_mail_means_nothing_in_the_list(amir):
    choose(amir, approval__requested=["email"])

    notify([amir], "approval.requested", project="shop", title="R-1")

    assert not notifications_of(amir).exists()
    assert Delivery.objects.get().notification.recipient == amir


def test_nothing_wanted_leaves_nothing(amir):
    choose(amir, approval__requested=[])

    notify([amir], "approval.requested", project="shop", title="R-1")

    assert not Notification.objects.exists()


def test_the_page_saves_what_is_ticked(client, amir):
    page = client.get(PAGE).content.decode()
    assert "Approval wanted: E-mail" in page
    assert page.count("checked") == sum(1 + n.by_email for n in notices.NOTICES)

    answer = client.post(PAGE, {"wanted": ["release.deployed email"]})

    assert (answer.status_code, answer.url) == (302, PAGE)
    assert ways(amir, "release.deployed") == {"email"}
    assert ways(amir, "approval.requested") == set()
    assert client.get(PAGE).content.decode().count("checked") == 1
    entry = AuditEntry.objects.get(event="user.notifications_changed")
    assert entry.after["release.deployed email"] is True


def test_the_page_mutes_a_project_that_one_sees(client, amir):
    every = [
        f"{notice.event} {way}"
        for notice in notices.NOTICES
        for way in ("in_app", "email")
        if notice.is_default(way)
    ]

    client.post(f"{PAGE}?project=shop", {"wanted": every, "muted": "on"})

    assert ways(amir, "approval.requested") == set()
    assert set(NotificationPreference.objects.values_list("event", "wanted")) == {
        ("", False)
    }
    assert client.get(f"{PAGE}?project=elsewhere").status_code == 404
    assert client.post(f"{PAGE}?project=elsewhere").status_code == 404


@pytest.mark.parametrize("box", ["of.nothing email", "release.deployed pigeon", "x"])
def test_the_page_refuses_what_there_is_not(client, box):
    assert client.post(PAGE, {"wanted": [box]}).status_code == 422
    assert not NotificationPreference.objects.exists()


def test_the_api_shows_and_takes_the_matrix(client, amir):
    shown = client.get(PATH)
    assert shown.json()["events"][0] == {
        "event": "approval.requested",
        "label": "Approval wanted",
        "inApp": True,
        "email": True,
        "isChosen": False,
    }
    assert (shown.json()["muted"], shown.json()["emailReaches"]) == (False, True)
    body = {"events": [{"event": "approval.requested", "inApp": True, "email": False}]}

    saved = client.put(PATH, body, content_type=JSON)

    assert saved.status_code == 200
    assert saved.json()["events"][0]["isChosen"] is True
    assert client.get(PATH).json() == saved.json()
    assert ways(amir, "approval.requested") == {"in_app"}
    stale = {"content_type": JSON, "headers": {"If-Match": shown["ETag"]}}
    assert client.put(PATH, body, **stale).status_code == 412


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ("", {"events": [{"event": "x", "inApp": True, "email": True}]}, 422),
        ("", {"events": [{"event": "release.deployed"}]}, 422),
        ("", {"events": [], "muted": True}, 422),
        ("", {"events": [], "loud": True}, 422),
        ("?project=elsewhere", {"events": []}, 404),
        ("?project=shop", {"events": [], "muted": True}, 200),
    ],
)
def test_the_api_refuses_what_makes_no_sense(client, query, body, status):
    answer = client.put(f"{PATH}{query}", body, content_type=JSON)

    assert answer.status_code == status


def test_reading_takes_no_more_than_a_reading_token(amir):
    reader = client_of(amir, scopes=["read"])

    assert reader.get(PATH).status_code == 200
    assert reader.put(PATH, {"events": []}, format="json").status_code == 403
    assert client_of(amir, project="shop").get(PATH).status_code == 404


def test_all_are_marked_read_over_the_api(client, amir):
    notify([amir], "approval.requested", project="shop", title="R-1")

    for count in (1, 0):
        read = client.post("/api/v1/notifications/read", content_type=JSON)
        assert read.json() == {"read": count}


def test_whatever_people_are_told_stands_in_the_list():
    """Every event named where somebody is told has its notice."""
    told = set()
    for app in ("releases", "approvals", "environments", "delivery", "gitopshq/core"):
        for path in (ROOT / app).rglob("*.py"):
            told |= set(_events_told(ast.parse(path.read_text("utf-8")), app))

    assert told
    assert told <= set(notices.BY_EVENT)


def _events_told(tree, app):
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if not name.endswith("notify") or len(node.args) < 2:
            continue
        event = node.args[1]
        if isinstance(event, ast.Constant):
            yield event.value
        elif isinstance(event, ast.Attribute):
            yield _value_of(app, event)


def _value_of(app, event):
    module = __import__(f"{app}.events", fromlist=["events"])
    return str(getattr(getattr(module, ast.unparse(event.value)), event.attr))
