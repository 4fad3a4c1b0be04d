"""Every page there is, in both themes and on a phone: for everyone, and at home.

Accessible by every rule of axe, no wider than the screen, nothing said in the console
(there the browser tells what the content policy stopped), no other origin asked.
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import URLResolver, get_resolver, resolve
from playwright.sync_api import expect

from tests.journeys.browsing import (
    ALL_LOOKS,
    COLOURS,
    KEPT_IN,
    RULES,
    USUAL_LOOKS,
    Look,
    Visitor,
    barriers,
    visit,
)
from tests.journeys.pages import PAGES, SHOP

APPS = ("core", "environments", "approvals", "releases")
BROKEN = "replicas: {{hq.var.NOBODY_SET_THIS}}\n"
ODD = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: odd}
---
apiVersion: v1
kind: Endpoints
metadata: {name: odd}
"""
WRONG = """\
apiVersion: v1
kind: Service
metadata: {name: odd}
spec: {ports: [{port: http}], selectr: {app: odd}}
---
apiVersion: batch/v1beta1
kind: CronJob
metadata: {name: odd}
"""
NOW = "2026-01-01 12:00:00"
ON_THE_WAY = {
    "approvals:waiting",
    "releases:preview",
    "releases:discard",
    "releases:repository_commit",
    "releases:rollback_preview",
    "releases:why",
}
"""Parts of pages, and what only who follows a link knows: see the tests below."""

DOWNLOADS = ("download", "export", "markdown", "_raw")
"""Words in the names of routes that answer with a file, no page."""

STATES = {
    "deploying": {},
    "failed": {
        "failure_type": "git_conflict",
        "failure_detail": "lost",
        "failed_at": NOW,
    },
    "deployed": {"commit_sha": "a" * 40, "deployed_at": NOW},
    "rolled_back": {},
    "cancelled": {
        "cancel_kind": "rejected",
        "cancel_reason": "No",
        "cancelled_at": NOW,
    },
}
"""What is written down in states that no visitor reaches in the time of a test."""


def in_a_browser(test):
    for mark in (pytest.mark.xdist_group("browse"), pytest.mark.broker):
        test = mark(test)
    return pytest.mark.browser(test)


@pytest.fixture(scope="module")
def people(demo, browser, tmp_path_factory):
    """Somebody of the demo in a window that stays open."""
    pictures = Path(os.environ.get(KEPT_IN) or tmp_path_factory.mktemp("pictures"))
    pictures.mkdir(parents=True, exist_ok=True)
    known: dict[str, Visitor] = {}
    with ExitStack() as windows:

        def find(name: str) -> Visitor:
            if name not in known:
                window = visit(browser, demo.url, pictures, name)
                known[name] = windows.enter_context(window)
            return known[name]

        yield find


def check(visitor: Visitor, name: str, looks: Sequence[Look] = ALL_LOOKS) -> None:
    for look in ALL_LOOKS if KEPT_IN in os.environ else looks:
        with visitor.looking(look):
            if KEPT_IN in os.environ:
                visitor.photograph(name.strip("/").replace("/", "_") or "home", look)
            visitor.sees_all_of(name)
            rules = RULES if look in USUAL_LOOKS else COLOURS
            assert barriers(visitor.page, rules) == [], look
    said, visitor.said[:] = list(visitor.said), []
    assert said == []


@in_a_browser
@pytest.mark.parametrize(
    ("who", "path"), [(who, path) for who, paths in PAGES.items() for path in paths]
)
def test_a_page_is_for_everyone(people, who, path):
    people(who).open(path)

    # Pages of one view have the same parts: once, these are seen in the other looks.
    check(people(who), path, ALL_LOOKS if path in firsts() else USUAL_LOOKS)


@in_a_browser
@pytest.mark.parametrize("path", [f"{SHOP}/releases/999", "/nowhere"])
def test_a_refusal_is_for_everyone(people, path):
    alice = people("alice")

    answer = alice.page.goto(f"{alice.url}{path}")

    assert answer.status == 404
    # The browser itself says that the page is not there.
    assert len(alice.said) == 1
    alice.said.clear()
    check(alice, f"refusal{path}")


@in_a_browser
def test_the_log_in_is_for_everyone(people):
    bob = people("bob")
    bob.page.context.clear_cookies()

    bob.open("/accounts/login/")

    check(bob, "log-in")
    bob.log_in()


@in_a_browser
def test_why_each_line_changes_is_for_everyone(people):
    """S36: asked for by a link, it stands below each hunk; folded and unfolded."""
    alice = people("alice")
    alice.open(f"{SHOP}/releases/9?diff=manifest")

    alice.follow("Why did each line change?")
    expect(alice.page.locator(".why").first).to_be_visible()
    check(alice, "why-folded")
    alice.page.locator(".why summary").first.click()

    check(alice, "why")
    alice.open(f"{SHOP}/releases/9/why")
    alice.sees("Below each change of the manifests stands what caused it.")


