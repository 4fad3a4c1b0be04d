"""The page of evidence in a real browser: it fits, has no barriers, and prints."""

import os

import pytest

from environments.permissions import Role
from releases import actions
from tests import make
from tests.journeys.browsing import barriers
from tests.pages.conftest import ORIGIN, browser, stage

__all__ = ["browser", "stage"]

LOOKS = [(1280, "light"), (1280, "dark"), (360, "dark"), (360, "light")]
EXAMINED = [(1280, "dark"), (360, "light")]


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    # Playwright's loop runs in this thread; nothing here is asynchronous.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def pages(reader, prod, approved, deploy, shop, alice, bob, dora):
    """The page while it is open, closed, and the release with its comments."""
    plan = {"rollback_plan": "Back to R-0.", "fallback_owner": "Olga"}
    release = deploy(approved(prod, content=plan))
    maya = make.user("maya", role=Role.MAINTAINER, on=shop)
    actions.comment_on(release, actor=bob, body="Watch the **cache** `" + "x" * 90)
    found = {"open": reader.get(alice, f"{release.get_absolute_url()}/evidence")}
    said = {
        "risk_summary": "Low: one flag, off by default.",
        "runtime_verification": "- p95 180 ms before and after\n- no new errors",
        "follow_up_tasks": "- drop the flag",
    }
    actions.edit_evidence(release, actor=alice, changed=said)
    actions.verify_evidence(release, actor=dora, note="Looked at the graphs")
    actions.close_evidence(release, actor=alice)
    found["closed"] = reader.get(maya, f"{release.get_absolute_url()}/evidence")
    found["release"] = reader.get(bob, release.get_absolute_url())
    return {name: page.content.decode() for name, page in found.items()}


def test_it_fits_and_has_no_barriers_in_any_look(stage, pages):
    """S118, S127, S131: read by everyone, on a phone as well."""
    page = stage.page
    for name, document in pages.items():
        stage.document = document
        page.goto(f"{ORIGIN}/shown")
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            if folder := os.environ.get("HQ_PICTURES"):
                file = f"{folder}/evidence-{name}-{width}-{scheme}.png"
                page.screenshot(path=file, full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            if (width, scheme) in EXAMINED:
                assert barriers(page) == [], (name, width, scheme)


def test_paper_shows_the_evidence_without_its_forms(stage, pages):
    stage.document = pages["open"]
    page = stage.page
    page.goto(f"{ORIGIN}/shown")
    assert page.locator("textarea").first.is_visible()

    page.emulate_media(media="print")

    assert not page.locator("textarea").first.is_visible()
    assert not page.locator("#nav").is_visible()
    assert page.get_by_text("Runtime verification summary").first.is_visible()
    if folder := os.environ.get("HQ_PICTURES"):
        page.screenshot(path=f"{folder}/evidence-print.png", full_page=True)
