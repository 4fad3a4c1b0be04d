"""The viewer of diffs in a real browser: links to lines, ranges, narrow windows."""

import re

import pytest

from tests.pages import samples
from tests.pages.conftest import ORIGIN, Stage

HIGH = {"width": 1200, "height": 800}
LINE = "m-5c90e1d0-R27"
# Only a secure origin has a clipboard, and the stage's is none.
CLIPBOARD = """Object.defineProperty(navigator, "clipboard", {
  value: { writeText: async (text) => { window.copied = text; } },
});"""


@pytest.fixture
def show(framed, stage):
    """Open the diff of two files, the second one folded, at an address."""
    files = [
        samples.file(anchor=f"m-{at}0000000", path=f"{at}.yaml") for at in range(6)
    ]
    files.append(samples.file(folded=True))
    stage.page.set_viewport_size(HIGH)
    context = {"files": files}
    return lambda at="/shown": framed(stage, "pages_tests/review.html", context, at)


def number(page, line, file="m-00000000"):
    return page.locator(f"#{file}-{line} a")


def marked(page):
    return page.locator("[data-marked]").count()


def said(page):
    return page.locator("#line-said").inner_text()


def test_a_link_to_a_line_opens_its_file_below_what_sticks(show):
    """S47: the file is unfolded, the row is marked, and it is in sight."""
    page = show(f"/shown?diff=manifest#{LINE}")

    row = page.locator(f".diff__line:has(#{LINE})")
    row.wait_for()
    assert row.evaluate("row => getComputedStyle(row).outlineStyle") == "solid"
    head = page.locator("#m-5c90e1d0 .file__head").bounding_box()
    place = row.bounding_box()
    assert head["y"] + head["height"] <= place["y"] + 1
    assert place["y"] + place["height"] <= HIGH["height"]
    assert said(page) == "Line 27 of checkout/deployment-checkout.yaml"


def test_a_click_links_a_line_and_a_second_with_shift_a_range(show):
    """S47: the address can be passed on."""
    page = show()
    number(page, "R27").click()
    assert page.url == f"{ORIGIN}/shown?diff=manifest#m-00000000-R27"
    assert marked(page) == 0

    number(page, "R30").click(modifiers=["Shift"])
    expected = "?diff=manifest&line=m-00000000-R27-R30#m-00000000-R27"
    assert page.url == f"{ORIGIN}/shown{expected}"
    assert marked(page) == 4
    assert said(page) == "Lines 27 to 30 of 0.yaml"

    again = show(f"/shown{expected}")
    assert marked(again) == 4
    number(again, "R28").click()
    assert marked(again) == 0
    assert again.url == f"{ORIGIN}/shown?diff=manifest#m-00000000-R28"


def test_the_link_of_a_line_can_be_copied(show, stage):
    """S47: a button for it."""
    stage.page.add_init_script(CLIPBOARD)
    page = show("/shown?view=unified#m-00000000-R27")

    page.get_by_role("button", name="Copy link to 0.yaml").click()

    page.wait_for_selector(".copy__said:not(:empty)")
    assert page.evaluate("copied") == f"{ORIGIN}/shown?diff=manifest#m-00000000-R27"


def test_without_a_clipboard_the_link_is_in_the_address_bar(show):
    """S47: on plain http, too."""
    page = show("/shown?view=unified#m-00000000-R27")

    page.get_by_role("button", name="Copy link to 1.yaml").click()

    page.get_by_text("In the address bar").wait_for()
    assert page.url == f"{ORIGIN}/shown?diff=manifest#m-10000000"


def test_a_line_that_is_folded_is_asked_for_once(show, stage):
    """S47: a link stays good for lines that a page leaves out at first."""
    page = show("/shown#m-00000000-R3")

    page.wait_for_url(re.compile(r"line=m-00000000-R3#m-00000000-R3$"))
    page.wait_for_load_state()
    documents = [url for _, url in stage.asked if "/shown" in url]
    assert len(documents) == 2


def test_both_sides_stand_side_by_side_only_where_there_is_room(show):
    """S43, S44: below 900 px the same rows read as unified."""
    page = show()
    old_side = page.locator("#m-00000000 [data-line=same] .diff__code[data-side=old]")
    assert old_side.first.is_visible()

    page.set_viewport_size({"width": 890, "height": 800})
    assert old_side.first.is_hidden()

    page.set_viewport_size({"width": 360, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360


def test_without_script_the_target_is_marked_all_the_same(framed, browser):
    """S47: by the style sheet alone."""
    context = browser.new_context(java_script_enabled=False, viewport=HIGH)
    stage = Stage(context.new_page())
    files = {"files": [samples.file()]}
    page = framed(stage, "pages_tests/review.html", files, f"/shown#{LINE}")

    row = page.locator(f".diff__line:has(#{LINE})")
    outlines = page.locator(".diff__line:has(:target)")
    is_shown = row.is_visible() and outlines.count() == 1
    button = page.get_by_role("button", name="Copy link")
    has_button = button.count() > 0
    context.close()

    assert is_shown
    assert not has_button
    assert stage.said == []
