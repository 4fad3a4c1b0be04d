"""Every page of the demo opens on PostgreSQL.

On SQLite they are opened where what they cost is counted.
"""

import pytest
from django.test import Client

from gitopshq.core.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]


@pytest.mark.postgres
def test_every_page_opens(pages):
    """S106: what pages show is asked of both databases."""
    answers = {}
    for who, paths in pages.items():
        client = Client()
        client.force_login(User.objects.get(username=who))
        for path in paths:
            answers[path] = client.get(path, follow=True).status_code

    assert {path: code for path, code in answers.items() if code != 200} == {}
