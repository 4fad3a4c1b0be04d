"""One's own pages and the trail: profile, tokens, notifications, audit."""

import pytest
from django.test import Client

from environments.permissions import Permission, Role
from gitopshq.core import notifying, tokens
from gitopshq.core.models import ApiToken, AuditEntry, Notification, User
from tests import make

pytestmark = pytest.mark.django_db
PROFILE = {"display_name": "Bob B.", "theme": "dark", "time_zone": "Asia/Tokyo"}


@pytest.fixture(autouse=True)
def _untracked(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False


@pytest.fixture
def bob():
    return make.user("bob")


@pytest.fixture
def client(bob):
    made = Client()
    made.force_login(bob)
    return made


@pytest.mark.parametrize("url", ["/me", "/me/tokens", "/me/notifications", "/audit"])
def test_they_take_a_login_and_few_queries(url, client, django_assert_max_num_queries):
    assert Client().get(url).status_code == 302

    with django_assert_max_num_queries(9):
        assert client.get(url).status_code == 200


def test_a_profile_is_changed(client, bob):
    assert client.post("/me", PROFILE).status_code == 302

    saved = User.objects.get(pk=bob.pk)
    assert (saved.label, saved.theme, saved.time_zone) == (
        "Bob B.",
        "dark",
        "Asia/Tokyo",
    )
    assert not saved.keyboard_shortcuts
    page = client.get("/me").content.decode()
    assert 'data-theme="dark"' in page
    assert AuditEntry.objects.get(event="user.profile_changed").actor == bob


def test_an_impossible_profile_keeps_what_was_typed(client, bob):
    answer = client.post("/me", {**PROFILE, "time_zone": "Mars/Base"})

    assert answer.status_code == 422
    assert "time_zone" in answer.context["form"].errors
    assert answer.context["form"]["display_name"].value() == "Bob B."
    assert User.objects.get(pk=bob.pk).theme == "auto"


def test_times_are_told_on_the_clock_of_the_reader(client, bob):
    shop = make.project("shop")
    make.user("mona", role=Role.MAINTAINER, on=shop)
    bob.is_superuser, bob.time_zone = True, "Asia/Tokyo"
    bob.save()

    assert "JST" in client.get("/audit").content.decode()


def test_a_token_shows_its_secret_once(client, bob):
    answer = client.post(
        "/me/tokens", {"name": "ci", "scopes": ["read", "images:write"], "life": "30"}
    )

    page = answer.content.decode()
    token = ApiToken.objects.get()
    secret = answer.context["secret"]
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert secret in page
    assert tokens.authenticate_token(secret) == token
    assert (token.user, token.scopes) == (bob, ["images:write", "read"])
    assert token.expires_at is not None
    later = client.get("/me/tokens").content.decode()
    assert secret not in later
    assert token.prefix in later


def test_a_token_without_scope_is_refused_and_its_name_kept(client):
    answer = client.post("/me/tokens", {"name": "ci"})

    assert answer.status_code == 422
    assert "scopes" in answer.context["form"].errors
    assert answer.context["form"]["name"].value() == "ci"
    assert not ApiToken.objects.exists()


def test_only_own_tokens_are_revoked(client, bob):
    mine, _ = tokens.issue_token(bob, name="a", scopes=["read"], actor=bob)
    other = make.user("other")
    theirs, _ = tokens.issue_token(other, name="b", scopes=["read"], actor=other)

    assert client.post(f"/me/tokens/{mine.pk}/revoke").status_code == 302
    assert client.post(f"/me/tokens/{theirs.pk}/revoke").status_code == 404

    assert ApiToken.objects.get(pk=mine.pk).revoked_at is not None
    assert ApiToken.objects.get(pk=theirs.pk).revoked_at is None


def test_notifications_are_read_and_lead_on(client, bob):
    """S134: what one was told, and marking it read."""
    (first,) = notifying.notify(
        [bob], "e", project="shop", title="Wanted", url="/projects/shop"
    )
    notifying.notify([bob], "e", project="shop", title="Elsewhere", url="//evil.test")
    assert "Wanted" in client.get("/me/notifications").content.decode()

    answer = client.post(f"/me/notifications/{first.pk}/read")
    assert (answer.status_code, answer.url) == (302, "/projects/shop")
    assert "Wanted" not in client.get("/me/notifications?unread=1").content.decode()

    outward = Notification.objects.get(title="Elsewhere")
    answer = client.post(f"/me/notifications/{outward.pk}/read")
    assert answer.url == "/me/notifications"

    notifying.notify([bob], "e", project="shop", title="Third")
    client.post("/me/notifications/read")
    assert not Notification.objects.filter(read_at=None).exists()


def test_nobody_reads_what_others_were_told(client):
    other = make.user("other")
    (theirs,) = notifying.notify([other], "e", project="", title="Private")

    assert client.post(f"/me/notifications/{theirs.pk}/read").status_code == 404
    assert "Private" not in client.get("/me/notifications").content.decode()


def test_the_trail_is_open_where_it_was_granted(client, bob):
    """S5: who did what, for those who may read it."""
    mine, other = make.project("mine"), make.project("other")
    assert "No trail is open to you" in client.get("/audit").content.decode()

    for_all = make.user("auditor", may=[Permission.VIEW_AUDIT], on=mine)
    auditor = Client()
    auditor.force_login(for_all)
    page = auditor.get("/audit").content.decode()

    assert "project.created" in page
    assert str(mine) in page
    assert str(other) not in page


def test_the_trail_is_narrowed_and_shows_both_sides(client, bob):
    shop = make.project("shop")
    make.environment(shop, "prod", required_approvals=2)
    bob.is_superuser = True
    bob.save()

    page = client.get("/audit?project=shop&event=policy.*").content.decode()

    assert "policy.changed" in page
    assert "environment.created" not in page
    assert "&quot;required_approvals&quot;: 2" in page
    assert "Hash" in page
    assert "format=csv&amp;project=shop" in page


def test_an_unreadable_time_is_said_and_narrows_nothing(client, bob):
    make.project("shop")
    bob.is_superuser = True
    bob.save()

    page = client.get("/audit?since=soon").content.decode()

    assert "since: write it as" in page
    assert "project.created" in page


def test_the_trail_pages(client, bob):
    for _ in range(3):
        make.project()
    bob.is_superuser = True
    bob.save()

    first = client.get("/audit?limit=1").content.decode()

    assert "Older" in first
    assert first.count('class="step"') == 1


def test_the_bell_counts_what_is_unread_and_asks_again(client, bob):
    """G6: by its tag, and with the badge of the inbox; it is no page of its own."""
    make.notification(bob)
    make.notification(bob, is_shown=False)
    as_part = {"HX-Request": "true"}

    told = client.get("/approvals/waiting", headers=as_part)
    known = {**as_part, "If-None-Match": told["ETag"]}
    same = client.get("/approvals/waiting", headers=known)
    notifying.mark_all_read(actor=bob)
    read = client.get("/approvals/waiting", headers=known)

    assert "1<span" in told.content.decode()
    assert 'hx-swap-oob="true"' in told.content.decode()
    assert (same.status_code, read.status_code) == (304, 200)
    assert "unread" not in read.content.decode()
    assert client.get("/approvals/waiting")["Location"] == "/approvals"


def test_what_one_was_told_is_cut_between_characters(client, bob):
    """Not in the middle of one that HTML writes with five."""
    make.notification(bob, body=f"**{'x' * 198}**&&&")

    page = client.get("/me/notifications").content.decode()

    assert f">{'x' * 198}&amp;…<" in page
