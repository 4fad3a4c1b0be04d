"""A session that ended while its page was open: the page says so, whole."""

import pytest
from django.test import Client

PAGE = "/approvals?show=all"
HTMX = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{PAGE}"}


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_part_never_becomes_the_page_to_log_in(db, method):
    """G6: htmx would follow the way there, and put it into a part of another page."""
    path = {"get": PAGE, "post": "/approvals/decide"}[method]

    part = getattr(Client(), method)(path, headers=HTMX)

    assert part.status_code == 401
    assert (part["HX-Retarget"], part["HX-Reswap"]) == ("#flash", "innerHTML")
    assert b"You are logged out." in part.content
    assert b'href="/accounts/login/?next=%2Fapprovals%3Fshow%3Dall"' in part.content
    assert b"<form" not in part.content


def test_a_page_of_somebody_else_is_nowhere_to_come_back_to(db):
    headers = {**HTMX, "HX-Current-URL": "https://evil.example/approvals"}

    part = Client().get(PAGE, headers=headers)

    assert b'href="/accounts/login/?next=%2F"' in part.content


def test_a_page_still_leads_to_log_in(db):
    assert Client().get(PAGE)["Location"].startswith("/accounts/login/?next=")


def test_a_form_of_another_session_leaves_the_page_as_it_is(dora):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(dora)

    part = browser.post("/approvals/decide", headers=HTMX)
    page = browser.post("/approvals/decide")

    assert (part.status_code, page.status_code) == (403, 403)
    assert part["HX-Retarget"] == "#flash"
    assert b"This form is no longer valid." in part.content
    assert f'href="{PAGE}"'.encode() in part.content
    assert b"<h1>This form is no longer valid</h1>" in page.content
