"""Every page of the demo opens, whichever database is below."""

import pytest
from django.test import Client

from gitopshq.core.models import User
from tests.journeys.pages import PAGES

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]


@pytest.mark.usefixtures("letter")
def test_every_page_opens():
    """S106: what pages show is asked of both databases."""
    answers = {}
    for who, paths in PAGES.items():
        client = Client()
        client.force_login(User.objects.get(username=who))
        answers |= {path: client.get(path, follow=True).status_code for path in paths}

    assert set(answers.values()) == {200}, answers
