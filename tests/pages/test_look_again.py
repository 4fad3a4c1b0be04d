"""Live parts in a real browser, and the tags by which they ask."""

import re
from time import monotonic

import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string
from playwright.sync_api import expect

from gitopshq.core.live import live
from tests.pages import samples
from tests.pages.conftest import TEMPLATES

PATIENCE = 30.0  # seconds
HIDE = """value =>
    Object.defineProperty(document, "hidden", {value, configurable: true})"""

LEAVE = """(link, draft) => { draft.value = ""; link.focus(); }"""
"""In one go: with the draft gone, the page may load anew before the focus is there."""


class Part:
    """What the server has to say; who asks with its tag is told that it is the same."""

    def __init__(self):
        self.said = "one"
        self.told = 0  # 401: logged out; 200: the page is to load anew
        self.answers = []

    def __call__(self, route):
        if self.told:
            self.answers.append(self.told)
            refusal = {"HX-Retarget": "#flash", "HX-Reswap": "innerHTML"}
            known = {401: refusal, 200: {"HX-Refresh": "true"}}
            route.fulfill(status=self.told, body="Told", headers=known[self.told])
            return
        tag = f'"{self.said}"'
        known = route.request.headers.get("if-none-match") == tag
        self.answers.append(304 if known else 200)
        shown = {"said": self.said, "gates": samples.gates(), "swapped": True}
        body = render_to_string("pages_tests/_live.html", shown)
        route.fulfill(
            status=self.answers[-1],
            body="" if known else body,
            content_type="text/html",
            headers={"ETag": tag},
        )


@pytest.fixture
def part():
    return Part()


@pytest.fixture
def page(stage, framed, part):
    shown = {"said": "one", "gates": samples.gates()}
    # Before the page is there: it asks as soon as it is.
    stage.page.route("**/part", part)
    stage.page.route("**/approvals/waiting", lambda route: route.fulfill(status=304))
    return framed(stage, "pages_tests/live.html", shown)


def asked(page, part, *, more=2):
    """Wait until the part was asked for that many times more."""
    goal = len(part.answers) + more
    until(page, lambda: len(part.answers) >= goal)


def until(page, done):
    """Let the page go on until it is *done*."""
    ends_at = monotonic() + PATIENCE
    while not done():
        assert monotonic() < ends_at, "waited in vain"
        page.wait_for_timeout(20)


def test_a_part_keeps_what_its_reader_did(page, part):
    """G6: focus, ticks and open folds stay; what is the same is not drawn again."""
    page.get_by_role("checkbox").check()
    page.get_by_text("More").click()
    page.get_by_role("link", name="A link").focus()
    asked(page, part, more=3)
    assert part.answers[-1] == 304
    same = page.locator("#part").element_handle()

    part.said = "two"

    expect(page.locator("#said")).to_have_text("two")
    assert not same.evaluate("part => part.isConnected")
    assert page.get_by_role("checkbox").is_checked()
    assert page.get_by_text("Inside").is_visible()
    focused = page.evaluate("document.activeElement.textContent")
    assert focused == "A link"
    assert page.locator("[data-updated]").inner_text() == "updated just now"


def test_what_comes_along_keeps_what_its_reader_did_too(page, part):
    """G6, S111: gates that move with a vote; those that pass fold into one line."""
    passing = page.get_by_text("All 14 resolved")
    expect(page.get_by_text("Carol changed LOG_LEVEL")).to_be_visible()
    expect(passing).to_be_hidden()
    page.get_by_text("2 gates pass").click()
    page.get_by_role("link", name="Vote").focus()
    same = page.locator("#gates").element_handle()

    part.said = "two"

    expect(page.locator("#said")).to_have_text("two")
    assert not same.evaluate("gates => gates.isConnected")
    expect(passing).to_be_visible()
    expect(page.get_by_role("link", name="Vote")).to_be_focused()


def test_a_part_rests_while_nobody_looks_or_somebody_types(page, part):
    """G6: nothing is asked for in a tab behind; nor does a draft get lost."""
    asked(page, part)
    page.evaluate(HIDE, arg=True)
    page.wait_for_timeout(150)
    count = len(part.answers)
    page.wait_for_timeout(400)
    assert len(part.answers) == count

    page.evaluate(HIDE, arg=False)
    page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    asked(page, part)

    page.get_by_label("Comment").fill("A draft")
    part.said = "two"
    page.wait_for_timeout(400)
    assert page.locator("#said").inner_text() == "one"
    page.get_by_label("Comment").fill("")
    expect(page.locator("#said")).to_have_text("two")


