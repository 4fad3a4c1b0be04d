"""People in a browser: each has a window of their own, and leaves pictures behind."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    Error,
    Page,
    Request,
    expect,
    sync_playwright,
)

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 90_000  # milliseconds; on an idle machine a page takes less than one second
WIDE, NARROW = 1280, 360
Look = tuple[int, Literal["light", "dark"]]
USUAL_LOOKS: tuple[Look, ...] = ((WIDE, "light"), (NARROW, "dark"))
ALL_LOOKS: tuple[Look, ...] = (*USUAL_LOOKS, (WIDE, "dark"), (NARROW, "light"))
KEPT_IN = "HQ_PICTURES"
"""A folder for pictures that are to be looked at: then in all looks."""

RULES = {
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}},  # WCAG 2.2: 24 pixels; else off
}
"""What axe is asked for: all of its rules, of every level."""
RUN_AXE = "rules => axe.run(rules).then(found => found.violations)"
SETTLE = """() => document.getAnimations()
  .filter((one) => one instanceof CSSTransition).forEach((one) => one.finish())"""
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
"""What the other theme of a page that was looked at can break."""

expect.set_options(timeout=PATIENCE)


class Visitor:
    """Somebody who is logged in. ``said`` is what their console heard.

    A request to another origin is put there too.
    """

    def __init__(self, page: Page, url: str, pictures: Path, name: str) -> None:
        self.page = page
        self.scripts = True
        self.url = url
        self.name = name
        self.pictures = pictures
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", self.hear_request)

    def hear_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:")):
            self.said.append(f"{self.page.url} asked for {request.url}")

    def log_in(self) -> None:
        self.open("/accounts/login/")
        self.page.get_by_label("User name").fill(self.name)
        self.page.get_by_label("Password", exact=True).fill(f"{self.name}-demo")
        self.press("Log in")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Dashboard")

    def open(self, path: str) -> None:
        try:
            answer = self.page.goto(f"{self.url}{path}")
        except Error as refused:
            # The page that is open loaded itself anew in the same instant.
            if "ERR_ABORTED" not in refused.message:
                raise
            answer = self.page.goto(f"{self.url}{path}")
        if answer is None:  # the page that was open had arrived there by itself
            answer = self.page.reload()
        assert answer
        assert answer.ok, (path, answer.status)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def sees(self, text: str) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(text)

    def waits_for_the_rendering(self) -> None:
        """Wait until a release has shown itself anew with what a worker rendered."""
        expect(self.page.locator("#gates")).to_contain_text("resources")

    def keep(self, name: str) -> None:
        """Take pictures of the page, and see that it fits into a phone."""
        for look in ALL_LOOKS if os.environ.get(KEPT_IN) else USUAL_LOOKS:
            with self.looking(look):
                self.photograph(name, look)
                self.sees_all_of(name)

    @contextmanager
    def looking(self, look: Look) -> Iterator[None]:
        """Have a screen of that width, and that theme."""
        width, scheme = look
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=scheme)
        self.page.evaluate(SETTLE)  # a colour on its way is neither theme's
        yield
        self.page.set_viewport_size({"width": WIDE, "height": 900})
        self.page.emulate_media(color_scheme="light")

    def photograph(self, name: str, look: Look) -> None:
        file = self.pictures / f"{self.name}-{name}-{look[0]}-{look[1]}.png"
        self.page.screenshot(path=file, full_page=True)

    def sees_all_of(self, name: str) -> None:
        width = self.page.viewport_size["width"]
        too_wide = "document.documentElement.scrollWidth > innerWidth"
        assert not self.page.evaluate(too_wide), f"{name} is wider than {width} px"


def barriers(page: Page, rules: Mapping[str, object] = RULES) -> list[str]:
    """Return what axe finds wrong with a page: rule, element, what to do."""
    # Half a megabyte, read anew by each document, but not for each look at it.
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(RUN_AXE, dict(rules))
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]} "
        f"{node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(
    browser: Browser,
    url: str,
    pictures: Path,
    name: str,
    *,
    scripts: bool = True,
    **window: Any,
) -> Iterator[Visitor]:
    """Open a window for *name*, log in, and see at the end that nothing went wrong.

    What else the window is like, *window* says in the words of Playwright.
    """
    window = {"viewport": {"width": WIDE, "height": 900}, **window}
    context = browser.new_context(java_script_enabled=scripts, **window)
    context.set_default_timeout(PATIENCE)
    visitor = Visitor(context.new_page(), url, pictures, name)
    visitor.scripts = scripts
    visitor.log_in()
    yield visitor
    assert not visitor.said, f"the console of the browser stays empty: {visitor.said}"
    context.close()
