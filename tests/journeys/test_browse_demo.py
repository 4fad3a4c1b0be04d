"""The first five minutes in a headless Chromium, against everything that runs.

``./run demo`` starts it: Valkey, web, worker, beat. Pictures are left in the test's
folder, or in ``HQ_PICTURES``.
"""

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.browsing import Visitor
from tests.stack import Stack

pytestmark = [pytest.mark.xdist_group("walk"), pytest.mark.broker]

TITLE = "A patient checkout"
FREEZE = "Sale on Thursday"


def test_the_demo_says_who_can_log_in_and_where_to_look(demo):
    letter = "\n".join(demo.lines)

    assert demo.lines[-1] == f"ready: {demo.url}"
    for name in ("alice", "bob", "carol", "root"):
        assert re.search(rf"^  {name} +{name}-demo ", letter, re.MULTILINE)
    assert f"{demo.url}/projects/shop/acme/staging" in letter
    assert "Ctrl-C stops everything; data in " in letter


@pytest.mark.browser
def test_the_first_five_minutes_by_mouse(demo, welcome, tmp_path):
    """S27, S28, S29, S30, S53, S54, S55, S56, S57, S58, S67, S80, S81, S82, S110, S111.

    S62, S116: preview, partial release, vote, deploy, clone; then a freeze.
    """
    alice, bob = welcome("alice"), welcome("bob")
    find_the_target(alice)
    preview(alice)
    number = create_a_partial_release(alice)
    be_refused_to_approve(alice)
    approve_from_the_inbox(bob)
    sha = deploy(alice, number)
    clone(demo, sha, f"R-{number}", tmp_path / "clone")
    look_at_a_stale_release(alice)
    carol, root = welcome("carol"), welcome("root")
    meet_a_freeze(bob, carol, root)


def find_the_target(alice: Visitor) -> None:
    """From the dashboard over the matrix to what is pending."""
    alice.keep("dashboard")
    alice.follow("Shop")
    alice.keep("matrix")
    alice.page.get_by_role("link", name="acme").and_(
        alice.page.locator("[href$='/acme/staging']")
    ).first.click()
    alice.sees("5 pending")
    alice.sees("reaches 9 targets")
    alice.keep("target")


def preview(alice: Visitor) -> None:
    """The three diffs, before there is a release."""
    alice.press("Preview")
    alice.sees("Nothing is created or claimed yet")
    expect(alice.page.locator("#preview")).not_to_contain_text("being made")
    alice.keep("preview")
    alice.follow("Plain")
    alice.sees("{{hq.var.PAYMENT_TIMEOUT}}")
    alice.follow("Resolved")
    alice.sees("https://edge.shop.example/mail/logo.png")
    alice.follow("Manifest")
    alice.sees("mailer/configmap-mailer-settings.yaml")
    alice.follow("Back to the changes")


def create_a_partial_release(alice: Visitor) -> str:
    """What a change needs is named, and included by one click. Returns its number."""
    page = alice.page
    page.get_by_role("checkbox", name="Include PAYMENT_TIMEOUT").uncheck()
    page.get_by_role("checkbox", name="Include storefront image").uncheck()
    alice.sees("Needs PAYMENT_TIMEOUT")
    alice.keep("dependency")
    alice.press("Include it")
    alice.sees("4 of 5 changes")
    alice.sees("1 change stays pending")
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("Notes").fill("**Why:** the test bank is slow.")
    page.locator("#create").get_by_role("button", name="Create release").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)
    alice.sees("Pending approval")
    alice.sees("0 of 1")
    alice.waits_for_the_rendering()
    alice.keep("release-pending")
    return page.url.rpartition("/")[2]


def be_refused_to_approve(alice: Visitor) -> None:
    """What she may not do is shown, with the reason."""
    approve = alice.page.get_by_role("button", name="Approve", exact=True)
    expect(approve).to_have_attribute("aria-disabled", "true")
    expect(alice.page.locator("#vote")).to_contain_text("releases.approve")
    deploy = alice.page.locator("#gates").get_by_role("button", name="Deploy")
    expect(deploy).to_have_attribute("aria-disabled", "true")


def approve_from_the_inbox(bob: Visitor) -> None:
    bob.open("/approvals")
    bob.sees("Checkout 2.4.1 for the sale")
    bob.keep("inbox")
    bob.follow(TITLE)
    bob.keep("inbox-peek")
    open_what_is_peeked_at(bob)
    for fact in ("the test bank is slow", "alice", "acme / staging", "0 of 1"):
        bob.sees(fact)
    bob.page.locator("#vote").get_by_label("Comment").fill("Seen all three diffs.")
    bob.press("Approve")
    expect(bob.page.locator("#vote")).to_contain_text("1 of 1")
    bob.keep("release-approved")


def open_what_is_peeked_at(bob: Visitor) -> None:
    peek = bob.page.get_by_role("complementary")
    peek.get_by_role("link", name="Open").click()


def deploy(alice: Visitor, number: str) -> str:
    """The page shows how far it is, until it is there. Returns the commit."""
    alice.open(f"/projects/shop/releases/{number}")
    alice.press("Deploy")
    copy = alice.page.locator("section[aria-labelledby=commit-h] copy-button").first
    expect(copy).to_be_visible()
    alice.keep("release-deployed")
    return str(copy.get_attribute("data-value"))


def clone(demo: Stack, sha: str, name: str, folder: Path) -> None:
    """Stock ``git`` clones with the token of the letter what the page shows."""
    [address] = re.findall(r"git clone (\S+)", "\n".join(demo.lines))
    subprocess.run(["git", "clone", "--quiet", address, folder], check=True)
    log = ["git", "-C", folder, "log", "-1", "--format=%H%n%s%n%b"]
    shown = subprocess.run(log, check=True, capture_output=True, text=True).stdout
    assert shown.startswith(f"{sha}\nrelease(acme/staging): {name} {TITLE}\n")
    assert "Release-Approved-By: bob" in shown


def look_at_a_stale_release(alice: Visitor) -> None:
    """By an edit, or by a deploy of another journey: they come in any order."""
    alice.open("/projects/shop/releases/7")
    alice.sees("stale_release_source")
    alice.sees("See what moved")
    alice.keep("release-stale")


def meet_a_freeze(bob: Visitor, carol: Visitor, root: Visitor) -> None:
    """Two votes, and a freeze: the button says why not."""
    for voter in (bob, carol):
        voter.open("/projects/shop/releases/9")
        voter.press("Approve")
        expect(voter.page.locator("#vote")).not_to_contain_text("Waiting for you")
    root.open("/projects/shop/environments/prod/policy")
    now = root.page.get_by_role("region", name="Freeze now")
    now.get_by_label("Reason").fill(FREEZE)
    now.get_by_role("button", name="Freeze").click()
    root.sees(FREEZE)
    root.keep("policy")
    root.open("/projects/shop/releases/9")
    button = root.page.locator("#gates").get_by_role("button", name="Deploy")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(root.page.locator("#gates")).to_contain_text(FREEZE)
    root.keep("release-frozen")
