"""What follows one's typing, in a real browser under the content policy."""

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import browser
from tests.releases.pages.windows import one_thread, window

__all__ = ["browser", "one_thread", "window"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_policy_is_said_as_one_types(window, prod, mona, bob):
    """S102, S114: before it is saved, in the server's own words."""
    tab = window(mona)
    page = tab.open("/projects/shop/environments/prod/policy")
    said = page.get_by_role("status").filter(has_text="must approve")
    expect(said).to_contain_text("One person other than the author")

    page.get_by_label("Required approvals").fill("3")
    expect(said).to_contain_text("Three people other than the author")
    expect(said).to_contain_text("not saved yet")
    expect(said).to_contain_text("only bob and mona may approve here")

    page.get_by_label("Whoever authored or edited").uncheck()
    expect(said).to_contain_text("Three people must approve")
    page.get_by_label("Required approvals").fill("")
    expect(page.get_by_text("This cannot be saved:")).to_be_visible()
    assert page.get_by_label("Required approvals").evaluate(
        "field => field === document.activeElement"
    )
