"""A reader of pages without JavaScript: follows links, sends forms, reads words."""

import re
from html import unescape
from pathlib import Path

import pytest

TAG = re.compile(r"<[^>]*>")


@pytest.fixture(autouse=True)
def _folder_of_collected_files(settings):
    # WhiteNoise warns when nothing was ever collected, and warnings are errors.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


class Reader:
    """One browser; who uses it is said each time."""

    def __init__(self, client, committed):
        self.client = client
        self.committed = committed

    def get(self, user, url, **headers):
        self.client.force_login(user)
        with self.committed(execute=True):
            return self.client.get(url, headers=headers)

    def post(self, user, url, data=None, **headers):
        self.client.force_login(user)
        with self.committed(execute=True):
            return self.client.post(url, data or {}, headers=headers)

    def read(self, user, url):
        """Return the words of a page that is there."""
        response = self.get(user, url)
        assert response.status_code == 200, response.status_code
        return words_of(response)


@pytest.fixture
def reader(client, django_capture_on_commit_callbacks):
    return Reader(client, django_capture_on_commit_callbacks)


def words_of(response):
    """Return what a reader reads, on one line."""
    return " ".join(unescape(TAG.sub(" ", response.content.decode())).split())


def ticked(response):
    """Return the values of the boxes that are ticked."""
    boxes = re.findall(r'<input type="checkbox" name="changes"[^>]*>', html(response))
    return [re.search(r'value="([^"]*)"', box)[1] for box in boxes if "checked" in box]


def html(response):
    return response.content.decode()


def hidden(response, name):
    """Return the value of a hidden field."""
    return re.search(rf'name="{name}" value="([^"]*)"', html(response))[1]
