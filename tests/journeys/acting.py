"""Four ways to use a page: with a mouse, by keys alone, by touch, without scripts.

A journey is written once, for a ``Hand``. By keys it also sees that the focus can be
seen at every stop, that it moves on, and that no step loses it.
"""

from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from tests.journeys.browsing import Visitor

STOPS = 250
"""How often somebody presses Tab on a page before they say that it is a trap."""

STOP = """async (target) => {
  await new Promise(requestAnimationFrame);  // what is focused was scrolled to
  const at = document.activeElement;
  const box = at.getBoundingClientRect();
  const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]];
  const hit = ([x, y]) =>
    document.elementFromPoint(box.x + box.width * x, box.y + box.height * y);
  const hits = points.map(hit).filter(Boolean);
  const isIt = (one) => at.contains(one) || one.closest("label")?.control === at;
  const around = [at, at.closest("label"), at.parentElement].filter(Boolean);
  const rings = around.map((one) => getComputedStyle(one))
    .filter((one) => one.outlineStyle !== "none");
  return {
    isThere: at === target,
    isNowhere: at === document.body,
    isSeen: hits.some(isIt),
    isMarked: rings.some((one) => parseFloat(one.outlineWidth) >= 2),
    name: at.outerHTML.slice(0, 160),
  };
}"""

SIZE = """(target) => {
  const box = (target.closest("label") ?? target).getBoundingClientRect();
  return [box.width, box.height];
}"""

LEAST = 24
"""Pixels that somebody hits with a finger (WCAG 2.2)."""


@dataclass
class Hand:
    """Somebody with a mouse. The others do the same things another way."""

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

    def go_to(self, name: str, key: str) -> None:
        """Use the main navigation; *key* follows a g in the shortcut for it."""
        nav = self.visitor.page.get_by_role("navigation", name="Main")
        self.press(nav.get_by_role("link", name=name))


class Finger(Hand):
    """A phone of 360 pixels: everything fits, and is large enough to hit."""

    def press(self, what: Locator, *, is_closed: bool = False) -> None:
        expect(what).to_be_visible()  # the page is there
        self.visitor.sees_all_of(self.visitor.page.url)
        width, height = what.evaluate(SIZE)
        assert min(width, height) >= LEAST, f"too small to hit: {what}"
        what.tap(force=is_closed)

    def tick(self, what: Locator) -> None:
        self.press(what)

    def go_to(self, name: str, key: str) -> None:
        self.press(self.visitor.page.get_by_role("button", name="Menu"))
        super().go_to(name, key)


class Keys(Hand):
    """Somebody who has no other device than a keyboard."""

    def press(self, what: Locator, *, is_closed: bool = False) -> None:
        self.reach(what)
        self.visitor.page.keyboard.press("Enter")

    def tick(self, what: Locator) -> None:
        self.reach(what)
        self.visitor.page.keyboard.press("Space")

    def write(self, what: Locator, text: str) -> None:
        self.reach(what)
        self.visitor.page.keyboard.press("Control+End")
        self.visitor.page.keyboard.insert_text(text)

    def go_to(self, name: str, key: str) -> None:
        for one in ("Escape", "g", key):
            self.visitor.page.keyboard.press(one)
        expect(self.visitor.page.get_by_role("heading", level=1)).to_have_text(name)

    def reach(self, what: Locator) -> None:
        """Press Tab until the focus is on *what*."""
        page = self.visitor.page
        keyboard = page.keyboard
        expect(what).to_be_visible()
        self.begin()
        passed: list[str] = []
        while len(passed) < STOPS:
            keyboard.press("Tab")
            stop = what.evaluate(STOP)
            passed.append(stop["name"])
            if stop["isNowhere"]:
                continue  # the end of the page: the next stop is its first
            assert stop["isSeen"], f"the focus is out of sight on {stop['name']}"
            assert stop["isMarked"], f"the focus is not marked on {stop['name']}"
            if stop["isThere"]:
                return
        raise AssertionError("not reached: " + "\n".join(passed[-40:]))

    def begin(self) -> None:
        """On a new page skip to the content; on the same, begin where one was."""
        page = self.visitor.page
        is_new = page.evaluate("!window.wasHere && (window.wasHere = true)")
        is_lost = page.evaluate("document.activeElement === document.body")
        assert is_new or not is_lost, f"a step on {page.url} lost the focus"
        if is_new and is_lost and "#" not in page.url:
            page.keyboard.press("Tab")
            skip = page.get_by_role("link", name="Skip to content")
            expect(skip).to_be_focused()
            page.keyboard.press("Enter")
