"""A layer of values by form and by keys alone, while somebody else saves it."""

import pytest
from playwright.sync_api import expect

from tests.journeys.acting import Hand, Keys
from tests.journeys.browsing import Visitor, visit

pytestmark = [
    pytest.mark.xdist_group("walk"),
    pytest.mark.broker,
    pytest.mark.browser,
]

LAYER = "/projects/shop/workloads/checkout/values?tenant=acme&environment=dev"
MINE = "labels:\n  mine: once\n"
THEIRS = "replicas: 6\n"


def test_two_edits_of_one_layer_become_one_text(demo, browser, tmp_path):
    """S3, S7, S122: form, review, conflict, three texts; nothing typed is lost."""
    with visit(browser, demo.url, tmp_path, "alice") as alice:
        page = alice.page
        keys = Keys(alice)
        alice.open(LAYER)
        text = page.get_by_role("textbox", name="acme/dev")

        keys.write(page.get_by_label("replicas", exact=True), "4")
        keys.press(page.get_by_role("button", name="Put into the text"))
        expect(text).to_have_value("replicas: 4\n")
        keys.write(text, MINE)
        keys.press(page.get_by_role("button", name="Check and preview"))
        alice.sees("Nothing is saved yet")

        save_meanwhile(alice)
        keys.press(page.get_by_role("button", name="Save", exact=True))
        alice.sees("Saved by somebody else meanwhile")
        expect(text).to_have_value(f"replicas: 4\n{MINE}")
        # The browser itself says that a page was refused.
        assert ["412" in one for one in alice.said] == [True]
        alice.said.clear()
        alice.sees_all_of("three texts")

        theirs = page.get_by_role("radio", name="Theirs: replicas")
        keys.reach(page.get_by_role("radio", name="Yours: replicas"))
        page.keyboard.press("ArrowLeft")
        expect(theirs).to_be_checked()
        keys.press(page.get_by_role("button", name="Take what is chosen"))
        alice.sees("One text of both.")
        expect(text).to_have_value(f"{THEIRS}{MINE}")
        keys.press(page.get_by_role("button", name="Save", exact=True))
        expect(page.get_by_role("status").first).to_contain_text("Saved")


def save_meanwhile(alice: Visitor) -> None:
    """Save the same layer in another window."""
    other = Visitor(
        alice.page.context.new_page(), alice.url, alice.pictures, alice.name
    )
    other.open(LAYER)
    hand = Hand(other)
    hand.write(other.page.get_by_role("textbox", name="acme/dev"), THEIRS)
    hand.press(other.page.get_by_role("button", name="Save", exact=True))
    expect(other.page.get_by_role("status").first).to_contain_text("Saved")
    other.page.close()
