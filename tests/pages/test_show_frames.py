"""The frame of every page, the pages of refusal, and the way in and out."""

import re

import pytest
from django.contrib.messages import constants
from django.template.loader import render_to_string

from gitopshq.core.models import User
from gitopshq.core.web import joined

PASSWORD = "correct horse battery"


@pytest.fixture
def bob(db):
    return User.objects.create_user(
        "bob", password=PASSWORD, display_name="Bob", theme="dark"
    )


def test_two_parts_of_a_page_call_no_two_things_by_one_name():
    votes = [1]
    shown = joined({"votes": votes}, {"votes": votes, "gates": []})

    assert shown == {"votes": [1], "gates": []}
    with pytest.raises(ValueError, match="two things are called votes"):
        joined({"votes": votes}, {"votes": [1]})


@pytest.fixture
def asked(rf, bob):
    request = rf.get("/projects/shop")
    request.user = bob
    return request


def test_the_theme_is_in_the_first_byte(asked, bob):
    assert '<html lang="en" data-theme="dark">' in render_to_string(
        "errors/404.html", {}, asked
    )

    bob.theme = "auto"
    assert '<html lang="en">' in render_to_string("errors/404.html", {}, asked)


def test_the_skip_link_comes_first_and_there_is_one_heading(asked):
    page = render_to_string("errors/404.html", {}, asked)
    body = page[page.index("<body") :]

    assert re.findall(r"<(?:a|button|input)\b[^>]*>", body)[0] == (
        '<a class="skip" href="#main">'
    )
    assert page.count("<h1") == 1
    assert '<main class="page" id="main" tabindex="-1">' in page


def test_keys_are_off_where_the_profile_says_so(asked, bob):
    assert "<key-shortcuts>" in render_to_string("errors/404.html", {}, asked)

    bob.keyboard_shortcuts = False
    assert "<key-shortcuts>" not in render_to_string("errors/404.html", {}, asked)


def test_a_refusal_says_what_why_and_what_next(asked):
    page = render_to_string(
        "errors/refusal.html",
        {
            "status": 423,
            "code": "environment_frozen",
            "title": "Environment is frozen",
            "detail": "environment is frozen",
            "next_step": "By Year-end <freeze>.",
            "back_url": "/projects/shop",
            "request_id": "0123456789abcdef",
        },
        asked,
    )

    assert "423 environment_frozen" in page
    assert "Year-end &lt;freeze&gt;" in page
    assert 'href="/projects/shop"' in page
    assert 'data-value="0123456789abcdef"' in page


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_what_breaks_is_shown_without_a_request(name):
    page = render_to_string(name)

    assert page.count("<h1") == 1
    assert 'href="/"' in page


@pytest.mark.parametrize("name", ["403.html", "404.html", "403_csrf.html"])
def test_a_stranger_is_refused_without_the_frame(name, rf, db):
    page = render_to_string(name, {}, rf.get("/nowhere"))

    assert "sidebar" not in page.split("</head>")[1]
    assert page.count("<h1") == 1


def test_messages_have_a_tone_and_stay_text(rf):
    class Message:
        level = constants.ERROR
        level_tag = "error"
        extra_tags = ""

        def __str__(self):
            return "<b>no</b>"

    page = render_to_string("ui/_messages.html", {"messages": [Message()]})

    assert 'data-tone="error"' in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page


def test_logging_in_by_the_form(client, bob):
    page = client.get("/accounts/login/").content.decode()
    assert 'name="login"' in page
    assert 'name="password"' in page
    assert "csrfmiddlewaretoken" in page

    answer = client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})

    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(bob.pk)


def test_a_wrong_password_says_so_beside_the_form(client, bob):
    answer = client.post("/accounts/login/", {"login": "bob", "password": "wrong"})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'role="alert"' in page
    assert "_auth_user_id" not in client.session


def test_logging_out_takes_a_button(client, bob):
    client.force_login(bob)

    page = client.get("/accounts/logout/").content.decode()
    assert (
        '<button class="button button--primary button--wide">Log out</button>' in page
    )

    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session


def test_changing_the_password_shows_its_rules(client, bob):
    client.force_login(bob)

    page = client.get("/accounts/password/change/").content.decode()
    assert "<h1>Password</h1>" in page
    assert 'name="oldpassword"' in page

    refused = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "short", "password2": "short"},
    ).content.decode()
    assert 'class="field__error"' in refused


@pytest.mark.parametrize("path", ["/accounts/2fa/", "/accounts/sessions/"])
def test_pages_about_the_account_wear_the_frame(client, bob, path):
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})

    page = client.get(path).content.decode()

    assert 'class="sidebar"' in page
    assert page.count("<h1") == 1


def test_the_admin_wears_our_colours(client, db):
    client.force_login(User.objects.create_superuser("root", password=PASSWORD))

    page = client.get("/admin/").content.decode()

    assert "/static/css/tokens.css" in page
    assert "/static/css/admin.css" in page
    assert "GitOpsHQ admin" in page


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/logout/"])
def test_pages_keep_to_the_content_policy(client, bob, path):
    client.force_login(bob)
    answer = client.get(path, follow=True)
    policy = answer["Content-Security-Policy"]
    page = answer.content.decode()

    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*(?:src=|application/json))", page)


def test_a_part_that_asks_takes_no_message_away(client, bob):
    """G8: of the page it gets it keeps itself alone: what was said would be lost."""
    client.force_login(bob)
    client.post("/me/notifications/read")

    part = client.get("/", headers={"HX-Request": "true", "HX-Target": "setup"})
    page = client.get("/")

    assert "marked as read" not in part.content.decode()
    assert "marked as read" in page.content.decode()
