"""The page of the audit trail: narrowed, one entry by itself, and what was checked."""

import re
from html import unescape

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from environments.permissions import Permission
from gitopshq.core import audit, audit_checks, instants, tasks
from gitopshq.core.models import AuditCheck, AuditEntry, AuditHead, Notification
from tests import make
from tests.core.conftest import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make.project("shop")


@pytest.fixture
def auditor(shop):
    """Reads the trail of the shop."""
    return make.user("audra", may=[Permission.VIEW_AUDIT], on=shop)


@pytest.fixture
def client(auditor):
    made = Client()
    made.force_login(auditor)
    return made


def page(client, url):
    return unescape(client.get(url).content.decode())


def tamper(**changed):
    """Change the first entry of the shop, as the database's owner could."""
    first = AuditEntry.objects.get(project="shop", sequence=1)
    AuditEntry.objects.filter(pk=first.pk).update(**(changed or {"actor_name": "eve"}))
    return first


def test_everything_that_narrows_stands_in_the_url(client, shop):
    """S134: by actor, action, object, project, time and request."""
    made = AuditEntry.objects.get(event="project.created")
    with transaction.atomic():
        token = audit.request_id.set("request-42")
        audit.record("release.created", shop, actor=None, project="shop", n="mine")
        audit.request_id.reset(token)
    later = "2100-01-01T00:00"
    for query, count in {
        "": 2,
        "?project=shop": 2,
        "?actor=system": 2,
        "?event=release.*": 1,
        "?event=release": 0,
        f"?about={made.object_type}:{made.object_id}": 2,
        "?request_id=request-42": 1,
        f"?since={later}": 0,
        f"?until={later}": 2,
    }.items():
        assert page(client, f"/audit{query}").count('class="step"') == count, query


def test_the_export_is_of_what_is_shown_on_the_clock_of_the_reader(client, auditor):
    auditor.time_zone = "Asia/Tokyo"
    auditor.save()
    url = "/audit?project=shop&request_id=abcdefgh&since=2026-01-01T09:00"

    [link] = re.findall(r'href="([^"]*format=csv[^"]*)"', page(client, url))

    assert "since=2026-01-01T00%3A00%3A00Z" in link
    assert "requestId=abcdefgh" in link
    response = client.get(link)
    assert response.status_code == 200
    assert response.streaming


def test_an_entry_has_a_page_of_its_own(client, auditor):
    root = make.user("root", is_superuser=True)
    answer = client_of(root).post(
        "/api/v1/projects/shop/tenants",
        {"slug": "acme", "name": "Acme"},
        format="json",
        headers={"X-Request-Id": "request-42"},
    )
    assert answer.status_code == 201
    entry = AuditEntry.objects.get(event="tenant.created")

    shown = page(client, f"/audit/{entry.pk}")

    assert "As its hash says" in shown
    assert entry.data["caller"]["token"] in shown
    assert "127.0.0.1" in shown
    assert "request_id=request-42" in shown
    assert entry.entry_hash in shown
    assert 'rel="prev"' in shown
    AuditEntry.objects.filter(pk=entry.pk).update(event="tenant.removed")
    assert "Not what its hash says" in page(client, f"/audit/{entry.pk}")


def test_an_entry_of_another_project_is_not_there(client):
    make.project("bank")
    other = AuditEntry.objects.get(project="bank")

    assert client.get(f"/audit/{other.pk}").status_code == 404
    assert "No entries" in page(client, "/audit?project=bank")


def test_the_badge_says_how_far_and_when(client):
    """S134: the chain, verified."""
    assert "Not verified yet" in page(client, "/audit")

    answer = client.post("/audit/verify", {"back": "project=shop&event=x"})

    assert answer.url == "/audit?project=shop&event=x"
    assert "Chain verified through #1," in page(client, "/audit")


def test_a_broken_chain_is_shown_with_its_first_bad_entry(client):
    first = tamper()
    root = make.user("root", is_superuser=True, email="root@example.test")

    tasks.check_audit()

    shown = page(client, "/audit")
    assert "The chain of shop is broken at #1." in shown
    assert "Its content is not what its hash says." in shown
    assert f'href="/audit/{first.pk}"' in shown
    assert "Chain verified" not in shown
    told = Notification.objects.get(event="audit.chain_broken")
    assert (told.recipient, told.project) == (root, "shop")
    tasks.check_audit()
    assert Notification.objects.count() == 1


def test_a_missing_entry_is_named_without_a_page(client):
    AuditHead.objects.filter(project="shop").update(sequence=2)

    client.post("/audit/verify")

    shown = page(client, "/audit")
    assert "The chain of shop is broken at #2." in shown
    assert "The entry is missing." in shown


def test_a_mended_chain_is_right_again(client):
    tamper()
    audit_checks.check()
    tamper(actor_name="system")

    client.post("/audit/verify")

    assert "Chain verified through #1," in page(client, "/audit")


def test_many_chains_have_one_badge():
    make.project("shop")
    make.project("bank")
    root = Client()
    root.force_login(make.user("root", is_superuser=True))

    root.post("/audit/verify")

    assert "2 chains verified, 2 entries," in page(root, "/audit")


def test_whoever_reads_no_trail_verifies_none(shop):
    stan = Client()
    stan.force_login(make.user("stan"))

    assert stan.post("/audit/verify").status_code == 403
    assert not AuditCheck.objects.exists()


def test_missing_triggers_are_said(client, settings):
    settings.AUDIT_IS_APPEND_ONLY = True

    assert "does not guard the trail" in page(client, "/audit")


def test_a_page_of_entries_takes_few_queries(client, django_assert_max_num_queries):
    for number in range(5):
        with transaction.atomic():
            audit.record(f"x.{number}", AuditHead(pk=1), actor=None, project="shop")

    with django_assert_max_num_queries(12):
        client.get("/audit?project=shop")


@pytest.mark.parametrize("door", ["has_add", "has_change", "has_delete"])
def test_nobody_edits_it_in_the_admin(door):
    request = RequestFactory().get("/")
    request.user = make.user("root", is_superuser=True, is_staff=True)
    panel = admin.site._registry[AuditEntry]

    assert not getattr(panel, f"{door}_permission")(request)


@pytest.mark.parametrize(
    "since", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-13-01"]
)
def test_a_moment_that_no_database_knows_is_refused(client, since):
    """The first and the last day of all have no such hour in UTC."""
    response = client.get("/audit", {"since": since})

    assert response.status_code == 200
    assert b"write it as 2026-12-31T18:00" in response.content


def test_a_text_with_the_last_of_all_instants_is_shown_as_it_is():
    told = "until 9999-12-31T23:59:59Z, since 0001-01-01T00:00:00Z"

    for zone in ("Asia/Tokyo", "America/New_York"):
        with timezone.override(zone):
            assert "Z" in instants.with_clock_times(told)
