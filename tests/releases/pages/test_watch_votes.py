"""The card of approvals: the rule, the people, and what others do meanwhile."""

import re
from html import unescape

import pytest

from approvals.subjects import request_for
from releases.locking import fresh
from releases.models import Status
from tests.releases.pages.conftest import hidden, html, words_of


@pytest.fixture
def waiting(gated, edit, create, bob, cleo):
    """Two of three must agree, for a day."""
    target = gated(required_approvals=2, approval_expiry_hours=24)
    edit(target)
    return create(target)


def look_again(reader, person, page):
    """Ask as the page does by itself."""
    url = unescape(re.search(r'id="votes-now" hx-get="([^"]*)"', html(page))[1])
    return reader.get(person, url, HX_Request="true")


def vote(reader, person, release, page, **headers):
    body = {"vote": "approve", "digest": hidden(page, "digest"), "comment": "Fine."}
    return reader.post(person, f"{release.get_absolute_url()}/vote", body, **headers)


def test_the_card_says_the_rule_and_who_may(reader, waiting, bob, do):
    """S58, S102, S109, S115: the rule, the eligible, and who is missing."""
    words = reader.read(bob, waiting.get_absolute_url())

    assert "Two people other than the author and editors must approve" in words
    assert "approvals expire after 24 h" in words
    assert "Approvals 0 of 2" in words
    assert all(f"{name} Not yet" in words for name in ("bob (you)", "cleo"))
    assert "Too few approvers" not in words

    do(type(bob).objects.filter(username="cleo").update, is_active=False)
    words = reader.read(bob, waiting.get_absolute_url())
    assert "2 approvals are required, but only bob may approve here." in words


def test_what_others_do_shows_without_a_reload(
    reader, waiting, bob, cleo, approve, django_assert_max_num_queries
):
    """S115: n of m live, and the gates with it; what one types stays."""
    page = reader.get(bob, waiting.get_absolute_url())
    with django_assert_max_num_queries(25):
        same = look_again(reader, bob, page)
    assert "Approvals 0 of 2" in words_of(same)
    assert 'id="gates"' not in html(same)

    approve(waiting, actor=cleo)
    moved = look_again(reader, bob, page)

    assert "Approvals 1 of 2" in words_of(moved)
    assert "lapses in 23 h" in words_of(moved)
    assert 'id="gates" hx-swap-oob="true"' in html(moved)
    assert "<textarea" not in html(moved)


def test_a_second_tab_hears_why_and_is_loaded_again(reader, waiting, bob, cleo):
    """S49: 409 with the reason; then the page of now."""
    page = reader.get(bob, waiting.get_absolute_url())
    assert vote(reader, bob, waiting, page).status_code == 302

    again = vote(reader, bob, waiting, page, HX_Request="true")

    assert again.status_code == 409
    assert again["HX-Retarget"] == "#flash"
    assert "you have voted on this already" in words_of(again).lower()
    assert look_again(reader, bob, page)["HX-Refresh"] == "true"
    assert request_for(waiting).decisions.count() == 1

    theirs = reader.get(cleo, waiting.get_absolute_url())
    shown = vote(reader, cleo, waiting, theirs, HX_Request="true")
    assert fresh(waiting.pk).status == Status.APPROVED
    assert "cleo (you) Approved" in words_of(shown)
    assert "Votes lapse in 23 h" in words_of(shown)
    assert look_again(reader, cleo, shown).status_code == 200


def test_a_vote_that_cannot_be_read_says_so(reader, waiting, bob):
    url = f"{waiting.get_absolute_url()}/vote"
    body = {"vote": "approve", "comment": "x" * 10_001}

    assert reader.post(bob, url, body).status_code == 302

    said = reader.read(bob, waiting.get_absolute_url())
    assert "Your vote was not taken. Ensure this value has at most 10000" in said
    assert not request_for(waiting).decisions.exists()


def test_whoever_has_no_script_asks_for_the_page(reader, waiting, bob, stan):
    url = f"{waiting.get_absolute_url()}/votes"

    assert "<html" in html(reader.get(bob, url))
    assert reader.get(stan, url).status_code == 404