def test_a_part_asks_no_more_once_nobody_is_logged_in(stage, page, part):
    """G6: it stays as it is, and the page says so."""
    asked(page, part)

    part.told = 401

    expect(page.locator("#flash")).to_have_text("Told")
    page.wait_for_timeout(300)
    assert part.answers.count(401) == 1
    assert page.locator("#said").inner_text() == "one"
    assert all("401" in one for one in stage.said)
    stage.said.clear()


def test_a_page_loads_anew_only_when_nothing_is_being_written(page, part):
    """G6: a comment is not lost because a worker has finished; nor is the focus."""
    asked(page, part)
    page.get_by_label("Elsewhere").fill("A draft")
    part.told = 200
    expect(page.locator("#flash")).to_contain_text("What you are writing stays")
    assert page.get_by_label("Elsewhere").input_value() == "A draft"

    link = page.get_by_role("link", name="A link")
    draft = page.get_by_label("Elsewhere").element_handle()
    with page.expect_event("load"):
        link.evaluate(LEAVE, draft)
    part.told = 0

    expect(link).to_be_focused()

    head = page.get_by_role("heading", name="Acting")
    with page.expect_event("load"):
        head.evaluate("one => { one.tabIndex = -1; one.focus(); }")
        part.told = 200
    part.told = 0
    expect(head).to_be_focused()


def test_what_a_button_swaps_gives_the_focus_to_its_like_or_to_a_head(page):
    """A button that is gone leaves it to no other: that one may do another thing."""
    acts = iter(("Follow", "Unfollow"))

    def answer(route):
        act = {"act": next(acts)}
        route.fulfill(body=render_to_string("pages_tests/_acting.html", act))

    page.route("**/act", answer)
    follow = page.get_by_role("button", name="Follow", exact=True)
    page.get_by_label("Elsewhere").fill("A draft")

    follow.evaluate("one => { one.dataset.old = 'yes'; }")
    follow.press("Enter")
    # The one that is swapped has the focus, too, until it goes.
    expect(page.locator("[data-old]")).to_have_count(0)
    expect(follow).to_be_focused()
    assert page.get_by_label("Elsewhere").input_value() == "A draft"

    follow.press("Enter")
    expect(page.get_by_role("heading", name="Acting")).to_be_focused()


def test_a_part_that_had_asked_before_takes_no_focus_from_a_button(page, part):
    """What had the focus when it asked does not get it while the button works."""
    asking = {"part": [], "act": []}

    def wait_for_word(route):
        asking[route.request.url.rpartition("/")[2]].append(route)

    page.route(re.compile("/(part|act)$"), wait_for_word)
    until(page, lambda: asking["part"])
    follow = page.get_by_role("button", name="Follow", exact=True)
    page.get_by_label("Elsewhere").fill("A draft")
    part(asking["part"][0])
    until(page, lambda: len(asking["part"]) > 1)
    follow.press("Enter")
    until(page, lambda: asking["act"])
    expect(follow).to_be_disabled()

    with page.expect_response("**/part"):
        part(asking["part"][1])
    until(page, lambda: len(asking["part"]) > 2)
    body = render_to_string("pages_tests/_acting.html", {"act": "Follow"})
    asking["act"][0].fulfill(body=body)

    expect(follow).to_be_enabled()
    expect(follow).to_be_focused()
    part(asking["part"][2])


def test_a_tag_moves_with_what_is_said_alone(rf):
    """G6: tokens of forms and the time of day are not what a part says."""
    bodies = [
        '<input name="csrfmiddlewaretoken" value="aaa"><i data-updated>12:00</i> one',
        '<input name="csrfmiddlewaretoken" value="bbb"><i data-updated>12:01</i> one',
        '<input name="csrfmiddlewaretoken" value="ccc"><i data-updated>12:02</i> two',
    ]
    asked_for = live(lambda request: HttpResponse(bodies.pop(0)))
    first = asked_for(rf.get("/part", headers={"HX-Request": "true"}))
    again = {"HX-Request": "true", "If-None-Match": first["ETag"]}

    same = asked_for(rf.get("/part", headers=again))
    moved = asked_for(rf.get("/part", headers=again))

    assert (first.status_code, same.status_code, moved.status_code) == (200, 304, 200)
    assert same.content == b""
    assert moved["ETag"] != first["ETag"]
    assert "HX-Request" in same["Vary"]


def test_every_part_looks_again_when_its_reader_comes_back():
    """G6: whoever comes back to a tab sees at once what moved."""
    found = [
        path
        for path in TEMPLATES.parents[2].joinpath("templates").rglob("*.html")
        if re.search(r'hx-trigger="every [0-9]+s', path.read_text())
    ]

    assert len(found) >= 7
    for path in found:
        text = path.read_text()
        assert re.search(r'hx-trigger="every [0-9]+s, look"', text), path
