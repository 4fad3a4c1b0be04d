"""The inbox in a real browser, with real releases: keys, ranges, looks, and axe."""

import os

import pytest
from playwright.sync_api import expect

from approvals.models import ApprovalRequest
from approvals.subjects import request_for
from tests import make
from tests.journeys.browsing import barriers
from tests.pages.conftest import browser
from tests.releases.pages.windows import one_thread, window

__all__ = ["browser", "one_thread", "window"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]
DENIAL = {"violations": [{"enforcement": "deny", "message": "no limits on memory"}]}


@pytest.fixture
def three(shop, prod, edit, create, alice, bob, cleo):
    """R-1 to R-3 wait in prod, globex and initech; R-3 is denied by a policy result."""
    releases = []
    for tenant in ("acme", "globex", "initech"):
        target = prod if tenant == "acme" else make.target(shop, tenant=tenant)
        edit(target, actor=alice, fast="1", slow="0")
        words = {
            "title": f"Faster flags for {tenant}",
            "notes": "Load test **passed**.",
            "policy_snapshot": DENIAL if tenant == "initech" else None,
        }
        releases.append(create(target, content=words))
    return releases


def waiting():
    return set(
        ApprovalRequest.objects.filter(state="pending").values_list("pk", flat=True)
    )


def test_it_fits_and_has_no_barriers_in_any_look(window, three, bob):
    """S53, S54, S55, S56, S57, S58, S80, S82, S128: list, peek, bulk, all looks."""
    item = request_for(three[0]).pk
    views = {
        "list": "/approvals",
        "ticked": "/approvals?ticked=all",
        "peek": f"/approvals?item={item}",
        "empty": "/approvals?kind=promotion",
    }
    one = window(bob)
    for name, path in views.items():
        page = one.open(path)
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            if folder := os.environ.get("HQ_PICTURES"):
                file = f"{folder}/{name}-{width}-{scheme}.png"
                page.screenshot(path=file, full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert barriers(page) == [], (name, width, scheme)


def test_keys_move_peek_and_vote_and_the_focus_goes_on(window, three, bob, cleo):
    """S81, S54: j, Enter, a; the row behind is next; the badge counts along."""
    first, second, third = (request_for(one).pk for one in three)
    page = window(bob).open("/approvals")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#peek")).to_contain_text("configmap-flags-fast.yaml")
    assert page.url.endswith(f"?item={second}")
    expect(page.locator("[data-selected]")).to_have_id(f"request-{second}")

    page.keyboard.press("a")
    expect(page.locator("#flash")).to_contain_text("You approved R-2")
    expect(page.locator(":focus")).to_have_text("R-1 Faster flags for acme")
    assert waiting() == {first, third}
    expect(page.locator("#nav-waiting")).to_contain_text("2")
    expect(page.locator("#peek")).to_contain_text("1 of 1")

    page.keyboard.press("r")
    expect(page.locator(":focus")).to_have_id(f"why-{first}")
    page.keyboard.type("jxa not today")
    page.get_by_role("button", name="Reject it").click()
    expect(page.locator("#flash")).to_contain_text("You rejected R-1")
    assert waiting() == {third}
    expect(page.locator(":focus")).to_have_text("R-3 Faster flags for initech")

    page.keyboard.press("Escape")
    expect(page.locator("#peek")).to_be_hidden()
    expect(page.locator(":focus")).to_have_text("R-3 Faster flags for initech")
    page.keyboard.press("o")
    page.wait_for_url(f"**{three[2].get_absolute_url()}")
    page.go_back()
    expect(page.locator(".inbox__row")).to_have_count(1)


def test_ranges_are_ticked_and_decided_each_alone(window, three, bob, cleo, approve):
    """S81: x, Shift, all on the page; one comment; what was refused is named."""
    keys = [request_for(one).pk for one in three]
    page = window(bob).open("/approvals")
    bulk = page.locator("#bulk")
    assert bulk.is_hidden()

    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(bulk).to_contain_text("3 selected")
    page.get_by_role("link", name="Select all").click()
    expect(bulk).to_be_hidden()
    page.get_by_role("link", name="Select all").click()

    page.get_by_role("button", name="Reject selected").click()
    expect(page.get_by_role("alert")).to_contain_text("To reject needs a comment")
    expect(bulk).to_contain_text("3 selected")
    approve(three[0], actor=cleo)
    page.get_by_label("One comment for all").fill("All three diffs seen.")
    page.get_by_role("button", name="Approve selected").click()

    expect(page.locator("#flash")).to_contain_text(
        "2 approved, 1 refused: R-1 Faster flags for acme: "
        "release cannot be approved in its current status"
    )
    assert waiting().isdisjoint(keys)
    expect(page.locator("#inbox")).to_contain_text("Nothing waiting")


def test_all_of_it_works_without_scripts(window, three, bob):
    """S81: peek, quick votes, select all and bulk are links and forms."""
    one = window(bob, java_script_enabled=False)
    page = one.open("/approvals")

    page.get_by_role("link", name="R-2 Faster").click()
    peek = page.get_by_role("complementary")
    peek.get_by_label("Comment").fill("No.")
    peek.get_by_role("button", name="Reject").click()
    assert "You rejected R-2" in page.locator("#flash").inner_text()

    page.goto(f"{one.url}/approvals")
    page.get_by_role("link", name="Select all").click()
    page.get_by_role("button", name="Approve selected").click()
    assert "2 approved." in page.locator("#flash").inner_text()
    assert waiting() == set()
