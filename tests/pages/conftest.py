"""What tests of pages need beside the product: a browser without a server."""

import mimetypes
import shutil
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from playwright.sync_api import sync_playwright

from gitopshq.core.models import User

TEMPLATES = Path(__file__).parent / "templates"
ORIGIN = "http://gitopshq.test"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:"


@pytest.fixture(autouse=True)
def _folder_of_collected_files(settings):
    # WhiteNoise warns when nothing was ever collected, and warnings are errors.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


class Stage:
    """A browser page whose answers come from here: one document, and static files."""

    def __init__(self, page):
        self.page = page
        self.document = ""
        self.asked = []
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.route("**/*", self.answer)

    def answer(self, route):
        url = route.request.url
        self.asked.append((route.request.method, url))
        path = url.partition("?")[0].removeprefix(ORIGIN)
        if path.startswith("/static/"):
            found = Path(finders.find(path.removeprefix("/static/")) or "missing")
            kind = mimetypes.guess_type(found.name)[0] or "text/plain"
            route.fulfill(body=found.read_bytes(), content_type=kind)
            return
        route.fulfill(
            body=self.document,
            content_type="text/html",
            headers={"Content-Security-Policy": POLICY},
        )

    def show(self, template, context, request, at="/shown"):
        self.document = render_to_string(template, context, request)
        self.page.goto(f"{ORIGIN}{at}")
        return self.page


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium here: browser tests need one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def stage(browser):
    context = browser.new_context()
    stage = Stage(context.new_page())
    yield stage
    context.close()
    assert stage.said == [], "the console of the browser stays empty"


@pytest.fixture
def framed(rf, settings):
    """Show a template of the tests in the frame of the product, to bob."""
    request = rf.get("/shown")
    request.user = User(username="bob", display_name="Bob", theme="light")
    engine = settings.TEMPLATES[0]
    # The frame's own facts are given below: nobody is in a database here.
    kept = [
        name
        for name in engine["OPTIONS"]["context_processors"]
        if name != "gitopshq.context.shell"
    ]
    settings.TEMPLATES = [
        {
            **engine,
            "DIRS": [*engine["DIRS"], TEMPLATES],
            "OPTIONS": {**engine["OPTIONS"], "context_processors": kept},
        }
    ]

    def show(stage, template, context, at="/shown"):
        return stage.show(template, {**context, "shell_waiting": 0}, request, at)

    return show
