"""From an edit to the evidence, by mouse, by keys alone, by touch, without scripts."""

import re
from contextlib import ExitStack
from time import monotonic

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.acting import Finger, Hand, Keys
from tests.journeys.browsing import NARROW, PATIENCE, visit

pytestmark = [
    pytest.mark.xdist_group("walk"),
    pytest.mark.broker,
    pytest.mark.browser,
]

TARGET = "globex/staging"
LAYER = "tenant=globex&environment=staging"
BY_TOUCH = {"has_touch": True, "viewport": {"width": NARROW, "height": 780}}
WAYS = {
    "by mouse": ("storefront", Hand, {}),
    "by keys alone": ("catalog", Keys, {}),
    "by touch": ("checkout", Finger, BY_TOUCH),
    "without scripts": ("mailer", Hand, {"scripts": False}),
}


@pytest.mark.parametrize("way", WAYS)
def test_somebody_walks_the_golden_path(demo, browser, tmp_path, way):
    """S27, S28, S29, S53, S54, S55, S56, S57, S58, S80, S81, S82, S110, S111, S116."""
    service, kind, window = WAYS[way]
    with ExitStack() as windows:
        alice, bob = (
            kind(
                windows.enter_context(
                    visit(browser, demo.url, tmp_path, name, **window)
                )
            )
            for name in ("alice", "bob")
        )
        title = f"Walked {way}"
        edit(alice, service)
        preview(alice, service)
        create(alice, service, title)
        be_refused(alice)
        approve(bob, title)
        deploy(alice)
        read_the_evidence(alice, title)


def button(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True).first


def look_again(hand: Hand) -> None:
    """Wait for the workers; where no script looks, with the link that is there."""
    main = hand.visitor.page.get_by_role("main")
    again = main.get_by_role("link", name="Look again").first
    until = monotonic() + PATIENCE / 1000
    while not hand.visitor.scripts and again.is_visible() and monotonic() < until:
        hand.press(again)
    expect(again).to_be_hidden()


def edit(alice: Hand, service: str) -> None:
    """Two values of one service, in one target."""
    page = alice.visitor.page
    alice.visitor.open(f"/projects/shop/workloads/{service}/values?{LAYER}")
    layer = page.get_by_role("textbox", name=TARGET)
    alice.write(layer, "labels:\n  walked: once\nsettings:\n  WALKED: once\n")
    alice.press(button(page, "Save"))
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    alice.visitor.open(f"/projects/shop/{TARGET}")


def preview(alice: Hand, service: str) -> None:
    """The three diffs, before there is a release."""
    page = alice.visitor.page
    alice.press(button(page, "Preview"))
    look_again(alice)
    for name in ("Plain", "Resolved", "Manifest"):
        alice.press(page.get_by_role("link", name=re.compile(name)).first)
        expect(page.locator("#preview")).to_contain_text(service)
    alice.press(page.get_by_role("link", name="Back to the changes"))


def create(alice: Hand, service: str, title: str) -> None:
    """One of the changes stays behind."""
    page = alice.visitor.page
    box = page.get_by_role("checkbox", name=re.compile(f"Include {service} labels"))
    alice.tick(box)
    expect(box).not_to_be_checked()
    alice.write(page.get_by_label("Title"), title)
    alice.press(page.locator("#create").get_by_role("button", name="Create release"))
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(title)
    look_again(alice)
    expect(page.locator("#gates")).to_contain_text("resources")


def be_refused(alice: Hand) -> None:
    """Who made it cannot approve it, and is told why; pressing changes nothing."""
    page = alice.visitor.page
    vote = page.locator("#vote")
    expect(button(vote, "Approve")).to_have_attribute("aria-disabled", "true")
    expect(vote).to_contain_text("releases.approve")
    alice.press(button(vote, "Approve"), is_closed=True)
    expect(vote).to_contain_text("0 of 1")


def approve(bob: Hand, title: str) -> None:
    """From the inbox, with a comment."""
    page = bob.visitor.page
    bob.go_to("Approvals", "a")
    bob.press(page.get_by_role("link", name=title).first)
    peek = page.get_by_role("complementary")
    bob.write(peek.get_by_label("Comment"), "Seen, and fine.")
    bob.press(button(peek, "Approve"))
    expect(page.get_by_role("status").first).to_contain_text("pproved")


def deploy(alice: Hand) -> None:
    """Pressed once, it shows how far it is until it is there."""
    page = alice.visitor.page
    page.reload()
    alice.press(button(page, "Deploy"))
    look_again(alice)
    expect(page.locator(".page-head")).to_contain_text("Deployed")


def read_the_evidence(alice: Hand, title: str) -> None:
    """It names who asked, agreed and deployed; it can be taken along."""
    page = alice.visitor.page
    alice.press(page.get_by_role("link", name="Evidence").first)
    main = page.get_by_role("main")
    for fact in (title, "alice", "bob"):
        expect(main).to_contain_text(fact)