@in_a_browser
def test_a_preview_says_file_and_line_of_what_cannot_be_rendered(people):
    """S75, S107: before there is a release, and on the page that it leads to."""
    root = people("root")
    layer = "tenant=initech&environment=dev"
    root.open(f"{SHOP}/workloads/gateway/values?{layer}")
    root.page.get_by_label("targets/initech/dev/values/gateway.yaml").fill(BROKEN)
    root.press("Check and preview")
    root.sees("could not be rendered any more")
    check(root, "values-that-break")
    root.page.get_by_label("I have seen that this").or_(
        root.page.get_by_label("I mean it, whatever breaks.")
    ).check()
    root.press("Save")
    root.open(f"{SHOP}/initech/dev")

    root.press("Preview")
    expect(root.page.locator("#preview")).not_to_contain_text("being made")

    root.sees("NOBODY_SET_THIS")
    root.sees("targets/initech/dev/values/gateway.yaml:1")
    check(root, "preview-with-errors")
    root.open(f"{SHOP}/initech/dev")
    root.page.get_by_role("link", name="Discard gateway").first.click()
    root.sees("Discard it")
    check(root, "discard")


@in_a_browser
def test_checks_that_warn_and_fail_are_for_everyone(people):
    """S111, S116: what nobody could check, what will end, what a cluster refuses."""
    root, odd = people("root"), f"{SHOP}/globex/dev/manifests/odd"
    root.open(odd)
    root.page.get_by_label("Path").fill("odd.yaml")
    root.page.get_by_label("Text of the file").fill(ODD)
    root.press("Save all files")
    root.open(f"{SHOP}/globex/dev")
    root.press("Preview")
    root.sees("1 resource not validated: 1 Rollout argoproj.io/v1alpha1")
    check(root, "preview-that-warns")
    root.open(f"{SHOP}/globex/dev")
    root.page.get_by_label("Title").fill("It warns")
    root.page.locator("#create").get_by_role("button", name="Create release").click()
    root.waits_for_the_rendering()
    root.sees("1 resource not validated: 1 Rollout argoproj.io/v1alpha1")
    check(root, "release-that-warns")
    release = root.page.url.removeprefix(root.url)
    root.page.locator("#gates summary").click()
    check(root, "release-that-warns-unfolded")

    root.open(odd)
    root.page.get_by_label("Text of the file").first.fill(WRONG)
    root.press("Save all files")
    root.open(release)
    root.press("Refresh")

    root.sees("Service odd: /spec/ports/0/port must be an integer")
    check(root, "release-that-fails")


@in_a_browser
def test_a_commit_is_for_everyone(people):
    alice = people("alice")
    alice.open(f"{SHOP}/repository/commits/main")

    alice.page.get_by_role("rowheader").get_by_role("link").first.click()

    alice.sees("Release-Digest")
    check(alice, "repository-commit")


@in_a_browser
def test_a_release_is_for_everyone_in_every_state(people, demo):
    """S10: those that a visitor of the demo does not find are set one after another."""
    root = people("root")
    root.open(f"{SHOP}/initech/staging")
    root.page.get_by_role("link", name="Discard gateway").first.click()
    root.follow("Keep it")
    root.page.get_by_label("Title").fill("In every state")
    root.press("Tick none")
    root.page.get_by_role("checkbox", name="Include gateway added").check()
    include = root.page.get_by_role("button", name="Include it")
    while include.first.is_visible():
        include.first.click()
    root.page.locator("#create").get_by_role("button", name="Create release").click()
    expect(root.page.get_by_role("heading", level=1)).to_contain_text("In every state")
    root.waits_for_the_rendering()
    path = root.page.url.removeprefix(root.url)
    number = int(path.rpartition("/")[2])

    for state, facts in STATES.items():
        write_down(demo, number, {"status": state, **facts})
        root.open(path)
        check(root, f"release-{state}", USUAL_LOOKS)


def write_down(demo, number, facts):
    """Change a release behind the back of the demo, which keeps a SQLite."""
    fields = ", ".join(f"{name} = ?" for name in facts)
    with closing(sqlite3.connect(demo.data / "gitopshq.sqlite3", timeout=60)) as data:
        data.execute(
            f"UPDATE releases_release SET {fields} WHERE number = ?",
            [*facts.values(), number],
        )
        data.commit()


def test_no_page_is_forgotten(rf):
    """Whatever answers to GET stands in the table above, or is a download."""
    known = set(map(view_of, every_path()))
    forgotten = {
        name
        for name, view in routes()
        if is_page(view, rf) and not any(word in name for word in DOWNLOADS)
    } - (known | ON_THE_WAY)

    assert not forgotten


def every_path():
    return [path for paths in PAGES.values() for path in paths]


def firsts():
    """Return one path of each view."""
    return {view_of(path): path for path in reversed(every_path())}.values()


def view_of(path):
    return resolve(path.partition("?")[0]).view_name


def routes():
    """Yield name and view of every route of the product's pages."""
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and resolver.namespace in APPS:
            for pattern in resolver.url_patterns:
                yield f"{resolver.namespace}:{pattern.name}", pattern.callback


def is_page(view, rf):
    """Say whether *view* answers to GET: else it refuses before it looks further."""
    request = rf.get("/")
    request.user = AnonymousUser()
    return view(request).status_code != 405
