"""Our own modules in a real browser, under the content policy of the product."""

import pytest

from tests.pages import samples
from tests.pages.conftest import Stage


@pytest.fixture
def show(framed):
    context = {"groups": samples.groups(), "file": samples.file(folded=True)}
    return lambda stage: framed(stage, "pages_tests/pick.html", context)


@pytest.fixture
def page(stage, show):
    return show(stage)


def box(page, label):
    return page.get_by_role("checkbox", name=label)


def test_a_page_asks_no_other_origin(stage, page):
    assert {url.split("/")[2] for _, url in stage.asked} == {"gitopshq.test"}


def test_a_change_that_lacks_what_it_needs_says_so_until_it_is_included(page):
    submit = page.get_by_role("button", name="Create release")
    assert submit.get_attribute("aria-disabled") == "true"
    assert "Include what is needed" in page.locator("p.reason").inner_text()

    page.get_by_role("button", name="Include it").click()

    assert box(page, "Include PAYMENT_TIMEOUT created").is_checked()
    assert page.locator("[data-needs]").is_hidden()
    assert submit.get_attribute("aria-disabled") == "false"
    assert page.locator("p.reason").inner_text() == "Bob can approve."
    assert page.locator("[data-total]").inner_text() == "4 of 5 changes"
    assert page.locator("[data-left-out]").inner_text() == "1 change stays pending"


def test_a_closed_form_is_not_sent(stage, page):
    page.get_by_role("button", name="Create release").click(force=True)

    assert "POST" not in {method for method, _ in stage.asked}


def test_a_group_knows_all_some_and_none(page):
    group = box(page, "All of HQ variable")
    assert group.evaluate("box => box.indeterminate")

    group.click()
    assert box(page, "Include PAYMENT_TIMEOUT created").is_checked()
    assert not group.evaluate("box => box.indeterminate")

    page.get_by_role("button", name="Tick none").click()
    assert not group.is_checked()
    assert "Tick at least one change." in page.locator("p.reason").inner_text()
    assert page.locator("[data-count]").first.inner_text() == "0 of 3"


def test_a_change_that_cannot_be_picked_keeps_its_box_closed(page):
    claimed = box(page, "Include catalog chart")
    assert claimed.is_disabled()

    box(page, "All of Workload").click()
    assert not claimed.is_checked()


def test_folds_open_together_and_around_a_linked_line(page):
    assert page.locator("#changes details[open]").count() == 0

    page.get_by_role("button", name="Expand all").click()
    assert page.locator("#changes details[open]").count() == 2

    page.evaluate("location.hash = 'm-5c90e1d0-R27'")
    page.wait_for_selector(".file details[open]")


def test_copying_says_that_it_happened(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy 8d41c7e").click()

    page.wait_for_selector(".copy .copy__said:not(:empty)")
    assert page.locator(".copy .copy__said").inner_text() in {"Copied", "Press Ctrl+C"}


def test_keys_move_search_and_help_but_not_while_typing(page):
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"

    page.keyboard.type("gj?")
    assert page.locator(".topbar__search input").input_value() == "gj?"

    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "two"
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "one"

    page.keyboard.press("?")
    assert page.locator("#shortcuts").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#shortcuts").is_hidden()


@pytest.mark.parametrize(
    ("keys", "url"), [("ga", "/approvals"), ("gd", "/"), ("gh", "/help")]
)
def test_a_key_sequence_leads_to_a_section(page, keys, url):
    """G9: and does nothing else; "a" alone would be a key of the inbox."""
    # Kept over the change of pages.
    page.evaluate(
        "document.addEventListener('keydown', (e) => { sessionStorage.last = e.key; })"
    )

    page.keyboard.press(keys[0])
    page.keyboard.press(keys[1])

    page.wait_for_url(f"**{url}")
    assert page.evaluate("sessionStorage.last") == "g"


def test_a_phone_searches_on_a_page_of_its_own(page):
    page.set_viewport_size({"width": 360, "height": 800})

    page.keyboard.press("/")

    page.wait_for_url("**/search")


def test_a_menu_closes_on_escape_and_gives_the_focus_back(page):
    page.get_by_label("More").click()
    assert page.get_by_text("Cancel").is_visible()

    page.keyboard.press("Escape")
    assert page.get_by_text("Cancel").is_hidden()


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_scrolls_sideways(page, width):
    page.set_viewport_size({"width": width, "height": 800})

    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [360, 1280])
def test_what_one_clicks_is_at_least_24_pixels(page, width):
    page.set_viewport_size({"width": width, "height": 800})

    small = page.evaluate(
        """() => [...document.querySelectorAll("button, summary, .tick, .input")]
            .filter((one) => one.checkVisibility())
            .filter((one) => one.getBoundingClientRect().height < 24)
            .map((one) => one.outerHTML.slice(0, 90))"""
    )
    # A plain button of this test's own page has no class.
    assert [one for one in small if "class=" in one] == []


def test_without_script_nothing_is_offered_that_needs_it(browser, show):
    with browser.new_context(java_script_enabled=False) as context:
        page = show(Stage(context.new_page()))

        assert box(page, "Include PAYMENT_TIMEOUT created").is_visible()
        assert page.get_by_role("button", name="Include it").is_visible()
        assert page.get_by_role("checkbox", name="All of").count() == 0
        for name in ("Tick none", "Expand all", "Copy 8d41c7e"):
            assert page.get_by_role("button", name=name).count() == 0


@pytest.mark.parametrize(("width", "is_folded"), [(360, True), (1280, False)])
def test_filters_fold_on_a_phone_alone(stage, framed, width, is_folded):
    stage.page.set_viewport_size({"width": width, "height": 700})
    page = framed(stage, "pages_tests/filters.html", {"set_count": 2})
    choice, head = page.get_by_label("Type"), page.get_by_text("Filters 2 set")
    assert (choice.is_hidden(), head.is_visible()) == (is_folded, is_folded)
    if is_folded:
        head.press("Enter")

    choice.select_option("release")

    assert page.locator(".filters").evaluate("f => f.kind.value") == "release"
