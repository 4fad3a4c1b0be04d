"""How somebody uses a page: a journey is written once, for a ``Hand``."""

from dataclasses import dataclass

from playwright.sync_api import Locator

from tests.journeys.browsing import Visitor


@dataclass
class Hand:
    """Somebody with a mouse."""

    visitor: Visitor

    def press(self, what: Locator, *, is_closed: bool = False) -> None:
        """Press a button or follow a link; try it even where it *is closed*.

        Without scripts that leads to another page: it is there when this returns.
        """
        if self.visitor.scripts or is_closed:
            what.click(force=is_closed)
            return
        with self.visitor.page.expect_navigation():
            what.click()

    def tick(self, what: Locator) -> None:
        what.click()

    def write(self, what: Locator, text: str) -> None:
        """Put *text* at the end of what stands there."""
        what.fill(what.input_value() + text)

    def go_to(self, name: str) -> None:
        """Use the main navigation."""
        nav = self.visitor.page.get_by_role("navigation", name="Main")
        self.press(nav.get_by_role("link", name=name))
