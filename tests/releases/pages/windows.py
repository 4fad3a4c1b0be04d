"""Real browsers of people who are signed in; a test file imports the fixtures."""

import pytest
from django.test import Client


class Window:
    """A browser of somebody who is signed in."""

    def __init__(self, context, url, user):
        client = Client()
        client.force_login(user)
        cookie = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": url}])
        self.url = url
        self.said = []
        self.page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def open(self, path):
        self.page.goto(f"{self.url}{path}")
        return self.page


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    # Playwright's loop runs in this thread; nothing here is asynchronous.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def window(browser, live_server):
    opened = []

    def open_one(user, **options):
        size = {"width": 1280, "height": 900}
        context = browser.new_context(viewport=size, **options)
        one = Window(context, live_server.url, user)
        opened.append((context, one))
        return one

    yield open_one
    for context, one in opened:
        context.close()
        refusals = [
            said for said in one.said if "of 4" not in said and "Code 4" not in said
        ]
        assert refusals == [], "the console of the browser stays empty"
